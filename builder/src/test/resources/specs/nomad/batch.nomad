job "batch" {
  type = "batch"
  periodic { cron = "0 3 * * *" }
  group "g" {
    task "t" {
      driver = "podman"
      config {
	image	=	"registry.example.org/shop/batch:7"	// tabs
        /* image = "registry.example.org/shop/comment:1" */
        auth { username = "u" }
      }
    }
    task "open" {
      driver = "docker"
      config { image = "registry.example.org/shop/open:${var.tag}" }
    }
  }
}
