package dev.imgstore.builder.pack;

import dev.imgstore.builder.recipe.RunConfig;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.LinkGroups;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The fixed values whose bytes are pinned by golden tests. */
public final class Samples {
  private Samples() {}

  /** One entry of every kind, with everything that needs a pax header. */
  public static SortedMap<TreePath, Node> everyKind(BlobStore blobs) throws IOException {
    SortedMap<TreePath, Node> entries = new TreeMap<>();
    Meta plain = Meta.of(0644, 0, 0);
    directory(entries, "bin");
    directory(entries, "dev");
    directory(entries, "usr");
    entries.put(TreePath.of("bin/empty"), file(blobs, "", plain));
    entries.put(TreePath.of("bin/hello"), file(blobs, "hello, world\n", Meta.of(04755, 0, 0)));
    entries.put(TreePath.of("bin/block"), file(blobs, "x".repeat(512), plain));
    SortedMap<Name, Bytes> capability = new TreeMap<>();
    capability.put(
        Name.of("security.capability"), Bytes.of(new byte[] {1, 0, 0, 2, 0, (byte) 0x80, -1, 10}));
    capability.put(Name.of("user.a"), Bytes.utf8("\u00e9"));
    entries.put(TreePath.of("bin/ping"), file(blobs, "ping", new Meta(0755, 0, 0, capability)));
    entries.put(TreePath.of("bin/far"), file(blobs, "far", Meta.of(0600, 3_000_000, 2_097_152)));
    long group = LinkGroups.of(TreePath.of("bin/one"));
    Node.File one = file(blobs, "one inode", plain);
    Node.File linked = new Node.File(one.content(), one.size(), group, plain);
    entries.put(TreePath.of("bin/one"), linked);
    entries.put(TreePath.of("usr/two"), linked);
    entries.put(TreePath.of("dev/null"), new Node.Device(1, 3, false, Meta.of(0666, 0, 0)));
    entries.put(TreePath.of("dev/sda"), new Node.Device(8, 0, true, Meta.of(0660, 0, 6)));
    entries.put(TreePath.of("dev/pipe"), new Node.Fifo(Meta.of(0600, 1000, 1000)));
    entries.put(TreePath.of("lib"), new Node.Symlink(Bytes.utf8("usr/lib"), Meta.of(0777, 0, 0)));
    entries.put(
        TreePath.of("usr/" + "l".repeat(120)),
        new Node.Symlink(Bytes.utf8("t".repeat(130)), Meta.of(0777, 0, 0)));
    directory(entries, "usr/" + "p".repeat(90));
    entries.put(
        TreePath.of("usr/" + "p".repeat(90) + "/split"), file(blobs, "in two fields", plain));
    Bytes strange = Bytes.of(new byte[] {'n', (byte) 0xff, '\n', (byte) 0xe9});
    entries.put(new TreePath(List.of(Name.of("usr"), new Name(strange))), file(blobs, "n", plain));
    return entries;
  }

  /** The times of {@link #everyKind} that are not the constant. */
  public static SortedMap<TreePath, Long> times() {
    SortedMap<TreePath, Long> times = new TreeMap<>();
    times.put(TreePath.of("bin/hello"), 1_700_000_000L);
    times.put(TreePath.of("dev"), -1L);
    return times;
  }

  static LayerContent layer(BlobStore blobs) throws IOException {
    return new LayerContent("sample", everyKind(blobs), times());
  }

  static Node.File file(BlobStore blobs, String text, Meta meta) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new Node.File(blobs.put(bytes), bytes.length, meta);
  }

  static void directory(SortedMap<TreePath, Node> entries, String path) {
    entries.put(TreePath.of(path), new Node.Directory(RandomTrees.NOTHING, Meta.of(0755, 0, 0)));
  }

  /** A configuration in which every field is set. */
  public static RunConfig run() {
    return new RunConfig(
        List.of("/usr/sbin/nginx"),
        List.of("-g", "daemon off;"),
        new TreeMap<>(Map.of("PATH", "/usr/bin:/bin", "LANG", "C.UTF-8")),
        "/srv",
        "www-data",
        List.of("80/tcp", "443/tcp"),
        List.of("/var/cache"),
        new TreeMap<>(Map.of("b", "\u00e9\u2028\"\\", "a", "1")),
        "SIGQUIT",
        new RunConfig.Healthcheck(List.of("CMD", "true"), 1_000_000_000L, 2, 0, 3),
        RunConfig.Compression.ZSTD,
        12);
  }

  /** A configuration in which no field is set. */
  public static RunConfig plainRun() {
    return new RunConfig(
        List.of(),
        List.of(),
        new TreeMap<>(),
        "",
        "",
        List.of(),
        List.of(),
        new TreeMap<>(),
        "",
        RunConfig.Healthcheck.NONE,
        RunConfig.Compression.ZSTD,
        1);
  }
}
