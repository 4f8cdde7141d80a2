package dev.imgstore.builder.pack;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Profile;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BlobStore;
import dev.imgstore.store.ImageManifest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What stands for a tree that is no image yet: an artifact manifest (OCI image-spec 1.1,
 * "Guidelines for Artifact Usage") whose one layer is the root directory's encoding. A function of
 * the tree and its title; an image is packed of it when one is asked for.
 */
public final class TreeArtifact {
  private static final byte[] NO_CONFIG = {'{', '}'};

  private TreeArtifact() {}

  /**
   * Stores the manifest of a tree that is stored.
   *
   * @param title a profile's name
   * @return the digest of the manifest
   */
  public static Digest put(TreeId tree, String title, BlobStore blobs) throws IOException {
    blobs.putMetadata(NO_CONFIG);
    return blobs.putMetadata(manifest(tree, blobs.size(tree.digest()), title));
  }

  /** The digest that {@link #put} gives for a tree that is stored; nothing is stored. */
  public static Digest digest(TreeId tree, String title, BlobReader blobs) throws IOException {
    return Digest.of(manifest(tree, blobs.size(tree.digest()), title));
  }

  private static byte[] manifest(TreeId tree, long size, String title) {
    if (!Profile.isName(title)) {
      throw new IllegalArgumentException("not a profile's name: " + title);
    }
    String text =
        "{\"schemaVersion\":2,\"mediaType\":\""
            + MediaTypes.MANIFEST
            + "\",\"artifactType\":\""
            + MediaTypes.TREE
            + "\",\"config\":{\"mediaType\":\"application/vnd.oci.empty.v1+json\",\"digest\":\""
            + Digest.of(NO_CONFIG)
            + "\",\"size\":2},\"layers\":[{\"mediaType\":\""
            + MediaTypes.TREE
            + "\",\"digest\":\""
            + tree
            + "\",\"size\":"
            + size
            + "}],\"annotations\":{\"org.opencontainers.image.title\":\""
            + title
            + "\"}}";
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The tree, if {@code manifest} is that of one and not of an image. */
  public static Optional<TreeId> read(BlobReader blobs, Digest manifest) throws IOException {
    if (ImageManifest.read(blobs, manifest) instanceof ImageManifest.Single single
        && single.layers().size() == 1
        && single.layers().get(0).mediaType().equals(MediaTypes.TREE)) {
      return Optional.of(new TreeId(single.layers().get(0).digest()));
    }
    return Optional.empty();
  }
}
