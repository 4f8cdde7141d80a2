package dev.imgstore.builder.disk.container;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.disk.BytesVolume;
import dev.imgstore.builder.disk.CompositeVolume;
import dev.imgstore.builder.disk.DiskException;
import dev.imgstore.builder.disk.Judge;
import dev.imgstore.builder.disk.Volume;
import dev.imgstore.builder.disk.VolumeSink;
import dev.imgstore.builder.disk.Volumes;
import dev.imgstore.builder.export.DiskFile;
import dev.imgstore.model.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What QEMU makes of every container, and that nothing but the disk reaches their bytes. */
class ContainersTest {
  private static final int MIB = 1 << 20;
  private static final Machine MACHINE = new Machine("web-1", 2, 1024, Machine.Firmware.EFI);

  @TempDir Path directory;
  private final ExecutorService two = Executors.newFixedThreadPool(2);

  @AfterEach
  void endPool() {
    two.shutdownNow();
  }

  /** Text, noise, zeros, and edges of clusters and blocks; not of whole blocks itself. */
  private static Volume disk() {
    byte[] text =
        "what is said twice is said well; ".repeat(100_000).getBytes(StandardCharsets.US_ASCII);
    List<CompositeVolume.Part> parts = new ArrayList<>();
    parts.add(new CompositeVolume.Part(0, BytesVolume.of(Volumes.noise(1, 1000))));
    parts.add(new CompositeVolume.Part(65_535, BytesVolume.of(new byte[] {1, 2})));
    parts.add(new CompositeVolume.Part(MIB, BytesVolume.of(text)));
    parts.add(new CompositeVolume.Part(7L * MIB - 300, BytesVolume.of(Volumes.noise(2, 3 * MIB))));
    parts.add(new CompositeVolume.Part(11L * MIB, BytesVolume.of(new byte[2 * MIB])));
    parts.add(new CompositeVolume.Part(601L * MIB - 1, BytesVolume.of(new byte[] {9, 8})));
    parts.add(new CompositeVolume.Part(603L * MIB - 1, BytesVolume.of(new byte[] {7})));
    return CompositeVolume.of(603L * MIB, parts);
  }

  static Stream<DiskFormat> disks() {
    return Arrays.stream(DiskFormat.values()).filter(format -> qemu(format).isPresent());
  }

  private static Optional<String> qemu(DiskFormat format) {
    return switch (format) {
      case RAW -> Optional.of("raw");
      case QCOW2, QCOW2_ZLIB, QCOW2_PLAIN -> Optional.of("qcow2");
      case VMDK -> Optional.of("vmdk");
      case VHD, VHD_FIXED -> Optional.of("vpc");
      case VHDX -> Optional.of("vhdx");
      case VDI -> Optional.of("vdi");
      case OVA, VAGRANT_LIBVIRT, VAGRANT_VIRTUALBOX -> Optional.empty();
    };
  }

  private Path write(DiskFormat format, Volume disk, Executor pool, String name)
      throws IOException {
    Path file = directory.resolve(name);
    long size = DiskFile.write(format.container(Volumes.SEED, MACHINE, pool), disk, file);
    assertEquals(size, Files.size(file));
    return file;
  }

  private void assertSame(Judge judge, String format, String file) throws Exception {
    String said = judge.run("qemu-img", "compare", "-f", "raw", "-F", format, "raw", file);
    assertEquals("Images are identical.", said.strip());
  }

  @ParameterizedTest
  @MethodSource("disks")
  @Tag("tools")
  void qemuFindsTheSameDisk(DiskFormat format) throws Exception {
    Judge judge = new Judge(directory);
    Volumes.toFile(disk(), directory.resolve("raw"));
    write(format, disk(), two, "disk");
    String kind = qemu(format).orElseThrow();
    assertSame(judge, kind, "disk");
    if (!List.of("raw", "vpc").contains(kind)) {
      String said = judge.run("qemu-img", "check", "-f", kind, "disk");
      assertTrue(said.contains("No errors were found"), said);
    }
  }

  @ParameterizedTest
  @MethodSource("disks")
  @Tag("tools")
  void aDiskWithNothingOnItIsOneToo(DiskFormat format) throws Exception {
    Judge judge = new Judge(directory);
    Volume empty = CompositeVolume.of(34L * MIB, List.of());
    Volumes.toFile(empty, directory.resolve("raw"));
    write(format, empty, two, "disk");
    assertSame(judge, qemu(format).orElseThrow(), "disk");
  }

