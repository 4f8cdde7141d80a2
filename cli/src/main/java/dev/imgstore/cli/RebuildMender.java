package dev.imgstore.cli;

import dev.imgstore.builder.realise.ImageBuilder;
import dev.imgstore.builder.realise.Progress;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.Mender;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Builds generations again from the recipe, lock, inputs and local files that they keep, without
 * the network. What comes out is stored by its hash, so it heals what it equals, and only that.
 */
final class RebuildMender implements Mender {
  private final Store store;
  private final Machine machine;

  RebuildMender(Store store, Machine machine) {
    this.store = store;
    this.machine = machine;
  }

  @Override
  public String name() {
    return "built again";
  }

  @Override
  public void mend(Losses losses, Transaction into) throws IOException {
    List<String> failures = new ArrayList<>();
    ExecutorService pool = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      for (Records.Of each : Records.read(losses, into, failures)) {
        try {
          build(each, into, pool);
        } catch (IOException e) {
          failures.add(each.label() + " cannot be built again: " + e.getMessage());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while building again");
    } finally {
      pool.shutdownNow();
    }
    if (!failures.isEmpty()) {
      throw new IOException(String.join("; ", failures));
    }
  }

  private void build(Records.Of of, Transaction into, ExecutorService pool)
      throws IOException, InterruptedException {
    BuildRecord record = of.record();
    if (Records.isImported(of.record())) {
      throw new IOException(
          "it was imported or pulled: only a copy of the store, or of its registry, has what is lost");
    }
    ImageBuilder.Ports ports =
        new ImageBuilder.Ports(
            Fetching.offline(), machine::ids, pool, pool, Progress.NONE, StepWiring.again(record));
    new ImageBuilder(store, ports).again(KeptRequest.of(of, into), into);
  }
}
