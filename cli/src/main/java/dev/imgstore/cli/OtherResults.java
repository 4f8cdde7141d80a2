package dev.imgstore.cli;

import dev.imgstore.builder.check.Finding;
import dev.imgstore.builder.realise.EarlierResults;
import dev.imgstore.builder.realise.ImageBuilder;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.Store;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Tells of what ran again in a build and gave another result than for the generations before. */
record OtherResults(Store store, Imgstore root) {
  private static final int GENERATIONS = 20;
  private static final int MAX_RECORD = 64 << 20;

  /**
   * Looks only if something ran.
   *
   * @param from seconds since 1970 at which the build began, as programs saw it
   */
  List<Finding> differing(String profile, ImageBuilder.Result built, long from) throws IOException {
    if (built.ran().values().stream().allMatch(actions -> actions.isEmpty())) {
      return List.of();
    }
    long to = Clock.systemUTC().instant().getEpochSecond();
    List<Finding> differs = new EarlierResults(store, from, to).differing(built, records(profile));
    for (Finding each : differs) {
      root.notice("not the same as before, when it had to run again: " + each.line());
    }
    return differs;
  }

  /** Of the newest generations, the newest first. */
  private List<BuildRecord> records(String profile) throws IOException {
    Optional<Profile> known = store.profiles().open(profile);
    List<BuildRecord> records = new ArrayList<>();
    List<Generation> all = known.map(Profile::generations).orElse(List.of());
    for (int i = all.size() - 1; i >= 0 && records.size() < GENERATIONS; i--) {
      try {
        records.add(
            BuildRecord.decode(
                all.get(i).record(), store.blobs().read(all.get(i).record(), MAX_RECORD)));
      } catch (StoreException e) {
        root.notice("what " + profile + " was made of cannot be read: " + e.getMessage());
      }
    }
    return records;
  }
}
