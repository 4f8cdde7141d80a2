package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Pack;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.CRC32C;

/** Bodies of sealed segments in a row, as a segment of their own. */
final class SentPack implements Pack {
  private static final int SLICE = 64 << 10;

  /** Always the same, since a pack gets no name in a store. */
  private static final byte[] NONCE = new byte[SegmentFormat.NONCE];

  private final List<Located> bodies;
  private final byte[] footer;
  private final long size;
  private final Digest digest;

  private SentPack(List<Located> bodies, byte[] footer, long size, Digest digest) {
    this.bodies = bodies;
    this.footer = footer;
    this.size = size;
    this.digest = digest;
  }

  /** Reads them all, for the digest, and holds each against its checksum. */
  static SentPack of(List<Located> bodies, Purpose purpose) throws IOException {
    MessageDigest hash = Digest.sha256();
    hash.update(SegmentFormat.header());
    List<Entry> entries = new ArrayList<>();
    long offset = SegmentFormat.HEADER;
    for (Located each : bodies) {
      CRC32C crc = new CRC32C();
      long length = each.entry().stored();
      for (long at = 0; at < length; at += SLICE) {
        byte[] slice = each.stored(at, (int) Math.min(SLICE, length - at));
        crc.update(slice);
        hash.update(slice);
      }
      if ((int) crc.getValue() != each.entry().crc()) {
        throw each.corrupt("its stored bytes have another checksum");
      }
      entries.add(each.entry().at(offset));
      offset += length;
    }
    ByteBuffer end = SegmentFormat.footer(entries, purpose, offset, NONCE).bytes();
    byte[] footer = new byte[end.remaining()];
    end.get(footer);
    hash.update(footer);
    return new SentPack(
        List.copyOf(bodies), footer, offset + footer.length, Digest.fromRaw(hash.digest()));
  }

  @Override
  public Digest digest() {
    return digest;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public InputStream open() {
    return new Stream();
  }

  /** Header, bodies, footer. Of one thread. */
  private final class Stream extends InputStream {
    private byte[] piece = SegmentFormat.header();
    private int at;
    private int body;
    private long from;
    private boolean ended;

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, target.length);
      if (length == 0) {
        return 0;
      }
      while (at == piece.length) {
        if (ended) {
          return -1;
        }
        piece = next();
        at = 0;
      }
      int count = Math.min(length, piece.length - at);
      System.arraycopy(piece, at, target, offset, count);
      at += count;
      return count;
    }

    private byte[] next() throws IOException {
      if (body == bodies.size()) {
        ended = true;
        return footer;
      }
      Located now = bodies.get(body);
      int length = (int) Math.min(SLICE, now.entry().stored() - from);
      byte[] bytes = now.stored(from, length);
      from += length;
      if (from == now.entry().stored()) {
        body++;
        from = 0;
      }
      return bytes;
    }
  }
}
