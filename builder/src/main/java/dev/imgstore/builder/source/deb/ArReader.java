package dev.imgstore.builder.source.deb;

import dev.imgstore.builder.tar.HostileArchive;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads the members of an ar archive in the form deb(5) allows: short names, no symbol table, no
 * long names.
 */
final class ArReader {
  /** A member's name and the number of its bytes. */
  record Member(String name, long size) {}

  private static final byte[] MAGIC = "!<arch>\n".getBytes(StandardCharsets.US_ASCII);
  private static final int HEADER = 60;

  private final String archive;
  private final InputStream in;
  private String current = "";
  private long left;
  private long read;
  private int padding;

  ArReader(String archive, InputStream in) throws IOException {
    this.archive = archive;
    this.in = in;
    byte[] magic = in.readNBytes(MAGIC.length);
    if (!java.util.Arrays.equals(magic, MAGIC)) {
      throw new HostileArchive(archive, "", "it is no .deb: it does not start like an ar archive");
    }
  }

  /** The next member; the rest of the one before is passed over. */
  Optional<Member> next() throws IOException {
    skip(left + padding);
    left = 0;
    padding = 0;
    byte[] header = in.readNBytes(HEADER);
    if (header.length == 0) {
      return Optional.empty();
    }
    if (header.length < HEADER) {
      throw fault("the archive ends too early");
    }
    if (header[58] != '`' || header[59] != '\n') {
      throw fault("the header of the member after it is damaged");
    }
    String name = new String(header, 0, 16, StandardCharsets.ISO_8859_1).stripTrailing();
    current = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
    String digits = new String(header, 48, 10, StandardCharsets.ISO_8859_1).stripTrailing();
    if (current.isEmpty()) {
      throw fault("a member has no name");
    }
    if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw fault("its size is no number");
    }
    left = Long.parseLong(digits);
    padding = (int) (left & 1);
    return Optional.of(new Member(current, left));
  }

  /** The bytes of the current member, not to be closed; ends where it ends. */
  InputStream content() {
    return new Content();
  }

  /** Bytes read so far of all members together. */
  long bytesRead() {
    return read;
  }

  private void skip(long count) throws IOException {
    long rest = count;
    while (rest > 0) {
      long skipped = in.skip(rest);
      if (skipped == 0 && in.read() < 0) {
        if (rest <= padding) {
          return; // the last member's padding may be missing
        }
        throw fault("the archive ends too early");
      }
      rest -= Math.max(skipped, 1);
    }
  }

  private HostileArchive fault(String why) {
    return new HostileArchive(archive, current, why);
  }

  /** One member. */
  private final class Content extends InputStream {
    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (left == 0 || length == 0) {
        return left == 0 ? -1 : 0;
      }
      int got = in.read(target, offset, (int) Math.min(left, length));
      if (got < 0) {
        throw fault("the archive ends too early");
      }
      left -= got;
      read += got;
      return got;
    }
  }
}
