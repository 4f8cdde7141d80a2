package dev.imgstore.builder.sandbox;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Real namespaces; the programs inside are the machine's busybox or shell, bound read-only. */
@Tag("tools")
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

  @Test
  void whatRunsInsideSeesNothingOfTheHost() throws Exception {
    assumeTrue(new java.io.File("/bin/busybox").canExecute(), "needs busybox-static");
    byte[] busybox;
    try (var in = new java.io.FileInputStream("/bin/busybox")) {
      busybox = in.readAllBytes();
    }
    try (Sandbox sandbox = Sandbox.open(IdRange.ofRoot(), MAX)) {
      sandbox.makeDirectory("root");
      sandbox.extract("root", out -> out.write(tar("bin/sh", 0, 0755, busybox)));
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
