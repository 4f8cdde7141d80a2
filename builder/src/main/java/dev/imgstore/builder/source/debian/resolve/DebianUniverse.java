package dev.imgstore.builder.source.debian.resolve;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Every package of some indexes, for one machine: what there is, what it needs, what it forbids and
 * what it stands for. Built once by {@link UniverseBuilder}, then never changed, but for texts that
 * are made when first asked for: so for one thread at a time.
 *
 * <p>Inside, a <em>node</em> is a name with an architecture, a <em>version</em> one row of one
 * node. Beside the nodes of real packages there are those of names that are only mentioned: virtual
 * packages, {@code name:any}, which packages with {@code Multi-Arch: allowed} provide, and {@code
 * name:architecture}.
 */
public final class DebianUniverse {
  static final int NATIVE = 0;
  static final int ANY_ARCHITECTURE = 1;

  static final int ESSENTIAL = 1;
  static final int PROTECTED = 2;

  static final int SINGLE = 0;
  static final int SAME = 1;
  static final int FOREIGN = 2;
  static final int ALLOWED = 3;

  static final int PRE_DEPENDS = 0;
  static final int DEPENDS = 1;
  static final int CONFLICTS = 2;
  static final int BREAKS = 3;
  static final int RECOMMENDS = 4;

  static final int OPERATOR_SHIFT = 4;
  static final int OR = 0x100;
  static final int ARCHITECTURE_SPECIFIC = 0x200;

  /** A conflict that follows from a shared name, written in no field. */
  static final int IMPLICIT = 0x400;

  private static final int KIND = 7;
  private static final int OPERATOR = 7;
  private static final String[] KINDS = {
    "Pre-Depends", "Depends", "Conflicts", "Breaks", "Recommends"
  };
  private static final String[] OPERATORS = {"", "<=", ">=", "<<", ">>", "=", "!="};

  private final UniverseBuilder all;
  private final Links links;

  DebianUniverse(UniverseBuilder all) {
    this.all = all;
    this.links = new Links(all);
  }

  /** How many versions of packages there are. */
  public int size() {
    return all.versions.size();
  }

  /** The machine's own architecture, as Debian names it. */
  public String architecture() {
    return all.architectures.text(NATIVE);
  }

  /** The other architectures whose packages may be installed, in order of preference. */
  List<String> foreign() {
    return all.foreign;
  }

  /** Every name that some package has, sorted, for finding the one that was meant. */
  public List<String> packageNames() {
    List<String> names = new ArrayList<>();
    for (int name = 0; name < all.firstNode.size(); name++) {
      for (int node = first(name); node >= 0; node = nextOfName(node)) {
        if (newest(node) >= 0) {
          names.add(all.names.text(name));
          break;
        }
      }
    }
    Collections.sort(names);
    return names;
  }

  VersionTable versions() {
    return all.versions;
  }

  Index index(int index) {
    return all.indexes.get(index);
  }

  int indexes() {
    return all.indexes.size();
  }

  int nodes() {
    return all.nodeName.size();
  }

  /** The node of a name and an architecture, or -1. */
  int node(String name, String architecture) {
    int wanted = architecture.isEmpty() ? NATIVE : all.architectures.find(architecture);
    int number = all.names.find(name);
    int node = number < 0 || wanted < 0 ? -1 : first(number);
    while (node >= 0 && architectureOf(node) != wanted) {
      node = nextOfName(node);
    }
    return node;
  }

  private int first(int name) {
    return name < all.firstNode.size() ? all.firstNode.get(name) - 1 : -1;
  }

  private int nextOfName(int node) {
    return all.nodeNext.get(node);
  }

  int nameOf(int node) {
    return all.nodeName.get(node);
  }

  /** The number of its architecture; {@link #NATIVE} is also that of packages for all. */
  int architectureOf(int node) {
    return all.nodeArchitecture.get(node);
  }

  boolean has(int node, int flag) {
    return (all.nodeFlags.get(node) & flag) != 0;
  }

  /** The newest version of a node, or -1; {@link VersionTable#next} leads to the older ones. */
  int newest(int node) {
    return all.nodeVersions.get(node);
  }

  /** The version that is taken unless another is asked for: of the highest priority the newest. */
  int candidate(int node) {
    int best = -1;
    for (int version = newest(node); version >= 0; version = all.versions.next(version)) {
      if (best < 0 || all.versions.pin(version) > all.versions.pin(best)) {
        best = version;
      }
    }
    return best;
  }

  int dependenciesFrom(int version) {
    return links.dependencyStart.get(version);
  }

  int dependenciesTo(int version) {
    return links.dependencyStart.get(version + 1);
  }

  int target(int dependency) {
    return links.dependencyTarget.get(dependency);
  }

