package dev.imgstore.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Debian's docker-registry on a free port of this machine, ended by its own process. */
public final class DockerRegistry implements AutoCloseable {
  /** Who may log in where a login is wanted. */
  public static final String USER = "ali";

  /** With this. */
  public static final String PASSWORD = "open sesame";

  private static final String ENTRY =
      USER + ":$2y$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW\n";
  private static final Pattern LISTENING = Pattern.compile("listening on [^\\s\"]*:(\\d+)");

  private final Process process;
  private final int port;
  private final Path log;
  private final Thread drain;

  private DockerRegistry(Process process, int port, Path log, Thread drain) {
    this.drain = drain;
    this.process = process;
    this.port = port;
    this.log = log;
  }

  /** One for all, without TLS, that keeps its things in a directory of this one. */
  public static DockerRegistry plain(Path directory) throws IOException {
    return start(directory, "", "");
  }

  /** One that wants a user and a password. */
  public static DockerRegistry withLogin(Path directory) throws IOException {
    Path users = Files.writeString(directory.resolve("htpasswd"), ENTRY);
    return start(directory, "", "auth: {htpasswd: {realm: test, path: " + users + "}}\n");
  }

  /** One with TLS, whose authority is in {@link #authority}. */
  public static DockerRegistry withTls(Path directory) throws IOException {
    Path keys = directory.resolve("keys.p12");
    Path java = Path.of(System.getProperty("java.home"), "bin", "keytool");
    String words =
        " -genkeypair -alias a -keyalg EC -dname CN=localhost -validity 3650 -storetype PKCS12"
            + " -storepass changeit -ext san=ip:127.0.0.1,dns:localhost -keystore ";
    Process keytool = new ProcessBuilder((java + words + keys).split(" ", -1)).start();
    try {
      if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
        throw new IOException("keytool failed");
      }
      KeyStore store = KeyStore.getInstance(keys.toFile(), "changeit".toCharArray());
      Key key = store.getKey("a", "changeit".toCharArray());
      pem(authority(directory), "CERTIFICATE", store.getCertificate("a").getEncoded());
      pem(directory.resolve("key.pem"), "PRIVATE KEY", key.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    return start(
        directory,
        ", tls: {certificate: " + authority(directory) + ", key: " + directory + "/key.pem}",
        "");
  }

  /** The certificate of one with TLS, in PEM. */
  public static Path authority(Path directory) {
    return directory.resolve("certificate.pem");
  }

  private static void pem(Path file, String what, byte[] bytes) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    Files.writeString(
        file, "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n");
  }

  private static DockerRegistry start(Path directory, String tls, String more) throws IOException {
    Path configuration = directory.resolve("registry.yaml");
    Files.writeString(
        configuration,
        "version: 0.1\nlog: {level: info}\nstorage:\n  filesystem: {rootdirectory: "
            + Files.createDirectories(directory.resolve("registry"))
            + "}\n  delete: {enabled: true}\n  maintenance: {uploadpurging: {enabled: false}}\n"
            + ("http: {addr: '127.0.0.1:0', secret: none" + tls + "}\n")
            + more);
    Path log = directory.resolve("registry.log");
    Process process =
        new ProcessBuilder("docker-registry", "serve", configuration.toString())
            .redirectErrorStream(true)
            .start();
    BufferedReader lines = process.inputReader(UTF_8);
    StringBuilder said = new StringBuilder();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      said.append(line).append('\n');
      Matcher listening = LISTENING.matcher(line);
      if (listening.find()) {
        Thread drain = drain(lines, log);
        return new DockerRegistry(process, Integer.parseInt(listening.group(1)), log, drain);
      }
    }
    throw new IOException("docker-registry did not start:\n" + said);
  }

  private static Thread drain(Reader lines, Path log) {
    Thread thread =
        new Thread(
            () -> {
              try (var out = Files.newBufferedWriter(log)) {
                lines.transferTo(out);
              } catch (IOException e) {
                // It was ended.
              }
            });
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** As it is written in names of images. */
  public String host() {
    return "127.0.0.1:" + port;
  }

  /**
   * The requests it was asked so far, as its log has them; ends it, for it is only then complete.
   *
   * @return for instance {@code HEAD /v2/a/manifests/b}
   */
  public List<String> requests() throws IOException {
    close();
    Pattern request = Pattern.compile("\"([A-Z]+ /v2/\\S*) HTTP");
    return Files.readAllLines(log).stream()
        .map(request::matcher)
        .filter(Matcher::find)
        .map(found -> found.group(1))
        .toList();
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
    try {
      drain.join(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
