resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([
    {
      name      = "web"
      image     = "registry.example.org/shop/web:41@sha256:4242424242424242424242424242424242424242424242424242424242424242"
      essential = true
      portMappings = [{ containerPort = 80, hostPort = 80 }]
    },
    { "name" : "side", "image" : "registry.example.org/shop/side:2@sha256:4242424242424242424242424242424242424242424242424242424242424242" },
    {
      name  = "pick"
      image = var.blue ? "registry.example.org/shop/blue:1" : "registry.example.org/shop/green:1"
    },
  ])
  tags = { for k, v in var.tags : k => upper("${v}") if v != "" }
}

resource "aws_lambda_function" "f" {
  image_uri    = "registry.example.org/shop/lambda:9@sha256:4242424242424242424242424242424242424242424242424242424242424242"
  package_type = "Image"
}
