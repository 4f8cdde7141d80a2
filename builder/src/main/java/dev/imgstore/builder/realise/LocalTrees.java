package dev.imgstore.builder.realise;

import dev.imgstore.builder.recipe.FileEntry;
import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobStore;
import dev.imgstore.store.Trees;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The files beside a recipe, taken into the store. Content decides and the owner's execute bit;
 * times, owners and the rest of the mode on this machine do not.
 */
final class LocalTrees {
  /** The one entry of each tree: what the path stood for. */
  static final Name ENTRY = Name.of("entry");

  private static final int MAX_DEPTH = 128;

  private final LocalFiles files;
  private final BlobStore blobs;

  private LocalTrees(LocalFiles files, BlobStore blobs) {
    this.files = files;
    this.blobs = blobs;
  }

  /**
   * Every path a recipe's {@code files:} copies from, as the entry {@link #ENTRY} of a tree of its
   * own.
   *
   * @throws FileNotFoundException naming the path that is not there
   */
  static SortedMap<String, TreeId> read(Recipe recipe, LocalFiles files, BlobStore blobs)
      throws IOException {
    LocalTrees reader = new LocalTrees(files, blobs);
    SortedMap<String, TreeId> trees = new TreeMap<>();
    for (FileEntry entry : recipe.files()) {
      if (entry instanceof FileEntry.Copied copied && !trees.containsKey(copied.from())) {
        Node node = reader.node(copied.from(), 0);
        TreeId tree =
            Trees.put(blobs, new Tree(new TreeMap<>(Collections.singletonMap(ENTRY, node))));
        trees.put(copied.from(), tree);
      }
    }
    return trees;
  }

  private Node node(String path, int depth) throws IOException {
    if (depth > MAX_DEPTH) {
      throw new IOException(path + " is nested deeper than " + MAX_DEPTH + " directories");
    }
    LocalFiles.Entry entry = files.look(path);
    if (entry instanceof LocalFiles.Entry.File file) {
      CountingStream in = new CountingStream(files.open(path));
      try (in) {
        Digest content = blobs.put(in);
        return new Node.File(content, in.count(), Meta.of(file.executable() ? 0755 : 0644, 0, 0));
      }
    }
    if (entry instanceof LocalFiles.Entry.Link link) {
      return new Node.Symlink(Bytes.utf8(link.target()), Meta.of(0777, 0, 0));
    }
    if (entry instanceof LocalFiles.Entry.Directory directory) {
      SortedMap<Name, Node> entries = new TreeMap<>();
      for (String name : directory.names()) {
        entries.put(Name.of(name), node(path + "/" + name, depth + 1));
      }
      return new Node.Directory(Trees.put(blobs, new Tree(entries)), Meta.of(0755, 0, 0));
    }
    throw new FileNotFoundException(
        "the recipe copies " + path + ", and there is no such file or directory beside it");
  }

  /** Counts what passes. */
  private static final class CountingStream extends java.io.FilterInputStream {
    private long count;

    CountingStream(InputStream in) {
      super(in);
    }

    long count() {
      return count;
    }

    @Override
    public int read() throws IOException {
      int one = super.read();
      count += one < 0 ? 0 : 1;
      return one;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int read = super.read(target, offset, length);
      count += Math.max(0, read);
      return read;
    }
  }
}
