package dev.imgstore.builder.spec;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** What a {@link SpecPath} finds in YAML and JSON. */
final class PathRule {
  private final Findings findings;
  private final SpecPath path;
  private final List<Set<Node>> seen;
  private boolean found;

  PathRule(Findings findings, SpecPath path) {
    this.findings = findings;
    this.path = path;
    seen =
        path.steps().stream()
            .map(step -> Collections.<Node>newSetFromMap(new IdentityHashMap<>()))
            .toList();
  }

  /** Looks into one document; true if the path has led to something, here or before. */
  boolean read(Node document) {
    walk(document, 0);
    return found;
  }

  private void walk(Node node, int done) {
    if (done == path.steps().size()) {
      end(node);
      return;
    }
    if (!seen.get(done).add(node)) {
      return; // an alias: what it stands for was looked at
    }
    String step = path.steps().get(done);
    if (node instanceof Node.Mapping mapping) {
      if (!step.equals("*")) {
        mapping.get(step).ifPresent(value -> walk(value, done + 1));
        return;
      }
      mapping.entries().forEach(entry -> walk(entry.value(), done + 1));
    } else if (node instanceof Node.Sequence list) {
      for (int i = 0; i < list.items().size(); i++) {
        if (SpecPath.fits(step, "[" + i + "]")) {
          walk(list.items().get(i), done + 1);
        }
      }
    }
  }

  private void end(Node node) {
    found = true;
    String where = String.join(".", path.steps());
    if (node instanceof Node.Scalar scalar) {
      findings.whole(scalar, "", where);
    } else {
      findings.left(node.at(), where + " is no text");
    }
  }
}
