package dev.imgstore.store.disk;

import dev.imgstore.model.RelPath;
import dev.imgstore.store.Staged;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** A file in the store's directory below {@code tmp/}, made when the first bytes come. */
final class DiskStaged implements Staged {
  private static final int BUFFER = 64 << 10;
  private final Filesystem files;
  private final Scratch scratch;
  private @Nullable RelPath file;
  private @Nullable OutputStream out;
  private long size;

  DiskStaged(Filesystem files, Scratch scratch) {
    this.files = files;
    this.scratch = scratch;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public boolean append(InputStream bytes, long limit) throws IOException {
    byte[] buffer = new byte[BUFFER];
    long room = limit;
    while (true) {
      int got = bytes.read(buffer, 0, (int) Math.min(buffer.length, Math.max(1, room)));
      if (got < 0) {
        return true;
      }
      if (got > room) {
        return false;
      }
      target().write(buffer, 0, got);
      size += got;
      room -= got;
    }
  }

  private OutputStream target() throws IOException {
    OutputStream to = out;
    if (to == null) {
      RelPath name = scratch.newFile();
      to = files.create(name);
      file = name;
      out = to;
    }
    return to;
  }

  @Override
  public InputStream open() throws IOException {
    RelPath name = file;
    return name == null ? InputStream.nullInputStream() : files.read(name);
  }

  @Override
  public void close() throws IOException {
    RelPath name = file;
    OutputStream to = out;
    file = null;
    out = null;
    if (to != null && name != null) {
      to.close();
      if (files.stat(name).isPresent()) { // the store may be closed, and then it is gone
        files.delete(name);
      }
    }
  }
}
