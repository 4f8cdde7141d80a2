package dev.imgstore.builder.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Tools that say whether what we wrote is right. A tool that is missing skips the test. */
public final class Judge {
  private final Path directory;

  /** Runs tools in {@code directory}. */
  public Judge(Path directory) {
    this.directory = directory;
  }

  /** What a tool said, out and err together, and its exit code. */
  public record Verdict(int exit, String said) {}

  /** Skips the test that calls this if a tool is not on this machine. */
  public static void needs(String... tools) {
    for (String tool : tools) {
      assumeTrue(find(tool).isPresent(), () -> "this machine has no " + tool + "; install it");
    }
  }

  private static Optional<Path> find(String tool) {
    Stream<String> path =
        Stream.of(String.valueOf(System.getenv("PATH")).split(File.pathSeparator));
    return Stream.concat(path, Stream.of("/usr/sbin", "/sbin"))
        .map(place -> Path.of(place, tool))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Runs a tool, which must be content; returns what it said. */
  public String run(String... command) throws IOException, InterruptedException {
    Verdict verdict = ask(command);
    assertEquals(0, verdict.exit(), () -> String.join(" ", command) + ": " + verdict.said());
    return verdict.said();
  }

  /** Runs a tool. */
  public Verdict ask(String... command) throws IOException, InterruptedException {
    needs(command[0]);
    List<String> arguments = Stream.of(command).skip(1).toList();
    ProcessBuilder builder = new ProcessBuilder(find(command[0]).orElseThrow().toString());
    builder.command().addAll(arguments);
    builder.directory(directory.toFile()).redirectErrorStream(true);
    builder
        .environment()
        .putAll(Map.of("LC_ALL", "C.UTF-8", "TZ", "UTC", "MTOOLS_SKIP_CHECK", "0"));
    Process process = builder.start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Verdict(process.waitFor(), said);
  }
}
