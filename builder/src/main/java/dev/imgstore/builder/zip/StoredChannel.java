package dev.imgstore.builder.zip;

import dev.imgstore.builder.tar.HostileArchive;
import dev.imgstore.model.Digest;
import dev.imgstore.store.BlobReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A blob to be read from anywhere, made of streams that only go forward: some blocks are kept, and
 * going back beyond them begins a new stream. That is done a few times only: an archive that makes
 * its reader jump about is refused. One thread at a time.
 */
final class StoredChannel implements SeekableByteChannel {
  static final int BLOCK = 1 << 16;
  private static final int KEPT_BLOCKS = 32;
  private static final int MOST_STREAMS = 16;

  private final String archive;
  private final BlobReader blobs;
  private final Digest blob;
  private final long size;
  private final Map<Long, byte[]> kept =
      new LinkedHashMap<>(KEPT_BLOCKS, 1, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, byte[]> eldest) {
          return size() > KEPT_BLOCKS;
        }
      };
  private InputStream stream = InputStream.nullInputStream();
  private long streamBlock;
  private int streams;
  private long position;
  private long left = Long.MAX_VALUE;
  private String tooMuch = "";
  private boolean open = true;

  StoredChannel(String archive, BlobReader blobs, Digest blob) throws IOException {
    this.archive = archive;
    this.blobs = blobs;
    this.blob = blob;
    this.size = blobs.size(blob);
    this.streamBlock = Long.MAX_VALUE;
  }

  /** From now on only so many bytes may be read. */
  void allow(long bytes, String complaint) {
    left = bytes;
    tooMuch = complaint;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (position >= size) {
      return -1;
    }
    byte[] block = block(position / BLOCK);
    int at = (int) (position % BLOCK);
    int length = Math.min(target.remaining(), block.length - at);
    left -= length;
    if (left < 0) {
      throw new HostileArchive(archive, "", tooMuch);
    }
    target.put(block, at, length);
    position += length;
    return length;
  }

  private byte[] block(long number) throws IOException {
    byte[] known = kept.get(number);
    if (known != null) {
      return known;
    }
    if (number < streamBlock) {
      if (++streams > MOST_STREAMS) {
        throw new HostileArchive(archive, "", "its entries are in no order");
      }
      stream.close();
      stream = blobs.open(blob);
      streamBlock = 0;
    }
    while (true) {
      byte[] block = stream.readNBytes((int) Math.min(BLOCK, size - streamBlock * BLOCK));
      boolean wanted = streamBlock++ == number;
      kept.put(streamBlock - 1, block);
      if (wanted) {
        return block;
      }
    }
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public SeekableByteChannel position(long to) throws IOException {
    if (to < 0) {
      throw new HostileArchive(archive, "", "it points before its beginning");
    }
    position = to;
    return this;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public int write(ByteBuffer source) {
    throw new NonWritableChannelException();
  }

  @Override
  public SeekableByteChannel truncate(long length) {
    throw new NonWritableChannelException();
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() throws IOException {
    open = false;
    stream.close();
  }
}
