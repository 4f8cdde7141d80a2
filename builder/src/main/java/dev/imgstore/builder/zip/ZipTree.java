package dev.imgstore.builder.zip;

import dev.imgstore.builder.tar.Decompression.Bounds;
import dev.imgstore.builder.tar.EntryTree;
import dev.imgstore.builder.tar.HostileArchive;
import dev.imgstore.builder.tar.TarEntry;
import dev.imgstore.builder.tar.UnpackLimits;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobStore;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.apache.commons.compress.archivers.zip.UnicodePathExtraField;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.archivers.zip.ZipMethod;

/**
 * A zip archive (APPNOTE.TXT 6.3) as a tree of the store, under the rules of {@link EntryTree}. Its
 * central directory decides, as it does for other tools. Refused beyond those rules: entries that
 * overlap, are encrypted, have two names or are told of in two ways, contents that are not what
 * size and CRC-32 say, and more bytes than the bounds allow, for one entry or for all together.
 */
public final class ZipTree {
  /** More of a central directory is not read: an entry in memory is many times its header. */
  private static final long LARGEST_DIRECTORY =
      Math.min(16L << 20, Runtime.getRuntime().maxMemory() / 48);

  /** What other tools read as we do; further ones could ask for any amount of memory. */
  private static final Set<Integer> METHODS =
      Set.of(
          ZipMethod.STORED.getCode(),
          ZipMethod.DEFLATED.getCode(),
          ZipMethod.ENHANCED_DEFLATED.getCode(),
          ZipMethod.BZIP2.getCode());

  private static final int LONGEST_LINK = 4095;
  private static final int TYPE = 0170000;
  private static final int SYMLINK = 0120000;
  private static final int FILE = 0100000;
  private static final int DIRECTORY = 0040000;

  private final String archive;
  private final ZipFile zip;
  private final ZipHeaders headers;
  private final EntryTree tree;
  private final Bounds bounds;
  private long end;
  private long packed;
  private long unpacked;

  private ZipTree(String archive, ZipFile zip, ZipHeaders headers, EntryTree tree, Bounds bounds) {
    this.archive = archive;
    this.zip = zip;
    this.headers = headers;
    this.tree = tree;
    this.bounds = bounds;
  }

  /**
   * Unpacks a stored archive.
   *
   * @param archive its name as a person knows it, for complaints
   * @throws HostileArchive if it is damaged, ambiguous or over a limit
   */
  public static TreeId unpack(
      String archive,
      Digest blob,
      BlobStore blobs,
      Bounds bounds,
      UnpackLimits limits,
      EntryTree.Shape shape)
      throws IOException {
    try (StoredChannel channel = new StoredChannel(archive, blobs, blob)) {
      channel.allow(LARGEST_DIRECTORY, "its directory is larger than " + LARGEST_DIRECTORY);
      try (ZipFile zip = open(archive, channel)) {
        channel.allow(Long.MAX_VALUE, "");
        EntryTree tree = new EntryTree(archive, blobs, limits, shape);
        new ZipTree(archive, zip, new ZipHeaders(archive, channel), tree, bounds).takeAll();
        return tree.write();
      }
    }
  }

  private static ZipFile open(String archive, StoredChannel channel) throws IOException {
    try {
      return ZipFile.builder()
          .setSeekableByteChannel(channel)
          .setCharset(StandardCharsets.ISO_8859_1)
          .setUseUnicodeExtraFields(false)
          .setIgnoreLocalFileHeader(true)
          .get();
    } catch (HostileArchive | StoreException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw e.getCause() instanceof HostileArchive hostile ? hostile : damaged(archive, "", e);
    }
  }

  private void takeAll() throws IOException {
    List<ZipArchiveEntry> entries = Collections.list(zip.getEntriesInPhysicalOrder());
    headers.checkEnd(entries.size());
    for (ZipArchiveEntry entry : entries) {
      try {
        take(entry);
      } catch (HostileArchive e) {
        throw e;
      } catch (RuntimeException e) {
        throw damaged(archive, name(entry), e);
      }
    }
  }

