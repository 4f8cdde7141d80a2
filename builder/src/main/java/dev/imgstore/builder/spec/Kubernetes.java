package dev.imgstore.builder.spec;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Objects of Kubernetes's own kinds, and of Knative, that hold a pod (Kubernetes API 1.32,
 * "Workload Resources"). Any other kind is left, and told if it seems to name an image.
 */
final class Kubernetes {
  private static final String TEMPLATE = "spec template spec";

  private static final Map<String, String> PODS =
      Map.of(
          "Pod", "spec",
          "Deployment", TEMPLATE,
          "StatefulSet", TEMPLATE,
          "DaemonSet", TEMPLATE,
          "ReplicaSet", TEMPLATE,
          "ReplicationController", TEMPLATE,
          "Job", TEMPLATE,
          "CronJob", "spec jobTemplate spec template spec",
          "PodTemplate", "template spec");

  private static final Set<String> DATA = Set.of("ConfigMap", "Secret");
  private static final Set<String> KNATIVE = Set.of("Service", "Configuration");
  private static final List<String> CONTAINERS =
      List.of("containers", "initContainers", "ephemeralContainers");

  private final Findings findings;
  private final Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  Kubernetes(Findings findings) {
    this.findings = findings;
  }

  static boolean is(Node.Mapping document) {
    return document.scalar("apiVersion").isPresent() && document.scalar("kind").isPresent();
  }

  /** An object, or a list of them. */
  void read(Node.Mapping object) {
    if (!seen.add(object)) {
      return;
    }
    String kind = object.text("kind");
    if (kind.endsWith("List")) {
      for (Node item : object.sequence("items")) {
        if (item instanceof Node.Mapping one) {
          read(one);
        }
      }
      return;
    }
    String api = object.text("apiVersion");
    boolean knative = api.startsWith("serving.knative.dev/");
    String path = PODS.get(kind);
    if (knative) {
      path = KNATIVE.contains(kind) ? TEMPLATE : kind.equals("Revision") ? "spec" : null;
    }
    String name = object.mapping("metadata").map(each -> each.text("name")).orElse("");
    String where = name.isEmpty() ? kind : kind + " " + name;
    if (DATA.contains(kind)) {
      return;
    }
    if (path == null || !(knative || isOwn(api))) {
      tell(object, where);
      return;
    }
    Optional<Node.Mapping> pod = Optional.of(object);
    for (String key : path.split(" ", -1)) {
      pod = pod.flatMap(each -> each.mapping(key));
    }
    pod.ifPresent(each -> pod(each, where));
  }

  private static boolean isOwn(String api) {
    return api.equals("v1") || api.startsWith("apps/") || api.startsWith("batch/");
  }

  private void pod(Node.Mapping pod, String where) {
    for (String list : CONTAINERS) {
      int number = 0;
      for (Node each : pod.sequence(list)) {
        if (each instanceof Node.Mapping container) {
          String place = where + " " + list + "[" + number + "].image";
          container.scalar("image").ifPresent(image -> findings.whole(image, "", place));
        }
        number++;
      }
    }
    for (Node each : pod.sequence("volumes")) {
      if (each instanceof Node.Mapping volume) {
        volume
            .mapping("image")
            .flatMap(image -> image.scalar("reference"))
            .ifPresent(
                image ->
                    findings.whole(image, "", where + " volume " + volume.text("name") + " image"));
      }
    }
  }

  private void tell(Node.Mapping object, String where) {
    Deque<Node> todo = new ArrayDeque<>(List.of(object));
    while (!todo.isEmpty()) {
      Node node = todo.pop();
      if (node instanceof Node.Sequence list) {
        list.items().stream().filter(seen::add).forEach(todo::push);
      } else if (node instanceof Node.Mapping mapping) {
        for (Node.Entry entry : mapping.entries()) {
          if (entry.key().value().equals("image") && entry.value() instanceof Node.Scalar image) {
            findings.left(
                image.at(),
                where
                    + " is of a kind whose images are not known; --path says where they are: "
                    + Findings.shown(image.value()));
          } else if (seen.add(entry.value())) {
            todo.push(entry.value());
          }
        }
      }
    }
  }
}
