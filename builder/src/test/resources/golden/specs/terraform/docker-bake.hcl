target "web" {
  contexts = {
    base = "docker-image://registry.example.org/base/jre:17@sha256:4242424242424242424242424242424242424242424242424242424242424242"
  }
  tags = ["registry.example.org/shop/web:41"]
}
