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
   * @param began nanoseconds since 1970, before the directory is looked at
   */
  static StatCache open(Filesystem files, Path directory, long began) {
    byte[] name = directory.toUri().getRawPath().getBytes(StandardCharsets.UTF_8);
    RelPath file = DIRECTORY.child(Digest.of(name).hex());
    ByteBuffer known = ByteBuffer.allocate(0);
    try (InputStream in = files.read(file)) {
      known = entries(in.readNBytes(MOST_BYTES + 1));
    } catch (IOException e) {
      // lost or unreadable: everything is read again
    }
    return new StatCache(files, file, began, known);
  }

  private static ByteBuffer entries(byte[] bytes) {
    int length = bytes.length - MAGIC.length - Digest.BYTES;
    if (length < 0
        || length % ENTRY != 0
        || !Arrays.equals(MAGIC, 0, MAGIC.length, bytes, 0, MAGIC.length)) {
      return ByteBuffer.allocate(0);
    }
    byte[] sum = Digest.of(bytes, 0, MAGIC.length + length).raw();
    boolean sound = Arrays.equals(sum, 0, sum.length, bytes, MAGIC.length + length, bytes.length);
    return sound ? ByteBuffer.wrap(bytes, MAGIC.length, length).slice() : ByteBuffer.allocate(0);
  }

  /**
   * The digest recorded for a file that has not been touched since; for a directory, any digest
   * says that it has no extended attributes.
   */
  Optional<Digest> find(HostStat stat) {
    int low = 0;
    int high = known.limit() / ENTRY;
    while (low < high) {
      int middle = (low + high) >>> 1;
      int order = compare(middle * ENTRY, stat.device(), stat.inode());
      if (order == 0) {
        return matches(middle * ENTRY, stat) ? Optional.of(digest(middle * ENTRY)) : none();
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return none();
  }

  private static Optional<Digest> none() {
    return Optional.empty();
  }

  private int compare(int at, long device, long inode) {
    int byDevice = Long.compareUnsigned(known.getLong(at), device);
    return byDevice != 0 ? byDevice : Long.compareUnsigned(known.getLong(at + 8), inode);
  }

  private boolean matches(int at, HostStat stat) {
    return known.getLong(at + 16) == stat.size()
        && known.getLong(at + 24) == stat.mtime()
        && known.getLong(at + 32) == stat.ctime();
  }

  private Digest digest(int at) {
    byte[] raw = new byte[Digest.BYTES];
    known.get(at + STATE, raw);
    return Digest.fromRaw(raw);
  }

  /** A file or directory as it was found, and the digest of its content. */
  record Seen(HostStat stat, Digest content) implements Comparable<Seen> {
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
    long length = MAGIC.length + (long) settled.length * ENTRY + Digest.BYTES;
    if (length > MOST_BYTES) {
      return;
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) length).put(MAGIC);
    for (Seen each : settled) {
      HostStat stat = each.stat();
      bytes.putLong(stat.device()).putLong(stat.inode()).putLong(stat.size());
      bytes.putLong(stat.mtime()).putLong(stat.ctime()).put(each.content().raw());
    }
    if (known.equals(bytes.slice(MAGIC.length, bytes.position() - MAGIC.length))) {
      return;
    }
    bytes.put(Digest.of(bytes.array(), 0, bytes.position()).raw());
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
