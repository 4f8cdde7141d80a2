package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.store.Store;
import dev.imgstore.store.disk.DiskStore;
import dev.imgstore.sync.serve.Access;
import dev.imgstore.sync.serve.Encryption;
import dev.imgstore.sync.serve.Limits;
import dev.imgstore.sync.serve.Listen;
import dev.imgstore.sync.serve.RegistryServer;
import dev.imgstore.sync.serve.Token;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The store as a registry. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = {
      "Be an OCI registry over the store: docker, podman, containerd and skopeo pull from it.",
      "web:latest is what is current, web:42 a generation; a rollback shows at the next pull.",
      "It runs until it is interrupted or terminated."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  imgstore serve",
      "  imgstore serve --listen 0.0.0.0:5000 --tls-certificate web.crt --tls-key web.key \\",
      "      --writable --token-file tokens"
    })
final class ServeCommand extends StoreCommand {
  private static final int MAX_FILE = 1 << 20;

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:5000",
      description =
          "Where to listen (default: 127.0.0.1:5000); port 0 is any that is free. Other addresses"
              + " than this machine's own loopback want TLS.")
  String listen;

  @Option(
      names = "--tls-certificate",
      paramLabel = "FILE",
      description = "Speak TLS: the chain, in PEM.")
  String certificate = "";

  @Option(names = "--tls-key", paramLabel = "FILE", description = "The certificate's key, in PEM.")
  String key = "";

  @Option(
      names = "--plain-http",
      description =
          "Serve other machines without TLS: whoever is on the way can read and change images and"
              + " tokens.")
  boolean plainHttp;

  @Option(names = "--writable", description = "Take pushes; wants --token-file.")
  boolean writable;

  @Option(
      names = "--allow-delete",
      description = "Let those who may push also delete tags and generations.")
  boolean deletable;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "Who may push or read: lines of 'write NAME SECRET' or 'read NAME SECRET'.")
  String tokenFile = "";

  @Option(names = "--private", description = "Reading wants a token, too.")
  boolean isPrivate;

  @Option(
      names = "--anyone-may-write",
      description = "Take pushes of everybody who reaches the address, without a token.")
  boolean anyone;

  @Option(
      names = "--access-log",
      paramLabel = "FILE",
      description = "Append a line of JSON for each request here (default: standard error).")
  String accessLog = "";

  @Override
  boolean makesStore() {
    return writable;
  }

  @Override
  ExitCode run(Store store) throws IOException, InterruptedException {
    Listen where = listen();
    Access access = access();
    refuse(certificate.isEmpty() != key.isEmpty(), "--tls-certificate and --tls-key go together");
    Encryption encryption =
        certificate.isEmpty() ? Encryption.NONE : Encryption.of(read(certificate), secret(key));
    refuse(
        !isLoopback(where) && !encryption.isOn() && !plainHttp,
        where
            + " can be reached from other machines, so it wants --tls-certificate and --tls-key; or"
            + " say --plain-http if something else protects the way");
    if (!isLoopback(where)) {
      warn(where, encryption, access);
    }
    RegistryServer.Opening opening =
        new RegistryServer.Opening(where, encryption, access, Limits.USUAL);
    if (accessLog.isEmpty()) {
      return serve(opening, root().context().err());
    }
    Path file = root().context().path(accessLog);
    try (PrintStream log =
        new PrintStream(
            Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND),
            false,
            StandardCharsets.UTF_8)) {
      return serve(opening, log);
    }
  }

  /** What everybody on the network can do now. */
  private void warn(Listen where, Encryption encryption, Access access) {
    if (!encryption.isOn()) {
      root()
          .notice(
              "without TLS, whoever is on the way to "
                  + where
                  + " can read and change images"
                  + (access.tokens().isEmpty() ? "" : " and read the tokens"));
    }
    if (access.tokens().isEmpty()) {
      String what = access.writable() ? "pull and push" : "pull";
      root()
          .notice(
              "without --token-file, whoever reaches "
                  + where
                  + " can "
                  + what
                  + (access.deletable() ? " and delete" : "")
                  + " all images");
    }
  }

  private ExitCode serve(RegistryServer.Opening opening, PrintStream log)
      throws IOException, InterruptedException {
    boolean isQuiet = root().quiet && accessLog.isEmpty();
    Consumer<String> lines =
        line -> {
          if (!isQuiet) {
            log.println(line);
            log.flush();
          }
        };
    Context context = root().context();
    CountDownLatch end = new CountDownLatch(1);
    Thread me = Thread.currentThread();
    Thread hook =
        new Thread(
            () -> {
              end.countDown();
              try {
                me.join();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    RegistryServer server =
        RegistryServer.start(
            opening,
            new RegistryServer.Wiring(
                () -> DiskStore.open(root().home(), context.clock(), root()::notice),
                context.clock(),
                new SecureRandom(),
                lines,
                Who.asking(root())));
    Runtime.getRuntime().addShutdownHook(hook);
    Thread clock = new Thread(new ServeSchedule(root(), because("").who(), end), "schedule");
    clock.setDaemon(true); // a collection may be ended at any moment
    clock.start();
    try {
      say(server.address(), opening);
      end.await();
    } finally {
      server.stop();
      unhook(hook);
    }
    return ExitCode.DONE;
  }

  private static void unhook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // the process is ending, and this is why
    }
  }

  private void say(Listen at, RegistryServer.Opening opening) {
    boolean tls = opening.encryption().isOn();
    ObjectNode json =
        object()
            .put("address", at.host())
            .put("port", at.port())
            .put("tls", tls)
            .put("writable", opening.access().writable());
    print(json, "serving " + root().home() + " on " + (tls ? "https://" : "http://") + at + "\n");
    root().context().out().flush();
  }

  private Listen listen() throws CommandFailure {
    try {
      return Listen.parse(listen);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, "--listen: " + e.getMessage(), e);
    }
  }

  private static boolean isLoopback(Listen where) throws CommandFailure {
    try {
      return where.isLoopback();
    } catch (IOException e) {
      throw new CommandFailure(ExitCode.USAGE, "--listen: " + e.getMessage(), e);
    }
  }

  private Access access() throws IOException {
    List<Token> tokens = tokens();
    refuse(isPrivate && tokens.isEmpty(), "--private wants --token-file");
    refuse(deletable && !writable, "--allow-delete goes with --writable");
    refuse(anyone && !writable, "--anyone-may-write goes with --writable");
    refuse(anyone && !tokens.isEmpty(), "--anyone-may-write and --token-file exclude each other");
    boolean canWrite = tokens.stream().anyMatch(Token::writes);
    refuse(
        writable && !anyone && !canWrite,
        "--writable wants --token-file with a line 'write NAME SECRET'; or say --anyone-may-write");
    return new Access(writable, deletable, isPrivate, tokens);
  }

  private List<Token> tokens() throws IOException {
    List<Token> tokens = new ArrayList<>();
    if (tokenFile.isEmpty()) {
      return tokens;
    }
    int number = 0;
    for (String line : new String(secret(tokenFile), StandardCharsets.UTF_8).split("\n", -1)) {
      number++;
      String[] words = line.strip().split("\\s+");
      boolean isEmpty = line.isBlank() || line.startsWith("#");
      if (!isEmpty) {
        tokens.add(token(words, tokenFile + ":" + number));
      }
    }
    refuse(tokens.isEmpty(), tokenFile + " has no token");
    return tokens;
  }

  /** A failure never says what the line was: it may be a secret. */
  private static Token token(String[] words, String place) throws CommandFailure {
    boolean isKind = words[0].equals("write") || words[0].equals("read");
    refuse(
        words.length != 3 || !isKind, place + ": write 'write NAME SECRET' or 'read NAME SECRET'");
    try {
      return Token.of(words[1], words[0].equals("write"), words[2]);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, place + ": " + e.getMessage(), e);
    }
  }

  /** A file that others had better not read. */
  private byte[] secret(String typed) throws IOException {
    byte[] bytes = read(typed);
    Path file = root().context().path(typed);
    PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    if (view != null
        && view.readAttributes().permissions().contains(PosixFilePermission.OTHERS_READ)) {
      root().notice("everybody on this machine can read " + typed + "; chmod 600 it");
    }
    return bytes;
  }

  private byte[] read(String typed) throws IOException {
    Path file = root().context().path(typed);
    if (!Files.isRegularFile(file)) {
      throw new CommandFailure(ExitCode.UNKNOWN, "there is no file " + typed);
    }
    refuse(Files.size(file) > MAX_FILE, typed + " is larger than it can be (1 MiB)");
    return Files.readAllBytes(file);
  }

  private static void refuse(boolean wrong, String sentence) throws CommandFailure {
    if (wrong) {
      throw new CommandFailure(ExitCode.USAGE, sentence);
    }
  }
}
