package dev.imgstore.store.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A PostgreSQL server of its own, from Debian's package, on a free port of the loopback interface.
 * PostgreSQL refuses root, so root runs it as nobody.
 */
final class PostgresServer implements AutoCloseable {
  private static final Path INSTALLED = Path.of("/usr/lib/postgresql");
  private static final String PASSWORD = "only-for-this-test";

  private final Path directory;
  private final Process process;
  private final int port;

  private PostgresServer(Path directory, Process process, int port) {
    this.directory = directory;
    this.process = process;
    this.port = port;
  }

  /** The programs of the newest version installed; empty if there is none. */
  static Optional<Path> programs() throws IOException {
    if (!Files.isDirectory(INSTALLED)) {
      return Optional.empty();
    }
    try (Stream<Path> versions = Files.list(INSTALLED)) {
      return versions
          .map(version -> version.resolve("bin"))
          .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
          .max(Comparator.naturalOrder());
    }
  }

  static PostgresServer start(Path programs) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("imgstore-postgres");
    Path password = Files.writeString(directory.resolve("password"), PASSWORD);
    boolean root = System.getProperty("user.name").equals("root");
    List<String> as = new ArrayList<>();
    if (root) {
      UserPrincipal nobody =
          directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
      Files.setOwner(password, nobody);
      Files.setOwner(directory, nobody);
      as.addAll(List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"));
    }
    List<String> init = new ArrayList<>(as);
    init.addAll(List.of(programs.resolve("initdb").toString(), "-D", directory + "/data"));
    init.addAll(List.of("-U", "tester", "-A", "scram-sha-256", "--pwfile=" + password));
    init.addAll(List.of("-E", "UTF8", "--locale=C", "--no-sync"));
    Process making = process(init, directory).start();
    String said = new String(making.getInputStream().readAllBytes(), UTF_8);
    if (making.waitFor() != 0) {
      throw new IOException("initdb failed: " + said);
    }
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    List<String> serve = new ArrayList<>(as);
    serve.addAll(List.of(programs.resolve("postgres").toString(), "-D", directory + "/data"));
    serve.addAll(List.of("-h", "127.0.0.1", "-p", "" + port, "-k", "", "-c", "fsync=off"));
    Process process = process(serve, directory).start();
    PostgresServer server = new PostgresServer(directory, process, port);
    server.awaitReadiness();
    return server;
  }

  private static ProcessBuilder process(List<String> command, Path directory) {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.directory(directory.toFile());
    builder.environment().put("LC_ALL", "C");
    return builder;
  }

  private void awaitReadiness() throws IOException {
    StringBuilder said = new StringBuilder();
    BufferedReader lines = process.inputReader(UTF_8);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      said.append(line).append('\n');
      if (line.contains("ready to accept connections")) {
        Thread drain = new Thread(() -> drain(lines), "postgres output");
        drain.setDaemon(true);
        drain.start();
        return;
      }
    }
    throw new IOException("postgres ended: " + said);
  }

  private static void drain(BufferedReader lines) {
    try {
      while (lines.readLine() != null) {
        // nobody reads it, but the server must not wait
      }
    } catch (IOException e) {
      // it has ended
    }
  }

  /** How to get there, in a schema of this name. */
  String url(String schema) {
    return "jdbc:postgresql://127.0.0.1:"
        + port
        + "/postgres?user=tester&password="
        + PASSWORD
        + "&currentSchema="
        + schema;
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }
}
