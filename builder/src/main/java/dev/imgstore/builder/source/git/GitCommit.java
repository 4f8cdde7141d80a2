package dev.imgstore.builder.source.git;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.pack.CanonicalTar;
import dev.imgstore.builder.pack.LayerContent;
import dev.imgstore.builder.pack.LayerSplit;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.recipe.SourceSection;
import dev.imgstore.builder.source.signature.SigningKeys;
import dev.imgstore.builder.tar.TarReader;
import dev.imgstore.builder.tar.TarTree;
import dev.imgstore.builder.tar.UnpackLimits;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobStore;
import dev.imgstore.store.Trees;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Locks and fetches inputs by {@code git}. What is pinned and kept is the tree of the commit as our
 * canonical tar, a function of the tree alone.
 */
public final class GitCommit {
  private static final int LARGEST_TREE = 64 << 20;
  private static final int LARGEST_COMMIT = 1 << 20;
  private static final int MOST_DEPTH = 500;
  private static final UnpackLimits LIMITS =
      new UnpackLimits(UnpackLimits.Devices.REFUSED, UnpackLimits.MOST_ENTRIES);

  private final String input;
  private final GitObjects objects;
  private final BlobStore blobs;
  private int entries;

  private GitCommit(String input, GitObjects objects, BlobStore blobs) {
    this.input = input;
    this.objects = objects;
    this.blobs = blobs;
  }

  /**
   * Reads the commit's tree and stores its tar.
   *
   * @param clone a working directory or a bare repository
   * @param keys one of which must have signed the commit; nothing if nobody must
   * @param environment of this process
   */
  public static Lock.Fetched lock(
      String input,
      InputSource.Git source,
      File clone,
      Optional<SigningKeys> keys,
      Map<String, String> environment,
      BlobStore blobs)
      throws IOException {
    TreeId tree;
    String signer;
    try (GitObjects objects = new GitObjects(clone, environment)) {
      byte[] text = objects.open(source.commit(), "commit").bytes(LARGEST_COMMIT);
      signer = keys.isEmpty() ? "" : CommitSignature.signer(source.commit(), text, keys.get());
      GitCommit commit = new GitCommit(input, objects, blobs);
      tree = commit.tree(root(source.commit(), text), "", 0);
    }
    LayerContent content = LayerContent.of(input, LayerSplit.entries(blobs, tree));
    Digest tar;
    try (InputStream bytes = CanonicalTar.open(content, blobs)) {
      tar = blobs.put(bytes);
    }
    return new Lock.Fetched(
        input,
        SourceSection.mark(source),
        "git",
        input,
        source.commit(),
        tar,
        blobs.size(tar),
        source.commit() + ".tar",
        "requested",
        signer);
  }

  /** The tree of a tar that is in the store. */
  public static TreeId make(String input, Lock.Fetched file, BlobStore blobs) throws IOException {
    try (TarReader tar = new TarReader("the input " + input, blobs.open(file.sha256()))) {
      return TarTree.unpack(tar, blobs, LIMITS);
    }
  }

  private static String root(String commit, byte[] text) throws IOException {
    String first = new String(text, StandardCharsets.ISO_8859_1).lines().findFirst().orElse("");
    String tree = first.startsWith("tree ") ? first.substring(5) : "";
    if (tree.length() != commit.length() || !tree.matches("[0-9a-f]+")) {
      throw new IOException("the commit " + commit + " names no tree");
    }
    return tree;
  }

  private TreeId tree(String object, String at, int depth) throws IOException {
    if (depth > MOST_DEPTH) {
      throw new IOException(
          "the input " + input + " is nested deeper than " + MOST_DEPTH + " directories");
    }
    byte[] raw = objects.open(object, "tree").bytes(LARGEST_TREE);
    TreeMap<Name, Node> nodes = new TreeMap<>();
    int from = 0;
    while (from < raw.length) {
      int blank = find(raw, from, ' ');
      int end = find(raw, blank, 0);
      int next = end + 1 + object.length() / 2;
      if (next > raw.length || ++entries > UnpackLimits.MOST_ENTRIES) {
        throw new IOException("the tree " + object + " of the input " + input + " cannot be read");
      }
      String mode = new String(raw, from, blank - from, StandardCharsets.ISO_8859_1);
      Bytes text = Bytes.of(raw, blank + 1, end - blank - 1);
      String id = HexFormat.of().formatHex(Arrays.copyOfRange(raw, end + 1, next));
      String path = at + text.text();
      nodes.put(name(text, path), node(mode, id, path, depth));
      from = next;
    }
    return Trees.put(blobs, new Tree(nodes));
  }

  private static int find(byte[] raw, int from, int wanted) throws IOException {
    for (int i = from; i < raw.length; i++) {
      if (raw[i] == wanted) {
        return i;
      }
    }
    throw new IOException("a tree of the clone is cut off");
  }

  private Name name(Bytes text, String path) throws IOException {
    try {
      return new Name(text);
    } catch (IllegalArgumentException e) {
      throw new IOException("the input " + input + ": " + path + ": " + e.getMessage(), e);
    }
  }

  private Node node(String mode, String id, String path, int depth) throws IOException {
    switch (mode) {
      case "40000" -> {
        return new Node.Directory(tree(id, path + "/", depth + 1), Meta.of(0755, 0, 0));
      }
      case "100644", "100664" -> {
        return file(id, 0644);
      }
      case "100755" -> {
        return file(id, 0755);
      }
      case "120000" -> {
        byte[] target = objects.open(id, "blob").bytes(4095);
        return new Node.Symlink(Bytes.of(target), Meta.of(0777, 0, 0));
      }
      case "160000" ->
          throw new IOException(
              "the input "
                  + input
                  + " has the submodule "
                  + path
                  + ", which is another repository; name it as an input of its own");
      default ->
          throw new IOException("the input " + input + ": " + path + " has the mode " + mode);
    }
  }

  private Node file(String id, int mode) throws IOException {
    GitObjects.Opened content = objects.open(id, "blob");
    return new Node.File(blobs.put(content), content.size(), Meta.of(mode, 0, 0));
  }
}
