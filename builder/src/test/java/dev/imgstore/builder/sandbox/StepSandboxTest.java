package dev.imgstore.builder.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imgstore.model.Bytes;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real namespaces, as root; and all that may be tried as another user too. */
@Tag("tools")
@Timeout(120)
class StepSandboxTest {
  private static final String SECRET = "s3cret-Value";

  @BeforeEach
  void asRoot() {
    assumeTrue(System.getProperty("user.name").equals("root"), "the range of ids here is root's");
    assumeTrue(Files.isExecutable(Path.of("/bin/busybox")), "needs busybox-static");
  }

  private static StepSandbox open() throws Exception {
    StepSandbox sandbox = StepSandbox.open(IdRange.ofRoot());
    StepEscapes.plant(sandbox);
    return sandbox;
  }

  @Test
  void nothingThatIsTriedLeadsOut() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        StepSandbox sandbox = open()) {
      assertEquals(List.of(), StepEscapes.failures(sandbox, server.getLocalPort()));
    }
  }

  @Test
  void anotherUserGetsTheSame() throws Exception {
    Optional<String> user = SandboxProcess.userWithRange();
    assumeTrue(user.isPresent(), "no user here has a range in /etc/subuid");
    Path classes = Files.createTempDirectory(Path.of("/var/tmp"), "imgstore-test");
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Files.setPosixFilePermissions(classes, PosixFilePermissions.fromString("rwxr-xr-x"));
      Process child =
          SandboxProcess.startAs(user.get(), classes, "escape", "" + server.getLocalPort());
      String out = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals("all tried: []\n", out);
    } finally {
      try (Stream<Path> all = Files.walk(classes)) {
        for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
  }

  @Test
  void outputsComeOutWithOwnersAndModes() throws Exception {
    try (StepSandbox sandbox = open()) {
      List<String> tar = new ArrayList<>();
      StepCell.Ended ended =
          sandbox.run(
              StepEscapes.cell(
                  "umask; echo x > $out/f; chown 33:44 $out/f; chmod 4751 $out/f; mkdir $out/d",
                  StepEscapes.LIMITS,
                  new TreeMap<>()),
              in -> {
                String all = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
                int at = all.indexOf("./out/f\0");
                return tar.add(all.substring(at + 100, at + 124).replace('\0', ' '));
              });
      assertEquals(0, ended.exitCode(), ended.log().text());
      assertEquals("0004751 0000041 0000054 ", tar.get(0));
    }
  }

  @Test
  void aFailureGivesItsCodeAndNoOutputs() throws Exception {
    try (StepSandbox sandbox = open()) {
      List<String> asked = new ArrayList<>();
      StepCell.Ended ended =
          sandbox.run(
              StepEscapes.cell("echo why; exit 7", StepEscapes.LIMITS, new TreeMap<>()),
              in -> asked.add("outputs"));
      assertEquals(7, ended.exitCode());
      assertEquals("why\n", ended.log().text());
      assertEquals(List.of(), asked);
      assertEquals(128 + 9, StepEscapes.run(sandbox, "kill -9 $$").exitCode());
    }
  }

  @Test
  void whatIsLeftRunningEndsWithTheStep() throws Exception {
    try (StepSandbox sandbox = open()) {
      long before = ProcessHandle.current().descendants().count();
      StepCell.Ended ended =
          StepEscapes.run(
              sandbox,
              "(trap '' 1 2 15; exec busybox setsid sleep 1000) </dev/null >/dev/null 2>&1 & echo $?");
      assertEquals("0\n", ended.log().text());
      assertEquals(before, ProcessHandle.current().descendants().count(), "as before the step");
    }
  }

  @Test
  void aStepThatTakesTooLongIsEnded() throws Exception {
    StepCell.Limits soon =
        new StepCell.Limits(Duration.ofMillis(300), 0, 1 << 20, List.of(), 100, 1);
    try (StepSandbox sandbox = open()) {
      long before = ProcessHandle.current().descendants().count();
      StepCell cell =
          StepEscapes.cell(
              "echo begun; (trap '' 15; sleep 1000) & sleep 1000", soon, new TreeMap<>());
      StepCell.Ended ended = sandbox.run(cell, InputStream::readAllBytes);
      assertTrue(ended.timedOut());
      assertEquals("begun\n", ended.log().text());
      assertEquals(before, ProcessHandle.current().descendants().count(), "as before the step");
    }
  }

  @Test
  void memoryIsBoundedForAllProcessesTogether() throws Exception {
    try (StepSandbox sandbox = open()) {
      assumeTrue(sandbox.boundsMemoryInAll(), "no control groups for us here");
      StepCell.Limits limits =
          new StepCell.Limits(Duration.ofSeconds(60), 64L << 20, 8L << 20, List.of(), 100, 1);
      String four =
          "for i in 1 2 3 4; do"
              + " dd if=/dev/zero of=/dev/null bs=40M count=200 2>/dev/null && echo done & done; wait";
      StepCell.Ended ended =
          sandbox.run(StepEscapes.cell(four, limits, new TreeMap<>()), InputStream::readAllBytes);
      assertTrue(ended.log().text().lines().count() < 4, "all four have their 40 MB: 160 of 72");
    }
  }

  @Test
  void aFloodOfOutputIsCutInItsMiddle() throws Exception {
    try (StepSandbox sandbox = open()) {
      String log =
          StepEscapes.run(sandbox, "echo first; yes | head -c 6000000; echo last").log().text();
      assertTrue(log.startsWith("first\ny\n"));
      assertTrue(log.endsWith("y\nlast\n"));
      assertTrue(log.contains("[imgstore: "), "says that it is cut");
      assertTrue(log.length() < LogBuffer.HEAD + LogBuffer.TAIL + 100);
    }
  }

  private static SortedMap<String, Bytes> secrets() {
    SortedMap<String, Bytes> secrets = new TreeMap<>();
    secrets.put("token", Bytes.utf8(SECRET + "\n"));
    return secrets;
  }

  @Test
  void aSecretIsAFileForTheStepOnly() throws Exception {
    try (StepSandbox sandbox = open()) {
      StepCell cell =
          StepEscapes.cell(
              "md5sum < /run/secrets/token; stat -c %a /run/secrets/token",
              StepEscapes.LIMITS, secrets());
      assertEquals(
          "68dc3f5a9cb1d5e1ea93bbdf1b6a2e34".length() + 3 + 5,
          sandbox.run(cell, InputStream::readAllBytes).log().text().length());
      assertEquals("", StepEscapes.run(sandbox, "ls /run/secrets").log().text());
    }
  }

  @Test
  void aSecretThatComesOutIsFound() throws Exception {
    try (StepSandbox sandbox = open()) {
      StepCell prints =
          StepEscapes.cell(
              "head -c 5 /run/secrets/token; sleep 0.1; tail -c +6 /run/secrets/token",
              StepEscapes.LIMITS,
              secrets());
      assertEquals("token", sandbox.run(prints, InputStream::readAllBytes).secret());
      for (String leak :
          List.of(
              "(head -c 70000 /dev/zero; cat /run/secrets/token) > $out/f",
              "touch $out/$(cat /run/secrets/token)",
              "ln -s x-$(cat /run/secrets/token)-y $out/l")) {
        StepCell cell = StepEscapes.cell(leak, StepEscapes.LIMITS, secrets());
        SecretFound found =
            assertThrows(SecretFound.class, () -> sandbox.run(cell, InputStream::readAllBytes));
        assertTrue(found.toString().contains("token"), found.toString());
        assertFalse(found.toString().contains(SECRET), found.toString());
      }
    }
  }

  @Test
  void stepsRunSideBySideAndCloseEndsThem() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try (StepSandbox sandbox = open()) {
      long before = ProcessHandle.current().descendants().count();
      List<Future<StepCell.Ended>> both = new ArrayList<>();
      CountDownLatch begun = new CountDownLatch(2);
      for (int i = 0; i < 2; i++) {
        both.add(
            pool.submit(
                () -> {
                  begun.countDown();
                  return StepEscapes.run(sandbox, "sleep 1000");
                }));
      }
      begun.await();
      while (ProcessHandle.current().descendants().count() < before + 10) {
        Thread.onSpinWait();
      }
      sandbox.close();
      for (Future<StepCell.Ended> each : both) {
        assertEquals(128 + 9, each.get(20, TimeUnit.SECONDS).exitCode());
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void aKilledProcessLeavesNothingBehind() throws Exception {
    Process child = SandboxProcess.startStep();
    try {
      BufferedReader out =
          new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8));
      assertEquals("running", out.readLine());
      List<ProcessHandle> below = child.descendants().toList();
      assertTrue(below.size() >= 4, below.toString());
      child.destroyForcibly().waitFor();
      for (ProcessHandle each : below) {
        each.onExit().get(20, TimeUnit.SECONDS);
      }
      assertFalse(Files.readString(Path.of("/proc/mounts")).contains("cell-"));
    } finally {
      child.destroyForcibly();
    }
  }
}
