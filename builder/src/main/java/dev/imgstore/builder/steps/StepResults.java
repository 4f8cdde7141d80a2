package dev.imgstore.builder.steps;

import dev.imgstore.builder.results.Results;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.store.Actions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What is to be recorded of steps once it is durable (law 2). Safe for many threads. */
final class StepResults {
  private record Entry(ActionKey key, Digest value, boolean result) {}

  private List<Entry> entries = new ArrayList<>();

  synchronized void result(ActionKey key, Digest record) {
    entries.add(new Entry(key, record, true));
  }

  synchronized void remember(ActionKey key, Digest value) {
    entries.add(new Entry(key, value, false));
  }

  private synchronized List<Entry> take() {
    List<Entry> taken = entries;
    entries = new ArrayList<>();
    return taken;
  }

  /** Records all; it is durable. */
  void keep(Actions actions) throws IOException {
    for (Entry each : take()) {
      if (each.result()) {
        Results.record(actions, each.key(), each.value());
      } else {
        actions.remember(each.key(), each.value());
      }
    }
  }
}
