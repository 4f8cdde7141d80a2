package dev.imgstore.store;

import dev.imgstore.model.Profile;
import dev.imgstore.model.Switch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/** What was current before in a profile, as far as it is still there. */
public final class Past {
  private Past() {}

  /**
   * What was current, oldest first; the last is what is current now. Steps that were gone back over
   * do not count, so going back twice goes back two steps.
   */
  public static List<Integer> steps(Profile profile) {
    Deque<Integer> past = new ArrayDeque<>();
    for (Switch change : profile.history()) {
      if (change.kind() == Switch.Kind.ROLLBACK && past.contains(change.to())) {
        while (!past.peekLast().equals(change.to())) {
          past.removeLast();
        }
      } else {
        past.addLast(change.to());
      }
    }
    List<Integer> present = new ArrayList<>();
    for (int number : past) {
      boolean isSame = !present.isEmpty() && present.get(present.size() - 1) == number;
      if (!isSame && profile.generation(number).isPresent()) {
        present.add(number);
      }
    }
    return List.copyOf(present);
  }

  /**
   * What a rollback goes back to: what was current before what is so now, and was not gone back
   * from since something was built; 0 for nothing.
   */
  public static int previous(Profile profile) {
    Set<Integer> back = Retention.rolledBack(profile);
    List<Integer> steps = steps(profile);
    for (int i = steps.size() - 2; i >= 0; i--) {
      int number = steps.get(i);
      if (number != profile.current() && !back.contains(number)) {
        return number;
      }
    }
    return 0;
  }
}
