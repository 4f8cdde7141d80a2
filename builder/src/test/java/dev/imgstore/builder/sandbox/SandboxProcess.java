package dev.imgstore.builder.sandbox;

import dev.imgstore.builder.tar.TarBytes;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A process of its own that uses a sandbox: to be killed, or to be another user's. */
public final class SandboxProcess {
  private static final String CLASSES = "dev/imgstore";

  private SandboxProcess() {}

  /** The first user but root that has a range of ids. */
  static Optional<String> userWithRange() throws IOException {
    Path ranges = Path.of("/etc/subuid");
    return Files.isReadable(ranges)
        ? Files.readAllLines(ranges).stream()
            .map(line -> line.split(":", -1)[0])
            .filter(name -> name.matches("[a-z][a-z0-9_-]*"))
            .findFirst()
        : Optional.empty();
  }

  /** Starts one that prints {@code running} and then runs for ever. */
  static Process startHanging() throws IOException {
    return start(List.of(), System.getProperty("java.class.path"), "hang");
  }

  /** The same with a step. */
  static Process startStep() throws IOException {
    return start(List.of(), System.getProperty("java.class.path"), "step");
  }

  /**
   * Starts one as a user, which prints what became of a file.
   *
   * @param classes an empty directory that the user may read; what the process needs is copied
   */
  static Process startAs(String user, Path classes, String... what) throws IOException {
    StringBuilder path = new StringBuilder(classes.toString());
    for (String part : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (Files.isDirectory(Path.of(part, CLASSES))) {
        copy(Path.of(part), Path.of(part, CLASSES), classes);
      } else if (part.contains("store") && part.endsWith(".jar")) {
        Path jar = classes.resolve(Path.of(part).getFileName());
        Files.copy(Path.of(part), jar, StandardCopyOption.REPLACE_EXISTING);
        path.append(File.pathSeparator).append(jar);
      }
    }
    return start(List.of("runuser", "-u", user, "--"), path.toString(), what);
  }

  private static void copy(Path root, Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path each : all.toList()) {
        Path target = to.resolve(root.relativize(each).toString());
        if (Files.isRegularFile(each)) {
          Files.createDirectories(target.getParent());
          Files.copy(each, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }

  private static Process start(List<String> prefix, String classPath, String... what)
      throws IOException {
    List<String> words = new ArrayList<>(prefix);
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    words.addAll(List.of("-cp", classPath, SandboxProcess.class.getName()));
    words.addAll(List.of(what));
    return new ProcessBuilder(words)
        .directory(new File("/"))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** Runs in the other process. */
  public static void main(String[] args) throws Exception {
    String user = System.getProperty("user.name");
    IdRange ids =
        user.equals("root")
            ? IdRange.ofRoot()
            : IdRange.ofUser(
                    user,
                    Files.getAttribute(Path.of("/proc/self"), "unix:uid").toString(),
                    Files.readString(Path.of("/etc/subuid")),
                    Files.readString(Path.of("/etc/subgid")))
                .orElseThrow();
    if (args[0].equals("escape") || args[0].equals("step")) {
      steps(ids, args);
      return;
    }
    try (Sandbox sandbox = Sandbox.open(ids, 64L << 20)) {
      sandbox.makeDirectory("root");
      byte[] busybox = Files.readAllBytes(Path.of("/bin/busybox"));
      byte[] header = TarBytes.header('0', "bin/sh", "", busybox.length);
      TarBytes.put(header, 100, "0000755");
      byte[] padding = new byte[Math.floorMod(-busybox.length, 512)];
      byte[] tar = new TarBytes().raw(TarBytes.sum(header)).raw(busybox).raw(padding).end();
      sandbox.extract("root", out -> out.write(tar));
      if (args[0].equals("hang")) {
        hang(sandbox);
      }
      Cell.Ended ended =
          run(sandbox, "echo x > f; chown 33:44 f; chmod 4755 f; stat -c '%u %g %a' f");
      System.out.print(ended.output());
      byte[] all = sandbox.archive("root", in -> in.readAllBytes());
      String text = new String(all, StandardCharsets.ISO_8859_1);
      int at = text.indexOf("./f\0");
      System.out.println(text.substring(at + 100, at + 107));
      System.out.println(text.substring(at + 108, at + 115) + text.substring(at + 116, at + 123));
    }
  }

  private static void steps(IdRange ids, String[] args) throws Exception {
    try (StepSandbox sandbox = StepSandbox.open(ids)) {
      StepEscapes.plant(sandbox);
      if (args[0].equals("step")) {
        tellWhenRunning(5);
        StepEscapes.run(sandbox, "(trap '' 1 15; sleep 1000) & sleep 1000");
      }
      System.out.println("all tried: " + StepEscapes.failures(sandbox, Integer.parseInt(args[1])));
    }
  }

  private static Cell.Ended run(Sandbox sandbox, String script) throws Exception {
    TreeMap<String, String> environment = new TreeMap<>();
    return sandbox.run(
        new Cell(
            "root", List.of("/bin/sh", "-c", script), environment, Duration.ofMinutes(5), 1 << 16));
  }

  private static void hang(Sandbox sandbox) throws Exception {
    tellWhenRunning(4);
    run(sandbox, "(trap '' 1 15; sleep 1000) & sleep 1000");
  }

  private static void tellWhenRunning(int processes) {
    Thread told =
        new Thread(
            () -> {
              while (ProcessHandle.current().descendants().count() < processes) {
                Thread.onSpinWait();
              }
              System.out.println("running");
            });
    told.setDaemon(true);
    told.start();
  }
}
