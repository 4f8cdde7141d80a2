package dev.imgstore.builder.source.debian.resolve;

import static dev.imgstore.builder.source.debian.resolve.DebianUniverse.ESSENTIAL;
import static dev.imgstore.builder.source.debian.resolve.DebianUniverse.NATIVE;
import static dev.imgstore.builder.source.debian.resolve.DebianUniverse.PROTECTED;

import dev.imgstore.builder.source.debian.resolve.Request.Base;
import dev.imgstore.builder.source.debian.resolve.Request.Recommends;
import dev.imgstore.builder.source.debian.resolve.Result.Missing;
import dev.imgstore.builder.source.debian.resolve.Result.Reason;
import dev.imgstore.builder.source.debian.resolve.Result.Resolved;
import dev.imgstore.builder.source.debian.resolve.Result.Unknown;
import dev.imgstore.builder.source.debian.resolve.Result.Unsatisfiable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Chooses packages for a machine on which nothing is installed. The same universe and request give
 * the same result, always.
 *
 * <p>First packages are marked as apt marks them ({@link Marking}). Where that leaves something
 * broken, a complete search over all versions ({@link Search}) finds a set that is as close to the
 * preferred versions as it gets, or proves that there is none.
 */
public final class Resolver {
  private final DebianUniverse universe;
  private final Request request;
  private final int[] candidate;
  private final Map<Integer, Reason> roots = new LinkedHashMap<>();
  private final Set<Integer> exact = new LinkedHashSet<>();
  private final Set<Integer> kept = new LinkedHashSet<>();
  private final List<Missing> missing = new ArrayList<>();

  private Resolver(DebianUniverse universe, Request request) {
    this.universe = universe;
    this.request = request;
    this.candidate = new int[universe.nodes()];
  }

  /** Resolves; never fails otherwise than by its result. */
  public static Result resolve(DebianUniverse universe, Request request) {
    return new Resolver(universe, request).run();
  }

  private Result run() {
    for (int node = 0; node < candidate.length; node++) {
      candidate[node] = universe.candidate(node);
    }
    request.keep().forEach(this::keep);
    addBase();
    Names names = new Names(universe);
    for (Wanted wanted : request.packages()) {
      int version = names.find(wanted, candidate, missing);
      if (version >= 0) {
        int node = universe.versions().node(version);
        candidate[node] = version;
        if (!wanted.version().isEmpty() || !wanted.suite().isEmpty()) {
          exact.add(node);
        }
        roots.put(node, new Reason("requested", wanted.toString(), ""));
      }
    }
    return missing.isEmpty() ? solve() : new Unknown(missing);
  }

  private void keep(String label, String text) {
    int colon = label.indexOf(':');
    int node =
        colon < 0
            ? universe.node(label, "")
            : universe.node(label.substring(0, colon), label.substring(colon + 1));
    int version = node < 0 ? -1 : universe.newest(node);
    while (version >= 0 && !universe.versionText(version).equals(text)) {
      version = universe.versions().next(version);
    }
    if (version >= 0) {
      candidate[node] = version;
      kept.add(node);
    }
  }

  private void addBase() {
    if (request.base() == Base.NONE) {
      return;
    }
    for (int node = 0; node < candidate.length; node++) {
      if (candidate[node] >= 0 && universe.architectureOf(node) == NATIVE && inBase(node)) {
        roots.put(node, new Reason("base", request.base().name().toLowerCase(Locale.ROOT), ""));
      }
    }
  }

  private boolean inBase(int node) {
    return universe.has(node, ESSENTIAL)
        || (request.base() == Base.REQUIRED && universe.versions().priority(candidate[node]) == 1);
  }

  private Result solve() {
    int[] wanted = roots.keySet().stream().mapToInt(Integer::intValue).toArray();
    int[] preferred = candidate.clone();
    Marking marking = new Marking(universe, recommends(), candidate);
    marking.mark(wanted);
    if (marking.broken()) {
      new Repair(universe, marking).run();
    }
    return marking.broken() ? search(preferred) : resolved(marking.chosen());
  }

  private boolean recommends() {
    return request.recommends() == Recommends.FOLLOW;
  }

  private Result search(int[] preferred) {
    Formula formula = new Formula(universe, recommends(), preferred);
    // What is to be updated is decided before what is to stay, so that the latter gives way.
    for (boolean stay : new boolean[] {false, true}) {
      for (int node : roots.keySet()) {
        if (kept.contains(node) == stay) {
          formula.want(node, allowed(node, preferred[node]));
        }
      }
    }
    formula.close();
    Search search = new Search(formula);
    if (!search.run()) {
      return new Unsatisfiable(new Explanation(universe, formula, roots).chain(search.core()));
    }
    search.addWishes();
    int[] chosen = new int[preferred.length];
    Arrays.fill(chosen, -1);
    search.chosen().forEach(version -> chosen[universe.versions().node(version)] = version);
    return resolved(chosen);
  }

  private List<Integer> allowed(int node, int preferred) {
    List<Integer> versions = new ArrayList<>();
    versions.add(preferred);
    if (!exact.contains(node)) {
      int pin = universe.versions().pin(preferred);
      for (int row = universe.newest(node); row >= 0; row = universe.versions().next(row)) {
        if (row != preferred && universe.versions().pin(row) >= pin) {
          versions.add(row);
        }
      }
    }
    return versions;
  }

  private Resolved resolved(int[] chosen) {
    Selection selection = new Selection(universe, recommends(), chosen);
    roots.forEach(selection::root);
    for (int node = 0; node < chosen.length; node++) {
      if (chosen[node] >= 0 && (universe.has(node, ESSENTIAL) || universe.has(node, PROTECTED))) {
        selection.root(node, new Reason("base", "essential", ""));
      }
    }
    return new Resolved(selection.packages());
  }
}
