package dev.imgstore.store.disk;

import dev.imgstore.model.RelPath;
import dev.imgstore.store.CheckReport.Finding;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The file {@code removal}: segments that go together or not at all, because what is in one names
 * what is in another. It has its name, durably, before the first is moved, and loses it after all
 * are gone durably. Who finds it has found a removal that was interrupted, and ends it under {@code
 * lock}: if one is gone, all go; if none is, none does.
 */
final class RemovalLog {
  static final RelPath FILE = RelPath.of("removal");
  private static final long FORMAT = 1;

  private RemovalLog() {}

  /** A log of these, as a state file is written. */
  static byte[] encode(Collection<RelPath> segments) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("format", FORMAT);
    object.put("segments", new TreeSet<>(segments).stream().map(RelPath::name).toList());
    return StateFile.encode(object);
  }

  /**
   * The segments it names; empty if there is none.
   *
   * @throws StoreException.Corrupt if it is not what was written
   * @throws StoreException.UnknownFormat if a later imgstore wrote it
   */
  static Optional<List<RelPath>> read(Filesystem files) throws IOException {
    Optional<byte[]> bytes = StateFile.read(files, FILE);
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    try {
      Map<String, Object> object = StateFile.decode(bytes.get());
      long format = Json.number(object, "format");
      if (format != FORMAT) {
        throw new StoreException.UnknownFormat(
            "the interrupted removal in "
                + FILE
                + " has format "
                + format
                + ", this imgstore knows format "
                + FORMAT
                + "; use the imgstore that began it");
      }
      List<RelPath> segments = new ArrayList<>();
      for (Object each : Json.list(object, "segments")) {
        RelPath file = Purpose.DIRECTORY.child(String.valueOf(each));
        if (Purpose.of(file).isEmpty()) {
          throw new IllegalArgumentException(file + " is no segment");
        }
        segments.add(file);
      }
      return Optional.of(segments);
    } catch (IllegalArgumentException e) {
      throw new StoreException.Corrupt(
          FILE.value(),
          "the log of an interrupted removal cannot be read ("
              + e.getMessage()
              + "); run: imgstore verify --repair");
    }
  }

  /** Ends what was interrupted; the caller holds {@code lock}. */
  static void finish(Filesystem files) throws IOException {
    Optional<List<RelPath>> logged = read(files);
    if (logged.isEmpty()) {
      return;
    }
    List<RelPath> present = new ArrayList<>();
    for (RelPath each : logged.get()) {
      if (files.stat(each).isPresent()) {
        present.add(each);
      }
    }
    if (present.size() < logged.get().size()) {
      for (RelPath each : present) {
        files.delete(each);
      }
      files.sync(Purpose.DIRECTORY);
      forget(files); // if it comes back, it names nothing that is there
    } else {
      files.sync(Purpose.DIRECTORY); // they may have been moved back just before
      revoke(files);
    }
  }

  /** After all that it names is gone, durably. */
  static void forget(Filesystem files) throws IOException {
    try {
      files.delete(FILE);
    } catch (NoSuchFileException e) {
      // somebody else found it, and that nothing was left to do
    }
  }

  /** What it names stays: it must not come back, for others will rely on that. */
  static void revoke(Filesystem files) throws IOException {
    forget(files);
    files.sync(RelPath.ROOT);
  }

  /** Removes one that cannot be read, or nobody could write any more; true if it was there. */
  @SuppressWarnings("try") // the lock is held, not used
  static boolean discardDamaged(Filesystem files) throws IOException {
    try (Filesystem.Lock alone = files.lock(Gate.LOCK)) {
      read(files);
      return false;
    } catch (StoreException.Corrupt e) {
      revoke(files);
      return true;
    }
  }

  /** What is wrong with it. */
  static List<Finding> check(Filesystem files) throws IOException {
    try {
      read(files);
      return List.of();
    } catch (StoreException e) {
      return List.of(new Finding(FILE.value(), FILE.name(), String.valueOf(e.getMessage())));
    }
  }
}
