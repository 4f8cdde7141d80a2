target "web" {
  contexts = {
    base = "docker-image://registry.example.org/base/jre:17"
  }
  tags = ["registry.example.org/shop/web:41"]
}
