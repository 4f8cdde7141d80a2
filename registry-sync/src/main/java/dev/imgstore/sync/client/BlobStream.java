package dev.imgstore.sync.client;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.sync.RegistryException;
import dev.imgstore.sync.RegistryException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a blob, no more than its size says; the read that would give the last of them gives
 * none if the hash is another, unless that is left to the reader. What was cut is gone on with,
 * where it stopped.
 */
final class BlobStream extends InputStream {
  private static final Pattern RANGE =
      Pattern.compile("bytes (\\d{1,18})-\\d{1,18}/(?:\\d{1,18}|\\*)");
  private static final long PROGRESS = 1 << 20;

  private final Session session;
  private final Call call;
  private final String scope;
  private final Descriptor blob;
  private final Trial trial;
  private final Hash hashing;
  private final MessageDigest hash = Digest.sha256();
  private @Nullable Answer answer;
  private long position;
  private long mark;
  private boolean closed;

  /** Who sees to the hash. */
  enum Hash {
    CHECKED,
    LEFT
  }

  BlobStream(Session session, Call call, String scope, Descriptor blob, Hash hashing) {
    this.session = session;
    this.call = call;
    this.scope = scope;
    this.blob = blob;
    this.hashing = hashing;
    this.trial = session.trial(call.what());
  }

  /** Opens it, so that what is not there is told before anything is read. */
  void begin() throws IOException {
    answer = open();
    if (blob.size() == 0) {
      check();
    }
  }

  private Answer open() throws IOException {
    Call from = position == 0 ? call : call.with("Range", "bytes=" + position + "-");
    Answer next = session.ask(from, scope);
    try {
      if (next.status() != 200 && next.status() != 206) {
        throw session.refused(call, next);
      }
      long there = start(next);
      if (next.length() >= 0 && there + next.length() != blob.size()) {
        throw wrong("it sends " + (there + next.length()) + " bytes for " + blob.size());
      }
      for (long skip = position - there; skip > 0; ) {
        byte[] unwanted = next.body().readNBytes((int) Math.min(skip, 1 << 16));
        if (unwanted.length == 0) {
          throw new IOException("it ends too early");
        }
        skip -= unwanted.length;
      }
      return next;
    } catch (IOException e) {
      next.close();
      throw e;
    }
  }

  /** Where in the blob the body begins. */
  private long start(Answer next) throws RegistryException {
    if (next.status() == 200) {
      return 0;
    }
    Matcher range = RANGE.matcher(next.header("Content-Range"));
    if (position == 0 || !range.matches() || Long.parseLong(range.group(1)) != position) {
      throw wrong("it sends another part than it was asked for");
    }
    return position;
  }

  private RegistryException wrong(String what) {
    return new RegistryException(Kind.WRONG, call.what() + ": " + what);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    if (closed) {
      throw new IOException("the stream is closed");
    }
    if (position == blob.size()) {
      return -1;
    }
    if (length == 0) {
      return 0;
    }
    int count = next(buffer, offset, (int) Math.min(length, blob.size() - position));
    if (hashing == Hash.CHECKED) {
      hash.update(buffer, offset, count);
    }
    position += count;
    if (position - mark >= PROGRESS) {
      mark = position;
      trial.progressed();
    }
    if (position == blob.size()) {
      check();
    }
    return count;
  }

  private int next(byte[] buffer, int offset, int length) throws IOException {
    while (true) {
      try {
        Answer from = answer;
        if (from == null) {
          from = open();
          answer = from;
        }
        int count = from.body().read(buffer, offset, length);
        if (count > 0) {
          return count;
        }
        throw new IOException("it ends after " + position + " of " + blob.size() + " bytes");
      } catch (IOException e) {
        String reason = session.reason(e);
        end();
        trial.again(reason, Duration.ZERO, e);
      }
    }
  }

  private void check() throws IOException {
    Digest found = hashing == Hash.CHECKED ? Digest.fromRaw(hash.digest()) : blob.digest();
    Answer last = answer;
    boolean longer = last != null && last.length() < 0 && last.body().read() >= 0;
    end();
    if (longer || !found.equals(blob.digest())) {
      closed = true;
      throw wrong(longer ? "it sends more than " + blob.size() + " bytes" : "it sends " + found);
    }
  }

  private void end() throws IOException {
    Answer last = answer;
    answer = null;
    if (last != null) {
      last.close();
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    end();
  }
}
