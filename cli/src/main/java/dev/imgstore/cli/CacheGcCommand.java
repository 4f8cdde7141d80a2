package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.store.Retention;
import dev.imgstore.store.Store;
import dev.imgstore.sync.cache.CacheCollection;
import dev.imgstore.sync.cache.CacheEntry;
import dev.imgstore.sync.cache.CacheSettings;
import dev.imgstore.sync.cache.Keep;
import dev.imgstore.sync.cache.SharedCache;
import dev.imgstore.sync.cache.Trust;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Clears up a shared cache. */
@Command(
    name = "gc",
    mixinStandardHelpOptions = true,
    description = {
      "Remove old results from a shared cache. Of each key, kind and name the newest N stay, and",
      "all that is younger than --keep-for; at least one of the rules must be given. The registry",
      "frees the bytes when it collects its own garbage."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  imgstore cache gc --keep 3 --dry-run",
      "  imgstore cache gc --keep-for 30d --from registry.example.org/team/cache"
    })
final class CacheGcCommand extends StoreCommand {
  private static final int AT_ONCE = 4;

  @Mixin CacheChoice choice = new CacheChoice();

  @Option(
      names = {"-n", "--dry-run"},
      description = "Say what would go; remove nothing.")
  boolean dryRun;

  @Option(
      names = "--keep",
      paramLabel = "N",
      defaultValue = "0",
      description = "Keep the newest N of each key, kind and name.")
  int keep;

  @Option(
      names = "--keep-for",
      paramLabel = "TIME",
      defaultValue = "",
      description = "Keep what is younger: 12h, 30d, 8w.")
  String keepFor;

  @Override
  boolean makesStore() {
    return true;
  }

  @Override
  ExitCode run(Store store) throws IOException {
    Keep rule = rule();
    CachePlaces places = CachePlaces.read(root());
    String name = choice.name(places);
    CacheCollection done;
    ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE);
    try (SharedCache cache =
        places.writing(
            name,
            store,
            new CacheSettings(
                Trust.nobody(),
                pool,
                root()::notice,
                CacheSettings.Progress.NONE,
                root().context().clock()))) {
      done = dryRun ? cache.planCollection(rule) : cache.collect(rule);
    } finally {
      pool.shutdownNow();
    }
    print(json(name, done), text(name, done));
    return ExitCode.DONE;
  }

  private Keep rule() throws CommandFailure {
    try {
      Optional<Duration> younger =
          keepFor.isEmpty() ? Optional.empty() : Optional.of(Retention.parse(keepFor));
      return new Keep(keep, younger);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, e.getMessage() + " (--keep N, --keep-for TIME)", e);
    }
  }

  private ObjectNode json(String name, CacheCollection done) {
    ObjectNode json = object().put("cache", name).put("dryRun", dryRun);
    ArrayNode removed = json.putArray("removed");
    for (CacheEntry each : done.removed()) {
      CacheListCommand.put(each, removed.addObject());
    }
    ArrayNode refused = json.putArray("refused");
    done.refused().forEach(refused::add);
    return json.put("kept", done.kept()).put("packs", done.packs()).put("bytes", done.bytes());
  }

  private String text(String name, CacheCollection done) {
    Table table = new Table("KIND", "NAME", "HOW", "WHEN", "KEY");
    for (CacheEntry each : done.removed()) {
      table.row(
          each.kind().word(),
          each.name(),
          each.origin().word(),
          each.when().toString(),
          each.key().digest().hex().substring(0, 12));
    }
    StringBuilder text = new StringBuilder(done.removed().isEmpty() ? "" : table.toString());
    done.refused().forEach(each -> text.append("no result: ").append(each).append('\n'));
    return text.append(dryRun ? "would remove " : "removed ")
        .append(Counted.of(done.removed().size(), "result", "results"))
        .append(" from ")
        .append(name)
        .append(", and with them ")
        .append(Counted.of(done.packs(), "pack", "packs"))
        .append(" of ")
        .append(Table.bytes(done.bytes()))
        .append("; ")
        .append(done.kept())
        .append(" stay\n")
        .toString();
  }
}
