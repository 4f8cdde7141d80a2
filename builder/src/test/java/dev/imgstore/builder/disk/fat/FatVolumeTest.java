package dev.imgstore.builder.disk.fat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.disk.BytesVolume;
import dev.imgstore.builder.disk.DiskException;
import dev.imgstore.builder.disk.Judge;
import dev.imgstore.builder.disk.Volume;
import dev.imgstore.builder.disk.VolumeSink;
import dev.imgstore.builder.disk.Volumes;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FatVolumeTest {
  private static final int MIB = 1 << 20;
  private static final String EMOJI = new String(Character.toChars(0x1f600));

  @TempDir Path directory;

  private static FatVolume fat(Map<String, byte[]> files) throws DiskException {
    return fat(Volumes.SEED, files, 0);
  }

  private static FatVolume fat(Digest seed, Map<String, byte[]> files, long atLeast)
      throws DiskException {
    SortedMap<TreePath, Volume> all = new TreeMap<>();
    files.forEach((path, bytes) -> all.put(TreePath.of(path), BytesVolume.of(bytes)));
    return FatVolume.of(seed, "ESP", all, atLeast);
  }

  /** Everything that a name can make hard. */
  private static Map<String, byte[]> hard() {
    Map<String, byte[]> files = new TreeMap<>();
    files.put("EFI/BOOT/BOOTX64.EFI", Volumes.noise(1, 1_000_001));
    files.put("EFI/Linux/debian 6.1.0-28.efi", Volumes.noise(2, 70_000));
    files.put("EFI/empty", new byte[0]);
    files.put("loader/loader.conf", "timeout 0\n".getBytes(StandardCharsets.UTF_8));
    files.put("loader/entries/a.long.name.of.an.entry.conf", Volumes.noise(3, 513));
    files.put(".hidden", Volumes.noise(4, 512));
    files.put("exactly13char", Volumes.noise(5, 511));
    files.put("exactly-26-characters.long", Volumes.noise(6, 1));
    files.put("ünïcödé " + EMOJI, Volumes.noise(7, 2));
    files.put("n".repeat(255), Volumes.noise(8, 3));
    files.put("a+b=c,[d];e", Volumes.noise(9, 4));
    files.put("LONGNA~1", Volumes.noise(10, 5));
    for (int i = 0; i < 40; i++) {
      files.put("dir/long name number " + i, Volumes.noise(100 + i, i));
    }
    return files;
  }

  /** Brackets are patterns to mtools, and a JDK's arguments may be ASCII only. */
  private static String mtoolsPath(String path) {
    return "::/" + path.replaceAll("[\\[\\]]", "?").replaceAll("[^\\x20-\\x7e]+", "*");
  }

  @Test
  @Tag("tools")
  void fsckIsContentAndMtoolsGivesEveryFileBack() throws Exception {
    Volumes.toFile(fat(hard()), directory.resolve("esp"));
    Judge judge = new Judge(directory);
    String said = judge.run("fsck.vfat", "-n", "-v", "esp");
    assertTrue(said.contains("32 bit entries"), said);
    int label = 1;
    int directories = 6;
    assertTrue(said.contains("esp: " + (hard().size() + directories + label) + " files"), said);
    for (Map.Entry<String, byte[]> file : hard().entrySet()) {
      judge.run("mcopy", "-n", "-i", "esp", mtoolsPath(file.getKey()), "copy");
      assertArrayEquals(
          file.getValue(), Files.readAllBytes(directory.resolve("copy")), file.getKey());
      Files.delete(directory.resolve("copy"));
    }
    String listed = judge.run("mdir", "-i", "esp", "::/");
    assertTrue(listed.contains("Volume in drive : is ESP"), listed);
    assertTrue(listed.contains("1980-01-01   0:00"), listed);
    assertTrue(listed.contains("ünïcödé"), listed);
  }

  @Test
  @Tag("tools")
  void fsckFindsOneWrongLink() throws Exception {
    FatVolume good = fat(hard());
    byte[] all = Volumes.bytes(good);
    all[32 * 512 + 4 * 30] ^= 0x11;
    Volumes.toFile(BytesVolume.of(all), directory.resolve("esp"));
    Judge.Verdict verdict = new Judge(directory).ask("fsck.vfat", "-n", "esp");
    assertFalse(verdict.exit() == 0, verdict.said());
  }

  @Test
  @Tag("tools")
  void everyStepOfClusterSizesIsAValidFileSystem() throws Exception {
    Judge judge = new Judge(directory);
    for (long mib : List.of(0L, 34L, 35L, 259L, 260L, 261L, 512L, 8191L, 8193L)) {
      FatVolume esp = fat(Volumes.SEED, hard(), mib << 20);
      assertTrue(esp.size() >= mib << 20 && esp.size() < (mib + 36) << 20, "size " + esp.size());
      Path file = directory.resolve("esp");
      Volumes.toFile(esp, file);
      judge.run("fsck.vfat", "-n", "esp");
      assertClustersOf32(file);
      Files.delete(file);
    }
  }

  /** As "FAT Type Determination" counts them. */
  private static void assertClustersOf32(Path file) throws IOException {
    byte[] raw = new byte[512];
    try (var in = Files.newInputStream(file)) {
      assertEquals(512, in.readNBytes(raw, 0, 512));
    }
    ByteBuffer boot = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
    long sectors = boot.getInt(32) & 0xffff_ffffL;
    long data = sectors - boot.getShort(14) - 2L * boot.getInt(36);
    long clusters = data / boot.get(13);
    assertTrue(clusters >= 65_525 + 16, clusters + " clusters");
    assertTrue(boot.getInt(36) * 128L >= clusters + 2, "the table is too small");
  }

  @Test
  void theSameFilesGiveTheSameBytes() throws IOException {
    assertEquals(Digest.of(Volumes.bytes(fat(hard()))), Digest.of(Volumes.bytes(fat(hard()))));
    assertFalse(
        Digest.of(Volumes.bytes(fat(hard())))
            .equals(Digest.of(Volumes.bytes(fat(Volumes.OTHER_SEED, hard(), 0)))));
  }

  private static String refusal(String... paths) {
    Map<String, byte[]> files = new TreeMap<>();
    for (String path : paths) {
      files.put(path, new byte[1]);
    }
    return String.valueOf(assertThrows(DiskException.class, () -> fat(files)).getMessage());
  }

  @Test
  void whatFatCannotHoldIsNamed() {
    for (String bad :
        List.of("a:b", "EFI/what?", "tail.", "tail ", "new\nline", "x".repeat(255) + "/" + "a*")) {
      assertTrue(refusal(bad).contains(bad), bad);
    }
    String both = refusal("EFI/a", "efi/b");
    assertTrue(both.contains("EFI") && both.contains("efi"), both);
    String accents = refusal("ärger", "ÄRGER");
    assertTrue(accents.contains("ärger"), accents);
  }

  @Test
  void aNameThatIsNotUtf8IsNamed() {
    SortedMap<TreePath, Volume> files = new TreeMap<>();
    files.put(
        TreePath.parse(Bytes.of(new byte[] {'E', 'F', 'I', '/', 'x', -1})),
        BytesVolume.of(new byte[1]));
    DiskException refused =
        assertThrows(DiskException.class, () -> FatVolume.of(Volumes.SEED, "ESP", files, 0));
    assertTrue(String.valueOf(refused.getMessage()).contains("EFI/x"), refused::getMessage);
  }

  @Test
  void aFileOfFourGibibytesIsRefusedAndOneByteLessIsNot() throws IOException {
    String message =
        String.valueOf(assertThrows(DiskException.class, () -> large(1L << 32)).getMessage());
    assertTrue(message.contains("at most 4 GiB less one byte"), message);
    assertTrue(message.contains("large has 4294967296; keep it elsewhere"), message);
    assertTrue(large((1L << 32) - 1).size() > 1L << 32);
  }

  @Test
  void moreThanTwoTebibytesAreRefused() throws IOException {
    Map<String, byte[]> none = Map.of();
    assertEquals((2L << 40) - MIB, fat(Volumes.SEED, none, (2L << 40) - MIB).size());
    String message =
        String.valueOf(
            assertThrows(DiskException.class, () -> fat(Volumes.SEED, none, (2L << 40) - MIB + 1))
                .getMessage());
    assertTrue(message.contains("at most 2 TiB") && message.contains("ask for less"), message);
  }

  @Test
  void aDirectoryOfMoreEntriesThanFatCountsIsRefused() throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    int dots = 2;
    int entries = 21;
    for (int i = 0; i < (65_536 - dots) / entries; i++) {
      files.put("D/" + "n".repeat(250) + (10_000 + i), new byte[0]);
    }
    for (int i = 0; i < (65_536 - dots) % entries; i++) {
      files.put("D/F" + i, new byte[0]);
    }
    assertTrue(fat(files).size() > 0);
    files.put("D/ONE", new byte[0]);
    String message =
        String.valueOf(assertThrows(DiskException.class, () -> fat(files)).getMessage());
    assertTrue(message.contains("65536 entries") && message.contains("65537"), message);
    assertTrue(message.contains("D take"), message);
    assertTrue(message.contains("spread them"), message);
  }

  private static FatVolume large(long size) throws IOException {
    SortedMap<TreePath, Volume> files = new TreeMap<>();
    files.put(TreePath.of("large"), zeros(size));
    return FatVolume.of(Volumes.SEED, "ESP", files, 0);
  }

  private static Volume zeros(long size) {
    return new Volume() {
      @Override
      public long size() {
        return size;
      }

      @Override
      public void writeTo(VolumeSink sink) {}
    };
  }

  @Test
  void tailsAreGivenInOrder() throws DiskException {
    ShortName basis = ShortName.basis(LongName.of(TreePath.of("long name.conf")));
    assertEquals("LONGNAMECON", basis.text());
    assertEquals("LONGNA~1CON", basis.withTail(1).text());
    assertEquals("LONGN~12CON", basis.withTail(12).text());
    assertTrue(ShortName.isShort(LongName.of(TreePath.of("BOOTX64.EFI"))));
    assertFalse(ShortName.isShort(LongName.of(TreePath.of("bootx64.efi"))));
    assertFalse(ShortName.isShort(LongName.of(TreePath.of(".A"))));
    assertFalse(ShortName.isShort(LongName.of(TreePath.of("A.B.C"))));
  }
}