  @ParameterizedTest
  @EnumSource(QcowContainer.Compression.class)
  @Tag("tools")
  void tablesOfManyBlocksAreRight(QcowContainer.Compression compression) throws Exception {
    Judge judge = new Judge(directory);
    Volume disk = BytesVolume.of(mixed(700));
    Volumes.toFile(disk, directory.resolve("raw"));
    DiskFile.write(new QcowContainer(compression, two, 9), disk, directory.resolve("disk"));
    assertSame(judge, "qcow2", "disk");
    String said = judge.run("qemu-img", "check", "-f", "qcow2", "disk");
    assertTrue(said.contains("No errors were found"), said);
  }

  /** Pieces of a KiB in turn: noise, letters, zeros. */
  private static byte[] mixed(int pieces) {
    byte[] bytes = new byte[pieces * 1024];
    byte[] noise = Volumes.noise(4, bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      int kind = i / 1024 % 3;
      bytes[i] = kind == 0 ? noise[i] : (byte) (kind == 1 ? 'a' + i % 7 : 0);
    }
    return bytes;
  }

  @Test
  @Tag("tools")
  void theJudgeFindsOneWrongByte() throws Exception {
    Judge judge = new Judge(directory);
    Volumes.toFile(disk(), directory.resolve("raw"));
    Path file = write(DiskFormat.QCOW2_PLAIN, disk(), two, "disk");
    byte[] bytes = Files.readAllBytes(file);
    bytes[65_536 + 5]++;
    Files.write(file, bytes);
    Judge.Verdict verdict =
        judge.ask("qemu-img", "compare", "-f", "raw", "-F", "qcow2", "raw", "disk");
    assertEquals(1, verdict.exit(), verdict.said());
  }

  @ParameterizedTest
  @EnumSource(DiskFormat.class)
  void threadsNeverShow(DiskFormat format) throws IOException {
    Executor refusing =
        work -> {
          throw new RejectedExecutionException();
        };
    Path one = write(format, disk(), Runnable::run, "one");
    Path both = write(format, disk(), two, "two");
    Path none = write(format, disk(), refusing, "none");
    assertEquals(-1, Files.mismatch(one, both));
    assertEquals(-1, Files.mismatch(one, none));
  }

  @ParameterizedTest
  @EnumSource(
      value = DiskFormat.class,
      names = {"VMDK", "VHD", "VHD_FIXED", "VHDX", "VDI", "OVA"})
  void theSeedShowsInTheIds(DiskFormat format) throws IOException {
    Volume small = CompositeVolume.of(MIB, List.of());
    Path one = write(format, small, two, "one");
    Path other = directory.resolve("other");
    DiskFile.write(format.container(Volumes.OTHER_SEED, MACHINE, two), small, other);
    assertTrue(Files.mismatch(one, other) >= 0);
    assertEquals(Files.size(one), Files.size(other));
  }

  @Test
  void zerosStayHoles() throws IOException {
    for (DiskFormat format : List.of(DiskFormat.RAW, DiskFormat.VHD_FIXED, DiskFormat.VHDX)) {
      Path file = write(format, disk(), two, "disk");
      assertTrue(used(file) < 40L * MIB, () -> format + " is not sparse");
    }
  }

