package dev.imgstore.store.catalog;

import dev.imgstore.store.disk.DiskCatalogFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.Properties;
import org.h2.Driver;
import org.junit.jupiter.api.io.TempDir;

/** The catalog in a file of the store. */
final class H2CatalogTest extends CatalogContract {
  @TempDir Path home;

  @Override
  Engine engine() {
    return new H2Engine(new DiskCatalogFiles(home), Duration.ofSeconds(20), notices::add);
  }

  @Override
  void damage() throws Exception {
    Path file = home.resolve("catalog.mv.db");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }

  @Override
  long rows(String sql) throws Exception {
    Properties user = new Properties();
    user.setProperty("user", "imgstore");
    user.setProperty("password", "");
    String url = "jdbc:h2:file:" + home.resolve("catalog") + ";ACCESS_MODE_DATA=r";
    try (Connection connection = new Driver().connect(url, user);
        ResultSet rows = connection.createStatement().executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
