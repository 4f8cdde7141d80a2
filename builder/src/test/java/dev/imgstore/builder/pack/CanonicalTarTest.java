package dev.imgstore.builder.pack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeCodec;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobStore;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TimeZone;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;

class CanonicalTarTest {
  private final MemoryBlobStore blobs = new MemoryBlobStore();

  static byte[] tar(LayerContent content, BlobStore blobs) throws IOException {
    try (InputStream in = CanonicalTar.open(content, blobs)) {
      return in.readAllBytes();
    }
  }

  /** Final: a change of this digest breaks every layer ever packed. */
  @Test
  void bytesOfEveryKindOfEntryArePinned() throws IOException {
    byte[] tar = tar(Samples.layer(blobs), blobs);
    assertEquals(
        "b14d2ce1d2607133230353d4af482202011e3944fe3a806ad18cc4c69925ddf2", Digest.of(tar).hex());
  }

  @Test
  void headerBytesArePinned() throws IOException {
    SortedMap<TreePath, Node> entries = new TreeMap<>();
    entries.put(TreePath.of("a"), Samples.file(blobs, "A", Meta.of(04755, 1, 2)));
    byte[] expected = new byte[4 * 512];
    fill(expected, 0, "a");
    fill(expected, 100, "0004755\0" + "0000001\0" + "0000002\0");
    fill(expected, 124, "00000000001\0" + "02263523000\0" + "007400\0 " + "0");
    fill(expected, 257, "ustar\0" + "00");
    fill(expected, 329, "0000000\0" + "0000000\0");
    fill(expected, 512, "A");
    byte[] tar = tar(LayerContent.of("x", entries), blobs);
    assertArrayEquals(expected, tar);
  }

  private static void fill(byte[] block, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(bytes, 0, block, at, bytes.length);
  }

