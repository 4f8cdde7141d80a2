package dev.imgstore.testkit;

import dev.imgstore.model.RelPath;
import dev.imgstore.store.disk.Filesystem;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;

/** Passes every call on after {@link #before}; the base of the faults. */
abstract class ForwardingFilesystem implements Filesystem {
  private final Filesystem next;

  ForwardingFilesystem(Filesystem next) {
    this.next = next;
  }

  /**
   * Called first.
   *
   * @return false to say yes without doing it (only for calls that give nothing)
   */
  abstract boolean before(Call call, RelPath path) throws IOException;

  /** One write to a stream; the default asks {@link #before} and passes it on. */
  void write(RelPath path, OutputStream to, byte[] bytes, int offset, int length)
      throws IOException {
    if (before(Call.WRITE, path)) {
      to.write(bytes, offset, length);
    }
  }

  @Override
  public InputStream read(RelPath file) throws IOException {
    before(Call.READ, file);
    return next.read(file);
  }

  @Override
  public Window open(RelPath file) throws IOException {
    before(Call.OPEN, file);
    return next.open(file);
  }

  @Override
  public OutputStream create(RelPath file) throws IOException {
    before(Call.CREATE, file);
    return new Writes(file, next.create(file));
  }

  @Override
  public OutputStream append(RelPath file) throws IOException {
    before(Call.APPEND, file);
    return new Writes(file, next.append(file));
  }

  @Override
  public void truncate(RelPath file, long size) throws IOException {
    if (before(Call.TRUNCATE, file)) {
      next.truncate(file, size);
    }
  }

  @Override
  public void sync(RelPath path) throws IOException {
    if (before(Call.SYNC, path)) {
      next.sync(path);
    }
  }

  @Override
  public void moveAtomically(RelPath from, RelPath to) throws IOException {
    if (before(Call.MOVE, from)) {
      next.moveAtomically(from, to);
    }
  }

  @Override
  public void delete(RelPath file) throws IOException {
    if (before(Call.DELETE, file)) {
      next.delete(file);
    }
  }

  @Override
  public List<RelPath> list(RelPath directory) throws IOException {
    before(Call.LIST, directory);
    return next.list(directory);
  }

  @Override
  public Optional<Stat> stat(RelPath path) throws IOException {
    before(Call.STAT, path);
    return next.stat(path);
  }

  @Override
  public Optional<Long> version(RelPath directory) throws IOException {
    before(Call.STAT, directory);
    return next.version(directory);
  }

  @Override
  public void makeDirectories(RelPath directory) throws IOException {
    if (before(Call.MAKE_DIRECTORIES, directory)) {
      next.makeDirectories(directory);
    }
  }

  @Override
  public void link(RelPath link, String target) throws IOException {
    if (before(Call.LINK, link)) {
      next.link(link, target);
    }
  }

  @Override
  public Optional<String> target(RelPath link) throws IOException {
    before(Call.STAT, link);
    return next.target(link);
  }

  @Override
  public void makeReadOnly(RelPath file) throws IOException {
    if (before(Call.MAKE_READ_ONLY, file)) {
      next.makeReadOnly(file);
    }
  }

  @Override
  public Signal signal(RelPath file) throws IOException {
    Signal signal = next.signal(file);
    return new Signal() {
      @Override
      public long get() {
        return signal.get();
      }

      @Override
      public void set(long number) throws IOException {
        if (before(Call.SET, file)) {
          signal.set(number);
        }
      }

      @Override
      public void close() throws IOException {
        signal.close();
      }
    };
  }

  @Override
  public Lock lock(RelPath file) throws IOException {
    before(Call.LOCK, file);
    return next.lock(file);
  }

  @Override
  public Optional<Lock> tryLock(RelPath file) throws IOException {
    before(Call.LOCK, file);
    return next.tryLock(file);
  }

  private final class Writes extends OutputStream {
    private final RelPath path;
    private final OutputStream to;

    Writes(RelPath path, OutputStream to) {
      this.path = path;
      this.to = to;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      ForwardingFilesystem.this.write(path, to, bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      to.close();
    }
  }
}
