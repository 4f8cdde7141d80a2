package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images as disks; that they start is tried by the acceptance. */
class ExportDiskTest {
  private static final int MIB = 1 << 20;

  @TempDir Path directory;
  private Desk desk;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
  }

  private byte[] disk(String name) throws IOException {
    return Files.readAllBytes(desk.path(name));
  }

  /** Name and bytes of the partitions of a GPT with sectors of 512 bytes (UEFI 2.10, 5.3.3). */
  private static List<String> partitions(byte[] disk) {
    ByteBuffer table = ByteBuffer.wrap(disk).order(ByteOrder.LITTLE_ENDIAN).position(1024).slice();
    table.order(ByteOrder.LITTLE_ENDIAN);
    List<String> all = new ArrayList<>();
    for (int at = 0; table.getLong(at) != 0; at += 128) {
      byte[] name = new byte[72];
      table.get(at + 56, name);
      long sectors = table.getLong(at + 40) - table.getLong(at + 32) + 1;
      String text = new String(name, StandardCharsets.UTF_16LE);
      all.add(text.substring(0, text.indexOf(0)) + " " + sectors * 512 / MIB);
    }
    return all;
  }

  private static boolean holds(byte[] disk, String text) {
    return new String(disk, StandardCharsets.ISO_8859_1).contains(text);
  }

  @Test
  void theDiskIsTheSameFromTwoStoresAndHasThePartitionsOfTheRecipe() throws IOException {
    FakeMachine.recipe(
        desk, "vm", "  size: 160m\n  swap: 2m\n  partitions: [{mount: /srv/data, size: 8m}]\n");
    desk.run("build", "vm").with(0);
    desk.run("export", "disk", "vm", "one.raw").with(0);
    desk.run("--store", desk.path("other").toString(), "build", "vm").with(0);
    desk.run("--store", desk.path("other").toString(), "export", "disk", "vm", "two.img").with(0);
    byte[] one = disk("one.raw");
    assertArrayEquals(one, disk("two.img"));
    assertEquals(160 * MIB, one.length);
    assertEquals(List.of("esp 96", "srv-data 8", "swap 2", "root 52"), partitions(one));
    assertTrue(holds(one, "vmlinuz-6.1.0-10-cloud"), "the root has its kernels");
    assertTrue(holds(one, "root=PARTUUID="), "the kernel is told its root");
    assertTrue(holds(one, "6.1.0-10-cloud\0"), "it is the newest");
  }

  @Test
  void aDiskThatABiosStartsHasItsCodeAndThePartitionOfIt() throws IOException {
    FakeMachine.recipe(desk, "vm", "  size: 160m\n");
    desk.run("build", "vm").with(0);
    desk.run("export", "disk", "vm", "uefi.raw").with(0);
    assertEquals(0, disk("uefi.raw")[0]);
    FakeMachine.recipe(desk, "vm", "  size: 160m\n  boot: [uefi, bios]\n");
    desk.run("build", "vm").with(0);
    desk.run("export", "disk", "vm", "both.raw").with(0);
    byte[] both = disk("both.raw");
    assertEquals(List.of("bios 1", "esp 96", "root 61"), partitions(both));
    ByteBuffer code = ByteBuffer.wrap(both).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals((byte) 0xfa, both[0]);
    assertEquals(2048, code.getLong(0x188), "the first sector of the partition");
    assertEquals("imgstore", new String(both, MIB, 8, StandardCharsets.US_ASCII));
    String kernels = new String(both, StandardCharsets.ISO_8859_1);
    String root = "root=PARTUUID=";
    int first = kernels.indexOf(root);
    String line = kernels.substring(first, kernels.indexOf(0, first));
    assertEquals(MIB + 1024 + 0xe000, first);
    assertTrue(kernels.indexOf(line, first + 1) > 2 * MIB, "UEFI has the same command line");
  }

  @Test
  void aDiskForABiosAloneNeedsNothingOfUefi() throws IOException {
    FakeMachine.recipe(desk, "vm", "  size: 64m\n  boot: bios\n");
    Files.delete(desk.path("vm/root/usr/lib/systemd/boot/efi/linuxx64.efi.stub"));
    desk.run("build", "vm").with(0);
    desk.run("export", "disk", "vm", "one.raw").with(0);
    assertEquals(List.of("bios 1", "root 61"), partitions(disk("one.raw")));
    desk.run("export", "disk", "vm", "one.ova").with(0);
    assertTrue(holds(disk("one.ova"), "bios"), "the appliance asks for a BIOS");
    assertFalse(holds(disk("one.ova"), "\"efi\""), "and not for UEFI");
  }

  @Test
  void anotherMachineThanAPcHasNoBios() throws IOException {
    String recipe = "platforms: [linux/arm64]\nfiles: [{path: /a, text: a}]\n";
    desk.recipe("vm", recipe + "disk: {boot: bios}\n");
    String said = desk.run("build", "vm").with(2).err();
    assertTrue(said.contains("`boot`: machines of linux/arm64 have no BIOS"), said);
    desk.recipe(
        "vm",
        recipe + "image: {labels: {dev.imgstore.disk: '{\"format\": 1, \"boot\": [\"bios\"]}'}}\n");
    desk.run("build", "vm").with(0);
    desk.run("export", "disk", "vm", "a.raw")
        .with(2)
        .complains("machines of linux/arm64 have no BIOS; leave `bios` out of `boot`");
  }

  @Test
  void aKernelThatNoBiosStartsIsRefused() throws IOException {
    FakeMachine.recipe(desk, "vm", "  boot: [uefi, bios]\n");
    Files.write(
        desk.path("vm/root/boot/vmlinuz-6.1.0-10-cloud"), "MZ".getBytes(StandardCharsets.UTF_8));
    desk.run("build", "vm").with(0);
    desk.run("export", "disk", "vm", "a.raw").with(2).complains("cannot be started by a BIOS");
    assertFalse(Files.exists(desk.path("a.raw")));
  }

  @Test
  void whatCannotBeMeantIsRefused() throws IOException {
    FakeMachine.recipe(desk, "vm", "  size: 160m\n");
    desk.run("build", "vm").with(0);
    desk.run("--json", "export", "disk", "vm", "-").with(2).complains("standard output");
    desk.run("export", "disk", "vm", "vm.box")
        .with(2)
        .complains("vagrant-libvirt")
        .complains("vagrant-virtualbox");
    assertFalse(Files.exists(desk.path("vm.box")));
  }

  @Test
  void anotherSizeIsAnotherImage() throws IOException {
    FakeMachine.recipe(desk, "vm", "  free: 4m\n");
    String first = desk.run("build", "vm").with(0).image();
    FakeMachine.recipe(desk, "vm", "  free: 8m\n");
    assertFalse(first.equals(desk.run("build", "vm").with(0).image()), "digests");
    desk.run("export", "disk", "vm@1", "1.qcow2").with(0).out();
    desk.run("export", "disk", "vm@2", "2.qcow2").with(0);
  }

  @Test
  void anImageThatWouldNotStartIsRefusedWithEverythingItLacks() throws IOException {
    desk.recipe("vm", "disk: {}\nfiles: [{path: /a, text: a}]\n");
    desk.run("build", "vm").with(0);
    Desk.Said said = desk.run("export", "disk", "vm", "vm.raw").with(2);
    for (String missing :
        List.of(
            "linux-image-cloud-amd64",
            "systemd-boot-efi",
            "busybox-static",
            "systemd-sysv",
            "base-files")) {
      said.complains(missing);
    }
    assertFalse(Files.exists(desk.path("vm.raw")));
  }

  @Test
  void unitsThatTheImageDoesNotHaveAreRefused() throws IOException {
    String units = "vm/root/usr/lib/systemd/system/";
    desk.write(units + "nginx.service", "[Service]\n");
    desk.write(units + "getty@.service", "[Service]\n");
    desk.write("vm/root/etc/systemd/system/own.timer", "[Timer]\n");
    FakeMachine.recipe(
        desk, "vm", "  units: [nginx.service, getty@tty1.x.service, own.timer, ours.socket]\n");
    Path recipe = desk.path("vm/recipe.yaml");
    String text = Files.readString(recipe);
    String own = "files:\n  - {path: /etc/systemd/system/ours.socket, text: x}\n";
    Files.writeString(recipe, text.replace("files:\n", own));
    desk.run("build", "vm").with(0);
    String wants = "/etc/systemd/system/multi-user.target.wants/";
    assertEquals("/usr/lib/systemd/system/nginx.service", link(wants + "nginx.service"));
    assertEquals("/usr/lib/systemd/system/getty@.service", link(wants + "getty@tty1.x.service"));
    assertEquals("/etc/systemd/system/own.timer", link(wants + "own.timer"));
    assertEquals("/etc/systemd/system/ours.socket", link(wants + "ours.socket"));

    FakeMachine.recipe(desk, "vm", "  units: [ngnix.service, own.timer, qwerty.mount]\n");
    Desk.Said said = desk.run("build", "vm").with(2);
    said.complains("ngnix.service, which is no unit of the image (did you mean nginx.service?)");
    said.complains("and qwerty.mount, which is no unit of the image;");
    FakeMachine.recipe(desk, "vm", "  units: [getty@.service]\n");
    desk.run("build", "vm").with(2).complains("getty@.service, which is a template");
    Files.createSymbolicLink(
        desk.path("vm/root/etc/systemd/system/nginx.service"), Path.of("/dev/null"));
    FakeMachine.recipe(desk, "vm", "  units: [nginx.service]\n");
    desk.run("build", "vm").with(2).complains("nginx.service, which is masked");
  }

  private String link(String path) {
    return desk.run("--json", "cat", "vm", path).with(0).json().path("path").asText();
  }

  @Test
  void aVerifiedRootHasItsHashesBesideItAndTheSameHashEverywhere() throws IOException {
    FakeMachine.verified(desk, "vm", "  partitions: [{mount: /srv/data, size: 8m}]\n");
    desk.run("build", "vm").with(0);
    desk.run("export", "disk", "vm", "a.raw").with(2).complains("needs dmsetup for `root: verity`");
    FakeMachine.addSetup(desk, "vm");
    desk.run("build", "vm").with(0);
    desk.run("export", "disk", "vm", "one.raw").with(0);
    desk.run("--store", desk.path("other").toString(), "build", "vm").with(0);
    desk.run("--store", desk.path("other").toString(), "export", "disk", "vm", "two.raw").with(0);
    byte[] one = disk("one.raw");
    assertArrayEquals(one, disk("two.raw"));
    assertEquals(List.of("esp 96", "srv-data 8", "root 1", "root-verity 1"), partitions(one));
    assertTrue(holds(one, " rootfstype=erofs ro roothash="), "the kernel is told the hash");
    assertTrue(holds(one, "memory='tmp'"), "nothing is at /var, so nothing is over it");
  }

  @Test
  void aVerifiedRootFitsOrTheSizeThatItNeedsIsTold() throws IOException {
    FakeMachine.verified(desk, "vm", "  size: 99m\n");
    FakeMachine.addSetup(desk, "vm");
    desk.run("build", "vm").with(0);
    desk.run("export", "disk", "vm", "a.raw").with(2).complains("say `size: 100m` or more");
    FakeMachine.verified(desk, "vm", "  size: 100m\n");
    desk.run("build", "vm").with(0);
    desk.run("export", "disk", "vm", "a.raw").with(0);
    assertEquals(100 * MIB, disk("a.raw").length);
    FakeMachine.verified(desk, "vm", "  size: 120m\n");
    desk.run("build", "vm").with(0);
    desk.run("export", "disk", "vm", "a.raw").with(0);
    assertEquals(120 * MIB, disk("a.raw").length);
  }

  @Test
  void whatNoFileSystemHoldsIsSaidBeforeAnythingIsWritten() throws IOException {
    for (String disk :
        List.of("size: 20t", "free: 20t", "partitions: [{mount: /srv/data, size: 17t}]")) {
      FakeMachine.recipe(desk, "vm", "  " + disk + "\n");
      desk.run("build", "vm").with(0);
      desk.run("export", "disk", "vm", "a.raw")
          .with(2)
          .complains("17592186040320 (16 TiB less a block)")
          .complains("ask for less");
      assertFalse(Files.exists(desk.path("a.raw")), disk);
    }
  }

  @Test
  void whatIsAskedForWronglyIsSaid() throws IOException {
    desk.file("web", "x");
    desk.run("build", "web").with(0);
    desk.run("export", "disk", "web", "a.raw").with(2).complains("add `disk: {}`");
    FakeMachine.recipe(desk, "vm", "  size: 90m\n");
    desk.run("build", "vm").with(0);
    desk.run("export", "disk", "vm", "a.raw").with(2).complains("or more");
    desk.run("export", "disk", "vm", "a.tape").with(2).complains("choose with --format");
    assertTrue(
        desk.run("export", "disk", "vm", "a", "--format", "tape").with(2).err().contains("qcow2"));
    desk.run("export", "disk", "vm", "-", "--format", "vmdk").with(2).complains("stream");
    FakeMachine.recipe(desk, "vm", "  size: 100m\n");
    desk.run("build", "vm").with(0);
    String said = desk.run("export", "disk", "vm", "a.raw").with(2).err();
    String enough = said.replaceAll("(?s).*say `size: ([0-9]+)m` or more.*", "$1");
    FakeMachine.recipe(desk, "vm", "  size: " + enough + "m\n");
    desk.run("build", "vm").with(0);
    desk.run("export", "disk", "vm", "enough.raw").with(0);
    FakeMachine.recipe(desk, "vm", "  partitions: [{mount: /srv/data, size: 10k}]\n");
    desk.run("build", "vm").with(0);
    desk.run("export", "disk", "vm", "a.raw").with(2).complains("the partition for /srv/data: ");
    FakeMachine.recipe(desk, "vm", "  partitions: [{mount: /srv/data/kept, size: 10m}]\n");
    desk.run("build", "vm").with(0);
    desk.run("export", "disk", "vm", "a.raw").with(2).complains("srv/data/kept is no plain");
    assertFalse(Files.exists(desk.path("a.raw")));
  }
}
