package dev.imgstore.builder.xz;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * Decompresses .xz (The .xz File Format, 1.2.1) whose blocks have the one filter LZMA2, and checks
 * every checksum that is there. One thread at a time; closing it closes what it reads.
 */
public final class XzStream extends InputStream {
  private static final int HEADER = 12;
  private static final int LONGEST_BLOCK_HEADER = 1024;
  private static final byte[] MAGIC = {(byte) 0xfd, '7', 'z', 'X', 'Z', 0};

  /** The kinds of checks and how many bytes they take (section 2.1.1.2). */
  private enum Check {
    NONE(0),
    CRC32(4),
    CRC64(8),
    SHA256(32);

    private final int size;

    Check(int size) {
      this.size = size;
    }
  }

  private final InputStream in;
  private final long mostDictionary;
  private final Lzma2 lzma2 = new Lzma2();
  private final CRC32 crc32 = new CRC32();
  private final Crc64 crc64 = new Crc64();
  private final CRC32 sizes = new CRC32();
  private MessageDigest sha256;
  private byte[] flags = new byte[2];
  private Check check = Check.NONE;
  private BlockHeader block = new BlockHeader(0, 0, 0, 0);
  private boolean inBlock;
  private boolean ended;
  private long blocks;
  private long blockRead;

  /**
   * Reads the header.
   *
   * @param in read in large pieces, and not beyond what is needed
   * @param mostDictionary bytes; a block that needs a larger one is refused
   */
  public XzStream(InputStream in, long mostDictionary) throws IOException {
    this.in = in;
    this.mostDictionary = mostDictionary;
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
    streamHeader(exactly(HEADER));
  }

