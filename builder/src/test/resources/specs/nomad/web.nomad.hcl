# The shop on Nomad.
variable "count" {
  type    = number
  default = 3
}

job "web" {
  datacenters = ["dc1"]
  type        = "service"

  group "front" {
    count = var.count
    network { port "http" { to = 8080 } }

    task "server" {
      driver = "docker"
      config {
        image = "registry.example.org/shop/web:41" # the front
        ports = ["http"]
        args  = ["--banner", "image = \"not/one:1\""]
      }
      template {
        data        = <<-EOT
          image = "registry.example.org/in/a/text:1"
          {{ range service "db" }}{{ .Address }}{{ end }}
          EOT
        destination = "local/env"
      }
      resources { cpu = 500 }
    }

    task "side" {
      driver = "docker"
      config { image = "registry.example.org/shop/side:2" }
    }
  }
}
