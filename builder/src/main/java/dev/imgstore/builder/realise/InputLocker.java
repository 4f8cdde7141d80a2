package dev.imgstore.builder.realise;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.builder.recipe.SourceSection;
import dev.imgstore.builder.source.fetch.Together;
import dev.imgstore.store.FrameStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** Pins what a recipe's {@code inputs} mean today. */
public final class InputLocker {
  private final InputUniverse universe;
  private final FrameStore store;
  private final Together entries;

  /**
   * Asks this universe; what is fetched goes into the store.
   *
   * @param entries locks several entries at a time
   */
  public InputLocker(InputUniverse universe, FrameStore store, Together entries) {
    this.universe = universe;
    this.store = store;
    this.entries = entries;
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
    List<Callable<List<Lock.Fetched>>> work = new ArrayList<>();
    recipe
        .inputs()
        .forEach(
            (name, source) -> {
              List<Lock.Fetched> before = previous.of(name);
              if (SourceSection.isFetched(source)) {
                work.add(
                    () -> {
                      boolean same = stays(before, source, name, update);
                      if (source instanceof InputSource.Oci) { // cheap, and platforms change
                        return universe.lock(name, source, recipe.platforms(), before, store);
                      }
                      if (source instanceof InputSource.Image) { // the same image, for these
                        List<Lock.Fetched> known = same ? before : List.of();
                        return universe.lock(name, source, recipe.platforms(), known, store);
                      }
                      return same
                          ? before
                          : universe.lock(name, source, recipe.platforms(), before, store);
                    });
              }
            });
    List<Lock.Fetched> fetched = entries.all(work).stream().flatMap(List::stream).toList();
    return new Lock(lock.source(), lock.date(), lock.inputs(), fetched);
  }

  private boolean stays(
      List<Lock.Fetched> before, InputSource source, String name, DebianLocker.Update update)
      throws IOException {
    String mark = SourceSection.mark(source);
    return !before.isEmpty()
        && before.stream().allMatch(file -> file.source().equals(mark))
        && update instanceof DebianLocker.Update.Only only
        && !only.packages().contains(name)
        && before.stream().noneMatch(file -> only.packages().contains(file.name()))
        && universe.isCurrent(source, before);
  }
}
