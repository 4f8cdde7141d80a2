package dev.imgstore.store.disk;

import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.store.Retention;
import dev.imgstore.store.Root;
import dev.imgstore.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which generations are not dropped, and why. The caller holds the journal's lock. */
final class DropRules {
  private DropRules() {}

  /**
   * Refuses what is needed.
   *
   * @param despite the marks that were seen and are to be passed over, by number
   * @throws StoreException.Kept for the first one that stays
   */
  static void require(
      Profile profile, List<Generation> doomed, Map<Integer, Set<String>> despite, RootState state)
      throws StoreException.Kept {
    String name = profile.name();
    Set<Integer> back = Retention.rolledBack(profile);
    for (Generation each : doomed) {
      String label = name + "@" + each.number();
      if (each.number() == profile.current()) {
        throw new StoreException.Kept(
            label + " is current; switch to another first, or delete the whole profile");
      }
      requireUnmarked(root(name, each, state), despite);
      if (back.contains(each.number())) {
        throw new StoreException.Kept(
            label
                + " was rolled back from, and nothing was built since: an equal build would make"
                + " it current again; build first, or delete the whole profile");
      }
      if (each.number() == Retention.refuge(profile)) {
        throw new StoreException.Kept(
            label
                + " is what to go back to: "
                + Retention.REFUGE
                + "; activate it, or switch to another, first");
      }
    }
  }

  /** Refuses what a pin or a hold keeps, for which the whole profile is no reason either. */
  static void requireUnkept(String name, List<Generation> doomed, RootState state)
      throws StoreException.Kept {
    for (Generation each : doomed) {
      List<String> keepers = state.keepers(each.image());
      if (!keepers.isEmpty()) {
        throw new StoreException.Kept(
            name + "@" + each.number() + " is " + String.join(", and ", keepers));
      }
    }
  }

  private static Root.OfGeneration root(String name, Generation generation, RootState state) {
    int number = generation.number();
    return new Root.OfGeneration(
        name,
        generation,
        false,
        Integer.valueOf(number).equals(state.good().get(name)),
        state.tags(name, number));
  }

  private static void requireUnmarked(Root.OfGeneration root, Map<Integer, Set<String>> despite)
      throws StoreException.Kept {
    List<String> marks = new ArrayList<>(root.marks());
    marks.removeAll(despite.getOrDefault(root.number(), Set.of()));
    if (marks.remove(Root.OfGeneration.LAST_GOOD)) {
      throw new StoreException.Kept(
          root.label() + " is the last known good; mark another one first");
    }
    if (!marks.isEmpty()) {
      throw new StoreException.Kept(
          root.label() + " is " + String.join(", ", marks) + "; take the tag away first");
    }
  }
}
