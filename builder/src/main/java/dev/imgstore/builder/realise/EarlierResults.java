package dev.imgstore.builder.realise;

import dev.imgstore.builder.check.Finding;
import dev.imgstore.builder.check.Grade;
import dev.imgstore.builder.check.Kind;
import dev.imgstore.builder.check.TreeFindings;
import dev.imgstore.builder.steps.StepRecord;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.Store;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Whether what had to run again in a build, since its result was collected or lost, gave what it
 * gave before. That it did not is no failure: what it gives now is as good. One thread calls.
 */
public final class EarlierResults {
  private final Store store;
  private final long from;
  private final long to;

  /**
   * In a store.
   *
   * @param from seconds since 1970 at which the build began
   * @param to at which it had ended
   */
  public EarlierResults(Store store, long from, long to) {
    this.store = store;
    this.from = from;
    this.to = to;
  }

  /**
   * All that differs: from the first recorded result, or else from what a generation was made of.
   *
   * @param earlier of generations, the newest first
   */
  public List<Finding> differing(ImageBuilder.Result built, List<BuildRecord> earlier)
      throws IOException {
    List<Finding> findings = new ArrayList<>();
    for (BuildRecord.Part part : built.record().parts()) {
      for (String action : built.ran().getOrDefault(part.platform(), new java.util.TreeSet<>())) {
        BuildRecord.Made made = part.made().get(action);
        if (made != null) {
          Optional<SortedMap<String, TreeId>> before = before(made, action, part, earlier);
          if (before.isPresent()) {
            findings.addAll(between(part.platform(), action, before.get(), made.outputs()));
          }
        }
      }
    }
    return findings;
  }

  private Optional<SortedMap<String, TreeId>> before(
      BuildRecord.Made made, String action, BuildRecord.Part part, List<BuildRecord> earlier)
      throws IOException {
    List<Digest> recorded = store.actions().results(made.key());
    if (!recorded.isEmpty()) { // the first: the last is the one of now
      Optional<StepRecord> first = recorded(recorded.get(0));
      if (first.isPresent() && !first.get().outputs().equals(made.outputs())) {
        return Optional.of(first.get().outputs());
      }
    }
    return earlier.stream()
        .flatMap(record -> record.parts().stream())
        .filter(other -> other.platform().equals(part.platform()))
        .flatMap(other -> Optional.ofNullable(other.made().get(action)).stream())
        .filter(other -> other.key().equals(made.key()))
        .map(BuildRecord.Made::outputs)
        .findFirst();
  }

  private Optional<StepRecord> recorded(Digest result) throws IOException {
    try {
      return StepRecord.read(store.blobs(), result);
    } catch (StoreException e) {
      return Optional.empty(); // damaged: what is built now is not the worse for it
    }
  }

  private List<Finding> between(
      Platform platform, String action, SortedMap<String, TreeId> was, SortedMap<String, TreeId> is)
      throws IOException {
    List<Finding> findings = new ArrayList<>();
    for (Map.Entry<String, TreeId> each : was.entrySet()) {
      String output = each.getKey();
      TreeId now = is.get(output);
      if (now != null && !now.equals(each.getValue())) {
        findings.addAll(between(platform, action, output, each.getValue(), now));
      }
    }
    return findings;
  }

  private List<Finding> between(
      Platform platform, String action, String output, TreeId was, TreeId is) throws IOException {
    BlobReader blobs = store.blobs();
    try {
      if (Trees.isComplete(blobs, was)) {
        return new TreeFindings(blobs, platform, from, to)
            .between(was, is, path -> new TreeFindings.Origin(action, "", output + path));
      }
    } catch (StoreException e) {
      // collected at this moment, or damaged
    }
    String what =
        "it is " + is + " now and was " + was + ", of which files cannot be read any more";
    return List.of(
        new Finding(Grade.VARIES, platform, action, "", output, Kind.UNKNOWN, what, -1, "", ""));
  }
}
