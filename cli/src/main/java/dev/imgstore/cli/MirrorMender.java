package dev.imgstore.cli;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.realise.InputFetcher;
import dev.imgstore.store.Mender;
import dev.imgstore.store.Transaction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Fetches locked inputs again: their locks know them by hash, path and size. */
record MirrorMender(InputFetcher mirrors) implements Mender {
  @Override
  public String name() {
    return "fetched again";
  }

  @Override
  public void mend(Losses losses, Transaction into) throws IOException {
    List<String> failures = new ArrayList<>();
    for (Records.Of each : Records.read(losses, into, failures)) {
      if (!into.has(each.record().lock())) {
        failures.add("the lock of " + each.label() + " is lost");
        continue;
      }
      for (Lock.Input input : Records.lock(each, into).inputs()) {
        if (losses.blobs().contains(input.sha256()) && !into.has(input.sha256())) {
          try {
            mirrors.fetch(input, into);
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
}
