package dev.imgstore.builder.source.debian.resolve;

import static dev.imgstore.builder.source.debian.resolve.DebianUniverse.ANY_ARCHITECTURE;
import static dev.imgstore.builder.source.debian.resolve.DebianUniverse.NATIVE;

import dev.imgstore.builder.source.debian.DebianException.Malformed;
import dev.imgstore.builder.source.debian.DebianVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads indexes into a {@link DebianUniverse}. The order of the calls matters: where two packages
 * would do equally well, the one first named later is taken, as apt does. For one thread.
 */
public final class UniverseBuilder {
  static final int TO_NODE = 0;
  static final int TO_ALL_ARCHITECTURES = 1;
  static final int IMPLICIT = 2;

  private static final int MOST_INDEXES = 63;
  private static final int MOST_VERSIONS = 4_000_000;

  final ByteTable names = new ByteTable();
  final ByteTable texts = new ByteTable();
  final ByteTable architectures = new ByteTable();
  final List<Index> indexes = new ArrayList<>();

  final List<String> foreign;

  final Ints firstNode = new Ints(1 << 16);
  final Ints nodeName = new Ints(1 << 16);
  final Ints nodeArchitecture = new Ints(1 << 16);
  final Ints nodeNext = new Ints(1 << 16);
  final Ints nodeFlags = new Ints(1 << 16);
  final Ints nodeVersions = new Ints(1 << 16);

  final VersionTable versions = new VersionTable();
  final Ints dependencyStart = new Ints(1 << 16);
  final Ints dependencyTarget = new Ints(1 << 18);
  final Ints dependencyKind = new Ints(1 << 18);
  final Ints dependencyText = new Ints(1 << 18);

  final Ints provideOwner = new Ints(1 << 15);
  final Ints provideTarget = new Ints(1 << 15);
  final Ints provideText = new Ints(1 << 15);
  final Ints provideHow = new Ints(1 << 15);

  private final int configured;
  private final RelationScanner scanner = new RelationScanner();
  private final int nativeWord;

  /**
   * For one machine.
   *
   * @param architecture Debian's name of the architecture packages run on, such as amd64
   * @param foreign further architectures, in order of preference
   */
  public UniverseBuilder(String architecture, List<String> foreign) {
    architectures.add(architecture);
    architectures.add("any");
    this.foreign = List.copyOf(foreign);
    foreign.forEach(architectures::add);
    configured = architectures.size();
    nativeWord = names.add(architecture);
    dependencyStart.add(0);
  }

  /**
   * Reads one index; the caller closes the stream. Holds one buffer of it at a time.
   *
   * @throws Malformed naming the paragraph's line, if it is no index of binary packages
   */
  public void read(Index index, InputStream packages) throws IOException {
    if (indexes.size() >= MOST_INDEXES) {
      throw new IllegalArgumentException("more than " + MOST_INDEXES + " indexes");
    }
    indexes.add(index);
    PackagesReader.read(index.place(), packages, this::take);
  }

  /** The universe; the builder is not used after. */
  public DebianUniverse build() {
    return new DebianUniverse(this);
  }

  private void take(byte[] bytes, int[] from, int[] to, int line) throws Malformed {
    Paragraph paragraph = new Paragraph(current().place(), line, bytes, from, to);
    int architecture = architecture(paragraph);
    if (architecture < 0) {
      return;
    }
    int node = node(names.add(bytes, paragraph.from(0), paragraph.to(0)), architecture);
    int before = versions.size();
    int version = versions.add(paragraph, this, node, indexes.size() - 1);
    if (versions.size() > before) {
      if (before >= MOST_VERSIONS) {
        throw new Malformed(current().place(), line, "too many packages");
      }
      relations(paragraph, architecture);
      dependencyStart.add(dependencyTarget.size());
      provides(paragraph, version, architecture);
      implicitProvides(version, node);
    }
    nodeFlags.set(node, nodeFlags.get(node) | paragraph.flags());
  }

  private Index current() {
    return indexes.get(indexes.size() - 1);
  }

  private int architecture(Paragraph paragraph) {
    if (paragraph.is(PackagesReader.ARCHITECTURE, "all")) {
      return NATIVE;
    }
    int known = architectures.find(paragraph.text(PackagesReader.ARCHITECTURE));
    return known >= 0 && known < configured && known != ANY_ARCHITECTURE ? known : -1;
  }

  private void relations(Paragraph paragraph, int architecture) throws Malformed {
    relation(paragraph, PackagesReader.PRE_DEPENDS, DebianUniverse.PRE_DEPENDS, architecture);
    relation(paragraph, PackagesReader.DEPENDS, DebianUniverse.DEPENDS, architecture);
    relation(paragraph, PackagesReader.CONFLICTS, DebianUniverse.CONFLICTS, architecture);
    relation(paragraph, PackagesReader.BREAKS, DebianUniverse.BREAKS, architecture);
    relation(paragraph, PackagesReader.RECOMMENDS, DebianUniverse.RECOMMENDS, architecture);
    // These are not resolved; but the order in which names first appear decides between equals.
    mention(paragraph, PackagesReader.SUGGESTS, architecture);
    mention(paragraph, PackagesReader.REPLACES, architecture);
    mention(paragraph, PackagesReader.ENHANCES, architecture);
  }

