package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.store.Reachable;
import dev.imgstore.store.Store;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Generations taken to another store. */
@Command(
    name = "copy",
    mixinStandardHelpOptions = true,
    description = {
      "Copy generations, with all they reach, to another store, which is made if there is none.",
      "Each becomes the next generation of the profile of its name there, and current.",
      "What is there already is not copied again, so an interrupted copy goes on where it was."
    },
    footerHeading = "%nExample:%n",
    footer = "  imgstore copy web web@41 --to /mnt/backup/imgstore")
final class CopyCommand extends ChangeCommand {
  @Parameters(arity = "1..*", paramLabel = "REF", description = "Which generations.")
  List<String> refs = new ArrayList<>();

  @Option(
      names = "--to",
      paramLabel = "STORE",
      required = true,
      description = "The directory of the other store.")
  String to;

  @Override
  ExitCode run(Store store) throws IOException {
    Path target = root().context().path(to);
    if (Files.exists(target) && Files.isSameFile(target, root().home())) {
      throw new CommandFailure(ExitCode.USAGE, "--to " + to + " is the store itself");
    }
    List<Ref> found = new ArrayList<>();
    for (String ref : refs) {
      Ref each = find(store, ref);
      if (!found.contains(each)) {
        Revoked.tell(this, store, each);
        found.add(each);
      }
    }
    found.sort(Comparator.comparing(Ref::profile).thenComparing(ref -> ref.generation().number()));
    try (DiskStore other = DiskStore.open(target, root()::notice);
        Transaction into = other.begin()) {
      long bytes = copy(store, found, into);
      return commit(found, other, bytes);
    }
  }

  private long copy(Store store, List<Ref> found, Transaction into) throws IOException {
    SortedSet<Digest> blobs = new TreeSet<>();
    List<String> missing = new ArrayList<>();
    Reachable reachable =
        new Reachable(store.blobs(), (blob, why) -> missing.add(why + ": " + blob));
    for (Ref each : found) {
      reachable.mark(each.profile(), each.generation());
    }
    if (!missing.isEmpty()) {
      throw new StoreException.Corrupt(
          "what is to be copied", Counted.some(missing) + " is missing; imgstore verify says more");
    }
    blobs.addAll(reachable.digests());
    int threads = Runtime.getRuntime().availableProcessors();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      long bytes = ((DiskStore) store).copy(blobs, into, pool, threads);
      into.flush();
      return bytes;
    } finally {
      pool.shutdownNow();
    }
  }

  private ExitCode commit(List<Ref> found, Store other, long bytes) throws IOException {
    ObjectNode json = object().put("to", to).put("bytes", bytes);
    ArrayNode list = json.putArray("generations");
    StringBuilder text = new StringBuilder();
    for (Ref each : found) {
      Generation from = each.generation();
      Profile there = other.profiles().open(each.profile()).orElse(Profile.empty(each.profile()));
      Optional<Generation> same =
          there.generations().stream()
              .filter(
                  made -> made.image().equals(from.image()) && made.record().equals(from.record()))
              .reduce((first, second) -> second);
      Generation made =
          same.isPresent()
              ? same.get()
              : other
                  .profiles()
                  .commit(
                      each.profile(),
                      there.current(),
                      from.image(),
                      from.record(),
                      because(message.isEmpty() ? "copied from " + each.name() : message));
      String name = each.profile() + "@" + made.number();
      list.addObject()
          .put("from", each.name())
          .put("to", name)
          .put("image", from.image().toString())
          .put("fresh", same.isEmpty());
      text.append(name).append(' ').append(from.image());
      text.append(same.isEmpty() ? "\n" : " (there already)\n");
    }
    print(json, text.toString());
    return ExitCode.DONE;
  }
}
