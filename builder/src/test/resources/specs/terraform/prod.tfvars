# Pinned by the release job.
region    = "eu-1"
web_image = "registry.example.org/shop/web:41"
images = {
  side   = "registry.example.org/shop/side:2"
  "db"   = "registry.example.org/shop/db:15"
}
zones     = ["a", "b"]
