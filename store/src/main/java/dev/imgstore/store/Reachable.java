package dev.imgstore.store;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeCodec;
import dev.imgstore.model.TreeId;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Everything a root keeps alive: the image, and for a generation its record and what the record
 * names: recipe, lock, fetched inputs, local files and finished trees. One object marks for many
 * roots and reads each tree once; it is not for several threads.
 */
public final class Reachable {
  /** Told of every blob once, and of those that are not there. */
  public interface Marks {
    /** A blob is needed by {@code why}, a chain for people such as {@code web@41, layer}. */
    void missing(Digest blob, String why);
  }

  private static final int MAX_RECORD = 64 << 20;
  private final BlobReader blobs;
  private final Marks marks;
  private final Set<Digest> seen = new HashSet<>();

  /** Apart from those seen: a file or a layer may have the very bytes of a directory. */
  private final Set<TreeId> walked = new HashSet<>();

  /** Manifests and records that a root needs; a layer may have the very bytes of one, too. */
  private final Set<Digest> followed = new HashSet<>();

  /** What is loose, and what that names: all of it may be missing, unless a root needs it too. */
  private final Set<Digest> guessed = new HashSet<>();

  private final Set<TreeId> guessedTrees = new HashSet<>();

  /** Marks over these blobs. */
  public Reachable(BlobReader blobs, Marks marks) {
    this.blobs = blobs;
    this.marks = marks;
  }

  /** All blobs marked so far. */
  public Set<Digest> digests() {
    return seen;
  }

  /** Marks what a root reaches. */
  public void mark(Root root) throws IOException {
    if (root instanceof Root.OfGeneration of) {
      mark(of.profile(), of.generation());
    } else {
      image(root.image(), root.label());
    }
  }

  /** Marks what a generation reaches. */
  public void mark(String profile, Generation generation) throws IOException {
    String why = profile + "@" + generation.number();
    image(generation.image(), why);
    blob(generation.record(), why + ", build record");
    if (!followed.add(generation.record()) || !blobs.has(generation.record())) {
      return;
    }
    record(
        BuildRecord.decode(generation.record(), blobs.read(generation.record(), MAX_RECORD)), why);
  }

  /**
   * Marks a blob with all it reaches, told by content as a lease tells it: a build record and its
   * image, an image, a tree; anything else reaches nothing.
   */
  public void markTold(Digest blob, String why) throws IOException {
    if (!blobs.has(blob) || blobs.size(blob) > MAX_RECORD) {
      blob(blob, why);
      return;
    }
    byte[] bytes = blobs.read(blob, MAX_RECORD);
    Optional<Named> named = Named.read(blobs, blob, bytes);
    if (named.isPresent() && named.get().record().isPresent()) {
      BuildRecord record = named.get().record().get();
      blob(blob, why + ", build record");
      image(record.image(), why);
      record(record, why);
    } else if (named.isPresent() && TreeCodec.isTree(bytes)) {
      tree(new TreeId(blob), why);
    } else if (named.isPresent()) {
      image(blob, why);
    } else {
      blob(blob, why);
    }
  }

  private void record(BuildRecord record, String why) throws IOException {
    blob(record.recipe(), why + ", recipe");
    blob(record.lock(), why + ", lock");
    for (Digest source : record.sources()) {
      blob(source, why + ", locked input");
    }
    for (TreeId local : record.locals().values()) {
      tree(local, why + ", local files");
    }
    for (BuildRecord.Part part : record.parts()) {
      tree(part.tree(), why + ", " + part.platform() + " tree");
    }
  }

  private void image(Digest image, String why) throws IOException {
    Deque<Digest> due = new ArrayDeque<>(List.of(image));
    Deque<Digest> loose = new ArrayDeque<>();
    while (!due.isEmpty()) {
      Digest next = due.remove();
      blob(next, why + ", image");
      if (followed.add(next) && blobs.has(next)) {
        ImageManifest manifest = ImageManifest.read(blobs, next);
        for (Descriptor each : manifest.references()) {
          if (manifest instanceof ImageManifest.Index) {
            due.add(each.digest());
          } else if (each.mediaType().equals(ImageManifest.TREE)) {
            tree(new TreeId(each.digest()), why + ", imported tree");
          } else {
            blob(each.digest(), why + ", layer or configuration");
          }
        }
        manifest.loose().forEach(each -> loose.add(each.digest()));
      }
    }
    guess(loose);
  }

  /** What is there of something that need not be there; artifacts may follow without end. */
  private void guess(Deque<Digest> due) throws IOException {
    while (!due.isEmpty()) {
      Digest next = due.remove();
      if (!followed.contains(next) && guessed.add(next) && blobs.has(next)) {
        seen.add(next);
        names(next, due);
      }
    }
  }

  private void names(Digest guess, Deque<Digest> due) throws IOException {
    ImageManifest manifest;
    try {
      manifest = ImageManifest.read(blobs, guess);
    } catch (IOException e) {
      return; // no manifest: it names nothing
    }
    for (Descriptor each : manifest.references()) {
      if (each.mediaType().equals(ImageManifest.TREE)) {
        guessTree(new TreeId(each.digest()));
      }
      due.add(each.digest());
    }
    manifest.loose().forEach(each -> due.add(each.digest()));
  }

  /** It may be no tree at all. */
  private void guessTree(TreeId root) throws IOException {
    Deque<TreeId> due = new ArrayDeque<>(List.of(root));
    while (!due.isEmpty()) {
      TreeId next = due.remove();
      if (guessedTrees.add(next) && blobs.has(next.digest())) {
        seen.add(next.digest());
        guessEntries(next, due);
      }
    }
  }

  private void guessEntries(TreeId tree, Deque<TreeId> due) throws IOException {
    Tree read;
    try {
      read = Trees.read(blobs, tree);
    } catch (StoreException e) {
      return; // what cannot be read names nothing
    }
    for (Node node : read.entries().values()) {
      if (node instanceof Node.File file && blobs.has(file.content())) {
        seen.add(file.content());
      } else if (node instanceof Node.Directory directory) {
        due.add(directory.tree());
      }
    }
  }

  /** Trees may be as deep as they like. */
  private void tree(TreeId root, String why) throws IOException {
    Deque<TreeId> due = new ArrayDeque<>(List.of(root));
    while (!due.isEmpty()) {
      TreeId next = due.removeLast();
      if (walked.add(next)) {
        blob(next.digest(), why);
        entries(next, why, due);
      }
    }
  }

  private void entries(TreeId tree, String why, Deque<TreeId> due) throws IOException {
    if (!blobs.has(tree.digest())) {
      return;
    }
    for (Node node : Trees.read(blobs, tree).entries().values()) {
      if (node instanceof Node.File file) {
        blob(file.content(), why);
      } else if (node instanceof Node.Directory directory) {
        due.add(directory.tree());
      }
    }
  }

  private void blob(Digest digest, String why) throws IOException {
    if (seen.add(digest) && !blobs.has(digest)) {
      marks.missing(digest, why);
    }
  }
}
