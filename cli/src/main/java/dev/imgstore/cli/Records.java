package dev.imgstore.cli;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.lock.LockCodec;
import dev.imgstore.model.Digest;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.Mender;
import dev.imgstore.store.Root;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What generations were made from, read past what is lost of it. */
final class Records {
  private static final int MAX_RECORD = 64 << 20;
  private static final int MAX_LOCK = 64 << 20;

  private static final Digest NOTHING = Digest.of(new byte[0]);

  private Records() {}

  /** A generation's record. */
  record Of(String label, String profile, BuildRecord record) {}

  /**
   * Each record once.
   *
   * @param failures gets a sentence for each that cannot be read
   */
  static List<Of> read(Mender.Losses losses, BlobReader blobs, List<String> failures)
      throws IOException {
    Map<Digest, Of> records = new LinkedHashMap<>();
    for (Root.OfGeneration each : losses.generations()) {
      Digest name = each.record();
      if (records.containsKey(name)) {
        continue;
      }
      if (!blobs.has(name)) {
        failures.add("the build record of " + each.label() + " is lost");
        continue;
      }
      BuildRecord record = BuildRecord.decode(name, blobs.read(name, MAX_RECORD));
      records.put(name, new Of(each.label(), each.profile(), record));
    }
    return new ArrayList<>(records.values());
  }

  /**
   * True for what came with {@code imgstore import} or {@code pull}: it has no recipe and no lock.
   */
  static boolean isImported(BuildRecord record) {
    return record.recipe().equals(NOTHING) && record.lock().equals(NOTHING);
  }

  /** The lock of a record. */
  static Lock lock(Of of, BlobReader blobs) throws IOException {
    byte[] text = blobs.read(of.record().lock(), MAX_LOCK);
    LockCodec.Result result = LockCodec.read("the lock of " + of.label(), text);
    if (result instanceof LockCodec.Read read) {
      return read.lock();
    }
    throw new IOException("the lock of " + of.label() + " cannot be read by this imgstore");
  }
}
