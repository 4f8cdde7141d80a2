package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is tried first, with a script in the place of QEMU; boot-test tries a real one. */
class BootTestOptionTest {
  @TempDir Path directory;
  private Desk desk;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
    desk.set("PATH", desk.path("bin") + ":/usr/bin:/bin");
    desk.set("IMGSTORE_FIRMWARE", desk.path("firmware").toString());
    desk.write("firmware/OVMF_CODE_4M.fd", "code");
    desk.write("firmware/OVMF_VARS_4M.fd", "vars");
    FakeMachine.recipe(desk, "vm", "  free: 4m\n");
    desk.run("build", "vm").with(0);
  }

  private void qemu(String script) throws IOException {
    Path file = desk.write("bin/qemu-system-x86_64", "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private List<String> exported() throws IOException {
    try (Stream<Path> all = Files.list(desk.path("out"))) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aDiskThatStartsTakesItsName() throws IOException {
    qemu("echo \"$@\" >" + desk.path("words") + "; printf 'vm login: '; exec sleep 1000");
    desk.write("out/vm.qcow2", "old");
    Desk.Said said =
        desk.run("--json", "export", "disk", "vm", "out/vm.qcow2", "--boot-test").with(0);
    JsonNode boot = said.json().path("boot").path(0);
    assertTrue(boot.path("up").asBoolean(), said::toString);
    assertEquals("uefi", boot.path("firmware").asText());
    TreeSet<String> fields = new TreeSet<>();
    boot.fieldNames().forEachRemaining(fields::add);
    assertEquals("[accelerator, console, failed, firmware, milliseconds, up, why]", "" + fields);
    assertEquals(List.of("vm.qcow2"), exported());
    assertEquals(
        said.json().path("bytes").asLong(), Files.size(desk.path("out/vm.qcow2")), "bytes");
    String words = Files.readString(desk.path("words"));
    assertTrue(words.contains("format=qcow2,file=" + desk.path("out") + "/.imgstore-"), words);
  }

  @Test
  void aDiskThatDoesNotStartIsNotWrittenAndWhatWasThereStays() throws IOException {
    qemu("echo 'Kernel panic - not syncing: no root'; exec sleep 1000");
    desk.write("out/vm.raw", "old");
    Desk.Said said = desk.run("export", "disk", "--boot-test", "vm", "out/vm.raw").with(3);
    assertTrue(said.err().contains("console: Kernel panic"), said::toString);
    assertTrue(said.err().contains("vm@1 does not start by uefi: it said"), said::toString);
    assertEquals("", said.out());
    assertEquals("old", Files.readString(desk.path("out/vm.raw")));
    assertEquals(List.of("vm.raw"), exported());
    Desk.Said json =
        desk.run("--json", "export", "disk", "vm", "out/vm.raw", "--boot-test", "30").with(3);
    assertFalse(json.json().path("boot").path(0).path("up").asBoolean(), json::toString);
    assertEquals(0, json.json().path("bytes").asLong());
  }

  @Test
  void ofAnApplianceTheDiskInsideIsTried() throws IOException {
    qemu("echo \"$@\" >" + desk.path("words") + "; printf 'vm login: '; exec sleep 1000");
    desk.write("out/note", "");
    desk.run("export", "disk", "vm", "out/vm.ova", "--boot-test").with(0);
    String words = Files.readString(desk.path("words"));
    assertTrue(words.contains("format=raw,file=" + desk.path("out")), words);
    assertEquals(List.of("note", "vm.ova"), exported());
  }

  @Test
  void whatIsMissingIsSaidBeforeAnythingIsWritten() throws IOException {
    desk.write("out/note", "");
    desk.set("PATH", desk.path("bin").toString());
    desk.set("IMGSTORE_FIRMWARE", desk.path("none").toString());
    desk.run("export", "disk", "vm", "out/vm.raw", "--boot-test")
        .with(2)
        .complains("install qemu-system-x86 and ovmf");
    desk.run("export", "disk", "vm", "-", "--boot-test").with(2).complains("name a file");
    assertEquals(List.of("note"), exported());
  }
}
