package dev.imgstore.builder.source.npm;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.tar.Decompression;
import dev.imgstore.builder.tar.EntryTree;
import dev.imgstore.builder.tar.TarReader;
import dev.imgstore.builder.tar.TarTree;
import dev.imgstore.builder.tar.UnpackLimits;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Platform;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobStore;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The {@code node_modules} of a lock file on one platform, as npm lays it out: each package at its
 * place, its commands as links in {@code .bin}. Links in tarballs are left out, as npm does; no
 * script of a package is run.
 */
public final class NpmTree {
  private static final Decompression.Bounds BOUNDS =
      new Decompression.Bounds(8L << 30, 1000, 256L << 20);
  private static final UnpackLimits LIMITS =
      new UnpackLimits(UnpackLimits.Devices.REFUSED, 500_000);
  private static final Map<String, String> CPUS =
      Map.of(
          "amd64", "x64",
          "386", "ia32",
          "ppc64le", "ppc64",
          "mips64le", "mips64el",
          "loong64", "loong64");

  private final BlobStore blobs;
  private final TreeEditor tree;

  private NpmTree(BlobStore blobs) {
    this.blobs = blobs;
    this.tree = TreeEditor.empty(blobs);
  }

  /** Makes the tree of files that are in the store. */
  public static TreeId make(
      String input,
      InputSource.Npm source,
      List<Lock.Fetched> files,
      Platform platform,
      BlobStore blobs)
      throws IOException {
    Map<String, Lock.Fetched> byPath = new HashMap<>();
    files.forEach(file -> byPath.put(file.path(), file));
    Lock.Fetched lockFile = byPath.get(NpmPackages.LOCK_FILE);
    if (lockFile == null) {
      throw new IOException("the lock of the input " + input + " lacks its package-lock.json");
    }
    byte[] text = blobs.read(lockFile.sha256(), PackageLock.LARGEST);
    NpmTree made = new NpmTree(blobs);
    for (PackageLock.Entry each : PackageLock.read(source.lockFile(), text, source.dev())) {
      if (fits(input, each, platform)) {
        Lock.Fetched file = byPath.get(NpmPackages.path(each));
        if (file == null) {
          throw new IOException(
              "the lock of the input " + input + " lacks " + each.name() + "; run imgstore lock");
        }
        made.add(input, each, file);
      }
    }
    return made.tree.write();
  }

  private static boolean fits(String input, PackageLock.Entry entry, Platform platform)
      throws IOException {
    String cpu = CPUS.getOrDefault(platform.architecture(), platform.architecture());
    boolean fits =
        entry.os().allows(platform.os()) && entry.cpu().allows(cpu) && entry.libc().allows("glibc");
    if (!fits && !entry.optional()) {
      throw new IOException(
          "the input " + input + ": " + entry.name() + " is not made for " + platform);
    }
    return fits;
  }

  private void add(String input, PackageLock.Entry entry, Lock.Fetched file) throws IOException {
    String archive = "the input " + input + " (" + file.name() + " " + file.version() + ")";
    EntryTree.Shape shape = new EntryTree.Shape(1, EntryTree.Shape.Owners.ROOT);
    TreeId content;
    try (InputStream packed = blobs.open(file.sha256());
        TarReader tar = new TarReader(archive, Decompression.detect(archive, packed, BOUNDS))) {
      content = plain(TarTree.unpack(tar, blobs, LIMITS, shape));
    }
    TreePath at = TreePath.of(entry.location());
    merge(content, at);
    for (Map.Entry<String, String> bin : entry.bins().entrySet()) {
      link(at, bin.getKey(), bin.getValue());
    }
  }

  /** Readable by all, and without links, of which npm takes none. */
  private TreeId plain(TreeId id) throws IOException {
    SortedMap<Name, Node> entries = new TreeMap<>();
    for (Map.Entry<Name, Node> each : Trees.read(blobs, id).entries().entrySet()) {
      if (each.getValue() instanceof Node.Directory directory) {
        entries.put(
            each.getKey(), new Node.Directory(plain(directory.tree()), Meta.of(0755, 0, 0)));
      } else if (each.getValue() instanceof Node.File file) {
        int mode = (file.meta().mode() & 0111) != 0 ? 0755 : 0644;
        entries.put(each.getKey(), new Node.File(file.content(), file.size(), Meta.of(mode, 0, 0)));
      }
    }
    return Trees.put(blobs, new Tree(entries));
  }

  /** Packages inside this one may be there already. */
  private void merge(TreeId content, TreePath at) throws IOException {
    tree.putDirectory(at, TreeEditor.PLAIN_DIRECTORY);
    for (Map.Entry<Name, Node> each : Trees.read(blobs, content).entries().entrySet()) {
      TreePath path = at.child(each.getKey());
      if (each.getValue() instanceof Node.Directory directory && tree.isDirectory(path)) {
        merge(directory.tree(), path);
      } else {
        tree.put(path, each.getValue());
      }
    }
  }

  private void link(TreePath at, String name, String target) throws IOException {
    TreePath file;
    try {
      file = TreePath.parse(Bytes.utf8(at + "/" + target));
    } catch (IllegalArgumentException e) {
      return; // leads out of the package, or nowhere
    }
    if (!file.startsWith(at) || !(tree.leaf(file).orElse(null) instanceof Node.File node)) {
      return;
    }
    tree.put(file, node.withMeta(Meta.of(0755, 0, 0)));
    int depth = at.names().size();
    int last = depth - 1;
    while (!at.names().get(last).toString().equals("node_modules")) {
      last--;
    }
    TreePath modules = new TreePath(at.names().subList(0, last + 1));
    StringBuilder relative = new StringBuilder("..");
    file.names()
        .subList(last + 1, file.names().size())
        .forEach(each -> relative.append('/').append(each.bytes().text()));
    tree.put(
        modules.child(Name.of(".bin")).child(Name.of(name)),
        new Node.Symlink(Bytes.utf8(relative.toString()), Meta.of(0777, 0, 0)));
  }
}