  /**
   * Whether the stream's first block is one that this class reads. What was looked at is given
   * back.
   */
  public static boolean reads(BufferedInputStream in) throws IOException {
    in.mark(HEADER + LONGEST_BLOCK_HEADER);
    try {
      byte[] start = in.readNBytes(HEADER + 1);
      if (start.length <= HEADER || start[HEADER] == 0) {
        return true; // damaged or empty, and said so when it is read
      }
      byte[] header = new byte[((start[HEADER] & 0xff) + 1) * 4];
      header[0] = start[HEADER];
      return in.readNBytes(header, 1, header.length - 1) < header.length - 1
          || BlockHeader.read(header).dictionary() != 0;
    } catch (XzDamage e) {
      return true;
    } finally {
      in.reset();
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (!ended) {
      if (!inBlock) {
        startBlock();
      } else if (lzma2.available() > 0) {
        return lzma2.read(target, offset, length);
      } else if (lzma2.next(in)) {
        update(lzma2.window(), lzma2.chunkStart(), lzma2.chunkEnd());
      } else {
        endBlock();
      }
    }
    return -1;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private byte[] exactly(int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new XzDamage("it ends too early");
    }
    return bytes;
  }

  private void streamHeader(byte[] header) throws IOException {
    if (!Arrays.equals(header, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new XzDamage("it does not start like .xz");
    }
    flags = Arrays.copyOfRange(header, 6, 8);
    CRC32 crc = new CRC32();
    crc.update(flags);
    if ((int) crc.getValue() != BlockHeader.littleEndian(header, 8)) {
      throw new XzDamage("the checksum of its header is wrong");
    }
    check =
        switch (flags[0] == 0 ? flags[1] : -1) {
          case 0 -> Check.NONE;
          case 1 -> Check.CRC32;
          case 4 -> Check.CRC64;
          case 10 -> Check.SHA256;
          default -> throw new XzDamage("its kind of checksum is not known");
        };
    blocks = 0;
    sizes.reset();
  }

  private void startBlock() throws IOException {
    int first = exactly(1)[0] & 0xff;
    if (first == 0) {
      index();
      return;
    }
    byte[] header = new byte[(first + 1) * 4];
    header[0] = (byte) first;
    if (in.readNBytes(header, 1, header.length - 1) < header.length - 1) {
      throw new XzDamage("it ends too early");
    }
    block = BlockHeader.read(header);
    if (block.dictionary() == 0) {
      throw new XzDamage("a block has other filters than LZMA2");
    }
    if (block.dictionary() > mostDictionary) {
      throw new XzDamage(
          "it needs "
              + block.dictionary()
              + " bytes of memory; "
              + mostDictionary
              + " are allowed");
    }
    lzma2.start((int) block.dictionary());
    crc32.reset();
    crc64.reset();
    sha256.reset();
    blockRead = 0;
    inBlock = true;
  }

  private void update(byte[] window, int from, int to) {
    blockRead += to - from;
    switch (check) {
      case NONE -> {}
      case CRC32 -> crc32.update(window, from, to - from);
      case CRC64 -> crc64.update(window, from, to);
      case SHA256 -> sha256.update(window, from, to - from);
    }
  }

  private void endBlock() throws IOException {
    long compressed = lzma2.bytesRead();
    for (byte zero : exactly((int) (-compressed & 3))) {
      if (zero != 0) {
        throw new XzDamage("a block is not padded with zeros");
      }
    }
    if ((block.compressed() >= 0 && block.compressed() != compressed)
        || (block.uncompressed() >= 0 && block.uncompressed() != blockRead)) {
      throw new XzDamage("a block has not the size that its header tells");
    }
    if (!Arrays.equals(exactly(check.size), expected())) {
      throw new XzDamage("the checksum of a block is wrong");
    }
    addSizes(sizes, block.length() + compressed + check.size, blockRead);
    blocks++;
    inBlock = false;
  }

  private byte[] expected() {
    return switch (check) {
      case NONE -> new byte[0];
      case CRC32 -> littleEndian(crc32.getValue(), 4);
      case CRC64 -> littleEndian(crc64.value(), 8);
      case SHA256 -> sha256.digest();
    };
  }

  private static byte[] littleEndian(long value, int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (value >>> (8 * i));
    }
    return bytes;
  }

  private static void addSizes(CRC32 sizes, long unpadded, long uncompressed) {
    sizes.update(littleEndian(unpadded, 8));
    sizes.update(littleEndian(uncompressed, 8));
  }

  /** The list of blocks and the end of the stream (sections 4 and 2.1.2). */
  private void index() throws IOException {
    IndexReader index = new IndexReader(in);
    long count = index.number();
    CRC32 told = new CRC32();
    for (long i = 0; i < count && count == blocks; i++) {
      addSizes(told, index.number(), index.number());
    }
    if (count != blocks || told.getValue() != sizes.getValue()) {
      throw new XzDamage("its index tells of other blocks than it has");
    }
    long length = index.end();
    byte[] footer = exactly(HEADER);
    CRC32 crc = new CRC32();
    crc.update(footer, 4, 6);
    if ((int) crc.getValue() != BlockHeader.littleEndian(footer, 0)
        || (BlockHeader.littleEndian(footer, 4) & 0xffffffffL) != length / 4 - 1
        || footer[8] != flags[0]
        || footer[9] != flags[1]
        || footer[10] != 'Y'
        || footer[11] != 'Z') {
      throw new XzDamage("its end is damaged");
    }
    nextStream();
  }

  /** Passes over padding; another stream may follow. */
  private void nextStream() throws IOException {
    byte[] four = in.readNBytes(4);
    while (four.length == 4 && BlockHeader.littleEndian(four, 0) == 0) {
      four = in.readNBytes(4);
    }
    if (four.length == 0) {
      ended = true;
      return;
    }
    byte[] header = Arrays.copyOf(four, HEADER);
    if (four.length < 4 || in.readNBytes(header, 4, HEADER - 4) < HEADER - 4) {
      throw new XzDamage("there is something after its end");
    }
    streamHeader(header);
  }
}
