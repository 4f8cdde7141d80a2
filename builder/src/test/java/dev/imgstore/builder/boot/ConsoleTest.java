package dev.imgstore.builder.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConsoleTest {
  private static Console console(String marker, String... printed) {
    Console console = new Console(marker);
    for (String part : printed) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      console.add(bytes, bytes.length);
    }
    return console;
  }

  @Test
  void aLoginPromptWithoutAnEndOfLineIsUp() {
    assertTrue(console("", "Debian 12 vm ttyS0\r\n\r\nvm lo", "gin: ").isUp());
    assertTrue(console("", "web7.example login: [   40.1] random: ready\r\n").isUp());
    assertFalse(console("", "sshd: vm login: failed\r\nlogin: \r\n").isUp());
  }

  @Test
  void whatSystemdSaysIsUpThoughItIsColoured() {
    String said = "[\033[0;32m  OK  \033[0m] Reached target \033[0;1;39mmulti-user.target\033[0m";
    assertTrue(console("", said.substring(0, 40), said.substring(40)).isUp());
    assertFalse(console("", "         Starting multi-user.target\n").isUp());
  }

  @Test
  void theKernelsCommandLineIsNoMarker() {
    String line = "[    0.0] Kernel command line: console=ttyS0 quiet=ready\r\n";
    assertFalse(console("ready", line).isUp());
    assertFalse(console("ready", "[  0.0] Command line: " + "x".repeat(9000), " ready").isUp());
    assertFalse(console("", "Command line: x login: multi\n").isUp());
    assertTrue(console("ready", line, "all is re", "ady").isUp());
    assertTrue(console("bereit: ü", "bereit: ü\n").isUp());
  }

  @Test
  void whoCannotGoOnIsLost() {
    for (String said :
        List.of(
            "[    3.1] Kernel panic - not syncing: VFS\n",
            "imgstore: cannot start: no partition has the id 1\n",
            "imgstore: cannot start: the kernel's command line has no root=PARTUUID=\n",
            "You are in emergency mode. After logging in\n",
            "BdsDxe: No bootable option or device was found.\n")) {
      assertTrue(console("", said).isLost(), said);
    }
    assertFalse(console("", "Command line: panic=1 Kernel panic - not syncing\n").isLost());
  }

  @Test
  void theLastLinesAndWhatFailedAreKeptWithBounds() {
    Console console = new Console("never");
    for (int i = 0; i < 500; i++) {
      byte[] line =
          ("[FAILED] Failed to start " + i + ".\r\n\r\n").getBytes(StandardCharsets.UTF_8);
      console.add(line, line.length);
    }
    byte[] long1 = "y".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
    console.add(long1, long1.length);
    assertEquals("Failed to start 0.", console.failed().get(0));
    assertEquals(50, console.failed().size());
    assertEquals(Console.LAST + 1, console.last().size());
    assertTrue(console.last().stream().allMatch(line -> line.length() <= 4097));
  }
}
