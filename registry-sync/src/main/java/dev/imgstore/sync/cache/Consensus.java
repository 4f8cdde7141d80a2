package dev.imgstore.sync.cache;

import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.sync.Manifest;
import dev.imgstore.sync.keys.PublicKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** What trusted keys state on one action, and whether that is enough. For one thread. */
final class Consensus {
  private final Source source;
  private final Trust trust;
  private final ActionKey key;
  private final Kind kind;
  private final Consumer<String> refusals;
  private final Map<Digest, List<Word>> words = new LinkedHashMap<>();
  private boolean missed;

  /** What one key states, by its name for people. */
  record Word(String by, CacheManifest manifest) {}

  /**
   * On an action.
   *
   * @param refusals told whose word was not taken, and why
   */
  Consensus(Source source, Trust trust, ActionKey key, Kind kind, Consumer<String> refusals) {
    this.source = source;
    this.trust = trust;
    this.key = key;
    this.kind = kind;
    this.refusals = refusals;
  }

  /**
   * Asks one key after the other until enough agree.
   *
   * @param isWorthAsking for a tag
   * @return those that agree; empty if there are too few
   */
  List<Word> ask(Predicate<String> isWorthAsking) throws IOException {
    for (Map.Entry<String, PublicKey> each : trust.keys().entrySet()) {
      String tag = CacheManifest.tag(key, each.getValue());
      Optional<Manifest> found = isWorthAsking.test(tag) ? source.manifest(tag) : Optional.empty();
      if (found.isEmpty()) {
        missed = true;
        continue;
      }
      Optional<Word> word = word(each.getKey(), each.getValue(), found.get());
      if (word.isPresent()) {
        Digest result = word.get().manifest().statement().result();
        List<Word> agreed = words.computeIfAbsent(result, digest -> new ArrayList<>());
        agreed.add(word.get());
        if (agreed.size() >= trust.need()) {
          return agreed;
        }
      }
    }
    tellOfTooFew();
    return List.of();
  }

  /** True if a key had nothing to say. */
  boolean hasMissed() {
    return missed;
  }

  private Optional<Word> word(String name, PublicKey signer, Manifest manifest) {
    try {
      CacheManifest read = CacheManifest.read(manifest, List.of(signer));
      Statement statement = read.statement();
      if (!statement.key().equals(key) || statement.kind() != kind) {
        throw new Refused(
            "it is a result of another action, "
                + statement.kind().word()
                + " "
                + statement.key()
                + ", put in its place");
      }
      if (trust.need() > 1 && statement.origin() == Origin.COPIED) {
        throw new Refused("it was copied, and only what a key's owner built counts here");
      }
      return Optional.of(new Word(name, read));
    } catch (Refused e) {
      refusals.accept("by " + name + " was refused: " + e.why());
      return Optional.empty();
    }
  }

  private void tellOfTooFew() {
    if (words.isEmpty() || trust.need() == 1) {
      return;
    }
    List<String> said = new ArrayList<>();
    words.forEach((result, by) -> said.add(result + " by " + String.join(", ", names(by))));
    refusals.accept(
        "was refused: "
            + trust.need()
            + " trusted keys must agree, and what they state is "
            + String.join("; ", said));
  }

  static List<String> names(List<Word> words) {
    return words.stream().map(Word::by).toList();
  }
}
