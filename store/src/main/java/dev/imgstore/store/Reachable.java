package dev.imgstore.store;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import java.io.IOException;
import java.util.HashSet;
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
    if (!blob(generation.record(), why + ", build record")) {
      return;
    }
    BuildRecord record =
        BuildRecord.decode(generation.record(), blobs.read(generation.record(), MAX_RECORD));
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
    if (!blob(image, why + ", image")) {
      return;
    }
    ImageManifest manifest = ImageManifest.read(blobs, image);
    for (Descriptor reference : manifest.references()) {
      if (manifest instanceof ImageManifest.Index) {
        image(reference.digest(), why);
      } else if (reference.mediaType().equals(ImageManifest.TREE)) {
        tree(new TreeId(reference.digest()), why + ", imported tree");
      } else {
        blob(reference.digest(), why + ", layer or configuration");
      }
    }
    for (Descriptor each : manifest.loose()) {
      loose(each.digest(), why + ", subject or layer of elsewhere");
    }
  }

  /** What is there of something that need not be there. */
  private void loose(Digest digest, String why) throws IOException {
    if (!blobs.has(digest) || !blob(digest, why)) {
      return;
    }
    ImageManifest manifest;
    try {
      manifest = ImageManifest.read(blobs, digest);
    } catch (IOException e) {
      return; // no manifest: it names nothing
    }
    for (Descriptor each : manifest.references()) {
      if (each.mediaType().equals(ImageManifest.TREE) && blobs.has(each.digest())) {
        tree(new TreeId(each.digest()), why);
      } else {
        loose(each.digest(), why);
      }
    }
    for (Descriptor each : manifest.loose()) {
      loose(each.digest(), why);
    }
  }

  private void tree(TreeId id, String why) throws IOException {
    if (!walked.add(id)) {
      return;
    }
    blob(id.digest(), why);
    if (!blobs.has(id.digest())) {
      return;
    }
    for (Node node : Trees.read(blobs, id).entries().values()) {
      if (node instanceof Node.File file) {
        blob(file.content(), why);
      } else if (node instanceof Node.Directory directory) {
        tree(directory.tree(), why);
      }
    }
  }

  /** True if the blob is there and was not marked before. */
  private boolean blob(Digest digest, String why) throws IOException {
    if (!seen.add(digest)) {
      return false;
    }
    if (blobs.has(digest)) {
      return true;
    }
    marks.missing(digest, why);
    return false;
  }
}
