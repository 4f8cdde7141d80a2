package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.store.CheckReport.Finding;
import dev.imgstore.store.Journal;
import dev.imgstore.store.Store;
import dev.imgstore.sync.keys.PublicKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** Holds the journal of a store against its hashes, and against checkpoints. */
final class JournalVerify {
  private final Imgstore root;
  private final Map<String, String> trusted = new HashMap<>();
  private final List<Journal.Witness> witnesses = new ArrayList<>();
  private final List<Finding> findings = new ArrayList<>();
  private final List<String> others = new ArrayList<>();

  /** Trusts these keys; without any, those of the store and of the settings. */
  JournalVerify(Imgstore root, List<String> trust) throws IOException {
    this.root = root;
    SortedMap<String, PublicKey> own = new KeyFiles(root.home()).publicKeys();
    SortedMap<String, String> set = SettingsFiles.read(root).trustedKeys();
    if (trust.isEmpty()) {
      own.forEach((name, key) -> trusted.put(key.toString(), name));
      set.forEach((name, key) -> trusted.put(key, name));
    }
    for (String each : trust) {
      PublicKey named = own.get(each);
      if (set.containsKey(each)) {
        trusted.put(set.get(each), each);
      } else if (named != null) {
        trusted.put(named.toString(), each);
      } else {
        trusted.put(typed(each), each);
      }
    }
  }

  private static String typed(String key) throws CommandFailure {
    try {
      return PublicKey.parse(key).toString();
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--trust "
              + key
              + " is neither a key of this store or the settings, nor a public key: "
              + e.getMessage(),
          e);
    }
  }

  /** Takes the checkpoints of a file; a line that is none, or is not signed, is a finding. */
  private int read(Path file) throws IOException {
    int number = 0;
    int heard = 0;
    for (String line : CheckpointFiles.lines(file)) {
      number++;
      try {
        Checkpoint read = Checkpoint.parse(line);
        String name = trusted.get(read.signer().toString());
        if (name == null) {
          others.add(read.signer().toString());
        } else {
          heard++;
          witnesses.add(
              new Journal.Witness(
                  read.point(),
                  "the checkpoint that " + name + " signed at " + read.when(),
                  read.first()));
        }
      } catch (IllegalArgumentException e) {
        findings.add(
            new Finding(file.toString(), "line " + number, String.valueOf(e.getMessage())));
      }
    }
    return heard;
  }

  /**
   * Verifies, with the checkpoints of the store and of these files.
   *
   * @param mustHear whether it is a finding if nobody who is trusted says anything
   */
  ExitCode run(Store store, List<Path> against, boolean mustHear) throws IOException {
    for (Path each : new CheckpointFiles(root.home()).files()) {
      read(each);
    }
    for (Path each : against) {
      if (read(each) == 0) {
        findings.add(
            new Finding(each.toString(), "file", "it has no checkpoint that a trusted key signed"));
      }
    }
    if (mustHear && witnesses.isEmpty()) {
      findings.add(new Finding("checkpoints", "keys", "none of the trusted keys signed any"));
    }
    others.stream()
        .distinct()
        .forEach(
            key ->
                root.notice(
                    "checkpoints of "
                        + key
                        + " do not count: it is not trusted; --trust, or trust: keys: in settings"));
    Journal.Verified verified = store.journal().verify(witnesses);
    List<Finding> all = new ArrayList<>(verified.findings());
    all.addAll(findings);
    print(verified.head(), all);
    return all.isEmpty() ? ExitCode.DONE : ExitCode.FOUND;
  }

  private void print(Journal.Point head, List<Finding> all) {
    ObjectNode json = StoreCommand.object().put("entries", head.sequence());
    json.putObject("head").put("sequence", head.sequence()).put("hash", head.hash());
    ArrayNode signed = json.putArray("checkpoints");
    witnesses.forEach(
        each ->
            signed
                .addObject()
                .put("sequence", each.point().sequence())
                .put("hash", each.point().hash())
                .put("by", each.by()));
    PlanFile.findings(json, all);
    StringBuilder text = new StringBuilder();
    all.forEach(
        each ->
            text.append(each.file())
                .append(": ")
                .append(each.what())
                .append(": ")
                .append(each.fault())
                .append('\n'));
    if (all.isEmpty()) {
      text.append(Counted.of(head.sequence(), "entry", "entries"))
          .append(", each follows the one before; ")
          .append(witness())
          .append('\n');
    }
    root.context().out().print(root.json ? json + "\n" : Imgstore.plain(text.toString()));
  }

  private String witness() {
    return witnesses.stream()
        .max((one, other) -> Long.compare(one.point().sequence(), other.point().sequence()))
        .map(
            last ->
                Counted.of(witnesses.size(), "checkpoint agrees", "checkpoints agree")
                    + ", the last of entry "
                    + last.point().sequence())
        .orElse("there is no checkpoint, so nobody would know if its end had been cut off");
  }
}
