package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The leases of all processes that live, this one among them. Those of a dead one do not count from
 * the moment it died: its lock is free. Not for several threads.
 */
final class LiveLeases {
  private final Filesystem files;
  private final Map<RelPath, byte[]> read = new HashMap<>();

  LiveLeases(Filesystem files) {
    this.files = files;
  }

  /** What came since the last call; all the first time. */
  record Fresh(List<Digest> blobs, List<RelPath> segments) {}

  Fresh read() throws IOException {
    Fresh fresh = new Fresh(new ArrayList<>(), new ArrayList<>());
    for (RelPath directory : Scratch.living(files)) {
      byte[] all = bytes(directory.child(Leases.FILE));
      byte[] before = read.getOrDefault(directory, new byte[0]);
      // the directory may be another process's by now, with leases of its own
      boolean grown =
          before.length <= all.length
              && Arrays.equals(before, 0, before.length, all, 0, before.length);
      add(all, grown ? before.length : 0, fresh);
      read.put(directory, all);
    }
    return fresh;
  }

  /** Whole records; what is half written has not been answered for. */
  private byte[] bytes(RelPath file) throws IOException {
    try (InputStream in = files.read(file)) {
      byte[] all = in.readAllBytes();
      return Arrays.copyOf(all, all.length - all.length % Leases.RECORD);
    } catch (NoSuchFileException e) {
      return new byte[0];
    }
  }

  private static void add(byte[] all, int from, Fresh to) {
    for (int at = from; at < all.length; at += Leases.RECORD) {
      byte[] raw = Arrays.copyOfRange(all, at + 1, at + Leases.RECORD);
      if (all[at] == Leases.BLOB) {
        to.blobs().add(Digest.fromRaw(raw));
      } else {
        Optional<Purpose> purpose = Purpose.of(all[at]);
        purpose.ifPresent(is -> to.segments().add(is.file(HexFormat.of().formatHex(raw))));
      }
    }
  }
}
