package dev.imgstore.cli;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.realise.InputFetcher;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.recipe.RecipeReader;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.Mender;
import dev.imgstore.store.Transaction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;

/**
 * Fetches locked inputs again: their locks know them by hash, path and size.
 *
 * @param universes of {@code mirrors}; hears of each lock
 */
record MirrorMender(Universes universes, InputFetcher mirrors) implements Mender {
  private static final int MAX_RECIPE = 1 << 20;

  @Override
  public String name() {
    return "fetched again";
  }

  @Override
  public void mend(Losses losses, Transaction into) throws IOException {
    List<String> failures = new ArrayList<>();
    for (Records.Of each : Records.read(losses, into, failures)) {
      if (Records.isImported(each.record())) {
        continue;
      }
      if (!into.has(each.record().lock())) {
        failures.add("the lock of " + each.label() + " is lost");
        continue;
      }
      SortedMap<String, InputSource> sources = sources(each, into);
      Lock lock = Records.lock(each, into);
      universes.remember(lock);
      for (Lock.Pinned pinned : lock.pinned()) {
        if (losses.blobs().contains(pinned.sha256()) && !into.has(pinned.sha256())) {
          try {
            fetch(pinned, sources, into);
          } catch (IOException e) {
            failures.add(String.valueOf(e.getMessage()));
          }
        }
      }
    }
    if (!failures.isEmpty()) {
      throw new IOException(String.join("; ", failures));
    }
  }

  private void fetch(Lock.Pinned pinned, SortedMap<String, InputSource> sources, Transaction into)
      throws IOException {
    if (pinned instanceof Lock.Input input) {
      mirrors.fetch(input, into);
    } else if (pinned instanceof Lock.Fetched file) {
      InputSource source = sources.get(file.input());
      if (source == null) {
        throw new IOException(
            "nothing says where the input " + file.input() + " comes from: its recipe is lost");
      }
      mirrors.fetch(file, source, into);
    } else {
      throw new AssertionError(pinned);
    }
  }

  /** Where the inputs of a generation come from; none if its recipe cannot be read any more. */
  private static SortedMap<String, InputSource> sources(Records.Of of, Transaction into)
      throws IOException {
    BuildRecord record = of.record();
    if (!into.has(record.recipe())) {
      return Collections.emptySortedMap();
    }
    byte[] text = into.read(record.recipe(), MAX_RECIPE);
    return RecipeReader.kept(of.profile(), text, record.settings())
        .match(read -> read.recipe().inputs(), mistakes -> Collections.emptySortedMap());
  }
}
