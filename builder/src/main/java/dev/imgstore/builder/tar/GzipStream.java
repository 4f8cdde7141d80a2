package dev.imgstore.builder.tar;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * All members of a gzip file (RFC 1952) as one stream. The JDK's own reader takes whatever stands
 * behind a member for the end, and may overlook a member; here, only zeros may follow the last one,
 * as on tapes. Headers of any length take no memory. One thread at a time.
 */
final class GzipStream extends InputStream {
  private static final int BUFFER = 64 * 1024;
  private static final int DEFLATE = 8;
  private static final int HEADER_SUM = 0x02;
  private static final int EXTRA = 0x04;
  private static final int NAME = 0x08;
  private static final int COMMENT = 0x10;
  private static final int RESERVED = 0xe0;

  private final InputStream in;
  private final Inflater inflater = new Inflater(true);
  private final byte[] buffer = new byte[BUFFER];
  private final CRC32 content = new CRC32();
  private final CRC32 header = new CRC32();
  private int at;
  private int end;
  private boolean inMember;
  private boolean ended;

  /** Reads the first header. */
  GzipStream(InputStream in) throws IOException {
    this.in = in;
    begin(need());
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    while (length > 0 && !ended) {
      if (!inMember) {
        next();
      } else {
        int got = inflate(target, offset, length);
        if (got > 0) {
          content.update(target, offset, got);
          return got;
        }
      }
    }
    return length == 0 ? 0 : -1;
  }

  /** Zero where there must be asked again. */
  private int inflate(byte[] target, int offset, int length) throws IOException {
    try {
      int got = inflater.inflate(target, offset, length);
      if (got > 0) {
        return got;
      }
    } catch (DataFormatException e) {
      throw new IOException("its compressed data is damaged: " + e.getMessage(), e);
    }
    if (inflater.finished()) {
      at = end - inflater.getRemaining();
      trailer();
      inMember = false;
    } else if (inflater.needsDictionary()) {
      throw new IOException("its compressed data is damaged: it wants a dictionary");
    } else {
      at = end;
      if (!fill()) {
        throw new EOFException("it ends too early");
      }
      inflater.setInput(buffer, 0, end);
    }
    return 0;
  }

  private void trailer() throws IOException {
    long size = inflater.getBytesWritten() & 0xffffffffL;
    if (little(4) != content.getValue()) {
      throw new IOException("its content is not what its checksum says");
    }
    if (little(4) != size) {
      throw new IOException("its content is not as long as it says");
    }
  }

  /** Another member, or zeros and the end. */
  private void next() throws IOException {
    int first = take();
    if (first > 0) {
      begin(first);
      return;
    }
    while (first == 0) {
      first = take();
    }
    if (first > 0) {
      throw new IOException("there is something after its end");
    }
    ended = true;
  }

  private void begin(int first) throws IOException {
    header.reset();
    header.update(first);
    if (first != 0x1f || need() != 0x8b) {
      throw new IOException("there is something after its end");
    }
    if (need() != DEFLATE) {
      throw new IOException("its compression is not known");
    }
    int flags = need();
    if ((flags & RESERVED) != 0) {
      throw new IOException("its header has unknown flags");
    }
    pass(6);
    if ((flags & EXTRA) != 0) {
      pass(little(2));
    }
    if ((flags & NAME) != 0) {
      skipText();
    }
    if ((flags & COMMENT) != 0) {
      skipText();
    }
    long sum = header.getValue() & 0xffff;
    if ((flags & HEADER_SUM) != 0 && little(2) != sum) {
      throw new IOException("its header is not what its checksum says");
    }
    inflater.reset();
    inflater.setInput(buffer, at, end - at);
    content.reset();
    inMember = true;
  }

  private void pass(long count) throws IOException {
    for (long i = 0; i < count; i++) {
      need();
    }
  }

  private void skipText() throws IOException {
    int one = need();
    while (one != 0) {
      one = need();
    }
  }

  private long little(int bytes) throws IOException {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (long) need() << (8 * i);
    }
    return value;
  }

  private int need() throws IOException {
    int one = take();
    if (one < 0) {
      throw new EOFException("it ends too early");
    }
    header.update(one);
    return one;
  }

  private int take() throws IOException {
    return at < end || fill() ? buffer[at++] & 0xff : -1;
  }

  private boolean fill() throws IOException {
    at = 0;
    end = Math.max(0, in.read(buffer, 0, buffer.length));
    return end > 0;
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    in.close();
  }
}
