package dev.imgstore.builder.source.url;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.recipe.InputSource.Unpack;
import dev.imgstore.builder.tar.Decompression;
import dev.imgstore.builder.tar.EntryTree;
import dev.imgstore.builder.tar.TarReader;
import dev.imgstore.builder.tar.TarTree;
import dev.imgstore.builder.tar.UnpackLimits;
import dev.imgstore.builder.zip.ZipTree;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobStore;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a fetched file is as a tree: the archive's content, or a directory with the one file.
 * Whoever packed it, all belongs to root.
 */
public final class UrlTree {
  private static final Decompression.Bounds BOUNDS =
      new Decompression.Bounds(64L << 30, 1000, 512L << 20);
  private static final UnpackLimits LIMITS =
      new UnpackLimits(UnpackLimits.Devices.REFUSED, UnpackLimits.MOST_ENTRIES);
  private static final Pattern TAR =
      Pattern.compile(".*\\.(tar(\\.(gz|xz|zst|bz2))?|tgz|txz|tzst|tbz2?)");
  private static final Pattern COMPRESSED = Pattern.compile("(.+)\\.(gz|xz|zst|bz2)");

  private UrlTree() {}

  /**
   * Makes the tree of a file that is in the store.
   *
   * @param input the name of the entry, for complaints
   * @throws dev.imgstore.builder.tar.HostileArchive if it is an archive that must not be unpacked
   */
  public static TreeId make(
      String input, InputSource.Url source, Lock.Fetched file, BlobStore blobs) throws IOException {
    return make(input, source, file, blobs, BOUNDS);
  }

  static TreeId make(
      String input,
      InputSource.Url source,
      Lock.Fetched file,
      BlobStore blobs,
      Decompression.Bounds bounds)
      throws IOException {
    String archive = "the input " + input + " (" + file.name() + ")";
    Name name = UrlName.of(source).name();
    String lower = name.bytes().text().toLowerCase(Locale.ROOT);
    Unpack how = source.unpack();
    EntryTree.Shape shape = new EntryTree.Shape(source.strip(), EntryTree.Shape.Owners.ROOT);
    if (how == Unpack.ZIP || (how == Unpack.AUTO && lower.endsWith(".zip"))) {
      return ZipTree.unpack(archive, file.sha256(), blobs, bounds, LIMITS, shape);
    }
    if (how == Unpack.TAR || (how == Unpack.AUTO && TAR.matcher(lower).matches())) {
      try (InputStream packed = blobs.open(file.sha256());
          TarReader tar = new TarReader(archive, Decompression.detect(archive, packed, bounds))) {
        return TarTree.unpack(tar, blobs, LIMITS, shape);
      }
    }
    Meta meta = Meta.of(source.executable() ? 0755 : 0644, 0, 0);
    Matcher compressed = COMPRESSED.matcher(lower);
    if (how == Unpack.AUTO && compressed.matches()) {
      try (InputStream packed = blobs.open(file.sha256());
          InputStream plain = Decompression.detect(archive, packed, bounds)) {
        Digest content = blobs.put(plain);
        Bytes whole = name.bytes();
        int kept = whole.length() - compressed.group(2).length() - 1;
        return one(new Name(Bytes.of(whole.toArray(), 0, kept)), content, meta, blobs);
      }
    }
    return one(name, file.sha256(), meta, blobs);
  }

  private static TreeId one(Name name, Digest content, Meta meta, BlobStore blobs)
      throws IOException {
    TreeMap<Name, Node> entries = new TreeMap<>();
    entries.put(name, new Node.File(content, blobs.size(content), meta));
    return Trees.put(blobs, new Tree(entries));
  }
}
