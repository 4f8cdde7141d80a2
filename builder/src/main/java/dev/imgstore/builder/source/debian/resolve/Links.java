package dev.imgstore.builder.source.debian.resolve;

import static dev.imgstore.builder.source.debian.resolve.DebianUniverse.ANY_ARCHITECTURE;

/**
 * What can only be linked when all indexes are read: conflicts and provides that mean every
 * architecture of a name, and the implicit ones of Multi-Arch. Of one name only one architecture
 * can be installed, unless all are {@code Multi-Arch: same} and of one version.
 */
final class Links {
  final Ints dependencyStart;
  final Ints dependencyTarget;
  final Ints dependencyKind;
  final Ints dependencyText;
  final int[] provideStart;
  final int[] provideOwner;
  final int[] provideText;

  private final UniverseBuilder from;
  private final Ints targets = new Ints(1 << 14);
  private final Ints owners = new Ints(1 << 14);
  private final Ints texts = new Ints(1 << 14);

  Links(UniverseBuilder from) {
    this.from = from;
    int count = from.dependencyTarget.size();
    dependencyStart = new Ints(from.versions.size() + 1);
    dependencyTarget = new Ints(count + 16);
    dependencyKind = new Ints(count + 16);
    dependencyText = new Ints(count + 16);
    linkDependencies();
    collectProvides();
    int nodes = from.nodeName.size();
    provideStart = new int[nodes + 1];
    provideOwner = new int[targets.size()];
    provideText = new int[targets.size()];
    sortProvides(nodes);
  }

  private void linkDependencies() {
    dependencyStart.add(0);
    for (int version = 0; version < from.versions.size(); version++) {
      int end = from.dependencyStart.get(version + 1);
      for (int at = from.dependencyStart.get(version); at < end; at++) {
        int kind = from.dependencyKind.get(at);
        int target = from.dependencyTarget.get(at);
        if (DebianUniverse.isNegative(kind & 7)
            && (kind & DebianUniverse.ARCHITECTURE_SPECIFIC) == 0) {
          for (int node = firstOf(target); node >= 0; node = from.nodeNext.get(node)) {
            add(node, kind, from.dependencyText.get(at));
          }
        } else {
          add(target, kind, from.dependencyText.get(at));
        }
      }
      addImplicit(version);
      dependencyStart.add(dependencyTarget.size());
    }
  }

  private void add(int target, int kind, int text) {
    dependencyTarget.add(target);
    dependencyKind.add(kind);
    dependencyText.add(text);
  }

  private void addImplicit(int version) {
    int own = from.versions.node(version);
    boolean same = from.versions.multiArch(version) == DebianUniverse.SAME;
    int kind = (same ? DebianUniverse.BREAKS : DebianUniverse.CONFLICTS) | DebianUniverse.IMPLICIT;
    int operator = same ? RelationScanner.NOT_EQUAL : RelationScanner.ANY;
    for (int node = firstOf(own); node >= 0; node = from.nodeNext.get(node)) {
      if (node != own && from.nodeVersions.get(node) >= 0) {
        add(
            node,
            kind | operator << DebianUniverse.OPERATOR_SHIFT,
            same ? from.versions.text(version) : -1);
      }
    }
  }

  private int firstOf(int node) {
    return from.firstNode.get(from.nodeName.get(node)) - 1;
  }

  private void collectProvides() {
    for (int i = 0; i < from.provideOwner.size(); i++) {
      int owner = from.provideOwner.get(i);
      int target = from.provideTarget.get(i);
      int how = from.provideHow.get(i);
      if ((how & UniverseBuilder.TO_ALL_ARCHITECTURES) == 0) {
        provide(target, owner, from.provideText.get(i));
        continue;
      }
      for (int node = firstOf(target); node >= 0; node = from.nodeNext.get(node)) {
        if (from.nodeArchitecture.get(node) != ANY_ARCHITECTURE) {
          provide(node, owner, from.provideText.get(i));
        }
      }
    }
    int explicit = targets.size();
    for (int node = 0; node < from.nodeName.size(); node++) {
      if (from.nodeArchitecture.get(node) == ANY_ARCHITECTURE) {
        provideQualified(node, explicit);
      }
    }
  }

  /** {@code name:architecture} is provided by the package of that name and architecture. */
  private void provideQualified(int node, int explicit) {
    String text = from.names.text(from.nodeName.get(node));
    int colon = text.lastIndexOf(':');
    int architecture = from.architectures.find(text.substring(colon + 1));
    int name = from.names.find(text.substring(0, colon));
    if (architecture == ANY_ARCHITECTURE || architecture < 0 || name < 0) {
      return;
    }
    int real = from.node(name, architecture);
    for (int row = from.nodeVersions.get(real); row >= 0; row = from.versions.next(row)) {
      provide(node, row, from.versions.text(row));
    }
    for (int i = 0; i < explicit; i++) {
      int provider = from.versions.node(owners.get(i));
      if (targets.get(i) == real && from.nodeArchitecture.get(provider) == architecture) {
        provide(node, owners.get(i), texts.get(i));
      }
    }
  }

  /** A package does not provide itself, but for a version other than its own. */
  private void provide(int target, int owner, int text) {
    boolean own = from.versions.node(owner) == target;
    if (!own || (text >= 0 && text != from.versions.text(owner))) {
      targets.add(target);
      owners.add(owner);
      texts.add(text);
    }
  }

  private void sortProvides(int nodes) {
    for (int i = 0; i < targets.size(); i++) {
      provideStart[targets.get(i) + 1]++;
    }
    for (int node = 0; node < nodes; node++) {
      provideStart[node + 1] += provideStart[node];
    }
    int[] at = provideStart.clone();
    for (int i = 0; i < targets.size(); i++) {
      int slot = at[targets.get(i)]++;
      provideOwner[slot] = owners.get(i);
      provideText[slot] = texts.get(i);
    }
  }
}
