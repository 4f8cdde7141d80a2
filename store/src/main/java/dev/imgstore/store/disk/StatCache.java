package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What the files of a directory held when it was last imported, so that those nobody touched need
 * not be read again. The rule and the file are in {@code docs/design/13-by-hand.md}, section "The
 * stat cache"; losing the file loses time. What it says is held against the store by whoever asks.
 * Safe for many threads.
 */
final class StatCache {
  private static final RelPath DIRECTORY = RelPath.of("stat");
  private static final RelPath LOCK = DIRECTORY.child("lock");
  private static final byte[] MAGIC = {'i', 'm', 'g', 's', 't', 'a', 't', 1};
  private static final int STATE = 5 * Long.BYTES;
  private static final int ENTRY = STATE + Digest.BYTES;
  private static final int MOST_BYTES = 64 << 20;

  /** Directories remembered; beyond it some are forgotten. */
  private static final int MOST_FILES = 64;

  /** Coarser than the time stamps of every file system of Linux (FAT: two seconds). */
  private static final long GRANULARITY = 2_000_000_000L;

  private final Filesystem files;
  private final RelPath file;
  private final long began;
  private final ByteBuffer known;

  private StatCache(Filesystem files, RelPath file, long began, ByteBuffer known) {
    this.files = files;
    this.file = file;
    this.began = began;
    this.known = known;
  }

  /**
   * What is remembered of a directory; nothing if the file is lost or damaged.
   *
   * @param directory absolute
   * @param keeps what was kept: trees differ by it
   * @param began nanoseconds since 1970, before the directory is looked at
   */
  static StatCache open(Filesystem files, Path directory, ImportRequest.Keeps keeps, long began) {
    String path = directory.toUri().getRawPath();
    String key = keeps == ImportRequest.Keeps.EVERYTHING ? path : path + "\n" + keeps;
    byte[] name = key.getBytes(StandardCharsets.UTF_8);
    RelPath file = DIRECTORY.child(Digest.of(name).hex());
    ByteBuffer known = ByteBuffer.allocate(0);
    try (InputStream in = files.read(file)) {
      known = entries(in.readNBytes(MOST_BYTES + 1));
    } catch (IOException e) {
      // lost or unreadable: everything is read again
    }
    return new StatCache(files, file, began, known);
  }

  /** The same, with nothing known. */
  StatCache forgotten() {
    return new StatCache(files, file, began, ByteBuffer.allocate(0));
  }

  private static ByteBuffer entries(byte[] bytes) {
    int length = bytes.length - MAGIC.length - Integer.BYTES;
    if (length < 0
        || length % ENTRY != 0
        || !Arrays.equals(MAGIC, 0, MAGIC.length, bytes, 0, MAGIC.length)
        || sum(bytes, MAGIC.length + length)
            != ByteBuffer.wrap(bytes).getInt(MAGIC.length + length)) {
      return ByteBuffer.allocate(0);
    }
    return ByteBuffer.wrap(bytes, MAGIC.length, length).slice();
  }

  private static int sum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  /**
   * The digest recorded for what has not been touched since.
   *
   * @param size of a file; of a directory, the number made of what is in it
   */
  Optional<Digest> find(HostStat stat, long size) {
    int at = search(stat);
    return at >= 0 && matches(at, stat, size) ? Optional.of(digest(at)) : Optional.empty();
  }

  /** True if something was recorded for what has not been touched since. */
  boolean knows(HostStat stat, long size) {
    int at = search(stat);
    return at >= 0 && matches(at, stat, size);
  }

  /** The digest recorded for a directory, whatever has become of it. */
  Optional<Digest> last(HostStat stat) {
    int at = search(stat);
    return at >= 0 ? Optional.of(digest(at)) : Optional.empty();
  }

  /** Where the entry of this inode begins; negative if there is none. */
  private int search(HostStat stat) {
    int low = 0;
    int high = known.limit() / ENTRY;
    while (low < high) {
      int middle = (low + high) >>> 1;
      int order = compare(middle * ENTRY, stat.device(), stat.inode());
      if (order == 0) {
        return middle * ENTRY;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return -1;
  }

  private int compare(int at, long device, long inode) {
    int byDevice = Long.compareUnsigned(known.getLong(at), device);
    return byDevice != 0 ? byDevice : Long.compareUnsigned(known.getLong(at + 8), inode);
  }

  private boolean matches(int at, HostStat stat, long size) {
    return known.getLong(at + 16) == size
        && known.getLong(at + 24) == stat.mtime()
        && known.getLong(at + 32) == stat.ctime();
  }

  private Digest digest(int at) {
    byte[] raw = new byte[Digest.BYTES];
    known.get(at + STATE, raw);
    return Digest.fromRaw(raw);
  }

  /** A name as it was found, see {@link #find}, and the digest of what it holds. */
  record Seen(HostStat stat, long size, Digest content) implements Comparable<Seen> {
    @Override
    public int compareTo(Seen other) {
      int byDevice = Long.compareUnsigned(stat.device(), other.stat.device());
      return byDevice != 0 ? byDevice : Long.compareUnsigned(stat.inode(), other.stat.inode());
    }
  }

  /**
   * Replaces what is remembered. What was touched so shortly before the scan that another change
   * could carry the same time stamps is left out. Does nothing if another process is at it.
   */
  void replace(Collection<Seen> seen) throws IOException {
    Seen[] settled =
        seen.stream().filter(each -> isSettled(each.stat())).sorted().toArray(Seen[]::new);
    long length = MAGIC.length + (long) settled.length * ENTRY + Integer.BYTES;
    if (length > MOST_BYTES) {
      return;
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) length).put(MAGIC);
    for (Seen each : settled) {
      HostStat stat = each.stat();
      bytes.putLong(stat.device()).putLong(stat.inode()).putLong(each.size());
      bytes.putLong(stat.mtime()).putLong(stat.ctime()).put(each.content().raw());
    }
    if (known.equals(bytes.slice(MAGIC.length, bytes.position() - MAGIC.length))) {
      return;
    }
    bytes.putInt(sum(bytes.array(), bytes.position()));
    files.makeDirectories(DIRECTORY);
    Optional<Filesystem.Lock> lock = files.tryLock(LOCK);
    if (lock.isPresent()) {
      try (Filesystem.Lock held = lock.get()) {
        StateFile.replaceLoosely(files, file, bytes.array());
        forgetOthers();
      }
    }
  }

  private boolean isSettled(HostStat stat) {
    return Math.max(stat.mtime(), stat.ctime()) < began - GRANULARITY;
  }

  /** Which are oldest is not known here: those that sort first go, which costs time only. */
  private void forgetOthers() throws IOException {
    var all = files.list(DIRECTORY).stream().filter(each -> !each.equals(LOCK)).toList();
    for (int i = 0, excess = all.size() - MOST_FILES; i < all.size() && excess > 0; i++) {
      if (!all.get(i).equals(file)) {
        files.delete(all.get(i));
        excess--;
      }
    }
  }
}
