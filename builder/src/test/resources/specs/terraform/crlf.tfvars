image = "registry.example.org/shop/web:41"
count = 3

images = { a = "registry.example.org/shop/a:1", b = "registry.example.org/shop/b" }
