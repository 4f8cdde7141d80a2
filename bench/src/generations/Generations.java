package generations;

import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Store;
import dev.imgstore.store.disk.DiskStore;
import java.nio.file.Path;
import java.time.Instant;

/** Adds generations of the image that a profile has, which is quicker than building as many. */
public final class Generations {
  private Generations() {}

  /** STORE PROFILE NUMBER: until there are so many. */
  public static void main(String[] args) throws Exception {
    try (Store store = DiskStore.open(Path.of(args[0]), System.err::println)) {
      Profile profile = store.profiles().open(args[1]).orElseThrow();
      Generation now = profile.currentGeneration().orElseThrow();
      int current = now.number();
      for (int i = profile.generations().size(); i < Integer.parseInt(args[2]); i++) {
        Profiles.Because because =
            new Profiles.Because(Instant.EPOCH.plusSeconds(i), "bench@example", "number " + i);
        current =
            store
                .profiles()
                .commit(args[1], current, now.image(), now.record(), because)
                .number();
      }
    }
  }
}
