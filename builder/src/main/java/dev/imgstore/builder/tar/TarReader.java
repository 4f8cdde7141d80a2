package dev.imgstore.builder.tar;

import dev.imgstore.builder.tar.TarEntry.Kind;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Meta;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * Reads the entries of a tar stream in turn: ustar, GNU long names and links, numbers in base 256,
 * and pax headers with raw bytes in extended attributes. Sparse files, multi-volume archives,
 * content on anything but files, and bytes after the end are refused. One thread at a time.
 *
 * <p>Usage: {@link #next}, then read {@link #content} as far as wanted, then {@code next} again.
 */
public final class TarReader implements Closeable {
  private static final int BLOCK = TarHeader.BLOCK;
  private static final int LONGEST_HEADER = 1 << 20;
  private static final long LONGEST_CONTENT = 1L << 42;

  private final String archive;
  private final InputStream in;
  private final byte[] buffer = new byte[64 * 1024];
  private final byte[] block = new byte[BLOCK];
  private final InputStream content = new Content();
  private PaxRecords global = new PaxRecords();
  private String place = "";
  private long left;
  private int padding;
  private boolean ended;

  /**
   * Reads from a stream that holds the archive and nothing else; closing this closes it.
   *
   * @param archive its name as a person knows it, for complaints
   */
  public TarReader(String archive, InputStream in) {
    this.archive = archive;
    this.in = in;
  }

  /** The archive's name, as it was given. */
  public String archive() {
    return archive;
  }

  /**
   * The next entry, after passing over what is left of the last one's content; empty at the end.
   *
   * @throws HostileArchive if the archive is damaged or ambiguous
   */
  public Optional<TarEntry> next() throws IOException {
    skipContent();
    PaxRecords local = new PaxRecords();
    Bytes longName = Bytes.EMPTY;
    Bytes longLink = Bytes.EMPTY;
    String told = "";
    while (!ended) {
      readBlock();
      TarHeader header = new TarHeader(block);
      if (header.isZero()) {
        if (!told.isEmpty()) {
          throw fault("an extended header has no entry after it");
        }
        end();
        break;
      }
      try {
        if (!header.hasRightChecksum()) {
          throw fault("the checksum of a header is wrong");
        }
        told = told(told, header.type());
        switch (header.type()) {
          case 'L' -> longName = text(body(header));
          case 'K' -> longLink = text(body(header));
          case 'x' -> local.read(body(header));
          case 'g' -> readGlobal(header);
          default -> {
            return Optional.of(entry(header, global.with(local), longName, longLink));
          }
        }
      } catch (IllegalArgumentException e) {
        throw fault(String.valueOf(e.getMessage()));
      }
    }
    return Optional.empty();
  }

  /**
   * Which headers stand before an entry: each kind once at most, for tools differ in which of two
   * they heed; and a long name not after a pax header, whose size some take for the name's.
   */
  private static String told(String before, char type) {
    boolean speaksOfNext = "LKx".indexOf(type) >= 0;
    if (speaksOfNext && (before.indexOf(type) >= 0 || (type != 'x' && before.contains("x")))) {
      throw new IllegalArgumentException("two extended headers speak of one entry");
    }
    return speaksOfNext ? before + type : before;
  }

  private void readGlobal(TarHeader header) throws IOException {
    PaxRecords more = new PaxRecords();
    more.read(body(header));
    more.requireGlobal();
    global = global.with(more);
  }

  /** The content of the entry last returned; ends where it ends. Need not be closed. */
  public InputStream content() {
    return content;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private TarEntry entry(TarHeader header, PaxRecords pax, Bytes longName, Bytes longLink)
      throws HostileArchive {
    Bytes path = pax.get("path").orElse(longName.length() > 0 ? longName : header.name());
    Bytes link = pax.get("linkpath").orElse(longLink.length() > 0 ? longLink : header.link());
    place = path.text();
    if (path.length() == 0) {
      throw fault("an entry has no name");
    }
    Kind kind = kind(header.type(), path);
    long size = pax.number("size", header.size());
    if (size != 0 && kind != Kind.FILE) {
      throw fault("only a file has content");
    }
    if (size > LONGEST_CONTENT) {
      throw fault("it claims to have " + size + " bytes");
    }
    Meta meta =
        new Meta(
            header.mode(),
            owner(pax.number("uid", header.uid())),
            owner(pax.number("gid", header.gid())),
            pax.xattrs());
    boolean device = kind == Kind.CHARACTER_DEVICE || kind == Kind.BLOCK_DEVICE;
    boolean linked = kind == Kind.HARD_LINK || kind == Kind.SYMLINK;
    startContent(size);
    return new TarEntry(
        kind,
        path,
        size,
        linked ? link : Bytes.EMPTY,
        meta,
        device ? (int) header.major() : 0,
        device ? (int) header.minor() : 0);
  }

  private Kind kind(char type, Bytes path) throws HostileArchive {
    return switch (type) {
      case '0', '\0', '7' ->
          path.at(path.length() - 1) == '/' && type != '7' ? Kind.DIRECTORY : Kind.FILE;
      case '1' -> Kind.HARD_LINK;
      case '2' -> Kind.SYMLINK;
      case '3' -> Kind.CHARACTER_DEVICE;
      case '4' -> Kind.BLOCK_DEVICE;
      case '5' -> Kind.DIRECTORY;
      case '6' -> Kind.FIFO;
      case 'S' -> throw fault("sparse files are not read; archive it without -S");
      default ->
          throw fault(
              "entries of type '" + (type > ' ' && type < 127 ? type : '?') + "' are not read");
    };
  }

  private static int owner(long number) {
    if (number > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("the owner " + number + " is too large");
    }
    return (int) number;
  }

  /** The content of a header that speaks of the next entry. */
  private byte[] body(TarHeader header) throws IOException {
    long size = header.size();
    if (size > LONGEST_HEADER) {
      throw fault("an extended header claims to have " + size + " bytes");
    }
    startContent(size);
    byte[] body = content.readAllBytes();
    skipContent();
    return body;
  }

  private static Bytes text(byte[] body) {
    int length = 0;
    while (length < body.length && body[length] != 0) {
      length++;
    }
    if (length == 0) {
      throw new IllegalArgumentException("a long name is empty");
    }
    return Bytes.of(body, 0, length);
  }

  private void startContent(long size) {
    left = size;
    padding = (int) (-size & (BLOCK - 1));
  }

  private void skipContent() throws IOException {
    while (left > 0) {
      if (content.read(buffer, 0, buffer.length) < 0) {
        throw truncated();
      }
    }
    if (padding > 0) {
      int rest = padding;
      padding = 0;
      if (in.readNBytes(buffer, 0, rest) < rest) {
        throw truncated();
      }
    }
  }

  private void readBlock() throws IOException {
    if (in.readNBytes(block, 0, BLOCK) < BLOCK) {
      throw truncated();
    }
  }

  /** Reads on to the end, so that a compressor's checksum is seen, and lets only zeros pass. */
  private void end() throws IOException {
    ended = true;
    int got;
    while ((got = in.read(buffer, 0, buffer.length)) >= 0) {
      for (int i = 0; i < got; i++) {
        if (buffer[i] != 0) {
          place = "";
          throw fault("there is something after its end");
        }
      }
    }
  }

  private HostileArchive truncated() {
    return fault("the archive ends too early");
  }

  private HostileArchive fault(String why) {
    return new HostileArchive(archive, place, why);
  }

  /** The bytes of the current entry. */
  private final class Content extends InputStream {
    private final byte[] one = new byte[1];

    @Override
    public int read() throws IOException {
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
      int got = in.read(target, offset, (int) Math.min(left, length));
      if (got < 0) {
        throw truncated();
      }
      left -= got;
      return got;
    }

    @Override
    public int available() {
      return (int) Math.min(left, Integer.MAX_VALUE);
    }
  }
}
