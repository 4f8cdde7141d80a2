package dev.imgstore.cli;

import dev.imgstore.builder.recipe.Settings;
import dev.imgstore.store.Journal;
import dev.imgstore.store.Profiles.Because;
import dev.imgstore.store.Store;
import dev.imgstore.sync.keys.SigningKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Makes checkpoints of the journal, by hand and by themselves. */
final class Checkpoints {
  /** What is {@code of} in the entry of a key that signs one. */
  private static final String OF = "checkpoint";

  private static final Map<String, Set<String>> KINDS =
      Map.of(
          "collection", Set.of("collection"),
          "push", Set.of("push"),
          "pin", Set.of("pin", "unpin", "pins"),
          "build", Set.of("generation"));

  private Checkpoints() {}

  /** A checkpoint, and the line that others keep. */
  record Made(Checkpoint checkpoint, String line) {}

  /**
   * Records that a key signs, and signs that entry; the line is in the store, durably, on return.
   *
   * @param name of the key
   */
  static Made make(Path home, Store store, String name, Because because) throws IOException {
    SigningKey key = new KeyFiles(home).open(name);
    store.keyUsed(name, facts("sign", key.shown().toString(), OF), because);
    List<Journal.Entry> entries = store.journal().list();
    Journal.Entry last = entries.get(entries.size() - 1);
    Checkpoint checkpoint =
        new Checkpoint(
            new Journal.Point(last.sequence(), last.hash()),
            entries.get(0).hash(),
            because.when(),
            key.shown());
    String line = checkpoint.line(key);
    new CheckpointFiles(home).add(key.shown(), line);
    return new Made(checkpoint, line);
  }

  /** What the journal says of the use of a key. */
  static SortedMap<String, String> facts(String use, String shown, String of) {
    SortedMap<String, String> facts = new TreeMap<>();
    facts.put("use", use);
    facts.put("public", shown);
    if (!of.isEmpty()) {
      facts.put("of", of);
    }
    return facts;
  }

  /**
   * Makes one if settings ask for that after what was recorded since the last. Whoever cannot sign
   * has done what he did all the same, and is told.
   */
  static void follow(Imgstore root, Store store, Because because) {
    try {
      Settings settings = SettingsFiles.read(root);
      String key = settings.checkpointKey();
      if (!key.isEmpty() && isDue(store.journal().list(), settings.checkpointAfter())) {
        make(root.home(), store, key, because);
      }
    } catch (IOException e) {
      root.notice("no checkpoint of the journal was made: " + e.getMessage());
    }
  }

  private static boolean isDue(List<Journal.Entry> entries, List<String> after) {
    for (int i = entries.size() - 1; i >= 0; i--) {
      Journal.Entry entry = entries.get(i);
      if (isCheckpoint(entry)) {
        return false;
      }
      if (after.contains("every")
          || after.stream()
              .anyMatch(word -> KINDS.getOrDefault(word, Set.of()).contains(entry.kind()))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isCheckpoint(Journal.Entry entry) {
    return entry.kind().equals("key") && entry.body().contains("\"of\":\"" + OF + "\"");
  }

  /** The key to sign with: the one named, that of the settings, or the only one of the store. */
  static String key(Imgstore root, String named) throws IOException {
    String set = named.isEmpty() ? SettingsFiles.read(root).checkpointKey() : named;
    if (!set.isEmpty()) {
      return set;
    }
    List<String> names = new KeyFiles(root.home()).names();
    return Optional.of(names)
        .filter(all -> all.size() == 1)
        .map(all -> all.get(0))
        .orElseThrow(
            () ->
                new CommandFailure(
                    ExitCode.USAGE,
                    names.isEmpty()
                        ? "this store has no key to sign with; imgstore key create NAME makes one"
                        : "there are several keys; choose one of "
                            + String.join(", ", names)
                            + " with --key"));
  }
}
