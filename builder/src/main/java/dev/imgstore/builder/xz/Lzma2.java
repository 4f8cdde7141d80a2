package dev.imgstore.builder.xz;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * The chunks of LZMA2 (The .xz File Format, 5.3.1, and the reference decoder's description): each
 * is stored or one run of LZMA packets. Decoded bytes lie in a window that grows as long as it is
 * smaller than the dictionary needs, and then is moved to its front now and again.
 */
final class Lzma2 {
  private static final int LARGEST_CHUNK = 1 << 21;
  private static final int SMALLEST_WINDOW = 1 << 16;
  private static final int ALIGNMENT = 16;

  private final LzmaDecoder decoder = new LzmaDecoder();
  private final byte[] packed = new byte[(1 << 16) + LzmaDecoder.SPARE];
  private byte[] window = new byte[0];
  private int dictionary;
  private int start;
  private int end;
  private int given;
  private int chunkStart;
  private long read;
  private boolean needsDictionary;
  private boolean needsProperties;
  private boolean needsState;

  /** Begins a block. All bytes of the one before were read. */
  void start(int dictionarySize) {
    dictionary = dictionarySize;
    start = 0;
    end = 0;
    given = 0;
    chunkStart = 0;
    read = 0;
    needsDictionary = true;
    needsProperties = true;
    needsState = true;
  }

  int available() {
    return end - given;
  }

  int read(byte[] target, int offset, int length) {
    int count = Math.min(length, end - given);
    System.arraycopy(window, given, target, offset, count);
    given += count;
    return count;
  }

  byte[] window() {
    return window;
  }

  int chunkStart() {
    return chunkStart;
  }

  int chunkEnd() {
    return end;
  }

  /** Compressed bytes of this block so far. */
  long bytesRead() {
    return read;
  }

  /** Decodes the next chunk; false at the end of the block. */
  boolean next(InputStream in) throws IOException {
    int control = take(in, 1)[0] & 0xff;
    if (control == 0) {
      return false;
    }
    if (control == 1 || control >= 0xe0) {
      needsDictionary = false;
      start = end;
    } else if (needsDictionary) {
      throw new XzDamage("a block does not begin with an empty dictionary");
    }
    if (control >= 0x80) {
      packed(in, control);
    } else if (control <= 2) {
      stored(in);
    } else {
      throw new XzDamage("a chunk is of no known kind");
    }
    return true;
  }

  private void stored(InputStream in) throws IOException {
    byte[] header = take(in, 2);
    int size = ((header[0] & 0xff) << 8 | (header[1] & 0xff)) + 1;
    makeRoom(size);
    if (in.readNBytes(window, end, size) < size) {
      throw new XzDamage("it ends too early");
    }
    read += size;
    chunkStart = end;
    end += size;
  }

  private void packed(InputStream in, int control) throws IOException {
    byte[] header = take(in, 4);
    int size = ((control & 0x1f) << 16 | (header[0] & 0xff) << 8 | (header[1] & 0xff)) + 1;
    int length = ((header[2] & 0xff) << 8 | (header[3] & 0xff)) + 1;
    if (control >= 0xc0) {
      if (!decoder.setProperties(take(in, 1)[0] & 0xff)) {
        throw new XzDamage("a chunk's properties are wrong");
      }
      needsProperties = false;
    }
    if (control >= 0xa0) {
      decoder.reset();
      needsState = false;
    }
    if (needsProperties || needsState) {
      throw new XzDamage("a block does not begin with its properties");
    }
    makeRoom(size);
    if (in.readNBytes(packed, 0, length) < length) {
      throw new XzDamage("it ends too early");
    }
    Arrays.fill(packed, length, length + LzmaDecoder.SPARE, (byte) 0);
    read += length;
    if (length < 5 || !decoder.decode(packed, length, window, start, end, end + size)) {
      throw new XzDamage("a chunk is damaged");
    }
    chunkStart = end;
    end += size;
  }

  private byte[] take(InputStream in, int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new XzDamage("it ends too early");
    }
    read += count;
    return bytes;
  }

  /** Called when all decoded bytes were read, so that only the dictionary must be kept. */
  private void makeRoom(int size) {
    if (end + size <= window.length) {
      return;
    }
    long most = (long) dictionary + Math.max(2 * LARGEST_CHUNK + 4 * ALIGNMENT, dictionary / 4);
    long wanted = Math.max(SMALLEST_WINDOW, Math.max(2L * window.length, end + size));
    if (wanted <= most || end + size <= most) {
      window = Arrays.copyOf(window, (int) Math.min(wanted, most));
      return;
    }
    // Distances count from where the dictionary started, modulo the alignment.
    int keep = Math.min(end - start, dictionary);
    int shift = end - keep;
    shift -= Math.floorMod(shift - start, ALIGNMENT);
    System.arraycopy(window, shift, window, 0, end - shift);
    end -= shift;
    given = end;
    start = 0;
  }
}
