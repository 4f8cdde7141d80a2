package dev.imgstore.builder.source.deb;

import com.github.luben.zstd.ZstdInputStream;
import dev.imgstore.builder.tar.HostileArchive;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.tukaani.xz.ArrayCache;
import org.tukaani.xz.BasicArrayCache;
import org.tukaani.xz.LZMAInputStream;
import org.tukaani.xz.XZInputStream;

/** What the end of a member's name says about its compression (deb(5)). */
final class Decompression {
  /** Dictionaries beyond this are refused; Debian's own packages use at most 64 MiB. */
  private static final int MOST_MEMORY_KIB = 160 * 1024;

  private static final int LONGEST_WINDOW_LOG = 27;
  private static final int BUFFER = 64 * 1024;
  private static final ArrayCache ARRAYS = new BasicArrayCache();

  private Decompression() {}

  /** Decompresses {@code in}; what is wrong with it comes out as a {@link HostileArchive}. */
  static InputStream open(String archive, String member, InputStream in, Bounds bounds)
      throws IOException {
    Source source = new Source(in);
    try {
      String ending = member.substring(member.indexOf(".tar") + ".tar".length());
      InputStream plain =
          switch (ending) {
            case "" -> source;
            case ".gz" -> new GZIPInputStream(new BufferedInputStream(source, BUFFER), BUFFER);
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
  record Bounds(long total, long ratio, long free) {}

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
