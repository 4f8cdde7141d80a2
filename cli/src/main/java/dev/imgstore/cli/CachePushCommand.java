package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.builder.realise.Shareable;
import dev.imgstore.store.Store;
import dev.imgstore.store.StoreException;
import dev.imgstore.sync.cache.CacheSettings;
import dev.imgstore.sync.cache.Kind;
import dev.imgstore.sync.cache.Origin;
import dev.imgstore.sync.cache.PushReport;
import dev.imgstore.sync.cache.Share;
import dev.imgstore.sync.cache.SharedCache;
import dev.imgstore.sync.cache.Trust;
import dev.imgstore.sync.keys.SigningKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What was built here, for others. */
@Command(
    name = "push",
    mixinStandardHelpOptions = true,
    description = {
      "Send what a build gave to a shared cache, signed: the whole build, and its packages, inputs",
      "and steps, as far as the store still has them. Only what is missing there travels. Each",
      "result says whether it was built here or copied."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  imgstore cache push web",
      "  imgstore cache push web java --to registry.example.org/team/cache --key ci"
    })
final class CachePushCommand extends StoreCommand {
  private static final int AT_ONCE = 4;

  @Parameters(paramLabel = "REF", arity = "1..*", description = "Which generations.")
  List<String> refs = new ArrayList<>();

  @Option(
      names = "--to",
      paramLabel = "HOST/REPOSITORY",
      defaultValue = "",
      description = "Where to (default: the cache of the settings).")
  String to;

  @Option(
      names = "--key",
      paramLabel = "NAME",
      defaultValue = "",
      description = "The key that signs (default: the only one of this store).")
  String key;

  @Override
  ExitCode run(Store store) throws IOException {
    CachePlaces places = CachePlaces.read(root());
    String name = places.one("--to", to);
    String signer = signer();
    SigningKey signing = new KeyFiles(root().home()).open(signer);
    List<String> labels = new ArrayList<>();
    SortedMap<dev.imgstore.model.ActionKey, Share> shares = new TreeMap<>();
    for (String typed : refs) {
      Ref ref = find(store, typed);
      store.roots().requireUsable(ref.generation().image());
      labels.add(ref.name());
      for (Share each : shares(store, ref)) {
        shares.putIfAbsent(each.key(), each);
      }
    }
    String what = "results for " + name;
    store.keyUsed(signer, Checkpoints.facts("sign", signing.shown().toString(), what), because(""));
    PushReport report = push(store, places, name, List.copyOf(shares.values()), signing);
    print(
        json(labels, name, signer, shares.values(), report),
        text(labels, name, signer, shares.size(), report));
    return ExitCode.DONE;
  }

  private String signer() throws IOException {
    if (!key.isEmpty()) {
      return key;
    }
    List<String> names = new KeyFiles(root().home()).names();
    if (names.size() == 1) {
      return names.get(0);
    }
    throw new CommandFailure(
        ExitCode.USAGE,
        names.isEmpty()
            ? "this store has no key to sign with; imgstore key create NAME makes one"
            : "there are several keys; choose one of " + String.join(", ", names) + " with --key");
  }

  private static List<Share> shares(Store store, Ref ref) throws IOException {
    Held held = Held.read(store.blobs(), ref);
    Records.Of of = new Records.Of(ref.name(), ref.profile(), held.record());
    if (Records.isImported(of.record())) {
      throw new CommandFailure(
          ExitCode.USAGE,
          ref.name()
              + " was imported or pulled: no action made it, so there is no result to share;"
              + " imgstore push sends it as an image");
    }
    List<Share> shares = new ArrayList<>();
    try {
      for (Shareable.Result each :
          Shareable.of(
              store, KeptRequest.of(of, store.blobs()), held.record(), ref.generation().record())) {
        shares.add(
            new Share(
                each.key(),
                Kind.valueOf(each.kind().name()),
                each.name(),
                each.ofHere() ? Origin.BUILT : Origin.COPIED,
                each.result(),
                each.roots()));
      }
    } catch (StoreException.MissingBlob e) {
      throw new CommandFailure(
          ExitCode.FAILED,
          ref.name() + " has lost some of its bytes; imgstore verify --repair may find them again",
          e);
    }
    return shares;
  }

  private PushReport push(
      Store store, CachePlaces places, String name, List<Share> shares, SigningKey signing)
      throws IOException {
    Context context = root().context();
    boolean shown = context.terminal() && !root().quiet;
    ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE);
    try (TransferLine line = new TransferLine("sent", context.err(), System::nanoTime);
        SharedCache cache =
            places.writing(
                name,
                store,
                new CacheSettings(
                    Trust.nobody(),
                    pool,
                    root()::notice,
                    shown ? line::at : CacheSettings.Progress.NONE,
                    context.clock()))) {
      return cache.push(shares, signing);
    } finally {
      pool.shutdownNow();
    }
  }

  private static ObjectNode json(
      List<String> labels, String name, String signer, Iterable<Share> shares, PushReport report) {
    ObjectNode json = object().put("cache", name).put("key", signer);
    ArrayNode of = json.putArray("refs");
    labels.forEach(of::add);
    ArrayNode list = json.putArray("shared");
    for (Share each : shares) {
      list.addObject()
          .put("key", each.key().toString())
          .put("kind", each.kind().word())
          .put("name", each.name())
          .put("origin", each.origin().word())
          .put("result", each.result().toString());
    }
    return json.put("results", report.results())
        .put("known", report.known())
        .put("packs", report.packs())
        .put("reusedPacks", report.reused())
        .put("bytes", report.bytes());
  }

  private static String text(
      List<String> labels, String name, String signer, int all, PushReport report) {
    String what =
        name
            + " has "
            + Counted.of(all, "result", "results")
            + " of "
            + String.join(", ", labels)
            + ", signed by "
            + signer;
    return report.results() == 0
        ? what + "; all were there\n"
        : what
            + ": "
            + report.results()
            + " sent, "
            + report.known()
            + " known, "
            + Counted.of(report.packs(), "pack", "packs")
            + ", "
            + Table.bytes(report.bytes())
            + "\n";
  }
}
