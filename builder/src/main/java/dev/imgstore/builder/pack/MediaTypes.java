package dev.imgstore.builder.pack;

import dev.imgstore.store.ImageManifest;

/** OCI image-spec 1.1, "Media Types". */
public final class MediaTypes {
  /** A list of manifests. */
  public static final String INDEX = ImageManifest.INDEX;

  /** One platform's image. */
  public static final String MANIFEST = ImageManifest.MANIFEST;

  /** How an image runs. */
  public static final String CONFIG = "application/vnd.oci.image.config.v1+json";

  /** A layer in zstd frames. */
  public static final String LAYER_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd";

  /** A gzip layer. */
  public static final String LAYER_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";

  /** Our own: the encoding of one directory, for what was imported and is no image yet. */
  public static final String TREE = ImageManifest.TREE;

  private MediaTypes() {}
}
