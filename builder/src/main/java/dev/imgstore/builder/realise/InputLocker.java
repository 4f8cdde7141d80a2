package dev.imgstore.builder.realise;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.builder.recipe.SourceSection;
import dev.imgstore.store.FrameStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Pins what a recipe's {@code inputs} mean today. */
public final class InputLocker {
  private final InputUniverse universe;
  private final FrameStore store;

  /** Asks this universe; what is fetched goes into the store. */
  public InputLocker(InputUniverse universe, FrameStore store) {
    this.universe = universe;
    this.store = store;
  }

  /**
   * The lock with the recipe's inputs. An entry that is locked already, and of which the recipe
   * says the same, stays as it is unless the update names it, or one of its files.
   *
   * @param lock has the packages
   * @param previous the lock that is there
   */
  public Lock lock(Recipe recipe, Lock lock, Lock previous, DebianLocker.Update update)
      throws IOException {
    List<Lock.Fetched> fetched = new ArrayList<>();
    for (Map.Entry<String, InputSource> input : recipe.inputs().entrySet()) {
      if (SourceSection.isFetched(input.getValue())) {
        List<Lock.Fetched> before = previous.of(input.getKey());
        fetched.addAll(
            stays(before, input.getValue(), input.getKey(), update)
                ? before
                : universe.lock(input.getKey(), input.getValue(), recipe.platforms(), store));
      }
    }
    return new Lock(lock.source(), lock.date(), lock.inputs(), fetched);
  }

  private boolean stays(
      List<Lock.Fetched> before, InputSource source, String name, DebianLocker.Update update)
      throws IOException {
    String mark = SourceSection.mark(source);
    boolean always =
        source instanceof InputSource.Oci; // cheap, and another platform is other files
    return !always
        && !before.isEmpty()
        && before.stream().allMatch(file -> file.source().equals(mark))
        && update instanceof DebianLocker.Update.Only only
        && !only.packages().contains(name)
        && before.stream().noneMatch(file -> only.packages().contains(file.name()))
        && universe.isCurrent(source, before);
  }
}
