package dev.imgstore.builder.spec;

import java.util.regex.Pattern;

/** A list of changes (RFC 6902), as Kustomize takes them: those of a container's image. */
final class JsonPatch {
  private static final Pattern IMAGE =
      Pattern.compile(".*/(?:containers|initContainers|ephemeralContainers)/(?:[0-9]+|-)/image");

  private final Findings findings;

  JsonPatch(Findings findings) {
    this.findings = findings;
  }

  static boolean is(Node document) {
    return document instanceof Node.Sequence list
        && list.items().stream()
            .anyMatch(
                each ->
                    each instanceof Node.Mapping change
                        && change.scalar("op").isPresent()
                        && change.scalar("path").isPresent());
  }

  void read(Node document) {
    if (document instanceof Node.Sequence list) {
      for (Node each : list.items()) {
        if (each instanceof Node.Mapping change
            && !change.text("op").equals("test")
            && IMAGE.matcher(change.text("path")).matches()) {
          change.scalar("value").ifPresent(value -> findings.whole(value, "", change.text("path")));
        }
      }
    }
  }
}
