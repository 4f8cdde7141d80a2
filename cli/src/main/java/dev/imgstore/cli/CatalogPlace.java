package dev.imgstore.cli;

import dev.imgstore.store.Store;
import dev.imgstore.store.catalog.Catalog;
import dev.imgstore.store.disk.DiskCatalogFiles;
import java.io.IOException;

/** Where the catalog of a store is: in the store, unless the environment or a setting says else. */
final class CatalogPlace {
  private static final String VARIABLE = "IMGSTORE_CATALOG";

  private CatalogPlace() {}

  /** The catalog; nothing is opened before it is asked. */
  static Catalog open(Imgstore root, Store store, Catalog.Reports reports) throws IOException {
    String typed = root.context().environment(VARIABLE);
    String url = typed.isEmpty() ? SettingsFiles.read(root).catalogUrl() : typed;
    if (url.isEmpty()) {
      return Catalog.inStore(store, new DiskCatalogFiles(root.home()), reports);
    }
    try {
      return Catalog.inDatabase(store, url, reports);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, VARIABLE + ": " + e.getMessage(), e);
    }
  }

  /** Removes it; the next question makes it anew. */
  static void discard(Imgstore root, Store store) throws IOException {
    Catalog.Reports reports =
        new Catalog.Reports() {
          @Override
          public void notice(String sentence) {
            root.notice(sentence);
          }

          @Override
          public void gap(String sentence) {
            root.notice(sentence);
          }
        };
    open(root, store, reports).discard();
  }
}
