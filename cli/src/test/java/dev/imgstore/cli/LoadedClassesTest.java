package dev.imgstore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Loading a database, a client of registries or a server takes longer than most commands do; only
 * those that use one load it.
 */
final class LoadedClassesTest {
  @TempDir Path directory;

  @Test
  void onlyFindLoadsADatabase() throws IOException, InterruptedException {
    Desk desk = new Desk(directory);
    desk.file("web", "one");
    assertEquals(List.of(), databases(desk, "build", "--offline", "web"));
    for (String line : List.of("ls", "show web", "log --since 1d", "switch web 1", "find --help")) {
      assertEquals(List.of(), databases(desk, line.split(" ", -1)), line);
    }
    List<String> loaded = databases(desk, "find", "--file", "/text");
    assertTrue(loaded.stream().anyMatch(name -> name.startsWith("org.h2.")), loaded::toString);
    assertTrue(loaded.stream().noneMatch(name -> name.startsWith("org.postgresql.")));
  }

  @Test
  void onlyPushLoadsAClientOfRegistries() throws IOException, InterruptedException {
    Desk desk = new Desk(directory);
    desk.file("web", "one");
    desk.run("build", "--offline", "web").with(0);
    for (String line : List.of("build --offline web", "ls", "export oci web out", "push --help")) {
      assertEquals(List.of(), databases(desk, line.split(" ", -1)), line);
    }
  }

  @Test
  void onlyServeLoadsAServer() throws IOException, InterruptedException {
    Desk desk = new Desk(directory);
    desk.file("web", "one");
    String servers = "(org[.]apache[.]http|dev[.]imgstore[.]sync[.]serve)[.].*";
    assertEquals(List.of(), loaded(desk, servers, 0, "build", "--offline", "web"));
    assertEquals(List.of(), loaded(desk, servers, 0, "ls"));
    List<String> loaded = loaded(desk, servers, 2, "serve", "--private");
    assertTrue(loaded.stream().anyMatch(name -> name.contains("sync.serve")), loaded::toString);
  }

  @Test
  void onlyAScheduleLoadsAReaderOfCron() throws IOException, InterruptedException {
    Desk desk = new Desk(directory);
    desk.file("web", "one");
    desk.run("build", "--offline", "web").with(0);
    String cron = "com[.]cronutils[.].*";
    for (String line : List.of("ls", "gc", "gc schedule", "gc schedule --run", "gc --help")) {
      assertEquals(List.of(), loaded(desk, cron, 0, line.split(" ", -1)), line);
    }
    desk.run("gc", "schedule", "daily 03:00", "--with", "serve").with(0);
    assertTrue(loaded(desk, cron, 0, "gc", "schedule", "--run").size() > 3);
    assertEquals(List.of(), loaded(desk, cron, 0, "gc"));
  }

  private static List<String> databases(Desk desk, String... args)
      throws IOException, InterruptedException {
    return loaded(
        desk, "(org[.]h2|org[.]postgresql|org[.]apache[.]http|com[.]google)[.].*", 0, args);
  }

  private static List<String> loaded(Desk desk, String pattern, int code, String... args)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xlog:class+load:stdout",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "--store",
                desk.store().toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(desk.path(".").toFile()).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("IMGSTORE_ETC", desk.path("etc").toString());
    Process process = builder.start();
    List<String> loaded = new ArrayList<>();
    for (String line : process.inputReader(UTF_8).lines().toList()) {
      String name = line.replaceFirst("^\\[.*?\\]\\[.*?\\]\\[.*?\\] *", "");
      if (name.matches(pattern)) {
        loaded.add(name);
      }
    }
    assertEquals(code, process.waitFor(), () -> String.join(" ", command));
    return loaded;
  }
}
