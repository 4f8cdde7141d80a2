package dev.imgstore.builder.pack;

import dev.imgstore.store.BlobReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** A canonical tar as one stream; opens one content at a time. For one thread. */
final class TarStream extends InputStream {
  private final CanonicalTar tar;
  private final BlobReader blobs;
  private InputStream part = InputStream.nullInputStream();
  private boolean ended;

  TarStream(CanonicalTar tar, BlobReader blobs) {
    this.tar = tar;
    this.blobs = blobs;
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
      int got = part.read(target, offset, length);
      if (got >= 0) {
        return got;
      }
      advance();
    }
    return -1;
  }

  private void advance() throws IOException {
    part.close();
    Optional<TarPart> next = tar.next();
    if (next.isEmpty()) {
      ended = true;
    } else if (next.get() instanceof TarPart.Own own) {
      part = new ByteArrayInputStream(own.bytes().toArray());
    } else if (next.get() instanceof TarPart.Content content) {
      part = open(content);
    }
  }

  private InputStream open(TarPart.Content content) throws IOException {
    long size = blobs.size(content.file().content());
    if (size != content.file().size()) {
      throw new IOException(
          "the tree says that "
              + content.file().content()
              + " has "
              + content.file().size()
              + " bytes, and it has "
              + size);
    }
    return blobs.open(content.file().content());
  }

  @Override
  public void close() throws IOException {
    ended = true;
    part.close();
  }
}
