package dev.imgstore.builder.spec;

import java.util.Collections;
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

  private static final String UNKNOWN =
      ", a kind whose images are not known, may name one; --path says which places do";
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
    read(object, object.text("apiVersion"), object.text("kind"));
  }

  private void read(Node.Mapping object, String api, String kind) {
    boolean list = kind.endsWith("List") && object.get("items").isPresent();
    if (list && (isOwn(api) || isKnative(api))) {
      for (Node item : object.sequence("items")) {
        if (item instanceof Node.Mapping one && seen.add(one)) {
          boolean named = is(one); // the items of a typed list need not say what they are
          String its = kind.substring(0, kind.length() - "List".length());
          read(one, named ? one.text("apiVersion") : api, named ? one.text("kind") : its);
        }
      }
      return;
    }
    skip(object);
    boolean knative = isKnative(api);
    String path = PODS.get(kind);
    if (knative) {
      path = KNATIVE.contains(kind) ? TEMPLATE : kind.equals("Revision") ? "spec" : null;
    }
    String name = object.mapping("metadata").map(each -> each.text("name")).orElse("");
    String where = name.isEmpty() ? kind : kind + " " + name;
    if (path == null || !(knative || isOwn(api))) {
      if (!DATA.contains(kind)) {
        new Overlooked(findings).tell(object, "of " + where + UNKNOWN);
      }
      return;
    }
    Optional<Node.Mapping> pod = Optional.of(object);
    for (String key : path.split(" ", -1)) {
      pod = pod.flatMap(each -> each.mapping(key));
    }
    pod.ifPresent(each -> pod(each, where));
  }

  /** What the cluster says of an object is no order to it, nor is what kubectl remembers. */
  private void skip(Node.Mapping object) {
    object.get("status").ifPresent(findings::skip);
    object
        .mapping("metadata")
        .flatMap(each -> each.mapping("annotations"))
        .flatMap(each -> each.get("kubectl.kubernetes.io/last-applied-configuration"))
        .ifPresent(findings::skip);
  }

  private static boolean isKnative(String api) {
    return api.startsWith("serving.knative.dev/");
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
}
