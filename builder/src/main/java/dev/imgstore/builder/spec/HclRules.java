package dev.imgstore.builder.spec;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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

  private static final Set<String> DOCKER = Set.of("docker_image", "docker_registry_image");

  private static final Map<String, Integer> BLOCKS =
      Map.of("resource", 3, "data", 3, "variable", 2, "module", 2, "output", 2, "locals", 1);

  private static final Pattern TRANSPORT = Pattern.compile("docker(?:-image)?://(?!$)");
  private static final Pattern SET = Pattern.compile("(?i)(?:.*[.])?image(?:[.][a-z]+)?");

  static final List<String> OTHERS = List.of("tag", "digest", "registry");
  private static final Hcl.Attribute NONE =
      new Hcl.Attribute(List.of(), 0, new Node.Scalar("", 0, 0, 0, Node.Style.OTHER));

  private final Findings findings;
  private int told; // up to where all was told
  private Hcl.Attribute before = NONE;
  private final Set<List<String>> others = new HashSet<>();

  HclRules(Findings findings) {
    this.findings = findings;
  }

  /** Looks at all values of a file, in their order. */
  void read(List<Hcl.Attribute> attributes) {
    for (Hcl.Attribute each : attributes) {
      String last = each.path().isEmpty() ? "" : each.path().get(each.path().size() - 1);
      if (OTHERS.contains(last) || Overlooked.isTag(last)) {
        others.add(each.path());
      }
    }
    for (Hcl.Attribute each : attributes) {
      look(each);
      before = each;
    }
  }

  private void look(Hcl.Attribute attribute) {
    Node.Scalar scalar = attribute.scalar();
    if (scalar.at() < told) {
      return;
    }
    boolean image = isImage(attribute);
    String where = String.join(".", attribute.path());
    if (scalar.style() != Node.Style.OTHER) {
      if (image) {
        text(attribute, where);
      } else {
        other(scalar, attribute, where);
      }
    } else if (image) {
      told = scalar.to();
      String shown = Findings.shown(scalar.value());
      boolean open = Findings.isOpen(scalar.value());
      String what = open ? " holds a variable: " + shown : " is an expression";
      findings.left(scalar.at(), where + what, List.of(scalar.value()));
    } else if (Overlooked.held(scalar.value()).isPresent()) {
      told = scalar.to();
      held(scalar, where);
    }
  }

  /** A text that is not called an image. */
  private void other(Node.Scalar scalar, Hcl.Attribute attribute, String where) {
    String value = scalar.value();
    List<String> path = attribute.path();
    boolean name = path.size() > 1 && path.get(path.size() - 1).equals("name");
    if (TRANSPORT.matcher(value).lookingAt()) {
      findings.guess(scalar, value.substring(0, value.indexOf("//") + 2), where);
    } else if (isPart(attribute) || isPaired(attribute) || Overlooked.isPlain(value)) {
      findings.left(
          scalar.at(), where + " may name an image: " + Findings.shown(value), List.of(value));
    } else if (Overlooked.given(value).isPresent()) {
      String image = Overlooked.given(value).orElseThrow();
      findings.left(
          scalar.at(), where + " may name an image: " + Findings.shown(image), List.of(image));
    } else if (name && path.get(path.size() - 2).equals("set") && SET.matcher(value).matches()) {
      findings.left(scalar.at(), where + " gives a chart an image: " + Findings.shown(value));
    } else {
      held(scalar, where);
    }
  }

  /** A tag, say, of an object that is called an image, or of an image that is not here. */
  private static boolean isPart(Hcl.Attribute attribute) {
    List<String> names = names(attribute);
    if (names.isEmpty() || attribute.scalar().value().isBlank()) {
      return false;
    }
    String last = names.get(names.size() - 1);
    return Overlooked.isTag(last)
        || (Overlooked.PARTS.contains(last)
            && ((names.size() > 1 && isOne(names.get(names.size() - 2)))
                || (names.size() > 2 && isMap(names.get(names.size() - 3)))));
  }

  /** The value of a variable of the environment that is called an image. */
  private boolean isPaired(Hcl.Attribute attribute) {
    int last = attribute.path().size() - 1;
    return last > 0
        && attribute.path().get(last).equals("value")
        && before.path().size() == last + 1
        && before.path().subList(0, last).equals(attribute.path().subList(0, last))
        && before.path().get(last).equals("name")
        && Overlooked.isOne(before.scalar().value())
        && Overlooked.isLikely(attribute.scalar().value());
  }

  private void held(Node.Scalar scalar, String where) {
    Overlooked.held(scalar.value())
        .ifPresent(
            images -> findings.left(scalar.at(), where + " is a text that holds an image", images));
  }

  /** A text that is called an image: what cannot be one is something else of that name. */
  private void text(Hcl.Attribute attribute, String where) {
    Node.Scalar scalar = attribute.scalar();
    String value = scalar.value();
    if (isApart(attribute)) {
      String what = where + ": " + Findings.shown(value) + " has its tag or registry elsewhere";
      findings.left(scalar.at(), what, List.of(value));
    } else if (isSure(attribute)) {
      findings.guess(scalar, where);
    } else if (value.contains("/") || value.contains(":") || value.isBlank()) {
      findings.perhaps(scalar, where);
    } else {
      String what = where + ": " + Findings.shown(value);
      findings.left(scalar.at(), what + " is no image reference", List.of(value));
    }
  }

  /** Whether something that stands beside it says its tag, so that two would be one too many. */
  private boolean isApart(Hcl.Attribute attribute) {
    String value = attribute.scalar().value();
    if (others.isEmpty() || Findings.isTagged(value)) {
      return false;
    }
    List<String> path = new ArrayList<>(attribute.path());
    String name = path.remove(path.size() - 1);
    return Stream.concat(
            OTHERS.stream().filter(other -> name.equals("image")),
            Stream.of("tag", "digest", "version").flatMap(e -> Stream.of(name + "_" + e, name + e)))
        .anyMatch(
            other -> {
              List<String> sibling = new ArrayList<>(path);
              sibling.add(other);
              return others.contains(sibling);
            });
  }

  /** Looks at each text of a JSON file in this way. */
  void read(Node node) {
    List<Hcl.Attribute> attributes = new ArrayList<>();
    json(node, new ArrayList<>(), attributes);
    read(attributes);
  }

  private static void json(Node node, List<String> path, List<Hcl.Attribute> found) {
    if (node instanceof Node.Scalar scalar) {
      found.add(new Hcl.Attribute(path, blocks(path), scalar));
    } else if (node instanceof Node.Mapping mapping) {
      for (Node.Entry entry : mapping.entries()) {
        path.add(entry.key().value());
        json(entry.value(), path, found);
        path.remove(path.size() - 1);
      }
    } else if (node instanceof Node.Sequence list) {
      for (Node each : list.items()) {
        path.add("[]");
        json(each, path, found);
        path.remove(path.size() - 1);
      }
    }
  }

  /** How many steps of a JSON file are blocks and their labels (Terraform, "JSON Syntax"). */
  private static int blocks(List<String> path) {
    List<String> names = path.stream().filter(step -> !isItem(step)).toList();
    String first = names.isEmpty() ? "" : names.get(0);
    int blocks = BLOCKS.getOrDefault(first, 0);
    int at = 0;
    for (int left = blocks; at < path.size() - 1 && left > 0; at++) {
      left -= isItem(path.get(at)) ? 0 : 1;
    }
    return at;
  }

  private static boolean isItem(String step) {
    return step.startsWith("[");
  }

  /** The names that lead to a value, from its attribute on; a variable's default has its name. */
  private static List<String> names(Hcl.Attribute attribute) {
    List<String> path = attribute.path();
    List<String> names = new ArrayList<>();
    for (String step : path.subList(Math.min(attribute.name(), path.size()), path.size())) {
      if (!isItem(step) && !step.equals("()")) {
        names.add(step.toLowerCase(Locale.ROOT));
      }
    }
    boolean variable = path.size() > 2 && path.get(0).equals("variable");
    if (variable && !names.isEmpty() && names.get(0).equals("default")) {
      names.set(0, path.get(1).toLowerCase(Locale.ROOT));
    }
    return names;
  }

  private static boolean isImage(Hcl.Attribute attribute) {
    List<String> path = attribute.path();
    String first = path.isEmpty() ? "" : path.get(0);
    if ((first.equals("resource") || first.equals("data")) && path.size() > 1) {
      String type = path.get(1);
      if (DISKS.stream().anyMatch(type::startsWith)) {
        return false;
      }
      if (DOCKER.contains(type)) {
        return path.size() == 4 && path.get(3).equals("name");
      }
    }
    List<String> names = names(attribute);
    if (names.isEmpty()) {
      return false;
    }
    String last = names.get(names.size() - 1);
    String end = path.get(path.size() - 1);
    boolean within = isItem(end) || end.equals("()");
    return isOne(last)
        || (names.size() > 1 && isMap(names.get(names.size() - 2)))
        || (isMap(last) && (within || attribute.scalar().style() == Node.Style.OTHER));
  }

  private static boolean isMap(String name) {
    return name.equals("images") || name.endsWith("_images");
  }

  private static boolean isOne(String name) {
    return name.equals("image") || name.endsWith("_image") || name.equals("image_uri");
  }

  /** Whether it is not only guessed by the end of a name. */
  private static boolean isSure(Hcl.Attribute attribute) {
    List<String> names = names(attribute);
    String last = names.isEmpty() ? "" : names.get(names.size() - 1);
    boolean docker = attribute.path().size() > 1 && DOCKER.contains(attribute.path().get(1));
    return docker || last.equals("image") || last.equals("image_uri");
  }
}
