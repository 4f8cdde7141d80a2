package dev.imgstore.builder.source;

import com.github.luben.zstd.Zstd;
import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.source.deb.DebUnpacker;
import dev.imgstore.builder.source.npm.NpmTree;
import dev.imgstore.builder.source.oci.BaseImage;
import dev.imgstore.builder.source.url.UrlTree;
import dev.imgstore.builder.tar.TarBytes;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Node;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** The ways by which a tar archive from outside becomes a tree. */
final class Doors {
  private static final Platform AMD64 = Platform.parse("linux/amd64");
  private static final String CONTROL =
      "Package: hello\nVersion: 1.0-1\nArchitecture: amd64\nDescription: says hello\n";

  private final MemoryBlobStore blobs = new MemoryBlobStore();

  /** One way, and how the tar is packed for it. */
  enum Door {
    URL_TAR,
    URL_GZIP,
    URL_XZ,
    URL_ZSTD,
    URL_BZIP2,
    NPM,
    OCI_TAR,
    OCI_GZIP,
    OCI_ZSTD,
    DEB_XZ,
    DEB_GZIP,
    DEB_ZSTD;

    /** Whether links on the way to an entry are followed, inside the tree. */
    boolean isImage() {
      return name().startsWith("OCI");
    }

    byte[] pack(byte[] tar) throws IOException {
      String packing = this == NPM ? "GZIP" : name().substring(name().indexOf('_') + 1);
      return switch (packing) {
        case "GZIP" -> packed(tar, GZIPOutputStream::new);
        case "XZ" -> packed(tar, out -> new XZOutputStream(out, new LZMA2Options(1)));
        case "ZSTD" -> Zstd.compress(tar, 3);
        case "BZIP2" -> packed(tar, BZip2CompressorOutputStream::new);
        default -> tar;
      };
    }
  }

  private interface Compressor {
    OutputStream over(OutputStream out) throws IOException;
  }

  private static byte[] packed(byte[] plain, Compressor compressor) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream packing = compressor.over(out)) {
      packing.write(plain);
    }
    return out.toByteArray();
  }

  /** What is below {@code top/} in the archive. */
  TreeEditor open(Door door, byte[] tar) throws IOException {
    byte[] packed = door.pack(tar);
    return switch (door) {
      case NPM -> npm(packed);
      case OCI_TAR, OCI_GZIP, OCI_ZSTD -> below("top", oci(tar, packed));
      case DEB_XZ, DEB_GZIP, DEB_ZSTD -> below("top", deb(door, packed));
      default -> url(packed);
    };
  }

  private TreeEditor below(String name, TreeId tree) throws IOException {
    Node node = TreeEditor.of(blobs, tree).isDirectory(TreePath.of(name)) ? top(tree, name) : null;
    return node instanceof Node.Directory directory
        ? TreeEditor.of(blobs, directory.tree())
        : TreeEditor.of(blobs, tree);
  }

  private Node top(TreeId tree, String name) throws IOException {
    return dev.imgstore.store.Trees.read(blobs, tree)
        .entries()
        .get(dev.imgstore.model.Name.of(name));
  }

  private TreeEditor url(byte[] packed) throws IOException {
    InputSource.Url source =
        new InputSource.Url(List.of("https://h/a"), "", InputSource.Unpack.TAR, 1, false);
    return TreeEditor.of(blobs, UrlTree.make("src", source, fetched("a", packed), blobs));
  }

  private Lock.Fetched fetched(String path, byte[] bytes) throws IOException {
    Digest digest = blobs.put(bytes);
    return new Lock.Fetched(
        "src", "0".repeat(16), "kind", "p", "1.0.0", digest, bytes.length, path, "requested");
  }

  private TreeEditor npm(byte[] packed) throws IOException {
    String lock =
        "{\"lockfileVersion\": 3, \"packages\": {\"node_modules/p\": {\"version\": \"1.0.0\"}}}";
    TreeId tree =
        NpmTree.make(
            "src",
            new InputSource.Npm("package-lock.json", false),
            List.of(
                fetched("package-lock.json", lock.getBytes(StandardCharsets.UTF_8)),
                fetched("p/-/p-1.0.0.tgz", packed)),
            AMD64,
            blobs);
    Node modules = top(tree, "node_modules");
    return below("p", ((Node.Directory) modules).tree());
  }

  private TreeId oci(byte[] tar, byte[] packed) throws IOException {
    String descriptor = "{\"mediaType\": \"tar\", \"digest\": \"%s\", \"size\": %s}";
    byte[] config =
        ("{\"rootfs\": {\"diff_ids\": [\"" + Digest.of(tar) + "\"]}}")
            .getBytes(StandardCharsets.UTF_8);
    String manifest =
        "{\"config\": "
            + descriptor(descriptor, config)
            + ", \"layers\": ["
            + descriptor(descriptor, packed)
            + "]}";
    Digest image = blobs.put(manifest.getBytes(StandardCharsets.UTF_8));
    return BaseImage.make("src", image, AMD64, blobs);
  }

  private String descriptor(String form, byte[] bytes) throws IOException {
    return form.replaceFirst("%s", blobs.put(bytes).toString())
        .replaceFirst("%s", Integer.toString(bytes.length));
  }

  private TreeId deb(Door door, byte[] packed) throws IOException {
    String ending =
        switch (door) {
          case DEB_XZ -> ".xz";
          case DEB_GZIP -> ".gz";
          default -> ".zst";
        };
    ByteArrayOutputStream ar = new ByteArrayOutputStream();
    ar.writeBytes("!<arch>\n".getBytes(StandardCharsets.US_ASCII));
    member(ar, "debian-binary", "2.0\n".getBytes(StandardCharsets.US_ASCII));
    member(ar, "control.tar", new TarBytes().file("./control", CONTROL).end());
    member(ar, "data.tar" + ending, packed);
    return DebUnpacker.unpack("hello.deb", new ByteArrayInputStream(ar.toByteArray()), blobs)
        .files();
  }

  private static void member(ByteArrayOutputStream ar, String name, byte[] bytes) {
    String header = pad(name, 16) + pad("0", 12) + pad("0", 6) + pad("0", 6) + pad("100644", 8);
    ar.writeBytes(
        (header + pad(Integer.toString(bytes.length), 10) + "`\n")
            .getBytes(StandardCharsets.US_ASCII));
    ar.writeBytes(bytes);
    if (bytes.length % 2 == 1) {
      ar.write('\n');
    }
  }

  private static String pad(String text, int length) {
    return text + " ".repeat(length - text.length());
  }
}