  int kind(int dependency) {
    return links.dependencyKind.get(dependency) & KIND;
  }

  /** Whether the next dependency is an alternative to this one. */
  boolean or(int dependency) {
    return (links.dependencyKind.get(dependency) & OR) != 0;
  }

  boolean negative(int dependency) {
    return isNegative(kind(dependency));
  }

  static boolean isNegative(int kind) {
    return kind == CONFLICTS || kind == BREAKS;
  }

  boolean implicitConflict(int dependency) {
    return (links.dependencyKind.get(dependency) & IMPLICIT) != 0;
  }

  int providesFrom(int node) {
    return links.provideStart[node];
  }

  int providesTo(int node) {
    return links.provideStart[node + 1];
  }

  /** The version that stands for a node. */
  int provider(int provide) {
    return links.provideOwner[provide];
  }

  /** Whether no version is asked for. */
  boolean anyVersion(int dependency) {
    return operator(dependency) == RelationScanner.ANY;
  }

  /** Whether a version of the dependency's own target does. */
  boolean acceptsVersion(int dependency, int version) {
    return accepts(dependency, all.versions.text(version));
  }

  /** Whether what a provider provides does; a provided name without a version has none. */
  boolean acceptsProvided(int dependency, int provide) {
    return accepts(dependency, links.provideText[provide]);
  }

  private boolean accepts(int dependency, int text) {
    int operator = operator(dependency);
    if (operator == RelationScanner.ANY) {
      return true;
    }
    if (text < 0) {
      return false;
    }
    int order = all.compare(text, links.dependencyText.get(dependency));
    return switch (operator) {
      case RelationScanner.AT_MOST -> order <= 0;
      case RelationScanner.AT_LEAST -> order >= 0;
      case RelationScanner.LESS -> order < 0;
      case RelationScanner.MORE -> order > 0;
      case RelationScanner.EQUAL -> order == 0;
      default -> order != 0;
    };
  }

  private int operator(int dependency) {
    return links.dependencyKind.get(dependency) >> OPERATOR_SHIFT & OPERATOR;
  }

  /** Whether a negative dependency never holds against versions of that node's own name. */
  boolean ignores(int dependency, int owner, int node) {
    if (!negative(dependency)) {
      return false;
    }
    int own = all.versions.node(owner);
    if (nameOf(own) != nameOf(node)) {
      return false;
    }
    return own == node || (all.versions.multiArch(owner) == SAME && !implicitConflict(dependency));
  }

  /** Whether a negative dependency never holds against that provider. */
  boolean ignoresProvider(int dependency, int owner, int provide) {
    if (!negative(dependency)) {
      return false;
    }
    int provider = all.versions.node(provider(provide));
    return nameOf(provider) == nameOf(all.versions.node(owner)) || implicitConflict(dependency);
  }

  /**
   * Whether one of the versions in {@code set}, which has one or -1 for each node, is what a
   * dependency of {@code owner} names: what a positive one needs, or what a negative one forbids.
   */
  boolean matches(int dependency, int owner, int[] set) {
    int target = target(dependency);
    if (set[target] >= 0
        && !ignores(dependency, owner, target)
        && acceptsVersion(dependency, set[target])) {
      return true;
    }
    int end = providesTo(target);
    for (int at = providesFrom(target); at < end; at++) {
      int provider = provider(at);
      if (set[all.versions.node(provider)] == provider
          && !ignoresProvider(dependency, owner, at)
          && acceptsProvided(dependency, at)) {
        return true;
      }
    }
    return false;
  }

  String nameText(int node) {
    return all.names.text(nameOf(node));
  }

  String architectureText(int node) {
    return all.architectures.text(architectureOf(node));
  }

  /** The name, with the architecture where it is not the machine's own. */
  String label(int node) {
    int architecture = architectureOf(node);
    return architecture == NATIVE || architecture == ANY_ARCHITECTURE
        ? nameText(node)
        : nameText(node) + ":" + architectureText(node);
  }

  String versionText(int version) {
    return all.texts.text(all.versions.text(version));
  }

  /** Name and version. */
  String describe(int version) {
    return label(all.versions.node(version)) + " " + versionText(version);
  }

  static String kindText(int kind) {
    return KINDS[kind];
  }

  /** The whole clause that begins with the dependency, as a field has it. */
  String clauseText(int dependency) {
    StringBuilder text = new StringBuilder();
    int at = dependency;
    while (true) {
      text.append(label(target(at)));
      if (operator(at) != RelationScanner.ANY) {
        text.append(" (")
            .append(OPERATORS[operator(at)])
            .append(' ')
            .append(all.texts.text(links.dependencyText.get(at)))
            .append(')');
      }
      if (!or(at)) {
        return text.toString();
      }
      text.append(" | ");
      at++;
    }
  }
}
