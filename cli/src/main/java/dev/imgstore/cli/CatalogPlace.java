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
}