  private static long used(Path file) throws IOException {
    Process du = new ProcessBuilder("du", "-k", file.toString()).start();
    String said = new String(du.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    return Long.parseLong(said.split("\t", 2)[0]) * 1024;
  }

  @Test
  void aRawStreamHasEveryByte() throws IOException {
    Volume disk =
        CompositeVolume.of(
            3L * MIB,
            List.of(new CompositeVolume.Part(MIB + 5, BytesVolume.of(Volumes.noise(1, 99_999)))));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertEquals(3L * MIB, RawContainer.stream(disk, out));
    assertArrayEquals(Volumes.bytes(disk), out.toByteArray());
  }

  @ParameterizedTest
  @EnumSource(DiskFormat.class)
  void afterAFailureNothingIsLeft(DiskFormat format) throws IOException {
    Volume failing =
        new Volume() {
          @Override
          public long size() {
            return 8L * MIB;
          }

          @Override
          public void writeTo(VolumeSink sink) throws IOException {
            sink.write(0, Volumes.noise(1, MIB), 0, MIB);
            throw new IOException("No space left on device");
          }
        };
    Path file = directory.resolve("disk");
    Files.writeString(file, "before");
    Container container = format.container(Volumes.SEED, MACHINE, two);
    IOException failed =
        assertThrows(IOException.class, () -> DiskFile.write(container, failing, file));
    assertTrue(String.valueOf(failed.getMessage()).contains("No space left"), failed::getMessage);
    assertEquals("before", Files.readString(file));
    try (Stream<Path> left = Files.list(directory)) {
      assertEquals(1, left.count());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DiskFormat.class,
      names = {"VMDK", "VHD", "VHD_FIXED", "VHDX", "VDI", "OVA"})
  void aDiskThatDoesNotFitIsRefused(DiskFormat format) {
    Volume huge = CompositeVolume.of((64L << 40) + 512, List.of());
    Container container = format.container(Volumes.SEED, MACHINE, two);
    assertThrows(
        DiskException.class, () -> DiskFile.write(container, huge, directory.resolve("disk")));
    assertFalse(Files.exists(directory.resolve("disk")));
  }

  @Test
  @Tag("tools")
  void anApplianceIsATarOfDescriptorManifestAndDisk() throws Exception {
    Judge judge = new Judge(directory);
    Volumes.toFile(disk(), directory.resolve("raw"));
    write(DiskFormat.OVA, disk(), two, "disk.ova");
    assertEquals("web-1.ovf\nweb-1.mf\nweb-1-disk1.vmdk\n", judge.run("tar", "tf", "disk.ova"));
    judge.run("tar", "xf", "disk.ova");
    for (String line : Files.readAllLines(directory.resolve("web-1.mf"))) {
      String name = line.substring("SHA256(".length(), line.indexOf(')'));
      byte[] bytes = Files.readAllBytes(directory.resolve(name));
      assertEquals("SHA256(" + name + ")= " + Digest.of(bytes).hex(), line);
    }
    assertSame(judge, "vmdk", "web-1-disk1.vmdk");
    String disk = "//*[local-name()='Disk']/@*[local-name()='capacity']";
    assertEquals(Long.toString(disk().size()), xpath(judge, disk));
    String size = "//*[local-name()='File']/@*[local-name()='size']";
    assertEquals(
        Long.toString(Files.size(directory.resolve("web-1-disk1.vmdk"))), xpath(judge, size));
    assertEquals("5", xpath(judge, "count(//*[local-name()='Item'])"));
    assertEquals("efi", xpath(judge, "//*[local-name()='Config']/@*[local-name()='value']"));
  }

  private static String xpath(Judge judge, String path) throws Exception {
    return judge.run("xmllint", "--xpath", "string(" + path + ")", "web-1.ovf").strip();
  }

  @ParameterizedTest
  @EnumSource(
      value = DiskFormat.class,
      names = {"VAGRANT_LIBVIRT", "VAGRANT_VIRTUALBOX"})
  @Tag("tools")
  void aBoxHoldsTheDiskAndWhatVagrantAsksFor(DiskFormat format) throws Exception {
    Judge judge = new Judge(directory);
    Volumes.toFile(disk(), directory.resolve("raw"));
    write(format, disk(), two, "web.box");
    judge.run("tar", "xf", "web.box");
    String metadata = Files.readString(directory.resolve("metadata.json"));
    String vagrantfile = Files.readString(directory.resolve("Vagrantfile"));
    assertTrue(vagrantfile.contains("machine.memory = 1024"), vagrantfile);
    if (format == DiskFormat.VAGRANT_LIBVIRT) {
      assertEquals("{\"provider\":\"libvirt\",\"format\":\"qcow2\",\"virtual_size\":1}", metadata);
      assertSame(judge, "qcow2", "box.img");
    } else {
      assertEquals("{\"provider\":\"virtualbox\"}", metadata);
      assertSame(judge, "vmdk", "box-disk1.vmdk");
      judge.run("xmllint", "--noout", "box.ovf");
    }
  }

  @Test
  void namesAndEndingsOfFormats() {
    for (DiskFormat format : DiskFormat.values()) {
      assertEquals(Optional.of(format), DiskFormat.named(format.text()));
    }
    assertEquals(Optional.of(DiskFormat.QCOW2), DiskFormat.ofFile("Web.QCOW2"));
    assertEquals(Optional.of(DiskFormat.VHDX), DiskFormat.ofFile("web.vhdx"));
    assertEquals(Optional.empty(), DiskFormat.ofFile("web.box"), "two formats end so");
    assertEquals(Optional.empty(), DiskFormat.ofFile("web"));
  }
}
