package dev.imgstore.store.disk;

import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.model.RelPath;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Making a generation work on this machine: one at a time for each profile, and the directories
 * that other programs read. What is current is changed by {@link DiskProfiles} alone, which also
 * moves the link; a directory prepared here before is what it then leads to. Safe for many threads
 * and processes.
 */
public final class Activations {
  private static final Duration A_LOOK = Duration.ofMillis(10);
  private static final int LOOKS = 20;

  private final Filesystem files;
  private final DiskJournal journal;
  private final DiskProfiles profiles;

  Activations(Filesystem files, DiskJournal journal, DiskProfiles profiles) {
    this.files = files;
    this.journal = journal;
    this.profiles = profiles;
  }

  /** Writes the files of an image into a directory, and makes them durable. */
  @FunctionalInterface
  public interface Filler {
    /**
     * Writes them.
     *
     * @param directory of the store, empty but for the small files
     */
    void fill(RelPath directory) throws IOException;
  }

  /**
   * The right to activate generations of a profile, until it is closed; empty if another has it,
   * and not only for the moment in which it looks whether anybody has.
   */
  public Optional<Closeable> tryBegin(String profile) throws IOException {
    makeDirectory(profile);
    Optional<Filesystem.Lock> lock = files.tryLock(Currents.lock(profile));
    for (int turn = 0; turn < LOOKS && lock.isEmpty(); turn++) {
      LockSupport.parkNanos(A_LOOK.toNanos());
      lock = files.tryLock(Currents.lock(profile));
    }
    return lock.map(held -> held);
  }

  /** The same, waiting for whoever has it. */
  public Closeable begin(String profile) throws IOException {
    makeDirectory(profile);
    return files.lock(Currents.lock(profile));
  }

  /** Whether somebody activates a generation of a profile now, as far as can be seen from here. */
  public boolean isBusy(String profile) {
    try {
      if (files.stat(Currents.lock(profile)).isEmpty()) {
        return false;
      }
      Optional<Filesystem.Lock> free = files.tryLock(Currents.lock(profile));
      if (free.isPresent()) {
        free.get().close();
      }
      return free.isEmpty();
    } catch (IOException e) {
      return false; // who may not write here may not activate either
    }
  }

  /**
   * Whether the link of a profile does not lead to what is current, and nobody is about to move it,
   * as far as can be seen from here: it is only told, and stops nobody.
   */
  public boolean isBehind(Profile profile) {
    try {
      if (!profiles.currents().isBehind(profile) || isBusy(profile.name())) {
        return false;
      }
      Optional<Profile> now = profiles.open(profile.name()); // a push may have moved it by now
      return now.isPresent() && profiles.currents().isBehind(now.get());
    } catch (IOException e) {
      return false; // what is wrong is said by the command that needs what cannot be read
    }
  }

  private void makeDirectory(String profile) throws IOException {
    try (DiskJournal.Writer writer = journal.write()) { // brings the layout forward first
      writer.head();
    }
    RelPath directory = Currents.directory(profile);
    try {
      files.makeDirectories(directory);
    } catch (FileAlreadyExistsException e) {
      throw new IOException(
          directory + " is in the way, and no directory; move it away, and run this again", e);
    }
  }

  /** The directory about a generation, if there is one: what the link leads to, if it is that. */
  public Optional<RelPath> find(String profile, Generation generation) throws IOException {
    return profiles.currents().find(profile, generation);
  }

  /**
   * Makes a directory about a generation with the files of its image, to which the link leads once
   * it is current. The caller has the right to activate.
   *
   * @param form {@code tree} or {@code layout}; empty for none, and then nothing is made yet
   * @param home the store, as a path
   */
  public void prepare(Path home, String profile, Generation generation, String form, Filler filler)
      throws IOException {
    if (!form.isEmpty()) {
      fill(home, profile, generation, form, filler);
    }
    Currents currents = profiles.currents();
    String name = Currents.name(generation.number(), form);
    if (!currents.others(profile, generation.number(), name).isEmpty()) {
      try (DiskJournal.Writer writer = journal.write()) {
        writer.head();
        currents.disownOthers(profile, generation.number(), name);
      }
    }
    currents.prefer(profile, name);
  }

  private void fill(Path home, String profile, Generation generation, String form, Filler filler)
      throws IOException {
    Currents currents = profiles.currents();
    RelPath whole = Currents.directory(profile).child(Currents.name(generation.number(), form));
    if (files.stat(whole).isPresent()) {
      if (currents.isOf(whole, generation)) {
        return;
      }
      HostWriter.removeAll(home.resolve(whole.value()));
    }
    Path left = home.resolve(whole.value() + "+new");
    if (java.nio.file.Files.exists(left)) {
      HostWriter.removeAll(left);
    }
    RelPath half = currents.half(profile, generation, form);
    currents.fill(half, profile, generation);
    filler.fill(half);
    files.sync(half);
    currents.publish(half);
  }

  /** Moves the link of a profile, if a crash left it behind the journal. */
  public void point(String profile) throws IOException {
    profiles.point(profile);
  }

  /**
   * Removes directories that nothing leads to any more, but for those of what was current just
   * before; passes over a profile that somebody activates.
   *
   * @param home the store, as a path
   */
  public void tidy(Path home, String profile) throws IOException {
    if (!profiles.currents().hasDirectory(profile)) {
      return;
    }
    Optional<Closeable> alone = tryBegin(profile);
    if (alone.isEmpty()) {
      return;
    }
    try (Closeable held = alone.get()) {
      profiles.point(profile);
      for (RelPath each : profiles.disown(profile)) {
        HostWriter.removeAll(home.resolve(each.value()));
      }
    }
  }
}
