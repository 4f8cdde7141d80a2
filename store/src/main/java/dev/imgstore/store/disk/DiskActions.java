package dev.imgstore.store.disk;

import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.Actions;
import dev.imgstore.store.BlobReader;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Action records as small files {@code actions/ab/KEY}, each with a sum of itself. Nothing is
 * synced (law 5: losing one loses time); after a power cut a record is whole, old, or a miss. Safe
 * for many threads and processes.
 */
public final class DiskActions implements Actions {
  private static final RelPath DIRECTORY = new RelPath("actions");
  private static final RelPath LOCK = DIRECTORY.child("lock");
  private static final int FORMAT = 1;

  /** A step that never gives the same twice must not fill the disk with what it gave. */
  private static final int MAX_RESULTS = 64;

  /** Of what is asked for by its newest. */
  private static final int MAX_REMEMBERED = 8;

  private final Filesystem files;
  private final BlobReader blobs;

  /**
   * The action records of a store.
   *
   * @param blobs says which results are still present
   */
  public DiskActions(Filesystem files, BlobReader blobs) {
    this.files = files;
    this.blobs = blobs;
  }

  @Override
  public Optional<Digest> find(ActionKey key) throws IOException {
    for (Digest result : recorded(key)) {
      if (blobs.has(result)) {
        return Optional.of(result);
      }
    }
    return Optional.empty();
  }

  @Override
  public List<Digest> results(ActionKey key) throws IOException {
    List<Digest> present = new ArrayList<>();
    for (Digest result : recorded(key)) {
      if (blobs.has(result)) {
        present.add(result);
      }
    }
    return present;
  }

  @Override
  @SuppressWarnings("try") // the lock is held, not used
  public void remember(ActionKey key, Digest newest) throws IOException {
    files.makeDirectoriesLoosely(file(key).parent());
    try (Filesystem.Lock lock = files.lock(LOCK)) {
      List<Digest> before = recorded(key);
      List<Digest> values = new ArrayList<>(List.of(newest));
      before.stream()
          .filter(each -> !each.equals(newest))
          .limit(MAX_REMEMBERED - 1)
          .forEach(values::add);
      if (!values.equals(before)) {
        StateFile.replaceLoosely(files, file(key), encode(key, values));
      }
    }
  }

  @Override
  public List<ActionKey> startingWith(String hex) throws IOException {
    List<ActionKey> keys = new ArrayList<>();
    RelPath directory = DIRECTORY.child(hex.substring(0, 2));
    if (files.stat(directory).isPresent()) {
      for (RelPath file : files.list(directory)) {
        if (isRecord(file) && file.name().startsWith(hex)) {
          keys.add(new ActionKey(new Digest(file.name())));
        }
      }
    }
    return keys;
  }

  @Override
  @SuppressWarnings("try") // the lock is held, not used
  public void record(ActionKey key, Digest result) throws IOException {
    files.makeDirectoriesLoosely(file(key).parent());
    try (Filesystem.Lock lock = files.lock(LOCK)) {
      List<Digest> results = new ArrayList<>(recorded(key));
      if (!results.contains(result) && results.size() < MAX_RESULTS) {
        results.add(result);
        StateFile.replaceLoosely(files, file(key), encode(key, results));
      }
    }
  }

  /** A record and the bytes of its file. */
  record Found(RelPath file, long size) {}

  /** The records that give nothing any more, sorted: none of their results is one of these. */
  List<Found> without(Predicate<Digest> present) throws IOException {
    List<Found> found = new ArrayList<>();
    for (RelPath directory : files.list(DIRECTORY)) {
      if (directory.equals(LOCK)) {
        continue;
      }
      for (RelPath file : files.list(directory)) {
        if (isRecord(file) && recorded(file).stream().noneMatch(present)) {
          files.stat(file).ifPresent(stat -> found.add(new Found(file, stat.size())));
        }
      }
    }
    return found;
  }

  private static boolean isRecord(RelPath file) {
    try {
      return file(new ActionKey(new Digest(file.name()))).equals(file);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Removes a record unless it gives something again; false if it does, or is gone. */
  @SuppressWarnings("try") // the lock is held, not used
  boolean remove(RelPath file, Predicate<Digest> present) throws IOException {
    try (Filesystem.Lock lock = files.lock(LOCK)) {
      if (files.stat(file).isEmpty() || recorded(file).stream().anyMatch(present)) {
        return false;
      }
      files.delete(file);
      return true;
    }
  }

  private List<Digest> recorded(RelPath file) throws IOException {
    return recorded(new ActionKey(new Digest(file.name())));
  }

  private static RelPath file(ActionKey key) {
    String hex = key.digest().hex();
    return DIRECTORY.child(hex.substring(0, 2)).child(hex);
  }

  private static byte[] encode(ActionKey key, List<Digest> results) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("format", FORMAT);
    object.put("key", key.toString());
    object.put("results", results.stream().map(Digest::toString).toList());
    return StateFile.encode(object);
  }

  /** In the order they were recorded; none if the record cannot be read. */
  private List<Digest> recorded(ActionKey key) throws IOException {
    Optional<byte[]> bytes;
    try {
      bytes = StateFile.read(files, file(key));
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      return List.of(); // no reason for a build to fail
    }
    if (bytes.isEmpty()) {
      return List.of();
    }
    try {
      Map<String, Object> object = StateFile.decode(bytes.get());
      if (Json.number(object, "format") != FORMAT
          || !Json.text(object, "key").equals(key.toString())) {
        return List.of();
      }
      List<Digest> results = new ArrayList<>();
      for (Object each : Json.list(object, "results")) {
        results.add(Digest.parse(String.valueOf(each)));
      }
      return results;
    } catch (IllegalArgumentException e) {
      return List.of(); // a hint that is torn is no hint
    }
  }

  /** The records that cannot be read: misses, all of them. */
  List<RelPath> damaged() throws IOException {
    List<RelPath> damaged = new ArrayList<>();
    for (RelPath folder : files.list(DIRECTORY)) {
      boolean holds =
          files.stat(folder).filter(it -> it.kind() == Filesystem.Kind.DIRECTORY).isPresent();
      for (RelPath file : holds ? files.list(folder) : List.<RelPath>of()) {
        if (!StateFile.isSuccessor(file) && !isWhole(file)) {
          damaged.add(file);
        }
      }
    }
    return damaged;
  }

  private boolean isWhole(RelPath file) throws IOException {
    Optional<byte[]> bytes = StateFile.read(files, file);
    try {
      return bytes.isEmpty() || !StateFile.decode(bytes.get()).isEmpty();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Removes those, under the lock of whoever replaces one; returns their names. */
  @SuppressWarnings("try") // the lock is held, not used
  List<RelPath> removeDamaged() throws IOException {
    if (damaged().isEmpty()) {
      return List.of();
    }
    try (Filesystem.Lock lock = files.lock(LOCK)) {
      List<RelPath> damaged = damaged();
      for (RelPath each : damaged) {
        files.delete(each);
      }
      return damaged;
    }
  }
}
