package dev.imgstore.builder.source.dpkg;

import dev.imgstore.builder.source.deb.UnpackedDeb;
import dev.imgstore.builder.source.debian.Relation;
import dev.imgstore.builder.source.debian.Relations;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What dpkg reads from a package's control file. */
public final class Packages {
  private Packages() {}

  /**
   * The name under which dpkg keeps a package's control files: {@code name:architecture} if several
   * architectures may be installed side by side, else {@code name}.
   */
  public static String infoName(UnpackedDeb deb) {
    return isSame(deb) ? deb.name() + ":" + deb.architecture() : deb.name();
  }

  /** Whether other architectures of the package may be installed beside it. */
  static boolean isSame(UnpackedDeb deb) {
    return deb.field("Multi-Arch").equals("same");
  }

  /** Whether files of {@code newer} may stand where {@code older}'s are (Debian Policy 7.6.1). */
  static boolean replaces(UnpackedDeb newer, UnpackedDeb older) throws IOException {
    Relations replaced = Relations.read("Replaces of " + newer.name(), newer.field("Replaces"));
    for (List<Relation> clause : replaced.clauses()) {
      for (Relation relation : clause) {
        if (relation.name().equals(older.name()) && relation.accepts(older.version())) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Packages in the order in which the first to bring a directory gives it its mode: essential ones
   * first, then by name.
   *
   * @throws MergeConflict if one stands there twice
   */
  static List<UnpackedDeb> inOrder(List<UnpackedDeb> packages) throws MergeConflict {
    Set<String> names = new HashSet<>();
    for (UnpackedDeb deb : packages) {
      if (!names.add(infoName(deb))) {
        throw new MergeConflict(List.of("the package " + infoName(deb) + " is there twice"));
      }
    }
    return packages.stream()
        .sorted(
            Comparator.comparing((UnpackedDeb deb) -> !deb.field("Essential").equals("yes"))
                .thenComparing(Packages::infoName))
        .toList();
  }
}
