terraform {
  required_version = ">= 1.3"
}

variable "web_image" {
  type        = string
  description = "What runs; a \"pinned\" reference."
  default     = "registry.example.org/shop/web:41@sha256:4242424242424242424242424242424242424242424242424242424242424242"
}

locals {
  side_image = "registry.example.org/shop/side:2@sha256:4242424242424242424242424242424242424242424242424242424242424242" # beside it
  banner     = "registry.example.org/not/an/image:1"
}

resource "docker_image" "db" {
  name         = "registry.example.org/shop/db:15@sha256:4242424242424242424242424242424242424242424242424242424242424242"
  keep_locally = true
}

resource "docker_container" "web" {
  name  = "web"
  image = var.web_image
  ports {
    internal = 80
  }
}

resource "kubernetes_deployment" "worker" {
  metadata { name = "worker" }
  spec {
    template {
      spec {
        container {
          name  = "worker"
          image = "registry.example.org/shop/worker:${var.tag}"
        }
        init_container {
          name    = "wait"
          image   = "registry.example.org/shop/wait:3@sha256:4242424242424242424242424242424242424242424242424242424242424242"
          command = ["sh", "-c", "echo ${join(",", ["a", "b"])}"]
        }
      }
    }
  }
}

resource "google_compute_instance" "vm" {
  boot_disk {
    initialize_params {
      image = "debian-cloud/debian-12"
    }
  }
}

output "image" {
  value = local.side_image
}
