package dev.imgstore.builder.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.sandbox.HostProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With a script in the place of QEMU. */
@Timeout(60)
class BootTestTest {
  private static final Duration LONG = Duration.ofSeconds(50);
  private static final Duration SHORT = Duration.ofMillis(300);

  @TempDir Path directory;
  private final List<HostProgram> started = new ArrayList<>();

  private BootReport run(boolean kvm, Duration up, String script)
      throws IOException, InterruptedException {
    Path file = Files.writeString(directory.resolve("qemu"), script);
    VirtualMachine machine =
        new VirtualMachine(
            List.of("/bin/sh", file.toString()), List.of("/code,1"), "/disk,2", "raw");
    BootTest.Limits limits = new BootTest.Limits(kvm, up, SHORT);
    Map<String, String> environment = Map.of("PATH", "/usr/bin:/bin", "HERE", directory.toString());
    return new BootTest(machine, limits, "", environment, started::add).run();
  }

  @Test
  void aMachineThatPrintsItsPromptIsUpAndIsEnded() throws IOException, InterruptedException {
    BootReport report =
        run(
            false,
            LONG,
            "echo \"$@\" >$HERE/words; echo '[FAILED] Failed to start x.'; printf 'vm login: ';"
                + " exec sleep 1000");
    assertTrue(report.up(), report::toString);
    assertEquals("tcg", report.accelerator());
    assertEquals(List.of("Failed to start x."), report.failed());
    assertEquals(1, started.size());
    assertThrows(IOException.class, () -> started.get(0).output().read());
    String words = Files.readString(directory.resolve("words"));
    assertTrue(words.contains("-nic none"), words);
    assertTrue(words.contains("if=pflash,format=raw,snapshot=on,file=/code,,1"), words);
    assertTrue(words.contains("if=virtio,snapshot=on,format=raw,file=/disk,,2"), words);
  }

  @Test
  void aSilentKvmIsGivenUpForEmulation() throws IOException, InterruptedException {
    String silent = "case \"$*\" in *accel=kvm*) exec sleep 1000 ;; esac; echo 'vm login: '";
    BootReport report = run(true, LONG, silent);
    assertTrue(report.up(), report::toString);
    assertEquals("tcg", report.accelerator());
    assertEquals("kvm", run(true, LONG, "echo 'vm login: '").accelerator());
  }

  @Test
  void aKvmThatCannotBeUsedIsGivenUpForEmulation() throws IOException, InterruptedException {
    String none = "case \"$*\" in *accel=kvm*) exit 1 ;; esac; echo 'vm login: '";
    assertTrue(run(true, LONG, none).up());
  }

  @Test
  void aMachineThatHangsIsTriedOnceMore() throws IOException, InterruptedException {
    String hangs = "echo x; if [ -e $HERE/once ]; then echo 'vm login: '; else : >$HERE/once; fi;";
    assertTrue(run(false, SHORT, hangs + " exec sleep 1000").up());
    assertEquals(2, started.size());
    BootReport report = run(false, SHORT, "echo x; exec sleep 1000");
    assertFalse(report.up());
    assertEquals("it was not up after 0 s", report.why());
    assertEquals(List.of("x"), report.console());
  }

  @Test
  void whatSaysThatItCannotStartIsNotTriedAgain() throws IOException, InterruptedException {
    BootReport report = run(false, LONG, "echo 'imgstore: cannot start: x'; exec sleep 1000");
    assertEquals("it said that it cannot start", report.why());
    assertEquals("it turned itself off", run(false, LONG, "echo x").why());
    assertEquals(2, started.size());
  }

  @Test
  void whyQemuDoesNotRunIsSaid() {
    IOException failure =
        assertThrows(IOException.class, () -> run(false, LONG, "echo no rom >&2; exit 1"));
    assertEquals("QEMU does not run: no rom", failure.getMessage());
  }

  @Test
  void nothingIsStartedWhenWeAreEnded() {
    VirtualMachine machine =
        new VirtualMachine(List.of("/bin/sh", "-c", "exec sleep 1000"), List.of(), "/d", "raw");
    BootTest test =
        new BootTest(
            machine,
            new BootTest.Limits(false, LONG, LONG),
            "",
            Map.of("PATH", "/usr/bin:/bin"),
            each -> {
              started.add(each);
              throw new InterruptedException();
            });
    assertThrows(InterruptedException.class, test::run);
    assertThrows(IOException.class, () -> started.get(0).output().read());
  }
}
