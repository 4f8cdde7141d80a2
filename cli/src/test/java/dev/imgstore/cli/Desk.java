package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;

/** A directory with recipes and a store of its own, and the commands typed there. */
final class Desk {
  static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private static final ObjectMapper STRICT =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  private static final Pattern IMAGE = Pattern.compile("sha256:[0-9a-f]{64}");

  private final Path home;
  private final Map<String, String> environment = new TreeMap<>();
  private Instant now = NOW;
  private String user = "tester";
  private String host = "";

  /** What a command said. */
  record Said(List<String> args, int code, String out, String err) {
    /** The one object on standard output. */
    JsonNode json() {
      try {
        return STRICT.readTree(out);
      } catch (IOException e) {
        throw new UncheckedIOException(args + " printed " + out, e);
      }
    }

    /** The first digest on standard output. */
    String image() {
      Matcher matcher = IMAGE.matcher(out);
      assertTrue(matcher.find(), this::toString);
      return matcher.group();
    }

    /** Requires an exit code, shown with all that was said if it is another. */
    Said with(int expected) {
      assertEquals(expected, code, this::toString);
      return this;
    }

    /** Requires a complaint of one line. */
    Said complains(String words) {
      assertTrue(err.contains(words), this::toString);
      assertEquals(1, err.lines().count(), this::toString);
      return this;
    }
  }

  Desk(Path home) throws IOException {
    this.home = home;
    environment.put("IMGSTORE_HOME", home.resolve("store").toString());
    environment.put("IMGSTORE_APT", home.resolve("apt").toString());
    environment.put("IMGSTORE_ETC", home.resolve("etc").toString());
    environment.put("XDG_CONFIG_HOME", home.resolve("config").toString());
    Files.createDirectories(home.resolve("apt"));
  }

  /** Sets a variable of the environment for the commands that follow. */
  void set(String variable, String value) {
    environment.put(variable, value);
  }

  /** Who types the commands that follow. */
  void user(String name) {
    user = name;
  }

  /** The name of the machine for the commands that follow. */
  void host(String name) {
    host = name;
  }

  /** What the clock says for the commands that follow. */
  void clock(Instant time) {
    now = time;
  }

  Path path(String relative) {
    return home.resolve(relative);
  }

  Path store() {
    return home.resolve("store");
  }

  /** Writes a file and the directories above it. */
  Path write(String relative, String text) throws IOException {
    Path file = home.resolve(relative);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  /** Writes {@code name/recipe.yaml}; {@code text} follows a line with the name. */
  void recipe(String name, String text) throws IOException {
    write(name + "/recipe.yaml", "name: " + name + "\n" + text);
  }

  /** Writes a recipe that needs nothing fetched: one file with this text. */
  void file(String name, String text) throws IOException {
    recipe(name, "files:\n  - {path: /text, text: \"" + text + "\"}\n");
  }

  /** Runs one command. No complaint may be a stack trace, nor speak of what should not happen. */
  Said run(String... args) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int code =
        Imgstore.run(
            List.of(args),
            new Context(
                InputStream.nullInputStream(),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                environment,
                Clock.fixed(now, ZoneOffset.UTC),
                home,
                user,
                host,
                false));
    String complaint = err.toString(StandardCharsets.UTF_8);
    if (!List.of(args).contains("-vv")) {
      assertFalse(complaint.contains("\tat "), complaint);
    }
    assertFalse(complaint.contains("should not happen"), complaint);
    return new Said(List.of(args), code, out.toString(StandardCharsets.UTF_8), complaint);
  }

  /** As {@link #run}, at a terminal on which each drawing of progress calls {@code drawn}. */
  Said runAtTerminal(Runnable drawn, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err =
        new ByteArrayOutputStream() {
          @Override
          public synchronized void write(byte[] bytes, int from, int length) {
            super.write(bytes, from, length);
            drawn.run();
          }
        };
    int code = Imgstore.run(List.of(args), context(out, err));
    return new Said(
        List.of(args),
        code,
        out.toString(StandardCharsets.UTF_8),
        err.toString(StandardCharsets.UTF_8));
  }

  /** A server's look at the clock, as of now. */
  Look look() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Imgstore root = new Imgstore(context(new ByteArrayOutputStream(), err));
    return new Look(new ServeSchedule(root, user, new CountDownLatch(1)), err);
  }

  /** A look of a server, and what it says. */
  record Look(ServeSchedule schedule, ByteArrayOutputStream err) {
    void run() {
      schedule.look();
    }

    String said() {
      return err.toString(StandardCharsets.UTF_8);
    }
  }

  private Context context(ByteArrayOutputStream out, ByteArrayOutputStream err) {
    return new Context(
        InputStream.nullInputStream(),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        environment,
        Clock.fixed(now, ZoneOffset.UTC),
        home,
        user,
        host,
        true);
  }

  /** The command line as it is declared, to read about it. */
  CommandLine parser() {
    return parser(List.of());
  }

  /** As it is declared for these words. */
  CommandLine parser(List<String> words) {
    CommandLine line =
        new CommandLine(
            new Imgstore(context(new ByteArrayOutputStream(), new ByteArrayOutputStream())));
    Imgstore.addCommands(line, words);
    return line;
  }

  /** What every test of a command ends with. */
  void verify() {
    run("verify").with(0);
  }
}
