package dev.imgstore.builder.source.git;

import dev.imgstore.builder.sandbox.HostProgram;
import java.io.Closeable;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The objects of a clone by their names, through one {@code git cat-file --batch}. Every object is
 * hashed while it is read and must be what its name says. One thread at a time.
 */
final class GitObjects implements Closeable {
  private static final int LONGEST_LINE = 200;

  private final HostProgram git;
  private final InputStream out;
  private final OutputStream in;

  /**
   * Opens a clone; nothing of it is fetched, and no program it configures runs.
   *
   * @param environment of this process, of which PATH and HOME are passed on
   */
  GitObjects(File clone, Map<String, String> environment) throws IOException {
    Map<String, String> ours = new TreeMap<>();
    for (String name : List.of("PATH", "HOME")) {
      ours.put(name, environment.getOrDefault(name, ""));
    }
    ours.put("LC_ALL", "C.UTF-8");
    ours.put("GIT_NO_LAZY_FETCH", "1");
    ours.put("GIT_NO_REPLACE_OBJECTS", "1");
    ours.put("GIT_OPTIONAL_LOCKS", "0");
    ours.put("GIT_TERMINAL_PROMPT", "0");
    ours.put("GIT_PROTOCOL_FROM_USER", "0");
    ours.put("GIT_ALLOW_PROTOCOL", "");
    git =
        new HostProgram(
            List.of("git", "-c", "core.fsmonitor=false", "cat-file", "--batch"), ours, clone);
    out = new java.io.BufferedInputStream(git.output(), 1 << 16);
    in = git.input();
  }

  /** An object whose bytes are read next, to their end. */
  final class Opened extends InputStream {
    private final String name;
    private final long size;
    private final MessageDigest hash;
    private long left;

    private Opened(String name, String type, long size) {
      this.name = name;
      this.size = size;
      this.left = size;
      this.hash = algorithm(name);
      hash.update((type + " " + size + "\0").getBytes(StandardCharsets.US_ASCII));
    }

    long size() {
      return size;
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
      if (left == 0) {
        return -1;
      }
      int got = out.read(target, offset, (int) Math.min(left, length));
      if (got < 0) {
        throw new EOFException("git ended in the middle of " + name);
      }
      hash.update(target, offset, got);
      left -= got;
      if (left == 0) {
        check();
      }
      return got;
    }

    private void check() throws IOException {
      if (!HexFormat.of().formatHex(hash.digest()).equals(name) || out.read() != '\n') {
        throw new IOException("git gives other bytes than those of " + name);
      }
    }

    /** All bytes; not more than so many. */
    byte[] bytes(int limit) throws IOException {
      if (size > limit) {
        throw new IOException("the object " + name + " has " + size + " bytes, which is too much");
      }
      return readAllBytes();
    }
  }

  /**
   * Asks for an object. The one before has been read to its end.
   *
   * @param name 40 or 64 hexadecimal digits
   * @throws IOException if there is none of this name and type
   */
  Opened open(String name, String type) throws IOException {
    algorithm(name); // refuses what is no name before git sees it
    try {
      in.write((name + "\n").getBytes(StandardCharsets.US_ASCII));
      in.flush();
    } catch (IOException e) {
      throw new IOException(git.complaint(), e);
    }
    String line = line();
    String[] words = line.split(" ", -1);
    if (words.length != 3
        || !words[0].equals(name)
        || !words[1].equals(type)
        || !words[2].matches("[0-9]{1,18}")) {
      throw new IOException(
          words.length == 3
              ? name + " is a " + words[1] + ", no " + type
              : "the clone has no " + type + " " + name + "; fetch it first");
    }
    Opened opened = new Opened(name, type, Long.parseLong(words[2]));
    if (opened.size() == 0) {
      opened.check();
    }
    return opened;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = out.read(); c != '\n'; c = out.read()) {
      if (c < 0) {
        throw new IOException(git.complaint());
      }
      if (line.length() > LONGEST_LINE) {
        throw new IOException("git answers with a line that is too long");
      }
      line.append((char) c);
    }
    return line.toString();
  }

  private static MessageDigest algorithm(String name) {
    if (!name.matches("[0-9a-f]{40}|[0-9a-f]{64}")) {
      throw new IllegalArgumentException("no name of an object: " + name);
    }
    try {
      return MessageDigest.getInstance(name.length() == 40 ? "SHA-1" : "SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // every Java has them
    }
  }

  @Override
  public void close() {
    git.close();
  }
}
