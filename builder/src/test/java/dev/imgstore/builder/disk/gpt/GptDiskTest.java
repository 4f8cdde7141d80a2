package dev.imgstore.builder.disk.gpt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imgstore.builder.disk.BytesVolume;
import dev.imgstore.builder.disk.Judge;
import dev.imgstore.builder.disk.Volume;
import dev.imgstore.builder.disk.Volumes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GptDiskTest {
  private static final int MIB = 1 << 20;
  private static final byte[] NO_CODE = {};

  @TempDir Path directory;

  private static Partition partition(String name, PartitionType type, int size) {
    return Partition.of(
        Volumes.SEED, name, type, BytesVolume.of(Volumes.noise(name.length(), size)));
  }

  private static List<Partition> three() {
    return List.of(
        partition("bios", PartitionType.BIOS_BOOT, MIB),
        partition("esp", PartitionType.EFI_SYSTEM, 3 * MIB - 100),
        partition("root é", PartitionType.ROOT_AMD64, 2 * MIB + 512));
  }

  private static GptDisk disk(List<Partition> partitions) {
    return GptDisk.of(Volumes.SEED, partitions, NO_CODE, 0);
  }

  @Test
  void partitionsBeginAtWholeMebibytesAndHoldTheirVolumes() throws IOException {
    GptDisk disk = disk(three());
    byte[] all = Volumes.bytes(disk);
    assertEquals(9 * MIB, disk.size());
    assertEquals(List.of(1L, 2L, 5L), disk.extents().stream().map(e -> e.offset() / MIB).toList());
    for (GptDisk.Extent extent : disk.extents()) {
      byte[] content = Volumes.bytes(extent.partition().content());
      int from = (int) extent.offset();
      assertArrayEquals(content, Arrays.copyOfRange(all, from, from + content.length));
      assertEquals(0, extent.length() % MIB);
    }
  }

  @Test
  @Tag("tools")
  void sgdiskFindsNoProblem() throws Exception {
    Volumes.toFile(disk(three()), directory.resolve("disk"));
    String said = new Judge(directory).run("sgdisk", "-v", "disk");
    assertTrue(said.contains("No problems found"), said);
    assertFalse(said.toLowerCase(Locale.ROOT).contains("caution"), said);
  }

  @Test
  @Tag("tools")
  void sgdiskFindsTheDamageOfOneByte() throws Exception {
    Volume good = disk(three());
    byte[] all = Volumes.bytes(good);
    all[1024 + 40]++;
    Volumes.toFile(BytesVolume.of(all), directory.resolve("disk"));
    String said = new Judge(directory).ask("sgdisk", "-v", "disk").said();
    assertFalse(said.contains("No problems found"), said);
  }

  @Test
  @Tag("tools")
  void sfdiskReadsEveryField() throws Exception {
    GptDisk disk = disk(three());
    Volumes.toFile(disk, directory.resolve("disk"));
    Judge judge = new Judge(directory);
    String verified = judge.run("sfdisk", "-V", "disk");
    assertTrue(verified.contains("No errors detected."), verified);
    JsonNode table =
        new ObjectMapper().readTree(judge.run("sfdisk", "-J", "disk")).path("partitiontable");
    assertEquals("gpt", table.path("label").asText());
    assertEquals(34, table.path("firstlba").asInt());
    assertEquals(disk.size() / 512 - 34, table.path("lastlba").asLong());
    for (int i = 0; i < 3; i++) {
      GptDisk.Extent extent = disk.extents().get(i);
      JsonNode seen = table.path("partitions").path(i);
      assertEquals(extent.offset() / 512, seen.path("start").asLong());
      assertEquals(extent.length() / 512, seen.path("size").asLong());
      assertEquals(extent.partition().name(), seen.path("name").asText());
      assertEquals(upper(extent.partition().id()), seen.path("uuid").asText());
      assertEquals(upper(extent.partition().type().id()), seen.path("type").asText());
    }
  }

  private static String upper(Object id) {
    return id.toString().toUpperCase(Locale.ROOT);
  }

  @Test
  @Tag("tools")
  void aDiskFullOfPartitionsIsValid() throws Exception {
    List<Partition> all =
        IntStream.range(0, GptDisk.MAX_PARTITIONS)
            .mapToObj(i -> partition("p" + i, PartitionType.LINUX_DATA, 512))
            .toList();
    Volumes.toFile(GptDisk.of(Volumes.SEED, all, NO_CODE, 5L << 40), directory.resolve("disk"));
    String said = new Judge(directory).run("sgdisk", "-v", "disk");
    assertTrue(said.contains("No problems found"), said);
    String one = new Judge(directory).run("sgdisk", "-i", "128", "disk");
    assertTrue(one.contains("Partition name: 'p127'"), one);
  }

  @Test
  void bootCodeComesBeforeTheProtectiveRecord() throws IOException {
    byte[] code = Volumes.noise(7, 440);
    byte[] all = Volumes.bytes(GptDisk.of(Volumes.SEED, three(), code, 0));
    assertArrayEquals(code, Arrays.copyOf(all, 440));
    assertEquals((byte) 0xee, all[450]);
    assertThrows(
        IllegalArgumentException.class, () -> GptDisk.of(Volumes.SEED, three(), new byte[441], 0));
  }

  @Test
  void theSeedAloneDecidesTheIds() throws IOException {
    assertArrayEquals(Volumes.bytes(disk(three())), Volumes.bytes(disk(three())));
    byte[] other = Volumes.bytes(GptDisk.of(Volumes.OTHER_SEED, three(), NO_CODE, 0));
    assertFalse(Arrays.equals(Volumes.bytes(disk(three())), other));
    assertEquals(8, Partition.idOf(Volumes.SEED, "root").version());
    assertEquals(2, Partition.idOf(Volumes.SEED, "root").variant());
  }

  @Test
  void theDiskIsAtLeastAsLargeAsAsked() {
    assertEquals(10 * MIB, GptDisk.of(Volumes.SEED, three(), NO_CODE, 9 * MIB + 1).size());
  }

  @Test
  void whatATableCannotHoldIsRefused() {
    Partition one = partition("root", PartitionType.ROOT_AMD64, 512);
    assertThrows(IllegalArgumentException.class, () -> disk(List.of(one, one)));
    assertThrows(
        IllegalArgumentException.class, () -> partition("n".repeat(37), PartitionType.VAR, 512));
    assertThrows(IllegalArgumentException.class, () -> partition("none", PartitionType.VAR, 0));
    List<Partition> many =
        IntStream.range(0, 129)
            .mapToObj(i -> partition("p" + i, PartitionType.LINUX_DATA, 512))
            .toList();
    String message =
        String.valueOf(assertThrows(IllegalArgumentException.class, () -> disk(many)).getMessage());
    assertTrue(message.contains("at most 128 partitions, not 129; leave some out"), message);
  }
}
