package dev.imgstore.sync.cache;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.sync.Manifest;
import dev.imgstore.sync.Registry;
import dev.imgstore.sync.RegistryException;
import dev.imgstore.sync.RegistryException.Kind;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/**
 * A cache as a build sees it: whatever goes wrong there is either {@link Refused}, of one result,
 * or {@link Unavailable}. Other failures are those of this machine. Safe for many threads.
 */
final class Source {
  private final Registry registry;

  Source(Registry registry) {
    this.registry = registry;
  }

  /** Something that is asked of the registry. */
  private interface Question<T> {
    T ask() throws IOException;
  }

  private static <T> T ask(Question<T> question) throws IOException {
    try {
      return question.ask();
    } catch (Unavailable | Refused e) {
      throw e;
    } catch (IOException e) {
      throw judged(e);
    }
  }

  private static IOException judged(IOException e) {
    if (Thread.currentThread().isInterrupted()) {
      return e;
    }
    Kind kind = e instanceof RegistryException said ? said.kind() : Kind.UNAVAILABLE;
    return kind == Kind.UNKNOWN || kind == Kind.WRONG
        ? new Refused(String.valueOf(e.getMessage()))
        : new Unavailable(String.valueOf(e.getMessage()), e);
  }

  Optional<Manifest> manifest(String tag) throws IOException {
    return ask(() -> registry.manifest(tag));
  }

  /** None if there is no such repository yet. */
  List<String> tags() throws IOException {
    return ask(
        () -> {
          try {
            return registry.tags();
          } catch (RegistryException e) {
            if (e.kind() == Kind.UNKNOWN) {
              return List.of();
            }
            throw e;
          }
        });
  }

  /** A whole blob, held against its digest. */
  byte[] read(Descriptor blob, int most, String what) throws IOException {
    if (blob.size() > most) {
      throw new Refused(what + " is said to have " + blob.size() + " bytes; at most " + most);
    }
    return ask(
        () -> {
          byte[] bytes;
          try (InputStream in = registry.open(blob)) {
            bytes = in.readNBytes((int) blob.size() + 1);
          }
          if (bytes.length != blob.size() || !Digest.of(bytes).equals(blob.digest())) {
            throw new Refused(what + " is not what its digest says");
          }
          return bytes;
        });
  }

  /** A blob that is not held against its digest here; the caller closes it. */
  InputStream open(Descriptor blob, Counter counter) throws IOException {
    return new Counted(ask(() -> registry.open(blob)), counter);
  }

  /** Told of bytes that came; may refuse more. */
  interface Counter {
    void more(int count) throws IOException;
  }

  private static final class Counted extends FilterInputStream {
    private final Counter counter;

    Counted(InputStream in, Counter counter) {
      super(in);
      this.counter = counter;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      int count = ask(() -> in.read(bytes, from, length));
      if (count > 0) {
        counter.more(count);
      }
      return count;
    }

    @Override
    public boolean markSupported() {
      return false;
    }

    @Override
    public void close() {
      try {
        super.close();
      } catch (IOException e) {
        // what was read of it is right or was refused already
      }
    }
  }
}
