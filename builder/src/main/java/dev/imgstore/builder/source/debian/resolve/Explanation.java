package dev.imgstore.builder.source.debian.resolve;

import dev.imgstore.builder.source.debian.resolve.Result.Reason;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Words for clauses that cannot all hold: a chain that begins with what was asked for, goes on from
 * each package to what it needs, and ends where something is missing or excluded.
 */
final class Explanation {
  private static final int LONGEST = 40;

  private final DebianUniverse universe;
  private final Formula formula;
  private final Map<Integer, Reason> roots;
  private final Set<String> lines = new LinkedHashSet<>();
  private final Set<Integer> told = new LinkedHashSet<>();

  Explanation(DebianUniverse universe, Formula formula, Map<Integer, Reason> roots) {
    this.universe = universe;
    this.formula = formula;
    this.roots = roots;
  }

  /** One sentence per step. */
  List<String> chain(List<Clause> core) {
    List<Clause> rest = new ArrayList<>(core);
    for (Clause clause : core) {
      if (clause.why == Clause.Why.WANTED) {
        lines.add(wanted(clause));
        tell(clause);
        rest.remove(clause);
      }
    }
    boolean more = true;
    while (more) {
      more = false;
      for (Clause clause : List.copyOf(rest)) {
        if (clause.why == Clause.Why.NEED && told.contains(node(clause.owner))) {
          lines.add(need(clause));
          tell(clause);
          rest.remove(clause);
          more = true;
        }
      }
    }
    rest.forEach(clause -> lines.add(exclusion(clause)));
    return lines.stream().limit(LONGEST).toList();
  }

  private int node(int version) {
    return universe.versions().node(version);
  }

  private void tell(Clause clause) {
    for (int literal : clause.literals) {
      if ((literal & 1) == 0) {
        told.add(node(formula.version(literal >> 1)));
      }
    }
  }

  private String wanted(Clause clause) {
    Reason reason = roots.get(clause.about);
    String label = universe.label(clause.about);
    if (reason == null || reason.rule().equals("base")) {
      return label + " belongs to the base";
    }
    return reason.by() + " is asked for";
  }

  private String need(Clause clause) {
    String text =
        universe.describe(clause.owner)
            + (universe.kind(clause.about) == DebianUniverse.PRE_DEPENDS
                ? " needs first "
                : " needs ")
            + universe.clauseText(clause.about);
    return clause.literals.length > 1 ? text : text + ", and " + absent(clause.about);
  }

  /** What there is in place of what is needed. */
  private String absent(int dependency) {
    List<String> others = new ArrayList<>();
    int at = dependency;
    while (true) {
      int target = universe.target(at);
      for (int row = universe.newest(target); row >= 0; row = universe.versions().next(row)) {
        others.add(universe.describe(row));
      }
      if (!universe.or(at)) {
        break;
      }
      at++;
    }
    return others.isEmpty()
        ? "the suites have nothing of that name"
        : "the suites only have " + String.join(", ", others);
  }

  private String exclusion(Clause clause) {
    int other = formula.version(clause.literals[1] >> 1);
    return switch (clause.why) {
      case CONFLICT ->
          universe.implicitConflict(clause.about)
              ? universe.describe(clause.owner) + " cannot be beside " + universe.describe(other)
              : universe.describe(clause.owner)
                  + (universe.kind(clause.about) == DebianUniverse.BREAKS
                      ? " breaks "
                      : " conflicts with ")
                  + universe.clauseText(clause.about)
                  + provides(clause.about, other);
      case ONE_VERSION ->
          "only one version of "
              + universe.label(node(clause.owner))
              + " can be there, "
              + universe.versionText(clause.owner)
              + " or "
              + universe.versionText(other);
      default -> need(clause);
    };
  }

  private String provides(int dependency, int other) {
    return universe.target(dependency) == node(other)
        ? ""
        : ", which " + universe.describe(other) + " provides";
  }
}
