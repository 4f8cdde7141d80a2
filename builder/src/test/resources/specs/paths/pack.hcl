source "thing" "one" {
  artifact = "registry.example.org/shop/one:1"
}
