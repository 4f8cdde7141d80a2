package dev.imgstore.builder.source;

import com.github.luben.zstd.Zstd;
import dev.imgstore.builder.tar.Decompression;
import dev.imgstore.builder.tar.EntryTree;
import dev.imgstore.builder.tar.HostileArchive;
import dev.imgstore.builder.tar.TarBytes;
import dev.imgstore.builder.tar.TarReader;
import dev.imgstore.builder.tar.TarTree;
import dev.imgstore.builder.tar.UnpackLimits;
import dev.imgstore.builder.zip.ZipTree;
import dev.imgstore.model.Digest;
import dev.imgstore.store.BlobStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/**
 * Runs bombs of each kind in a process with little memory, and prints one line for each: its name
 * and what became of it.
 */
final class Bombs {
  private static final Decompression.Bounds BOUNDS =
      new Decompression.Bounds(1L << 40, 1000, 64L << 20);
  private static final UnpackLimits LIMITS =
      new UnpackLimits(UnpackLimits.Devices.REFUSED, UnpackLimits.MOST_ENTRIES);
  private static final int ZEROS = 16 << 20;

  private Bombs() {}

  /** Keeps what is small and put whole, and forgets the rest. */
  private static final class Sink implements BlobStore {
    private final Map<Digest, byte[]> kept = new HashMap<>();

    Digest keep(byte[] bytes) {
      Digest digest = Digest.of(bytes);
      kept.put(digest, bytes);
      return digest;
    }

    @Override
    public Digest put(InputStream bytes) throws IOException {
      try {
        DigestInputStream in = new DigestInputStream(bytes, MessageDigest.getInstance("SHA-256"));
        in.transferTo(OutputStream.nullOutputStream());
        return Digest.fromRaw(in.getMessageDigest().digest());
      } catch (NoSuchAlgorithmException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public boolean has(Digest blob) {
      return kept.containsKey(blob);
    }

    @Override
    public long size(Digest blob) {
      return bytes(blob).length;
    }

    @Override
    public InputStream open(Digest blob) {
      return new ByteArrayInputStream(bytes(blob));
    }

    private byte[] bytes(Digest blob) {
      return kept.getOrDefault(blob, new byte[0]);
    }
  }

  /** Parts made while they are read. */
  private static final class Made extends InputStream {
    private final LongFunction<byte[]> parts;
    private final long count;
    private long next;
    private ByteArrayInputStream part = new ByteArrayInputStream(new byte[0]);

    Made(long count, LongFunction<byte[]> parts) {
      this.count = count;
      this.parts = parts;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      int got = part.read(target, offset, length);
      while (got < 0 && next < count) {
        part = new ByteArrayInputStream(parts.apply(next++));
        got = part.read(target, offset, length);
      }
      return got;
    }
  }

  private interface Bomb {
    void open() throws IOException;
  }

  private interface Compressor {
    OutputStream over(OutputStream out) throws IOException;
  }

  private static byte[] packed(Compressor compressor, int length) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream packing = compressor.over(out)) {
      byte[] zeros = new byte[1 << 16];
      for (int i = 0; i < length; i += zeros.length) {
        packing.write(zeros);
      }
    }
    return out.toByteArray();
  }

  public static void main(String[] args) {
    run("gzip", () -> read(packed(GZIPOutputStream::new, ZEROS)));
    run("xz", () -> read(packed(out -> new XZOutputStream(out, new LZMA2Options(0)), ZEROS)));
    run("zstd", () -> read(Zstd.compress(new byte[ZEROS], 1)));
    run("bzip2", () -> read(packed(BZip2CompressorOutputStream::new, ZEROS)));
    run("xz-dictionary", () -> read(dictionary(28))); // 64 MiB, legal, but not here
    run("xz-large-dictionary", () -> read(dictionary(36)));
    run("gzip-name", () -> detect(new Made(5000, Bombs::gzipName)));
    run("tar-entries", () -> tar(new Made(10_000_000, Bombs::smallEntry)));
    run("tar-directories", () -> tar(new Made(100_000, Bombs::deepEntry)));
    run("tar-attributes", () -> tar(new Made(10_000, Bombs::attributes)));
    run("tar-headers", () -> tar(new Made(2000, Bombs::globals)));
    run("tar-long-path", () -> tar(new Made(2000, Bombs::longPath)));
    run("zip-entries", () -> zip(entries()));
    run("zip-bomb", () -> zip(zipBomb()));
  }