  @Test
  void commonsCompressReadsTheSameEntries() throws IOException {
    LayerContent content = Samples.layer(blobs);
    List<String> seen = new ArrayList<>();
    try (TarArchiveInputStream in =
        new TarArchiveInputStream(
            new ByteArrayInputStream(tar(content, blobs)), StandardCharsets.ISO_8859_1.name())) {
      for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        seen.add(entry.getName());
        if (entry.getName().equals("bin/far")) {
          assertEquals(3_000_000L, entry.getLongUserId());
          assertEquals(2_097_152L, entry.getLongGroupId());
        }
        if (entry.getName().equals("dev/")) {
          assertEquals(-1000L, entry.getLastModifiedTime().toMillis());
        }
      }
    }
    List<String> expected =
        content.entries().entrySet().stream()
            .map(
                e ->
                    new String(e.getKey().bytes().toArray(), StandardCharsets.ISO_8859_1)
                        + (e.getValue() instanceof Node.Directory ? "/" : ""))
            .toList();
    assertEquals(expected, seen);
  }

  @Test
  void zoneLocaleAndListingOrderDoNotShow() throws IOException {
    byte[] here = tar(Samples.layer(blobs), blobs);
    TimeZone zone = TimeZone.getDefault();
    Locale locale = Locale.getDefault();
    try {
      TimeZone.setDefault(TimeZone.getTimeZone("Asia/Tokyo"));
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      assertArrayEquals(here, tar(Samples.layer(new MemoryBlobStore()), blobs));
    } finally {
      TimeZone.setDefault(zone);
      Locale.setDefault(locale);
    }
  }

  @Test
  void sizesAboveEightGibibytesAreSaidInThePaxHeader() {
    byte[] head =
        TarHeader.of(Bytes.utf8("big"), TarHeader.FILE, Meta.of(0644, 0, 0), CanonicalTar.TIME)
            .withSize(TarHeader.MAX_LONG + 1)
            .encode();
    assertEquals(3 * 512, head.length);
    assertEquals("19 size=8589934592\n", new String(head, 512, 19, StandardCharsets.US_ASCII));
    assertEquals("77777777777", new String(head, 2 * 512 + 124, 11, StandardCharsets.US_ASCII));
    assertEquals(
        512,
        TarHeader.of(Bytes.utf8("big"), TarHeader.FILE, Meta.of(0644, 0, 0), CanonicalTar.TIME)
            .withSize(TarHeader.MAX_LONG)
            .encode()
            .length);
  }

  @Test
  void paxRecordsCountTheirOwnLength() {
    for (int length = 80; length < 1200; length++) {
      SortedMap<Name, Bytes> xattrs = new TreeMap<>();
      xattrs.put(Name.of("user.x"), Bytes.of(new byte[length]));
      byte[] head =
          TarHeader.of(
                  Bytes.utf8("f"), TarHeader.FIFO, new Meta(0, 0, 0, xattrs), CanonicalTar.TIME)
              .encode();
      String size = new String(head, 124, 11, StandardCharsets.US_ASCII);
      String record = new String(head, 512, 5, StandardCharsets.US_ASCII);
      assertEquals(
          Long.parseLong(size, 8), Long.parseLong(record.substring(0, record.indexOf(' '))));
    }
  }

  @Test
  void aLongPathIsSplitAtTheLeftmostSlashThatFits() throws IOException {
    for (int length = 90; length < 260; length++) {
      String path = "a/".repeat(length / 2) + "b".repeat(length % 2 + 1);
      byte[] head =
          TarHeader.of(Bytes.utf8(path), TarHeader.FIFO, Meta.of(0644, 0, 0), CanonicalTar.TIME)
              .encode();
      String name = new String(head, 0, 100, StandardCharsets.US_ASCII).trim();
      String prefix = new String(head, 345, 155, StandardCharsets.US_ASCII).trim();
      if (head.length == 512) {
        assertEquals(path, prefix.isEmpty() ? name : prefix + "/" + name);
      } else {
        assertTrue(path.length() > 255, path.length() + " bytes should fit");
      }
    }
  }

  @Test
  void whatNoLayerCanSayIsRefusedByName() throws IOException {
    refused("etc/.wh.passwd", Samples.file(blobs, "", Meta.of(0644, 0, 0)), ".wh.");
    SortedMap<Name, Bytes> xattrs = new TreeMap<>();
    xattrs.put(Name.of("user.a=b"), Bytes.utf8("c"));
    refused("etc/x", Samples.file(blobs, "", new Meta(0644, 0, 0, xattrs)), "user.a=b");
    refused("etc/d", new Node.Device(1 << 22, 0, true, Meta.of(0600, 0, 0)), "device");
    SortedMap<Name, Bytes> many = new TreeMap<>();
    for (int i = 0; i < 20; i++) {
      many.put(Name.of("user." + i), Bytes.of(new byte[65_000]));
    }
    refused("etc/y", new Node.Fifo(new Meta(0644, 0, 0, many)), "attributes");
  }

  private static void refused(String path, Node node, String why) {
    SortedMap<TreePath, Node> entries = new TreeMap<>();
    Samples.directory(entries, "etc");
    entries.put(TreePath.of(path), node);
    PackException refusal =
        assertThrows(
            PackException.class, () -> CanonicalTar.contentKey(LayerContent.of("x", entries)));
    assertEquals(TreePath.of(path), refusal.path());
    assertTrue(String.valueOf(refusal.getMessage()).contains(why), refusal.getMessage());
  }

  @Test
  void namesOfOneInodeThatDifferAreRefused() throws IOException {
    SortedMap<TreePath, Node> entries = new TreeMap<>();
    Digest content = blobs.put(new byte[] {1});
    entries.put(TreePath.of("a"), new Node.File(content, 1, 7, Meta.of(0644, 0, 0)));
    entries.put(TreePath.of("b"), new Node.File(content, 1, 7, Meta.of(0600, 0, 0)));
    assertThrows(PackException.class, () -> CanonicalTar.contentKey(LayerContent.of("x", entries)));
  }

  @Test
  void aMissingParentIsRefused() throws IOException {
    SortedMap<TreePath, Node> entries = new TreeMap<>();
    entries.put(TreePath.of("etc/a"), new Node.Fifo(Meta.of(0, 0, 0)));
    assertThrows(IllegalArgumentException.class, () -> LayerContent.of("x", entries));
  }

  @Test
  void theContentKeySeesEveryFieldButTheTreesOfDirectories() throws IOException {
    SortedMap<TreePath, Node> entries = Samples.everyKind(blobs);
    Digest key = CanonicalTar.contentKey(LayerContent.of("x", entries));
    assertEquals(key, CanonicalTar.contentKey(LayerContent.of("another name", entries)));
    for (Map.Entry<TreePath, Node> entry : Samples.everyKind(blobs).entrySet()) {
      if (entry.getValue() instanceof Node.File file && file.linkGroup() != 0) {
        continue;
      }
      Meta meta = entry.getValue().meta();
      for (Meta other :
          List.of(
              meta.withMode(meta.mode() ^ 1),
              meta.withOwner(meta.uid() + 1, meta.gid()),
              meta.withOwner(meta.uid(), meta.gid() + 1))) {
        SortedMap<TreePath, Node> changed = new TreeMap<>(entries);
        changed.put(entry.getKey(), entry.getValue().withMeta(other));
        assertNotEquals(key, CanonicalTar.contentKey(LayerContent.of("x", changed)));
      }
      SortedMap<TreePath, Long> times = new TreeMap<>(Map.of(entry.getKey(), 1L));
      assertNotEquals(key, CanonicalTar.contentKey(new LayerContent("x", entries, times)));
    }
    TreeId elsewhere =
        TreeCodec.id(
            new Tree(new TreeMap<>(Map.of(Name.of("z"), new Node.Fifo(Meta.of(0, 0, 0))))));
    entries.put(TreePath.of("usr"), new Node.Directory(elsewhere, Meta.of(0755, 0, 0)));
    assertEquals(key, CanonicalTar.contentKey(LayerContent.of("x", entries)));
  }

  @Test
  void aContentThatIsShorterThanTheTreeSaysIsFound() throws IOException {
    SortedMap<TreePath, Node> entries = new TreeMap<>();
    entries.put(TreePath.of("a"), new Node.File(blobs.put(new byte[10]), 11, Meta.of(0644, 0, 0)));
    assertThrows(IOException.class, () -> tar(LayerContent.of("x", entries), blobs));
    assertThrows(IOException.class, () -> ZstdLayer.pack(LayerContent.of("x", entries), blobs));
  }

  @Test
  void readingByteByByteGivesTheSame() throws IOException {
    LayerContent content = Samples.layer(blobs);
    byte[] whole = tar(content, blobs);
    Random random = new Random(1);
    try (InputStream in = CanonicalTar.open(content, blobs)) {
      int at = 0;
      while (at < whole.length) {
        byte[] some = in.readNBytes(1 + random.nextInt(700));
        for (byte one : some) {
          assertEquals(whole[at++], one);
        }
      }
      assertEquals(-1, in.read());
    }
  }
}
