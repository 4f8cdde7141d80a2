package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.store.Profiles.Because;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;

/** Commits to one profile until it is killed, and prints each generation it was promised. */
final class CommittingProcess {
  private CommittingProcess() {}

  /** Store and a name of its own. */
  public static void main(String[] args) throws IOException {
    DiskFilesystem files = new DiskFilesystem(Path.of(args[0]));
    DiskProfiles profiles =
        new DiskProfiles(files, new DiskJournal(files, notice -> {}), notice -> {});
    for (int i = 0; ; i++) {
      String why = args[1] + "-" + i;
      Digest image = Digest.of(why.getBytes(StandardCharsets.UTF_8));
      try {
        int current = profiles.open("web").map(Profile::current).orElse(0);
        Generation made =
            profiles.commit("web", current, image, image, new Because(Instant.EPOCH, args[1], why));
        System.out.println(made.number() + " " + made.image().hex());
        System.out.flush();
      } catch (StoreException.Locked e) {
        // another process was faster
      }
    }
  }
}
