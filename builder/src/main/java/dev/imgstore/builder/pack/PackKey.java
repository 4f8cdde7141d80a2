package dev.imgstore.builder.pack;

import dev.imgstore.builder.pack.deflate.BlockDeflater;
import dev.imgstore.builder.recipe.RunConfig.Compression;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.store.Cutter;
import dev.imgstore.store.Frames;
import java.nio.charset.StandardCharsets;

/**
 * Names the packing of a layer as an action: everything that can change the record it gives. A
 * newer encoder, cutter or deflater gets other keys, and layers packed before stay as they are.
 */
public final class PackKey {
  private PackKey() {}

  /**
   * The key of packing {@code content}; its result is the digest of a {@link LayerRecord}.
   *
   * @throws PackException if a layer cannot hold one of the entries
   */
  public static ActionKey of(LayerContent content, Compression compression) throws PackException {
    String text =
        "imgstore pack\n"
            + ("tar " + CanonicalTar.FORMAT + "\n")
            + (encoder(compression) + "\n")
            + ("content " + CanonicalTar.contentKey(content) + "\n")
            + ("name " + content.name() + "\n");
    return new ActionKey(Digest.of(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** Names all that turns a tar into the bytes of a layer. */
  public static String encoder(Compression compression) {
    return switch (compression) {
      case ZSTD ->
          "zstd encoder "
              + Frames.ENCODER
              + " cutter "
              + Cutter.VERSION
              + " stitching "
              + ZstdLayer.STITCHING
              + " inline "
              + ZstdLayer.INLINE_LIMIT;
      case GZIP -> "gzip encoder " + BlockDeflater.ENCODER;
    };
  }
}
