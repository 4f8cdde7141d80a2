package dev.imgstore.builder.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands that end well, that do not end, and what is left of them. */
@Timeout(60)
final class HostCommandTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(700);

  @TempDir Path directory;

  private HostCommand.Ended run(String command, Duration most, String... path)
      throws IOException, InterruptedException {
    Map<String, String> environment = new HashMap<>();
    environment.put("PATH", path.length == 0 ? System.getenv("PATH") : path[0]);
    return HostCommand.run(
        command,
        environment,
        directory.toFile(),
        most,
        OutputStream.nullOutputStream(),
        System::nanoTime);
  }

  /** Waits for the end of a process whose number is in a file; nothing of it may be left. */
  private void isGone(String file) throws IOException {
    long pid = Long.parseLong(Files.readString(directory.resolve(file)).strip());
    ProcessHandle.of(pid).ifPresent(left -> left.onExit().orTimeout(10, TimeUnit.SECONDS).join());
  }

  @Test
  void whatItSaysAndHowItEndsIsKnown() throws Exception {
    HostCommand.Ended ended = run("echo one; echo two >&2; exit 7", LONG);
    assertEquals(new HostCommand.Ended(7, false, "one\ntwo"), ended);
    assertTrue(run("true", LONG).isWell());
    assertEquals(137, run("kill -KILL $$", LONG).code());
  }

  @Test
  void whatNeverStopsTalkingIsStopped() throws Exception {
    HostCommand.Ended ended = run("yes", SHORT);
    assertTrue(ended.late());
    assertTrue(ended.output().endsWith("y"), ended.output());
  }

  @Test
  void muchThatIsSaidIsHeardToItsEnd() throws Exception {
    HostCommand.Ended ended = run("seq 400000", LONG);
    assertTrue(ended.isWell());
    assertTrue(ended.output().endsWith("399999\n400000"), ended.output());
  }

  @Test
  void itsLastWordsAreItsOwn() throws Exception {
    assertEquals(
        "waiting for the port", run("echo waiting for the port; sleep 1234", SHORT).output());
  }

  @Test
  void whatHasAGroupOfItsOwnIsKilledToo() throws Exception {
    assertTrue(run("timeout 1234 sh -c 'echo $$ > inner; sleep 1234'; true", SHORT).late());
    isGone("inner");
    assertTrue(run("(set -m; sleep 1234 & echo $! > job); sleep 1234", SHORT).late());
    isGone("job");
  }

  @Test
  void withoutSetsidItIsStoppedAllTheSame() throws Exception {
    HostCommand.Ended ended =
        HostCommand.run(
            "no-such-setsid",
            new HostCommand.Line(
                "echo hello; sleep 1234",
                Map.of("PATH", System.getenv("PATH")),
                directory.toFile()),
            SHORT,
            OutputStream.nullOutputStream(),
            System::nanoTime);
    assertTrue(ended.late());
    assertEquals("hello", ended.output());
  }

  @Test
  void whoHasFewProgramsIsNotKilled() throws Exception {
    HostCommand.Ended ended = run("/bin/sleep 0.2; echo hello", LONG, directory.toString());
    assertEquals(new HostCommand.Ended(0, false, "hello"), ended);
  }

  @Test
  void whatItLeavesRunningWhenItEndsWellGoesOn() throws Exception {
    assertTrue(run("sleep 1234 >/dev/null 2>&1 & echo $! > daemon", LONG).isWell());
    long pid = Long.parseLong(Files.readString(directory.resolve("daemon")).strip());
    ProcessHandle daemon = ProcessHandle.of(pid).orElseThrow();
    try {
      assertTrue(daemon.isAlive());
      assertFalse(daemon.onExit().isDone());
    } finally {
      daemon.destroyForcibly();
    }
  }
}