  private void relation(Paragraph paragraph, int field, int kind, int architecture)
      throws Malformed {
    byte[] bytes = paragraph.bytes();
    boolean negative = DebianUniverse.isNegative(kind);
    scanner.start(bytes, paragraph.from(field), paragraph.to(field));
    while (scanner.next(paragraph.place(), paragraph.line())) {
      int target = target(bytes, architecture, negative);
      dependencyTarget.add(target);
      dependencyKind.add(
          kind
              | scanner.operator << DebianUniverse.OPERATOR_SHIFT
              | (scanner.or && !negative ? DebianUniverse.OR : 0)
              | (specific(bytes) ? DebianUniverse.ARCHITECTURE_SPECIFIC : 0));
      dependencyText.add(
          scanner.operator == RelationScanner.ANY
              ? -1
              : texts.add(bytes, scanner.versionFrom, scanner.versionTo));
    }
  }

  private void mention(Paragraph paragraph, int field, int architecture) throws Malformed {
    scanner.start(paragraph.bytes(), paragraph.from(field), paragraph.to(field));
    while (scanner.next(paragraph.place(), paragraph.line())) {
      target(paragraph.bytes(), architecture, field == PackagesReader.REPLACES);
    }
  }

  /** Whether an architecture other than {@code any} is written. */
  private boolean specific(byte[] bytes) {
    int length = scanner.architectureTo - scanner.architectureFrom;
    return length > 0
        && !(length == 3
            && bytes[scanner.architectureFrom] == 'a'
            && bytes[scanner.architectureFrom + 1] == 'n'
            && bytes[scanner.architectureFrom + 2] == 'y');
  }

  /**
   * The node an alternative points to. A negative one without an architecture points to whatever
   * packages of that name there will be: all share a name, so any one of them stands for it.
   */
  private int target(byte[] bytes, int architecture, boolean negative) {
    if (scanner.architectureTo == scanner.architectureFrom) {
      int name = names.add(bytes, scanner.nameFrom, scanner.nameTo);
      if (negative && name < firstNode.size() && firstNode.get(name) > 0) {
        return firstNode.get(name) - 1;
      }
      return node(name, architecture);
    }
    return qualified(bytes, scanner.nameFrom, scanner.nameTo, scanner.architectureTo);
  }

  /** The node named {@code package:architecture}; {@code native} is the machine's own. */
  private int qualified(byte[] bytes, int nameFrom, int nameTo, int end) {
    String architecture = new String(bytes, nameTo + 1, end - nameTo - 1, StandardCharsets.UTF_8);
    if (architecture.equals("native")) {
      architecture = names.text(nativeWord);
    }
    String base = new String(bytes, nameFrom, nameTo - nameFrom, StandardCharsets.UTF_8);
    int node = node(names.add(base + ":" + architecture), ANY_ARCHITECTURE);
    if (!architecture.equals("any")) {
      node(names.add(base), architectures.add(architecture));
    }
    return node;
  }

  private void provides(Paragraph paragraph, int version, int architecture) throws Malformed {
    byte[] bytes = paragraph.bytes();
    int multiArch = versions.multiArch(version);
    scanner.start(
        bytes, paragraph.from(PackagesReader.PROVIDES), paragraph.to(PackagesReader.PROVIDES));
    while (scanner.next(paragraph.place(), paragraph.line())) {
      if (scanner.operator != RelationScanner.ANY && scanner.operator != RelationScanner.EQUAL) {
        continue;
      }
      int text =
          scanner.operator == RelationScanner.ANY
              ? -1
              : texts.add(bytes, scanner.versionFrom, scanner.versionTo);
      if (scanner.architectureTo > scanner.architectureFrom) {
        int node = qualified(bytes, scanner.nameFrom, scanner.nameTo, scanner.architectureTo);
        provide(version, node, text, TO_NODE);
        continue;
      }
      int name = names.add(bytes, scanner.nameFrom, scanner.nameTo);
      if (multiArch == DebianUniverse.FOREIGN) {
        provide(version, anyNode(name), text, TO_ALL_ARCHITECTURES);
      } else {
        if (multiArch == DebianUniverse.ALLOWED) {
          provide(version, node(withAny(name), ANY_ARCHITECTURE), text, TO_NODE);
        }
        provide(version, node(name, architecture), text, TO_NODE);
      }
    }
  }

  private void implicitProvides(int version, int node) {
    int text = versions.text(version);
    if (versions.multiArch(version) == DebianUniverse.ALLOWED) {
      int any = node(withAny(nodeName.get(node)), ANY_ARCHITECTURE);
      provide(version, any, text, TO_NODE | IMPLICIT);
    } else if (versions.multiArch(version) == DebianUniverse.FOREIGN) {
      provide(version, node, text, TO_ALL_ARCHITECTURES | IMPLICIT);
    }
  }

  private int withAny(int name) {
    return names.add(names.text(name) + ":any");
  }

  private int anyNode(int name) {
    return name < firstNode.size() && firstNode.get(name) > 0
        ? firstNode.get(name) - 1
        : node(name, NATIVE);
  }

  private void provide(int owner, int target, int text, int how) {
    provideOwner.add(owner);
    provideTarget.add(target);
    provideText.add(text);
    provideHow.add(how);
  }

  /** The node of a name and architecture, made if it is new; nodes are numbered in that order. */
  int node(int name, int architecture) {
    while (firstNode.size() <= name) {
      firstNode.add(0);
    }
    int last = -1;
    for (int node = firstNode.get(name) - 1; node >= 0; node = nodeNext.get(node)) {
      if (nodeArchitecture.get(node) == architecture) {
        return node;
      }
      last = node;
    }
    int node = nodeName.size();
    nodeName.add(name);
    nodeArchitecture.add(architecture);
    nodeNext.add(-1);
    nodeFlags.add(0);
    nodeVersions.add(-1);
    if (last < 0) {
      firstNode.set(name, node + 1);
    } else {
      nodeNext.set(last, node);
    }
    return node;
  }

  /** Orders two version texts by number. */
  int compare(int a, int b) {
    return a == b ? 0 : DebianVersion.compare(texts.text(a), texts.text(b));
  }
}
