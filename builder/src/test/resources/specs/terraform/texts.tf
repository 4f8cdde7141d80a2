resource "helm_release" "web" {
  chart = "web"
  set {
    name  = "image.tag"
    value = "41"
  }
  values = [<<-EOT
    image:
      repository: registry.example.org/shop/web
      tag: "41"
  EOT
  ]
}

resource "aws_ecs_task_definition" "web" {
  container_definitions = var.small ? trimspace(<<EOT
${local.a_long_expression_that_comes_first}, ${local.a_long_expression_that_comes_first}, ${local.a_long_expression_that_comes_first}, ${local.a_long_expression_that_comes_first}
[{"name": "web", "image": "registry.example.org/shop/web:41"}]
EOT
  ) : "[]"
}

locals {
  logo_image = "logo.png"
  one_image  = "registry.example.org/shop/one:1"
}
