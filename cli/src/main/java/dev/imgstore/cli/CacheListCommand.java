package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.store.Store;
import dev.imgstore.sync.cache.CacheEntry;
import dev.imgstore.sync.cache.CacheSettings;
import dev.imgstore.sync.cache.Listing;
import dev.imgstore.sync.cache.SharedCache;
import dev.imgstore.sync.cache.Trust;
import dev.imgstore.sync.client.Patience;
import dev.imgstore.sync.keys.PublicKey;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** What is in a shared cache. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = {
      "List the results in a shared cache: what each is, who signed it, and whether that key is",
      "trusted here."
    },
    footerHeading = "%nExample:%n",
    footer = "  imgstore cache list --from registry.example.org/team/cache")
final class CacheListCommand extends StoreCommand {
  private static final int AT_ONCE = 4;

  @Mixin CacheChoice choice = new CacheChoice();

  @Override
  boolean makesStore() {
    return true;
  }

  @Override
  ExitCode run(Store store) throws IOException {
    CachePlaces places = CachePlaces.read(root());
    String name = choice.name(places);
    Trust trust = places.trust();
    Listing listing;
    ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE);
    try (SharedCache cache =
        places.reading(
            name,
            store,
            Patience.usual(),
            new CacheSettings(
                trust,
                pool,
                root()::notice,
                CacheSettings.Progress.NONE,
                root().context().clock()))) {
      listing = cache.list();
    } finally {
      pool.shutdownNow();
    }
    print(json(name, listing, trust), text(name, listing, trust));
    return ExitCode.DONE;
  }

  /** What a key is called here; empty if it is not trusted. */
  private static String signer(Trust trust, PublicKey key) {
    return trust.keys().entrySet().stream()
        .filter(each -> each.getValue().equals(key))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse("");
  }

  private static ObjectNode json(String name, Listing listing, Trust trust) {
    ObjectNode json = object().put("cache", name);
    ArrayNode list = json.putArray("entries");
    for (CacheEntry each : listing.entries()) {
      put(each, list.addObject()).put("trustedAs", signer(trust, each.signer()));
    }
    ArrayNode refused = json.putArray("refused");
    listing.refused().forEach(refused::add);
    return json.put("others", listing.others())
        .put("packs", listing.packs())
        .put("bytes", listing.bytes());
  }

  /** An entry, for programs. */
  static ObjectNode put(CacheEntry each, ObjectNode json) {
    return json.put("key", each.key().toString())
        .put("kind", each.kind().word())
        .put("name", each.name())
        .put("origin", each.origin().word())
        .put("result", each.result().toString())
        .put("signer", each.signer().toString())
        .put("when", each.when().toString())
        .put("packs", each.packs())
        .put("bytes", each.bytes());
  }

  private static String text(String name, Listing listing, Trust trust) {
    if (listing.entries().isEmpty() && listing.refused().isEmpty()) {
      return "there is nothing in " + name + "\n";
    }
    Table table = new Table("KIND", "NAME", "HOW", "SIGNED BY", "WHEN", "KEY");
    for (CacheEntry each : listing.entries()) {
      String signer = signer(trust, each.signer());
      table.row(
          each.kind().word(),
          each.name(),
          each.origin().word(),
          signer.isEmpty() ? "nobody trusted here" : signer,
          each.when().toString(),
          each.key().digest().hex().substring(0, 12));
    }
    StringBuilder text = new StringBuilder(table.toString());
    listing.refused().forEach(each -> text.append("refused: ").append(each).append('\n'));
    return text.append(Counted.of(listing.entries().size(), "result", "results"))
        .append(" in ")
        .append(Counted.of(listing.packs(), "pack", "packs"))
        .append(" of ")
        .append(Table.bytes(listing.bytes()))
        .append('\n')
        .toString();
  }
}
