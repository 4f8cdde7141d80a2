package dev.imgstore.builder.pack;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;

/**
 * The one tar of a {@link LayerContent}: the same bytes for the same entries, whatever machine,
 * zone, locale or version writes it. The format is final, see {@code
 * docs/design/06-image-bytes.md}; its digest is the layer's {@link dev.imgstore.model.DiffId}.
 */
public final class CanonicalTar {
  /** Number of this format; covered by every key that names packed bytes. */
  public static final int FORMAT = 1;

  /** The time of every entry that has none of its own: 1980-01-01T00:00:00Z. */
  public static final long TIME = 315_532_800L;

  private static final String WHITEOUT = ".wh.";

  private final LayerContent content;
  private final Iterator<Map.Entry<TreePath, Node>> entries;
  private final Map<Long, TreePath> firstNames = new HashMap<>();
  private Optional<TarPart> pending = Optional.empty();
  private int padding;
  private boolean ended;

  private CanonicalTar(LayerContent content) {
    this.content = content;
    this.entries = content.entries().entrySet().iterator();
  }

  /** The parts of the tar, to be taken in turn by one thread; contents are named, not read. */
  static CanonicalTar of(LayerContent content) {
    return new CanonicalTar(content);
  }

  /**
   * The tar as a stream, made while it is read; contents come from {@code blobs}. The caller closes
   * it.
   */
  public static InputStream open(LayerContent content, BlobReader blobs) {
    return new TarStream(of(content), blobs);
  }

  /**
   * A digest of everything the tar's bytes depend on: the tar's own bytes, and the digest of each
   * content in its place. Reads no content.
   *
   * @throws PackException if a layer cannot hold one of the entries
   */
  public static Digest contentKey(LayerContent content) throws PackException {
    MessageDigest hash = Digest.sha256();
    CanonicalTar tar = of(content);
    for (Optional<TarPart> part = tar.next(); part.isPresent(); part = tar.next()) {
      if (part.get() instanceof TarPart.Own own) {
        hash.update(own.bytes().toArray());
      } else if (part.get() instanceof TarPart.Content file) {
        hash.update(file.file().content().raw());
      }
    }
    return Digest.fromRaw(hash.digest());
  }

  /**
   * The next part; empty after the end of the tar.
   *
   * @throws PackException if a layer cannot hold the entry
   */
  Optional<TarPart> next() throws PackException {
    if (pending.isPresent()) {
      Optional<TarPart> content = pending;
      pending = Optional.empty();
      return content;
    }
    if (ended) {
      return Optional.empty();
    }
    ByteArrayOutputStream own = new ByteArrayOutputStream(padding + 2 * TarHeader.BLOCK);
    own.writeBytes(new byte[padding]);
    padding = 0;
    if (entries.hasNext()) {
      Map.Entry<TreePath, Node> entry = entries.next();
      own.writeBytes(entry(entry.getKey(), entry.getValue()));
    } else {
      own.writeBytes(new byte[2 * TarHeader.BLOCK]);
      ended = true;
    }
    return Optional.of(new TarPart.Own(Bytes.of(own.toByteArray())));
  }

  private byte[] entry(TreePath path, Node node) throws PackException {
    if (path.last().orElseThrow().toString().startsWith(WHITEOUT)) {
      throw new PackException(
          path, "names that start with .wh. mean a removal there; rename or leave out the file");
    }
    try {
      return header(path, node).encode();
    } catch (IllegalArgumentException e) {
      throw new PackException(path, String.valueOf(e.getMessage()));
    }
  }

  private TarHeader header(TreePath path, Node node) {
    Meta meta = node.meta();
    long time = content.times().getOrDefault(path, TIME);
    Bytes name = path.bytes();
    if (node instanceof Node.File file) {
      return fileHeader(path, file, time);
    } else if (node instanceof Node.Directory) {
      return TarHeader.of(withSlash(name), TarHeader.DIRECTORY, meta, time);
    } else if (node instanceof Node.Symlink link) {
      return TarHeader.of(name, TarHeader.SYMLINK, meta, time).withLink(link.target());
    } else if (node instanceof Node.Device device) {
      char type = device.block() ? TarHeader.BLOCK_DEVICE : TarHeader.CHARACTER_DEVICE;
      return TarHeader.of(name, type, meta, time).withDevice(device.major(), device.minor());
    } else if (node instanceof Node.Fifo) {
      return TarHeader.of(name, TarHeader.FIFO, meta, time);
    }
    throw new AssertionError(node);
  }

  private TarHeader fileHeader(TreePath path, Node.File file, long time) {
    TreePath first = file.linkGroup() == 0 ? path : firstName(path, file);
    if (!first.equals(path)) {
      long itsTime = content.times().getOrDefault(first, TIME);
      return TarHeader.of(path.bytes(), TarHeader.HARD_LINK, file.meta(), itsTime)
          .withLink(first.bytes())
          .withoutXattrs();
    }
    if (file.size() > 0) {
      pending = Optional.of(new TarPart.Content(file));
      padding = TarHeader.padding(file.size());
    }
    return TarHeader.of(path.bytes(), TarHeader.FILE, file.meta(), time).withSize(file.size());
  }

  /** The name of the same inode that came before, or this one. */
  private TreePath firstName(TreePath path, Node.File file) {
    TreePath first = firstNames.putIfAbsent(file.linkGroup(), path);
    if (first == null) {
      return path;
    }
    if (!file.equals(content.entries().get(first))) {
      throw new IllegalArgumentException(
          "it is a hard link to " + first + " but differs from it in content, mode or owner");
    }
    return first;
  }

  private static Bytes withSlash(Bytes name) {
    byte[] longer = Arrays.copyOf(name.toArray(), name.length() + 1);
    longer[name.length()] = '/';
    return Bytes.of(longer);
  }
}
