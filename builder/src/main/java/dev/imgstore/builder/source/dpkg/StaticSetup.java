package dev.imgstore.builder.source.dpkg;

import dev.imgstore.builder.source.deb.UnpackedDeb;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobStore;
import java.io.IOException;
import java.util.List;

public final class StaticSetup {
  public static final int VERSION = 0;

  public record Result(TreeId tree, List<String> unhandled) {}

  public static Result apply(BlobStore blobs, List<UnpackedDeb> packages, MergedTree merged)
      throws IOException {
    return new Result(DpkgDatabase.statusOnly(blobs, packages, merged), List.of());
  }
}
