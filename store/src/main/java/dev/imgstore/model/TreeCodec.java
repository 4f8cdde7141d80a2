package dev.imgstore.model;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The canonical bytes of a {@link Tree}, whose digest is its {@link TreeId}. One tree has one
 * encoding; {@link #decode} refuses any other spelling. The format is in {@code
 * docs/design/02-store-format.md}, section "Trees", and never changes.
 */
public final class TreeCodec {
  private static final byte[] MAGIC = {'i', 'm', 'g', 't', 'r', 'e', 'e', 1};
  private static final int FILE = 1;
  private static final int LINKED_FILE = 2;
  private static final int DIRECTORY = 3;
  private static final int SYMLINK = 4;
  private static final int CHARACTER_DEVICE = 5;
  private static final int BLOCK_DEVICE = 6;
  private static final int FIFO = 7;

  private TreeCodec() {}

  /** The digest of {@link #encode}. */
  public static TreeId id(Tree tree) {
    return new TreeId(Digest.of(encode(tree)));
  }

  /** The canonical bytes. */
  public static byte[] encode(Tree tree) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(64 * (1 + tree.entries().size()));
    out.writeBytes(MAGIC);
    for (Map.Entry<Name, Node> entry : tree.entries().entrySet()) {
      writeBytes(out, entry.getKey().bytes());
      writeNode(out, entry.getValue());
    }
    return out.toByteArray();
  }

  private static void writeNode(ByteArrayOutputStream out, Node node) {
    if (node instanceof Node.File file) {
      out.write(file.linkGroup() == 0 ? FILE : LINKED_FILE);
      writeMeta(out, file.meta());
      out.writeBytes(file.content().raw());
      writeVarint(out, file.size());
      if (file.linkGroup() != 0) {
        writeVarint(out, file.linkGroup());
      }
    } else if (node instanceof Node.Directory directory) {
      out.write(DIRECTORY);
      writeMeta(out, directory.meta());
      out.writeBytes(directory.tree().digest().raw());
    } else if (node instanceof Node.Symlink link) {
      out.write(SYMLINK);
      writeMeta(out, link.meta());
      writeBytes(out, link.target());
    } else if (node instanceof Node.Device device) {
      out.write(device.block() ? BLOCK_DEVICE : CHARACTER_DEVICE);
      writeMeta(out, device.meta());
      writeVarint(out, device.major());
      writeVarint(out, device.minor());
    } else if (node instanceof Node.Fifo) {
      out.write(FIFO);
      writeMeta(out, node.meta());
    } else {
      throw new AssertionError(node);
    }
  }

  private static void writeMeta(ByteArrayOutputStream out, Meta meta) {
    writeVarint(out, meta.mode());
    writeVarint(out, meta.uid());
    writeVarint(out, meta.gid());
    writeVarint(out, meta.xattrs().size());
    for (Map.Entry<Name, Bytes> xattr : meta.xattrs().entrySet()) {
      writeBytes(out, xattr.getKey().bytes());
      writeBytes(out, xattr.getValue());
    }
  }

  private static void writeBytes(ByteArrayOutputStream out, Bytes bytes) {
    writeVarint(out, bytes.length());
    out.writeBytes(bytes.toArray());
  }

  /** Seven bits a byte, lowest first, the top bit set on all but the last. */
  private static void writeVarint(ByteArrayOutputStream out, long value) {
    long rest = value;
    while (rest >= 0x80) {
      out.write((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IllegalArgumentException if the bytes are not the canonical encoding of any tree
   */
  public static Tree decode(byte[] bytes) {
    Reader in = new Reader(bytes);
    for (byte expected : MAGIC) {
      if (in.next() != (expected & 0xff)) {
        throw in.bad("it does not start like a tree");
      }
    }
    SortedMap<Name, Node> entries = new TreeMap<>();
    Name previous = null;
    while (!in.atEnd()) {
      Name name = new Name(in.bytes(Name.MAX_LENGTH));
      if (previous != null && previous.compareTo(name) >= 0) {
        throw in.bad("names are not in order");
      }
      entries.put(name, readNode(in));
      previous = name;
    }
    return new Tree(entries);
  }

  /** Told what a tree names: where in its bytes the 32 bytes of each digest begin. */
  public interface Links {
    /** The content of a file. */
    void file(int at);

    /** Another tree. */
    void directory(int at);
  }

  /** True if these bytes begin like a tree. */
  public static boolean isTree(byte[] bytes) {
    return bytes.length >= MAGIC.length
        && Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  /**
   * As {@link #decode} for whoever asks only what a tree reaches: makes no values.
   *
   * @throws IllegalArgumentException if the bytes cannot be read as a tree
   */
  public static void links(byte[] bytes, Links links) {
    if (!isTree(bytes)) {
      throw new IllegalArgumentException("not a tree");
    }
    Reader in = new Reader(bytes);
    in.at = MAGIC.length;
    while (!in.atEnd()) {
      in.skipBytes(Name.MAX_LENGTH);
      int kind = in.next();
      in.skipMeta();
      switch (kind) {
        case FILE, LINKED_FILE -> {
          links.file(in.skipDigest());
          in.varint();
          if (kind == LINKED_FILE) {
            in.group();
          }
        }
        case DIRECTORY -> links.directory(in.skipDigest());
        case SYMLINK -> in.skipBytes(4095);
        case CHARACTER_DEVICE, BLOCK_DEVICE -> {
          in.number();
          in.number();
        }
        case FIFO -> {}
        default -> throw in.bad("unknown kind " + kind);
      }
    }
  }

  private static Node readNode(Reader in) {
    int kind = in.next();
    Meta meta = in.meta();
    return switch (kind) {
      case FILE -> new Node.File(in.digest(), in.varint(), meta);
      case LINKED_FILE -> new Node.File(in.digest(), in.varint(), in.group(), meta);
      case DIRECTORY -> new Node.Directory(new TreeId(in.digest()), meta);
      case SYMLINK -> new Node.Symlink(in.bytes(4095), meta);
      case CHARACTER_DEVICE, BLOCK_DEVICE ->
          new Node.Device(in.number(), in.number(), kind == BLOCK_DEVICE, meta);
      case FIFO -> new Node.Fifo(meta);
      default -> throw in.bad("unknown kind " + kind);
    };
  }

  /** Walks an array and refuses what is short, over-long or out of order. */
  private static final class Reader {
    private static final int MAX_XATTR = 1 << 16;
    private final byte[] source;
    private int at;

    Reader(byte[] source) {
      this.source = source;
    }

    boolean atEnd() {
      return at == source.length;
    }

    IllegalArgumentException bad(String why) {
      return new IllegalArgumentException("not a canonical tree: " + why + " (byte " + at + ")");
    }

    int next() {
      if (atEnd()) {
        throw bad("it ends too early");
      }
      return source[at++] & 0xff;
    }

    long varint() {
      long value = 0;
      for (int shift = 0; shift < 63; shift += 7) {
        int one = next();
        value |= (long) (one & 0x7f) << shift;
        if (one < 0x80) {
          if (one == 0 && shift > 0) {
            throw bad("a number is not in its shortest form");
          }
          return value;
        }
      }
      throw bad("a number is too large");
    }

    int number() {
      long value = varint();
      if (value > Integer.MAX_VALUE) {
        throw bad("a number is too large");
      }
      return (int) value;
    }

    long group() {
      long value = varint();
      if (value == 0) {
        throw bad("a linked file without a group");
      }
      return value;
    }

    Bytes bytes(int most) {
      int length = number();
      if (length > most || length > source.length - at) {
        throw bad("a string is too long");
      }
      Bytes read = Bytes.of(source, at, length);
      at += length;
      return read;
    }

    Digest digest() {
      int from = skipDigest();
      return Digest.fromRaw(Arrays.copyOfRange(source, from, at));
    }

    void skipBytes(int most) {
      int length = number();
      if (length > most || length > source.length - at) {
        throw bad("a string is too long");
      }
      at += length;
    }

    int skipDigest() {
      if (source.length - at < Digest.BYTES) {
        throw bad("it ends too early");
      }
      at += Digest.BYTES;
      return at - Digest.BYTES;
    }

    void skipMeta() {
      number();
      number();
      number();
      for (int left = number(); left > 0; left--) {
        skipBytes(Name.MAX_LENGTH);
        skipBytes(MAX_XATTR);
      }
    }

    Meta meta() {
      int mode = number();
      int uid = number();
      int gid = number();
      int count = number();
      SortedMap<Name, Bytes> xattrs = new TreeMap<>();
      Name previous = null;
      for (int i = 0; i < count; i++) {
        Name name = new Name(bytes(Name.MAX_LENGTH));
        if (previous != null && previous.compareTo(name) >= 0) {
          throw bad("attributes are not in order");
        }
        xattrs.put(name, bytes(MAX_XATTR));
        previous = name;
      }
      return new Meta(mode, uid, gid, xattrs);
    }
  }
}
