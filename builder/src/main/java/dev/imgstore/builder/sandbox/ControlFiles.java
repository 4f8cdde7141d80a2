package dev.imgstore.builder.sandbox;

import dev.imgstore.builder.pack.CanonicalTar;
import dev.imgstore.builder.pack.LayerContent;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeCodec;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.StoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A few files and directories in memory, as a tar for a sandbox: secrets among them, which no store
 * may see.
 */
final class ControlFiles implements BlobReader {
  static final TreeId NOTHING = TreeCodec.id(Tree.EMPTY);

  private final SortedMap<TreePath, Node> entries = new TreeMap<>();
  private final Map<Digest, byte[]> contents = new HashMap<>();

  private final int user;

  /** Whose own directories, and secrets, are a user's, and of the group of that number. */
  ControlFiles(int user) {
    this.user = user;
  }

  /** Adds anything; parents come before. Contents of files are empty. */
  void add(TreePath path, Node node) {
    entries.put(path, node instanceof Node.File file ? empty(file) : node);
  }

  private Node empty(Node.File file) {
    return file(new byte[0], file.meta());
  }

  void directory(String path, int mode) {
    entries.put(TreePath.of(path), new Node.Directory(NOTHING, Meta.of(mode, 0, 0)));
  }

  /** One that the user may write in. */
  void own(String path, int mode) {
    entries.put(TreePath.of(path), new Node.Directory(NOTHING, Meta.of(mode, user, user)));
  }

  void file(String path, byte[] content, int mode) {
    entries.put(TreePath.of(path), file(content, Meta.of(mode, 0, 0)));
  }

  private Node file(byte[] content, Meta meta) {
    Digest digest = Digest.of(content);
    contents.put(digest, content);
    return new Node.File(digest, content.length, meta);
  }

  void secrets(String directory, SortedMap<String, Bytes> secrets) {
    own(directory, 0700);
    secrets.forEach(
        (name, value) ->
            entries.put(
                TreePath.of(directory).child(Name.of(name)),
                file(value.toArray(), Meta.of(0400, user, user))));
  }

  void writeTar(OutputStream out) throws IOException {
    try (InputStream tar = CanonicalTar.open(LayerContent.of("cell", entries), this)) {
      tar.transferTo(out);
    }
  }

  private byte[] content(Digest blob) throws IOException {
    byte[] content = contents.get(blob);
    if (content == null) {
      throw new StoreException.MissingBlob(blob);
    }
    return content;
  }

  @Override
  public boolean has(Digest blob) {
    return contents.containsKey(blob);
  }

  @Override
  public long size(Digest blob) throws IOException {
    return content(blob).length;
  }

  @Override
  public InputStream open(Digest blob) throws IOException {
    return new ByteArrayInputStream(content(blob));
  }
}
