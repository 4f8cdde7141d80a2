package dev.imgstore.builder.source.fetch;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One file of an archive, read from the first mirror that has it. A connection that breaks, stalls
 * or ends too early is taken up again where it stopped, on the same mirror and then on the next; if
 * the size is not known, two mirrors may have two files, and the reader is told instead. Nothing
 * here is believed: whoever reads checks the hash.
 */
final class MirrorStream extends InputStream {
  private static final Duration MAX_PAUSE = Duration.ofSeconds(10);

  private final List<URI> mirrors;
  private final String path;
  private final String what;
  private final long size;
  private final Connections connections;
  private final List<Complaint> complaints = new ArrayList<>();
  private int mirror;
  private int first = -1;
  private int failures;
  private long position;
  private long length;
  private InputStream body = InputStream.nullInputStream();
  private boolean open;
  private long waited;
  private long came;

  /** What was read so far cannot become the file; another mirror may still have it. */
  static final class Spoiled extends IOException {
    private static final long serialVersionUID = 1L;

    private final boolean slow;

    Spoiled(String message) {
      this(message, false);
    }

    Spoiled(String message, boolean slow) {
      super(message);
      this.slow = slow;
    }

    /** Whether trying again there would only take long. */
    boolean isSlow() {
      return slow;
    }
  }

  /**
   * Nothing is asked before the first read.
   *
   * @param mirrors tried in this order; each ends in a slash
   * @param size the exact number of bytes, or -1 if it is not known
   */
  MirrorStream(List<URI> mirrors, String path, long size, Connections connections) {
    this(mirrors, path, path, size, connections);
  }

  /**
   * As the other one.
   *
   * @param what names the file in complaints, where its path does not
   */
  MirrorStream(List<URI> mirrors, String path, String what, long size, Connections connections) {
    this.mirrors = mirrors;
    this.path = path;
    this.what = what;
    this.size = size;
    this.connections = connections;
  }

  /** Which of the mirrors gave the first byte; the last one if none did. */
  int first() {
    return first < 0 ? mirrors.size() - 1 : first;
  }

  /** What mirrors said that were given up. */
  List<Complaint> complaints() {
    return List.copyOf(complaints);
  }

  /** The mirror that is read now, for people; no password of an address is in it. */
  String name() {
    return Complaint.name(mirrors.get(Math.min(mirror, mirrors.size() - 1)));
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int count) throws IOException {
    if (count == 0) {
      return 0; // what readAllBytes asks for when its buffer is just full
    }
    while (true) {
      checkInterrupt();
      try {
        if (!open) {
          drop(connect());
        }
        int read = some(target, offset, count);
        if (read > 0) {
          return taken(read);
        }
        if (read < 0 && position < length) {
          throw new EOFException("it ended after " + position + " of " + length + " bytes");
        }
        if (read < 0) {
          return -1;
        }
      } catch (Fetcher.FailedEverywhere | Spoiled e) {
        throw e;
      } catch (Connections.TooSlow e) {
        if (size < 0 && position > 0) {
          throw new Spoiled(name() + ": " + e.getMessage(), true);
        }
        next(e);
      } catch (FileNotFoundException e) {
        next(e);
      } catch (IOException e) {
        again(e);
      }
    }
  }

  private void checkInterrupt() throws InterruptedIOException {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("interrupted while reading " + path);
    }
  }

  private int some(byte[] target, int offset, int count) throws IOException {
    long before = connections.patience().nanos().getAsLong();
    int read = body.read(target, offset, count);
    checkPace(connections.patience().nanos().getAsLong() - before, read);
    return read;
  }

  /** Reads what a server sends again from the start, no more slowly than the rest. */
  private void drop(long unwanted) throws IOException {
    byte[] again = new byte[(int) Math.min(8192, unwanted)];
    long left = unwanted;
    while (left > 0) {
      checkInterrupt();
      int read = some(again, 0, (int) Math.min(again.length, left));
      if (read < 0) {
        throw new EOFException("it ended " + left + " bytes before where it is taken up again");
      }
      left -= read;
    }
  }

  /** Only time that was spent waiting for the server counts. */
  private void checkPace(long nanos, int read) throws Connections.TooSlow {
    waited += nanos;
    came += Math.max(0, read);
    Duration window = connections.patience().window();
    if (waited >= window.toNanos()) {
      boolean slow = read >= 0 && came < Patience.FLOOR * window.toSeconds();
      waited = 0;
      came = 0;
      if (slow) {
        throw new Connections.TooSlow(
            "it gives less than " + Patience.FLOOR + " bytes in a second, and is given up");
      }
    }
  }

  private int taken(int read) throws Spoiled {
    first = first < 0 ? mirror : first;
    position += read;
    if (size >= 0 && position > size) {
      throw new Spoiled(name() + " gives more than " + size + " bytes");
    }
    return read;
  }

  /** Tells how many bytes come before the position. */
  private long connect() throws IOException {
    if (mirror >= mirrors.size()) {
      throw new Fetcher.FailedEverywhere(what, complaints);
    }
    Connections.Body found =
        connections.open(Connections.address(mirrors.get(mirror), path), position);
    body = found.bytes();
    open = true;
    waited = 0;
    came = 0;
    if (size >= 0 && found.length() >= 0 && found.length() != size) {
      throw new FileNotFoundException(
          "its file has " + found.length() + " bytes instead of " + size);
    }
    length = size >= 0 ? size : found.length();
    return found.unwanted();
  }

  private void again(IOException failure) throws IOException {
    closeBody();
    if (size < 0 && position > 0) {
      throw new Spoiled(name() + ": " + failure.getMessage());
    }
    Duration wait = Duration.ofMillis(300L << (2 * failures));
    failures++;
    if (failures >= connections.patience().tries()) {
      next(failure);
      return;
    }
    if (failure instanceof Connections.Busy busy && !busy.asked().isZero()) {
      wait = busy.asked();
    }
    try {
      connections.patience().pause().of(wait.compareTo(MAX_PAUSE) < 0 ? wait : MAX_PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for " + name());
    }
  }

  private void next(IOException failure) {
    closeBody();
    complaints.add(
        new Complaint(name(), Complaint.kind(failure), name() + ": " + failure.getMessage()));
    mirror++;
    failures = 0;
  }

  private void closeBody() {
    open = false;
    try {
      body.close();
    } catch (IOException e) {
      // The connection is given up anyway.
    }
    body = InputStream.nullInputStream();
  }

  @Override
  public void close() {
    closeBody();
  }
}
