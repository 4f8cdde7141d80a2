package dev.imgstore.cli;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.realise.ImageBuilder;
import dev.imgstore.builder.realise.StoredLocals;
import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.builder.recipe.RecipeReader;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Platform;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BuildRecord;
import java.io.IOException;
import java.util.List;

/** What was asked for when a generation was built, from what the store keeps with it alone. */
final class KeptRequest {
  private static final int MAX_RECIPE = 1 << 20;
  private static final int MAX_LOCK = 64 << 20;

  private KeptRequest() {}

  /**
   * The request for the platforms that were built. Whatever lies beside a recipe now is not looked
   * at.
   *
   * @param of built from a recipe, not imported
   * @param blobs stays open while the request is used
   */
  static ImageBuilder.Request of(Records.Of of, BlobReader blobs) throws IOException {
    BuildRecord record = of.record();
    byte[] text = blobs.read(record.recipe(), MAX_RECIPE);
    RecipeReader.Result result = RecipeReader.kept(of.profile(), text, record.settings());
    if (!(result instanceof RecipeReader.Read read)) {
      throw new IOException("this imgstore does not understand its recipe any more");
    }
    Lock lock = Records.lock(of, blobs);
    byte[] lockText = blobs.read(record.lock(), MAX_LOCK);
    return new ImageBuilder.Request(
        limited(read.recipe(), record),
        Bytes.of(text),
        record.settings(),
        lock,
        Bytes.of(lockText),
        new StoredLocals(record.locals(), blobs));
  }

  private static Recipe limited(Recipe all, BuildRecord record) {
    List<Platform> built = record.parts().stream().map(BuildRecord.Part::platform).toList();
    return all.withPlatforms(all.platforms().stream().filter(built::contains).toList());
  }

  /** The same for one platform. */
  static ImageBuilder.Request of(ImageBuilder.Request all, Platform platform) {
    return new ImageBuilder.Request(
        all.recipe().withPlatforms(List.of(platform)),
        all.recipeText(),
        all.settings(),
        all.lock(),
        all.lockText(),
        all.locals());
  }
}
