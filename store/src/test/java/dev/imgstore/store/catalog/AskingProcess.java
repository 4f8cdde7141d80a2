package dev.imgstore.store.catalog;

import dev.imgstore.store.Store;
import dev.imgstore.store.disk.DiskCatalogFiles;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import org.h2.Driver;

/** A process that asks a catalog: what the tests start, kill, and let meet others. */
final class AskingProcess {
  private AskingProcess() {}

  /** How to start one. */
  static ProcessBuilder command(String what, Path home) {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx64m",
            "-cp",
            System.getProperty("java.class.path"),
            AskingProcess.class.getName(),
            what,
            home.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT);
  }

  /** {@code hold}: keeps it open to read; {@code ask}: asks once a line of input. */
  public static void main(String[] args) throws IOException, SQLException {
    Path home = Path.of(args[1]);
    if (args[0].equals("hold")) {
      hold(home);
      return;
    }
    System.out.println("ready");
    while (System.in.read() == '\n') {
      System.out.println(ask(home));
    }
  }

  private static void hold(Path home) throws IOException, SQLException {
    Properties user = new Properties();
    user.setProperty("user", "imgstore");
    user.setProperty("password", "");
    String url = "jdbc:h2:file:" + home.resolve("catalog") + ";ACCESS_MODE_DATA=r";
    try (Connection connection = new Driver().connect(url, user)) {
      System.out.print("h");
      System.out.flush();
      System.in.read();
    }
  }

  /** How many answers there are to a question about a store on a disk. */
  static String ask(Path home) throws IOException {
    StringBuilder gaps = new StringBuilder();
    Catalog.Reports reports =
        new Catalog.Reports() {
          @Override
          public void notice(String sentence) {
            // which way an answer was found is no matter here
          }

          @Override
          public void gap(String sentence) {
            gaps.append(" gap");
          }
        };
    try (Store store = DiskStore.open(home, notice -> {})) {
      Catalog catalog = Catalog.inStore(store, new DiskCatalogFiles(home), reports);
      int packages = catalog.packages("a", version -> true, part -> true).size();
      int files = catalog.files(CatalogContract.at("deep/f0"), part -> true).size();
      return packages + " " + files + gaps;
    }
  }
}
