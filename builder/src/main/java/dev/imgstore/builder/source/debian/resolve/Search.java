package dev.imgstore.builder.source.debian.resolve;

import dev.imgstore.builder.source.debian.resolve.Clause.Why;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds versions for which every clause holds, or proves that there are none: decides what is
 * needed next in order of preference, follows what that implies, and learns a clause from every
 * contradiction (conflict-driven clause learning with the first unique implication point).
 * Complete, and the same every time.
 */
final class Search {
  private static final byte OPEN = 0;
  private static final byte TRUE = 1;
  private static final byte FALSE = 2;

  private final Formula formula;
  private final List<List<Clause>> watches = new ArrayList<>();
  private final byte[] value;
  private final int[] level;
  private final @Nullable Clause[] reason;
  private final int[] trail;
  private final Ints levelStarts = new Ints(64);
  private int trailSize;
  private int head;
  private @Nullable Clause contradiction;

  Search(Formula formula) {
    this.formula = formula;
    int count = formula.variables();
    for (int i = 0; i < 2 * count; i++) {
      watches.add(new ArrayList<>(2));
    }
    value = new byte[count];
    level = new int[count];
    reason = new Clause[count];
    trail = new int[count];
    formula.wanted.forEach(this::add);
    formula.needs.forEach(own -> own.forEach(this::add));
    formula.exclusions.forEach(this::add);
  }