  private static void run(String name, Bomb bomb) {
    try {
      bomb.open();
      System.out.println(name + ": read");
    } catch (HostileArchive e) {
      System.out.println(name + ": " + e.fault());
    } catch (IOException | OutOfMemoryError e) {
      System.out.println(name + ": failed with " + e);
    }
  }

  private static void read(byte[] packed) throws IOException {
    detect(new Made(64, i -> packed));
  }

  private static void detect(InputStream packed) throws IOException {
    try (InputStream in = Decompression.detect("bomb", packed, BOUNDS)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
  }

  private static void tar(InputStream in) throws IOException {
    try (TarReader tar = new TarReader("bomb", in)) {
      TarTree.unpack(tar, new Sink(), LIMITS);
    }
  }

  private static void zip(byte[] archive) throws IOException {
    Sink sink = new Sink();
    ZipTree.unpack("bomb", sink.keep(archive), sink, BOUNDS, LIMITS, EntryTree.Shape.AS_TOLD);
  }

  private static byte[] dictionary(int size) throws IOException {
    byte[] xz = packed(out -> new XZOutputStream(out, new LZMA2Options(0)), 1 << 16);
    int length = (xz[12] + 1) * 4;
    xz[16] = (byte) size;
    CRC32 crc = new CRC32();
    crc.update(xz, 12, length - 4);
    for (int i = 0; i < 4; i++) {
      xz[12 + length - 4 + i] = (byte) (crc.getValue() >> (8 * i));
    }
    return xz;
  }

  private static byte[] gzipName(long number) {
    byte[] part = new byte[1 << 16];
    Arrays.fill(part, (byte) 'n');
    byte[] header = {0x1f, (byte) 0x8b, 8, 8, 0, 0, 0, 0, 0, 0};
    System.arraycopy(header, 0, part, 0, number == 0 ? header.length : 0);
    return part;
  }

  private static byte[] smallEntry(long number) {
    return TarBytes.sum(TarBytes.header('0', "f" + number, "", 0));
  }

  private static byte[] deepEntry(long number) {
    return new TarBytes()
        .pax(
            'x',
            TarBytes.record(
                "path", ("d" + number + "/x".repeat(2000)).getBytes(StandardCharsets.UTF_8)))
        .file("f", "")
        .open();
  }

  private static byte[] attributes(long number) {
    return new TarBytes()
        .pax('x', TarBytes.record("SCHILY.xattr.user.a", new byte[1_000_000]))
        .file("f" + number, "")
        .open();
  }

  private static byte[] globals(long number) {
    return number < 1999
        ? new TarBytes().pax('g', TarBytes.record("key" + number, new byte[1_000_000])).open()
        : new TarBytes().file("f", "").end();
  }

  private static byte[] longPath(long number) {
    byte[] path = new byte[1_000_000];
    Arrays.fill(path, (byte) '/');
    path[0] = 'd';
    path[path.length - 1] = (byte) ('a' + number % 26);
    path[path.length - 3] = (byte) ('a' + number / 26);
    return new TarBytes().pax('x', TarBytes.record("path", path)).file("f", "").open();
  }

  private static byte[] entries() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(out)) {
      for (int i = 0; i < 40_000; i++) {
        zip.putArchiveEntry(new ZipArchiveEntry("f" + i));
        zip.closeArchiveEntry();
      }
    }
    return out.toByteArray();
  }

  private static byte[] zipBomb() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(out)) {
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 4; i++) {
        zip.putArchiveEntry(new ZipArchiveEntry("f" + i));
        for (int block = 0; block < 64; block++) {
          zip.write(zeros);
        }
        zip.closeArchiveEntry();
      }
    }
    return out.toByteArray();
  }
}
