package dev.imgstore.builder.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Which values of Terraform and Nomad name images, in HCL and in JSON. */
final class HclRules {
  /** Resources whose {@code image} is a disk of a cloud. */
  private static final List<String> DISKS =
      List.of(
          "google_compute_",
          "digitalocean_",
          "hcloud_",
          "linode_",
          "openstack_",
          "vultr_",
          "scaleway_",
          "upcloud_",
          "exoscale_",
          "oci_core_",
          "proxmox_",
          "lxd_",
          "libvirt_");

  private final Findings findings;

  HclRules(Findings findings) {
    this.findings = findings;
  }

  /** Looks at one value. */
  void read(Hcl.Attribute attribute) {
    List<String> path = names(attribute.path());
    if (!isImage(path)) {
      return;
    }
    String where = String.join(".", attribute.path());
    Node.Scalar scalar = attribute.scalar();
    if (scalar.style() == Node.Style.OTHER && !Findings.isOpen(scalar.value())) {
      findings.left(scalar.at(), where + " is an expression");
    } else {
      findings.whole(scalar, "", where);
    }
  }

  /** Looks at each text of a JSON file in this way. */
  void read(Node node) {
    json(node, new ArrayList<>());
  }

  private void json(Node node, List<String> path) {
    if (node instanceof Node.Scalar scalar) {
      read(new Hcl.Attribute(path, scalar));
    } else if (node instanceof Node.Mapping mapping) {
      for (Node.Entry entry : mapping.entries()) {
        path.add(entry.key().value());
        json(entry.value(), path);
        path.remove(path.size() - 1);
      }
    } else if (node instanceof Node.Sequence list) {
      for (Node each : list.items()) {
        path.add("[]");
        json(each, path);
        path.remove(path.size() - 1);
      }
    }
  }

  private static List<String> names(List<String> path) {
    return path.stream().filter(step -> !step.startsWith("[") && !step.equals("()")).toList();
  }

  private static boolean isImage(List<String> path) {
    if (path.isEmpty()) {
      return false;
    }
    String first = path.get(0);
    if ((first.equals("resource") || first.equals("data")) && path.size() > 1) {
      String type = path.get(1);
      if (DISKS.stream().anyMatch(type::startsWith)) {
        return false;
      }
      if (type.equals("docker_image") || type.equals("docker_registry_image")) {
        return path.size() == 4 && path.get(3).equals("name");
      }
    }
    if (first.equals("variable") && path.size() > 2 && path.get(2).equals("default")) {
      return names(path.get(1), path.get(path.size() - 1));
    }
    return names(path.size() > 1 ? path.get(path.size() - 2) : "", path.get(path.size() - 1));
  }

  /** By the name of a value, or of the mapping that it is in. */
  private static boolean names(String above, String name) {
    String last = name.toLowerCase(Locale.ROOT);
    String map = above.toLowerCase(Locale.ROOT);
    return isOne(last)
        || map.equals("images")
        || map.endsWith("_images")
        || isOneDefault(map, last);
  }

  private static boolean isOne(String name) {
    return name.equals("image") || name.endsWith("_image") || name.equals("image_uri");
  }

  private static boolean isOneDefault(String variable, String name) {
    return name.equals("default") && isOne(variable);
  }
}
