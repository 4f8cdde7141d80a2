package dev.imgstore.cli;

import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.model.Switch;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Rules about what is current in a profile. */
final class Current {
  private Current() {}

  /** Makes {@code number} current and prints it. */
  static ExitCode change(
      ChangeCommand command, Store store, Profile before, int number, Switch.Kind kind)
      throws IOException {
    String name = before.name();
    Profile after = before;
    if (number != before.current()) {
      after = store.profiles().makeCurrent(name, before.current(), number, kind, command.because());
    }
    Generation now = Ref.number(after, number).generation();
    command.print(
        StoreCommand.object()
            .put("profile", name)
            .put("from", before.current())
            .put("to", number)
            .put("image", now.image().toString()),
        name + "@" + number + " " + now.image() + "\n");
    return ExitCode.DONE;
  }

  /**
   * What was current {@code steps} switches ago, in history: 0 is what is current now. Steps that
   * were gone back over do not count, so going back twice goes back two steps.
   */
  static int past(Profile profile, int steps) throws CommandFailure {
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
    List<Integer> present =
        past.stream().filter(number -> profile.generation(number).isPresent()).toList();
    if (steps >= present.size()) {
      throw new CommandFailure(
          ExitCode.UNKNOWN,
          "there is no %s~%d: history goes back %d %s"
              .formatted(
                  profile.name(),
                  steps,
                  present.size() - 1,
                  present.size() == 2 ? "step" : "steps"));
    }
    return present.get(present.size() - 1 - steps);
  }
}