  /** Looks for a solution; false if there is none, which {@link #core} then proves. */
  boolean run() {
    while (contradiction == null) {
      Clause conflict = propagate();
      if (conflict != null) {
        if (levelStarts.size() == 0) {
          contradiction = conflict;
        } else {
          learn(conflict);
        }
      } else if (!decide()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Adds recommendations of what was chosen, and of what they bring in, as long as nothing chosen
   * before has to change.
   */
  void addWishes() {
    for (int at = 0; at < trailSize; at++) {
      if ((trail[at] & 1) == 0) {
        for (Clause wish : formula.soft.get(trail[at] >> 1)) {
          tryWish(wish);
        }
      }
    }
  }

  private void tryWish(Clause wish) {
    for (int i = 1; i < wish.literals.length; i++) {
      if (holds(wish.literals[i])) {
        return;
      }
    }
    int before = levelStarts.size();
    for (int i = 1; i < wish.literals.length; i++) {
      if (isOpen(wish.literals[i])) {
        openLevel();
        assign(wish.literals[i], null);
        if (settle()) {
          return;
        }
        backTo(before);
      }
    }
  }

  /** Decides on without undoing anything; false at the first contradiction. */
  private boolean settle() {
    do {
      if (propagate() != null) {
        return false;
      }
    } while (decide());
    return true;
  }

  /** The versions of the solution. */
  List<Integer> chosen() {
    List<Integer> chosen = new ArrayList<>();
    for (int variable = 0; variable < value.length; variable++) {
      if (value[variable] == TRUE) {
        chosen.add(formula.version(variable));
      }
    }
    return chosen;
  }

  /** Clauses that cannot all hold, none of them learned. */
  List<Clause> core() {
    List<Clause> core = new ArrayList<>();
    List<Clause> open = new ArrayList<>();
    Set<Clause> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    if (contradiction != null) {
      open.add(contradiction);
    }
    while (!open.isEmpty()) {
      Clause clause = open.remove(open.size() - 1);
      if (!seen.add(clause)) {
        continue;
      }
      if (clause.why == Why.LEARNED) {
        open.addAll(Arrays.asList(clause.from));
      } else {
        core.add(clause);
      }
      for (int literal : clause.literals) {
        Clause why = reason[literal >> 1];
        if (why != null && level[literal >> 1] == 0 && !isOpen(literal)) {
          open.add(why);
        }
      }
    }
    return core;
  }

  private void add(Clause clause) {
    int[] literals = clause.watched;
    if (literals.length > 1) {
      watches.get(literals[0]).add(clause);
      watches.get(literals[1]).add(clause);
    } else if (literals.length == 0 || isFalse(literals[0])) {
      contradiction = contradiction == null ? clause : contradiction;
    } else if (isOpen(literals[0])) {
      assign(literals[0], clause);
    }
  }

  /** Follows implications; the clause that fails, or null. */
  private @Nullable Clause propagate() {
    while (head < trailSize) {
      int gone = trail[head++] ^ 1;
      List<Clause> watching = watches.get(gone);
      int kept = 0;
      for (int i = 0; i < watching.size(); i++) {
        Clause clause = watching.get(i);
        if (moveWatch(clause, gone)) {
          continue;
        }
        watching.set(kept++, clause);
        int other = clause.watched[0];
        if (isFalse(other)) {
          for (i++; i < watching.size(); i++) {
            watching.set(kept++, watching.get(i));
          }
          watching.subList(kept, watching.size()).clear();
          return clause;
        }
        if (isOpen(other)) {
          assign(other, clause);
        }
      }
      watching.subList(kept, watching.size()).clear();
    }
    return null;
  }

  /** Watches another literal instead, if one is not false; the other watched one comes first. */
  private boolean moveWatch(Clause clause, int gone) {
    int[] literals = clause.watched;
    if (literals[0] == gone) {
      literals[0] = literals[1];
      literals[1] = gone;
    }
    if (holds(literals[0])) {
      return false;
    }
    for (int i = 2; i < literals.length; i++) {
      if (!isFalse(literals[i])) {
        literals[1] = literals[i];
        literals[i] = gone;
        watches.get(literals[1]).add(clause);
        return true;
      }
    }
    return false;
  }

  /** Chooses the preferred version for the first need that is not met; false if all are. */
  private boolean decide() {
    for (Clause clause : formula.wanted) {
      if (decideFor(clause)) {
        return true;
      }
    }
    for (int at = 0; at < trailSize; at++) {
      if ((trail[at] & 1) == 0) {
        for (Clause clause : formula.needs.get(trail[at] >> 1)) {
          if (decideFor(clause)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private boolean decideFor(Clause clause) {
    int best = -1;
    for (int literal : clause.literals) {
      if ((literal & 1) == 0) {
        if (holds(literal)) {
          return false;
        }
        if (best < 0 && isOpen(literal)) {
          best = literal;
        }
      }
    }
    if (best < 0) {
      return false;
    }
    openLevel();
    assign(best, null);
    return true;
  }

  /**
   * Learns what the contradiction at the current level follows from, and goes back to act on it.
   */
  private void learn(Clause conflict) {
    int current = levelStarts.size();
    boolean[] seen = new boolean[value.length];
    List<Clause> from = new ArrayList<>();
    Ints rest = new Ints(8);
    Clause clause = conflict;
    int implied = -1;
    int open = 0;
    int at = trailSize - 1;
    while (true) {
      from.add(clause);
      for (int literal : clause.literals) {
        int variable = literal >> 1;
        if (literal != implied && !seen[variable] && level[variable] > 0) {
          seen[variable] = true;
          if (level[variable] == current) {
            open++;
          } else {
            rest.add(literal);
          }
        }
      }
      while (!seen[trail[at] >> 1]) {
        at--;
      }
      implied = trail[at--];
      Clause why = reason[implied >> 1];
      if (--open == 0 || why == null) {
        break;
      }
      clause = why;
    }
    assertLearned(implied ^ 1, rest, from);
  }

  private void assertLearned(int first, Ints rest, List<Clause> from) {
    int back = 0;
    int second = 0;
    for (int i = 0; i < rest.size(); i++) {
      if (level[rest.get(i) >> 1] > back) {
        back = level[rest.get(i) >> 1];
        second = i;
      }
    }
    int[] literals = new int[rest.size() + 1];
    literals[0] = first;
    for (int i = 0; i < rest.size(); i++) {
      literals[i + 1] = rest.get(i);
    }
    if (rest.size() > 1) {
      literals[1] = rest.get(second);
      literals[second + 1] = rest.get(0);
    }
    backTo(back);
    Clause learned = new Clause(literals, Why.LEARNED, -1, -1, from.toArray(Clause[]::new));
    if (literals.length > 1) {
      watches.get(literals[0]).add(learned);
      watches.get(literals[1]).add(learned);
    }
    assign(first, learned);
  }

  private void openLevel() {
    levelStarts.add(trailSize);
  }

  private void backTo(int target) {
    while (levelStarts.size() > target) {
      int start = levelStarts.removeLast();
      while (trailSize > start) {
        value[trail[--trailSize] >> 1] = OPEN;
      }
    }
    head = trailSize;
  }

  private void assign(int literal, @Nullable Clause why) {
    int variable = literal >> 1;
    value[variable] = (literal & 1) == 0 ? TRUE : FALSE;
    level[variable] = levelStarts.size();
    reason[variable] = why;
    trail[trailSize++] = literal;
  }

  private boolean isOpen(int literal) {
    return value[literal >> 1] == OPEN;
  }

  private boolean holds(int literal) {
    return value[literal >> 1] == ((literal & 1) == 0 ? TRUE : FALSE);
  }

  private boolean isFalse(int literal) {
    return !isOpen(literal) && !holds(literal);
  }
}
