package dev.imgstore.builder.sandbox;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imgstore.builder.tar.TarBytes;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real namespaces; the programs inside are the machine's busybox or shell, bound read-only. */
@Tag("tools")
@Timeout(120)
class SandboxTest {
  private static final long MAX = 256L << 20;

  @BeforeEach
  void asRoot() {
    assumeTrue(System.getProperty("user.name").equals("root"), "the range of ids here is root's");
  }

  private static byte[] tar(String name, int uid, int mode, byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      TarArchiveEntry entry = new TarArchiveEntry(name);
      entry.setSize(content.length);
      entry.setIds(uid, uid);
      entry.setMode(mode);
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
    }
    return bytes.toByteArray();
  }

  @Test
  void treesComeBackAsTheyWentIn() throws Exception {
    byte[] content = {1, 2, 3};
    try (Sandbox sandbox = Sandbox.open(IdRange.ofRoot(), MAX)) {
      sandbox.makeDirectory("root");
      sandbox.extract("root", out -> out.write(tar("f", 33, 04755, content)));
      sandbox.archive(
          "root",
          in -> {
            TarArchiveInputStream tar = new TarArchiveInputStream(in);
            TarArchiveEntry entry = tar.getNextEntry();
            assertEquals("./", entry.getName());
            entry = tar.getNextEntry();
            assertEquals("./f", entry.getName());
            assertEquals(33, entry.getLongUserId());
            assertEquals(04755, entry.getMode() & 07777);
            assertArrayEquals(content, tar.readAllBytes());
            return entry;
          });
    }
  }

  @Test
  void anUnusableTarIsAFailureThatSaysSo() throws Exception {
    try (Sandbox sandbox = Sandbox.open(IdRange.ofRoot(), MAX)) {
      sandbox.makeDirectory("root");
      SandboxException failure =
          assertThrows(
              SandboxException.class,
              () -> sandbox.extract("root", out -> out.write(new byte[] {1, 2, 3})));
      assertTrue(failure.toString().contains("unpacking into the sandbox"), failure.toString());
    }
  }

  @Test
  void memoryIsBounded() throws Exception {
    try (Sandbox sandbox = Sandbox.open(IdRange.ofRoot(), 1 << 20)) {
      sandbox.makeDirectory("root");
      assertThrows(
          SandboxException.class,
          () -> sandbox.extract("root", out -> out.write(tar("f", 0, 0644, new byte[2 << 20]))));
    }
  }

  /** A sandbox whose root has a shell with all of busybox, and nothing else. */
  private static Sandbox withShell() throws Exception {
    Path busybox = Path.of("/bin/busybox");
    assumeTrue(Files.isExecutable(busybox), "needs busybox-static");
    byte[] program = Files.readAllBytes(busybox);
    Sandbox sandbox = Sandbox.open(IdRange.ofRoot(), MAX);
    sandbox.makeDirectory("root");
    sandbox.extract("root", out -> out.write(tar("bin/sh", 0, 0755, program)));
    return sandbox;
  }

  private static Cell.Ended shell(Sandbox sandbox, String script) throws Exception {
    return sandbox.run(cell(Duration.ofSeconds(60), "/bin/sh", "-c", script));
  }

  @Test
  void whatRunsInsideSeesNothingOfTheHost() throws Exception {
    try (Sandbox sandbox = withShell()) {
      Cell.Ended ended =
          sandbox.run(
              cell(
                  Duration.ofSeconds(20),
                  "/bin/sh",
                  "-c",
                  "echo $HOME-$X; id -u; umask; hostname; cat /proc/net/dev | grep -c :; ls /; exit 3"));
      assertEquals("-y\n0\n0022\nlocalhost\n1\nbin\ndev\nproc\nrun\ntmp\n", ended.output());
      assertEquals(3, ended.exitCode());
      assertFalse(ended.timedOut());
      long start = System.nanoTime();
      ended = sandbox.run(cell(Duration.ofMillis(300), "/bin/sh", "-c", "while :; do :; done"));
      assertTrue(ended.timedOut());
      assertTrue(System.nanoTime() - start < 10_000_000_000L);
    }
  }

  @Test
  void theNetworkOfTheHostIsOutOfReach() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Sandbox sandbox = withShell()) {
      String port = String.format(":%04X ", server.getLocalPort());
      List<Path> tables = List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));
      boolean listed = false;
      for (Path table : tables) {
        listed |= Files.readString(table).contains(port);
      }
      assertTrue(listed, "the host's own table does not show the server");
      Cell.Ended ended = shell(sandbox, "cat /proc/net/tcp /proc/net/tcp6 /proc/net/route");
      assertFalse(ended.output().contains(port), ended.output());
      assertTrue(ended.output().contains("local_address"), ended.output());
    }
  }

  /** Also those that left the terminal, the group and the streams of the command. */
  @Test
  void whatACommandLeavesBehindEndsWithIt() throws Exception {
    try (Sandbox sandbox = withShell()) {
      Cell.Ended ended =
          shell(
              sandbox,
              "(trap '' 1 2 15; while :; do echo x >> /late; done) </dev/null >/dev/null 2>&1 &"
                  + " while ! test -s /late; do :; done; echo started; exit 5");
      assertEquals("started\n", ended.output());
      assertEquals(5, ended.exitCode());
      long size = size(sandbox, "./late");
      assertTrue(size > 0);
      assertEquals(size, size(sandbox, "./late"));
    }
  }

  private static long size(Sandbox sandbox, String name) throws Exception {
    return sandbox.archive(
        "root",
        in -> {
          long size = -1;
          TarArchiveInputStream tar = new TarArchiveInputStream(in);
          for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
            size = entry.getName().equals(name) ? entry.getSize() : size;
          }
          return size;
        });
  }

  @Test
  void aFloodOfOutputIsCut() throws Exception {
    try (Sandbox sandbox = withShell()) {
      String flood = "i=0; while test $i -lt 200000; do echo 0123456789; i=$((i+1)); done; exit 9";
      Cell.Ended ended = shell(sandbox, flood);
      assertEquals(9, ended.exitCode());
      assertEquals(1 << 16, ended.output().length());
    }
  }

  @Test
  void aSignalIsToldAsTheShellTellsIt() throws Exception {
    try (Sandbox sandbox = withShell()) {
      assertEquals(128 + 9, shell(sandbox, "kill -9 $$").exitCode());
    }
  }

  @Test
  void ownersChangeAndDevicesAreNotMade() throws Exception {
    try (Sandbox sandbox = withShell()) {
      Cell.Ended ended =
          shell(sandbox, "echo > /f && chown 33:44 /f && mknod /d b 7 0; mount -t tmpfs x /bin");
      assertTrue(ended.output().contains("not permitted"), ended.output());
      assertEquals(-1, size(sandbox, "./d"));
      assertEquals(1, size(sandbox, "./f"));
    }
  }

  @Test
  void aScriptGetsNoNamespaceAndIsBounded() throws Exception {
    try (Sandbox sandbox = withShell()) {
      Cell.Ended ended = shell(sandbox, "unshare -U echo inside; unshare -r echo inside");
      assertFalse(ended.output().contains("inside"), ended.output());
      assertNotEquals(0, ended.exitCode());
      String limits = shell(sandbox, "grep processes /proc/self/limits").output();
      assertTrue(limits.matches("Max processes +8192 +8192 +processes *\n"), limits);
      for (String own : List.of("/run", "/tmp")) {
        String size = shell(sandbox, "df -P " + own + " | tail -n 1").output();
        assertEquals("1048576", size.split("\\s+", -1)[1], size);
      }
    }
  }

  /** Late packages are unpacked into a tree that scripts have changed. */
  @Test
  void aLinkThatAScriptMadeLeadsNowhereOutside() throws Exception {
    Path outside = Files.createTempDirectory(Path.of("/var/tmp"), "imgstore-test");
    try (Sandbox sandbox = withShell()) {
      Files.setPosixFilePermissions(outside, PosixFilePermissions.fromString("rwxrwxrwx"));
      assertEquals(0, shell(sandbox, "ln -s " + outside + " /d").exitCode());
      assertThrows(
          SandboxException.class,
          () -> sandbox.extract("root", out -> out.write(tar("d/f", 0, 0644, new byte[1]))));
      assertFalse(Files.exists(outside.resolve("f")));
    } finally {
      Files.deleteIfExists(outside.resolve("f"));
      Files.delete(outside);
    }
  }

  /** The kernel keeps them in a form that names the namespace; they go out as they came in. */
  @Test
  void capabilitiesOfFilesComeBackInTheirPlainForm() throws Exception {
    byte[] capability = {1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    TarBytes in = new TarBytes();
    in.pax('x', TarBytes.record("SCHILY.xattr.security.capability", capability)).file("f", "x");
    byte[] tar = in.end();
    try (Sandbox sandbox = Sandbox.open(IdRange.ofRoot(), MAX)) {
      sandbox.makeDirectory("root");
      sandbox.extract("root", out -> out.write(tar));
      byte[] all = sandbox.archive("root", InputStream::readAllBytes);
      String text = new String(all, StandardCharsets.ISO_8859_1);
      String record = "SCHILY.xattr.security.capability=";
      int at = text.indexOf(record) + record.length();
      assertTrue(at > record.length(), "no capability came out");
      assertArrayEquals(capability, Arrays.copyOfRange(all, at, at + capability.length));
      assertEquals('\n', all[at + capability.length]);
    }
  }

  @Test
  void aKilledProcessLeavesNothingBehind() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/busybox")), "needs busybox-static");
    Process child = SandboxProcess.startHanging();
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
      assertFalse(Files.readString(Path.of("/proc/mounts")).contains("imgstore"));
    } finally {
      child.destroyForcibly();
    }
  }

  @Test
  void aNormalUserWithARangeGetsTheSame() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/busybox")), "needs busybox-static");
    Optional<String> user = SandboxProcess.userWithRange();
    assumeTrue(user.isPresent(), "no user here has a range in /etc/subuid");
    Path classes = Files.createTempDirectory(Path.of("/var/tmp"), "imgstore-test");
    try {
      Files.setPosixFilePermissions(classes, PosixFilePermissions.fromString("rwxr-xr-x"));
      Process child = SandboxProcess.startAs(user.orElseThrow(), classes, "pass");
      String out = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals("33 44 4755\n0004755\n00000410000054\n", out);
    } finally {
      try (Stream<Path> all = Files.walk(classes)) {
        for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
  }

  private static Cell cell(Duration limit, String... command) {
    TreeMap<String, String> environment = new TreeMap<>();
    environment.put("X", "y");
    environment.put("PATH", "/bin");
    return new Cell("root", List.of(command), environment, limit, 1 << 16);
  }

  @Test
  void usersWithoutARangeAreTold() {
    assertEquals(
        new IdRange(100_000, 200_000, false),
        IdRange.ofUser("me", "7", "x:1:65536\nme:100000:65536\n", "7:200000:65536").orElseThrow());
    assertTrue(IdRange.ofUser("me", "7", "me:100000:65535\n", "me:1:65536").isEmpty());
  }
}