  private void take(ZipArchiveEntry entry) throws IOException {
    byte[] raw = entry.getRawName();
    if (raw.length == 0) {
      throw fault(entry, "an entry has no name");
    }
    Bytes path = Bytes.of(raw);
    checkName(entry, raw);
    if (!zip.canReadEntryData(entry) || !METHODS.contains(entry.getMethod())) {
      throw fault(entry, "it is encrypted, or its compression is not known");
    }
    int mode = entry.getPlatform() == ZipArchiveEntry.PLATFORM_UNIX ? entry.getUnixMode() : 0;
    boolean directory = raw[raw.length - 1] == '/';
    int type = (mode & TYPE) == 0 ? (directory ? DIRECTORY : FILE) : mode & TYPE;
    if (directory != (type == DIRECTORY)) {
      throw fault(entry, "its name and its mode disagree whether it is a directory");
    }
    Meta meta = Meta.of((mode & 07777) == 0 ? (directory ? 0755 : 0644) : mode & 07777, 0, 0);
    try (InputStream content = content(entry)) {
      switch (type) {
        case DIRECTORY -> {
          if (entry.getSize() != 0) {
            throw fault(entry, "only a file has content");
          }
          put(TarEntry.Kind.DIRECTORY, path, 0, Bytes.EMPTY, meta, content);
        }
        case FILE -> put(TarEntry.Kind.FILE, path, entry.getSize(), Bytes.EMPTY, meta, content);
        case SYMLINK -> {
          byte[] target = content.readNBytes(LONGEST_LINK + 1);
          if (target.length > LONGEST_LINK) {
            throw fault(entry, "the target of a link has at most " + LONGEST_LINK + " bytes");
          }
          put(TarEntry.Kind.SYMLINK, path, 0, Bytes.of(target), Meta.of(0777, 0, 0), content);
        }
        default -> throw fault(entry, "it is neither file, directory nor symbolic link");
      }
    }
  }

  private void put(
      TarEntry.Kind kind, Bytes path, long size, Bytes target, Meta meta, InputStream content)
      throws IOException {
    tree.take(new TarEntry(kind, path, size, target, meta, 0, 0), content);
  }

  private void checkName(ZipArchiveEntry entry, byte[] raw) throws HostileArchive {
    for (byte each : raw) {
      if (each == '\\') {
        throw fault(entry, "its name has a backslash, which some tools take for a slash");
      }
    }
    if (entry.getExtraField(UnicodePathExtraField.UPATH_ID) instanceof UnicodePathExtraField other
        && !Arrays.equals(other.getUnicodeName(), raw)) {
      throw fault(entry, "it has two names");
    }
  }

  /** The bytes of an entry, which must lie behind all that was read before. */
  private InputStream content(ZipArchiveEntry entry) throws IOException {
    if (entry.getSize() < 0 || entry.getCompressedSize() < 0) {
      throw fault(entry, "its size is not told");
    }
    if (entry.getLocalHeaderOffset() < end) {
      throw fault(entry, "it overlaps the entry before it");
    }
    try {
      headers.checkLocal(entry);
      InputStream in = zip.getInputStream(entry);
      end = entry.getDataOffset() + entry.getCompressedSize();
      packed += entry.getCompressedSize();
      return new CheckedEntry(this, entry, in);
    } catch (HostileArchive | StoreException e) {
      throw e;
    } catch (IOException e) {
      throw damaged(archive, name(entry), e);
    }
  }

  /** Called with what one read of an entry gave. */
  void count(ZipArchiveEntry entry, long bytes, long soFar) throws HostileArchive {
    unpacked += bytes;
    if (soFar > entry.getSize()) {
      throw fault(entry, "it has more than the " + entry.getSize() + " bytes it tells");
    }
    if (unpacked > bounds.total()) {
      throw fault(entry, "the archive unpacks to more than " + bounds.total() + " bytes");
    }
    if (unpacked > bounds.free() && unpacked / bounds.ratio() > packed) {
      throw fault(entry, "the archive unpacks to more than " + bounds.ratio() + " times its size");
    }
  }

  HostileArchive fault(ZipArchiveEntry entry, String why) {
    return new HostileArchive(archive, name(entry), why);
  }

  HostileArchive damage(ZipArchiveEntry entry, Exception cause) {
    return damaged(archive, name(entry), cause);
  }

  private static HostileArchive damaged(String archive, String entry, Exception cause) {
    String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    HostileArchive damaged =
        new HostileArchive(archive, entry, "it cannot be read as a zip archive (" + why + ")");
    damaged.initCause(cause);
    return damaged;
  }

  private static String name(ZipArchiveEntry entry) {
    return Bytes.of(entry.getRawName()).text();
  }
}
