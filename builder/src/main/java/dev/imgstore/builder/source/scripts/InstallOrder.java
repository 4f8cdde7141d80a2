package dev.imgstore.builder.source.scripts;

import dev.imgstore.builder.source.deb.UnpackedDeb;
import dev.imgstore.builder.source.debian.Relation;
import dev.imgstore.builder.source.debian.Relations;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Which packages need which, so that scripts run after what they use is there. */
final class InstallOrder {
  private final Map<String, List<UnpackedDeb>> providers = new TreeMap<>();
  private final List<UnpackedDeb> packages;

  InstallOrder(List<UnpackedDeb> packages) throws IOException {
    this.packages =
        packages.stream()
            .sorted(
                Comparator.comparing(UnpackedDeb::name).thenComparing(UnpackedDeb::architecture))
            .toList();
    for (UnpackedDeb deb : this.packages) {
      provider(deb.name(), deb);
      for (List<Relation> clause : relations(deb, "Provides")) {
        clause.forEach(relation -> provider(relation.name(), deb));
      }
    }
  }

  private void provider(String name, UnpackedDeb deb) {
    providers.computeIfAbsent(name, key -> new ArrayList<>()).add(deb);
  }

  private static List<List<Relation>> relations(UnpackedDeb deb, String field) throws IOException {
    return Relations.read(field + " of " + deb.name(), deb.field(field)).clauses();
  }

  /** The packages that the fields of one package name. */
  List<UnpackedDeb> needs(UnpackedDeb deb, String... fields) throws IOException {
    Set<UnpackedDeb> needed = new LinkedHashSet<>();
    for (String field : fields) {
      for (List<Relation> clause : relations(deb, field)) {
        for (Relation relation : clause) {
          needed.addAll(providers.getOrDefault(relation.name(), List.of()));
        }
      }
    }
    needed.remove(deb);
    return List.copyOf(needed);
  }

  /** Essential packages and all they need: what every script may use. */
  Set<UnpackedDeb> base() throws IOException {
    Set<UnpackedDeb> base = new LinkedHashSet<>();
    for (UnpackedDeb deb : packages) {
      if (deb.field("Essential").equals("yes")) {
        add(deb, base);
      }
    }
    return base;
  }

  private void add(UnpackedDeb deb, Set<UnpackedDeb> set) throws IOException {
    if (set.add(deb)) {
      for (UnpackedDeb needed : needs(deb, "Pre-Depends", "Depends")) {
        add(needed, set);
      }
    }
  }

  /** All packages, each after what it needs, as far as there is no circle; else by name. */
  List<UnpackedDeb> sorted() throws IOException {
    Set<UnpackedDeb> done = new LinkedHashSet<>();
    Set<UnpackedDeb> open = new HashSet<>();
    for (UnpackedDeb deb : packages) {
      visit(deb, open, done);
    }
    return List.copyOf(done);
  }

  private void visit(UnpackedDeb deb, Set<UnpackedDeb> open, Set<UnpackedDeb> done)
      throws IOException {
    if (done.contains(deb) || !open.add(deb)) {
      return;
    }
    for (UnpackedDeb needed : needs(deb, "Pre-Depends", "Depends")) {
      visit(needed, open, done);
    }
    done.add(deb);
  }
}
