package dev.imgstore.cli;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.lock.LockCodec;
import dev.imgstore.model.Digest;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What fetched inputs are, from the locks of generations; each lock is read once. */
final class Inputs {
  private static final int MAX = 64 << 20;

  private final BlobReader blobs;
  private final Map<Digest, Map<Digest, Lock.Pinned>> byRecord = new HashMap<>();
  private final Map<Digest, Map<Digest, Lock.Pinned>> byLock = new HashMap<>();

  Inputs(BlobReader blobs) {
    this.blobs = blobs;
  }

  /** Name, version and path of an input of the generation with this build record, if known. */
  Optional<String> name(Digest record, Digest input) throws IOException {
    return Optional.ofNullable(of(record).get(input))
        .map(
            found ->
                found.name()
                    + (found.version().isEmpty() ? "" : " " + found.version())
                    + " ("
                    + found.path()
                    + ")");
  }

  /** The inputs of a generation, by digest; none if its lock cannot be read. */
  Map<Digest, Lock.Pinned> of(Digest record) throws IOException {
    Map<Digest, Lock.Pinned> known = byRecord.get(record);
    if (known == null) {
      known = read(record);
      byRecord.put(record, known);
    }
    return known;
  }

  private Map<Digest, Lock.Pinned> read(Digest record) throws IOException {
    try {
      Digest lock = BuildRecord.decode(record, blobs.read(record, MAX)).lock();
      Map<Digest, Lock.Pinned> known = byLock.get(lock);
      if (known == null) {
        known = new HashMap<>();
        for (Lock.Pinned each : inputs(blobs.read(lock, MAX))) {
          known.put(each.sha256(), each);
        }
        byLock.put(lock, known);
      }
      return known;
    } catch (StoreException e) {
      return Map.of(); // names are for people only; verify says what is damaged
    }
  }

  private static List<Lock.Pinned> inputs(byte[] lock) {
    LockCodec.Result read = LockCodec.read("lock", lock);
    return read instanceof LockCodec.Read good ? good.lock().pinned() : List.of();
  }
}
