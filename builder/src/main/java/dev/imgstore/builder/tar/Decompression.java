package dev.imgstore.builder.tar;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.tukaani.xz.ArrayCache;
import org.tukaani.xz.BasicArrayCache;
import org.tukaani.xz.LZMAInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * Decompresses gzip, xz, zstd, bzip2 and lzma within bounds of memory, output and ratio. Damage and
 * bombs come out as {@link HostileArchive}; what the source itself throws comes out as it is.
 */
public final class Decompression {
  /**
   * Dictionaries beyond this, or beyond half of the memory there is, are refused; Debian's own
   * packages use at most 64 MiB.
   */
  private static final int MOST_MEMORY_KIB =
      (int) Math.min(160 * 1024, Runtime.getRuntime().maxMemory() / 2048);

  private static final int LONGEST_WINDOW_LOG = 27;
  private static final int BUFFER = 64 * 1024;
  private static final int LONGEST_MAGIC = 6;
  private static final Map<String, String> MAGIC =
      Map.of(
          "\u001f\u008b", ".gz",
          "\u00fd7zXZ\0", ".xz",
          "(\u00b5/\u00fd", ".zst",
          "BZh", ".bz2");
  private static final ArrayCache ARRAYS = new BasicArrayCache();

  private Decompression() {}

  /** Decompresses a member of a .deb as the end of its name says (deb(5)). */
  public static InputStream open(String archive, String member, InputStream in, Bounds bounds)
      throws IOException {
    return open(archive, member, member.substring(member.indexOf(".tar") + 4), in, bounds);
  }

  /** Decompresses what begins as one of the formats do; all else comes out as it is. */
  public static InputStream detect(String archive, InputStream in, Bounds bounds)
      throws IOException {
    BufferedInputStream buffered = new BufferedInputStream(in, BUFFER);
    buffered.mark(BUFFER);
    byte[] first = buffered.readNBytes(LONGEST_MAGIC);
    buffered.reset();
    String begins = new String(first, StandardCharsets.ISO_8859_1);
    for (Map.Entry<String, String> each : MAGIC.entrySet()) {
      if (begins.startsWith(each.getKey())) {
        return open(archive, "", each.getValue(), buffered, bounds);
      }
    }
    return open(archive, "", "", buffered, bounds);
  }

  private static InputStream open(
      String archive, String member, String ending, InputStream in, Bounds bounds)
      throws IOException {
    Source source = new Source(in);
    try {
      InputStream plain =
          switch (ending) {
            case "" -> source;
            case ".gz" -> new GzipStream(source);
            case ".xz" ->
                new XZInputStream(
                    new BufferedInputStream(source, BUFFER), MOST_MEMORY_KIB, true, ARRAYS);
            case ".zst" -> new ZstdInputStream(source).setLongMax(LONGEST_WINDOW_LOG);
            case ".bz2" ->
                new BZip2CompressorInputStream(new BufferedInputStream(source, BUFFER), true);
            case ".lzma" ->
                new LZMAInputStream(
                    new BufferedInputStream(source, BUFFER), MOST_MEMORY_KIB, ARRAYS);
            default -> throw new HostileArchive(archive, member, "its compression is not known");
          };
      return new Checked(archive, member, source, plain, bounds);
    } catch (IOException e) {
      throw source.failed ? e : damaged(archive, member, e);
    }
  }

  private static HostileArchive damaged(String archive, String member, Exception cause) {
    if (cause instanceof HostileArchive hostile) {
      return hostile;
    }
    HostileArchive damaged =
        new HostileArchive(archive, member, "it cannot be decompressed (" + describe(cause) + ")");
    damaged.initCause(cause);
    return damaged;
  }

  private static String describe(Exception cause) {
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }

  /**
   * How much may come out.
   *
   * @param total bytes in all
   * @param ratio bytes out for each byte in, once there are more than {@code free} bytes
   * @param free see {@code ratio}
   */
  public record Bounds(long total, long ratio, long free) {}

  /** Counts what goes in and remembers whether the fault is the source's own. */
  private static final class Source extends InputStream {
    private final InputStream in;
    private long count;
    private boolean failed;

    Source(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      try {
        int got = in.read(target, offset, length);
        count += Math.max(got, 0);
        return got;
      } catch (IOException e) {
        failed = true;
        throw e;
      }
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }

  /** Counts what comes out and names faults. */
  private static final class Checked extends InputStream {
    private final String archive;
    private final String member;
    private final Source source;
    private final InputStream in;
    private final Bounds bounds;
    private long count;

    Checked(String archive, String member, Source source, InputStream in, Bounds bounds) {
      this.archive = archive;
      this.member = member;
      this.source = source;
      this.in = in;
      this.bounds = bounds;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int got;
      try {
        got = in.read(target, offset, length);
      } catch (IOException e) {
        throw source.failed ? e : damaged(archive, member, e);
      } catch (RuntimeException e) { // some decompressors answer damage like this
        throw damaged(archive, member, e);
      }
      count += Math.max(got, 0);
      if (count > bounds.total()) {
        throw new HostileArchive(
            archive, member, "it unpacks to more than " + bounds.total() + " bytes");
      }
      if (count > bounds.free() && count / bounds.ratio() > source.count) {
        throw new HostileArchive(
            archive, member, "it unpacks to more than " + bounds.ratio() + " times its size");
      }
      return got;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
