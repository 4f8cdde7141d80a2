package dev.imgstore.builder.zip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.tar.Decompression.Bounds;
import dev.imgstore.builder.tar.EntryTree.Shape;
import dev.imgstore.builder.tar.HostileArchive;
import dev.imgstore.builder.tar.UnpackLimits;
import dev.imgstore.builder.tar.UnpackLimits.Devices;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.utils.SeekableInMemoryByteChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class ZipTreeTest {
  private static final Bounds BOUNDS = new Bounds(10_000_000, 100, 50_000);
  private static final UnpackLimits LIMITS = new UnpackLimits(Devices.REFUSED, 100);
  private final MemoryBlobStore blobs = new MemoryBlobStore();

  private TreeEditor tree(byte[] archive, Shape shape) throws IOException {
    Digest blob = blobs.put(archive);
    return TreeEditor.of(blobs, ZipTree.unpack("a.zip", blob, blobs, BOUNDS, LIMITS, shape));
  }

  private TreeEditor tree(byte[] archive) throws IOException {
    return tree(archive, Shape.AS_TOLD);
  }

  private String text(TreeEditor tree, String path) throws IOException {
    return new String(tree.read(TreePath.of(path), 1 << 20), StandardCharsets.UTF_8);
  }

  @Test
  void filesDirectoriesAndLinksAreFound() throws IOException {
    ZipBytes.Entry script = ZipBytes.file("top/bin/run", "#!/bin/sh\n".repeat(100)).deflated();
    script.mode = 0100755;
    ZipBytes.Entry directory = ZipBytes.file("top/empty/", "");
    directory.mode = 0040750;
    ZipBytes.Entry link = ZipBytes.file("top/link", "bin/run");
    link.mode = 0120777;
    ZipBytes.Entry plain = ZipBytes.file("top/from-windows", "x");
    plain.platform = 0;
    byte[] archive = new ZipBytes().with(script).with(directory).with(link).with(plain).end();
    TreeEditor tree = tree(archive, new Shape(1, Shape.Owners.ROOT));
    assertEquals("#!/bin/sh\n".repeat(100), text(tree, "link"));
    assertEquals(Optional.of(Meta.of(0755, 0, 0)), tree.meta(TreePath.of("bin/run")));
    assertEquals(Optional.of(Meta.of(0750, 0, 0)), tree.meta(TreePath.of("empty")));
    assertEquals(Optional.of(Meta.of(0644, 0, 0)), tree.meta(TreePath.of("from-windows")));
    assertEquals(
        new Node.Symlink(Bytes.utf8("bin/run"), Meta.of(0777, 0, 0)),
        tree.leaf(TreePath.of("link")).orElseThrow());
  }

  @Test
  void whatAnotherToolWroteIsRead() throws IOException {
    byte[] noise = new byte[300_000];
    new Random(1).nextBytes(noise);
    SeekableInMemoryByteChannel channel = new SeekableInMemoryByteChannel();
    try (ZipArchiveOutputStream out = new ZipArchiveOutputStream(channel)) {
      out.setComment("c".repeat(60_000));
      for (int i = 0; i < 20; i++) {
        out.putArchiveEntry(new ZipArchiveEntry("d/" + i));
        out.write(noise);
        out.closeArchiveEntry();
      }
    }
    TreeEditor tree = tree(java.util.Arrays.copyOf(channel.array(), (int) channel.size()));
    assertEquals(20, tree.list(TreePath.of("d")).size());
    assertArrayEquals(noise, tree.read(TreePath.of("d/19"), 1 << 20));
  }

  @Test
  void legalNamesAreKeptByteForByte() throws IOException {
    ZipBytes.Entry latin = ZipBytes.file("caf\u00e9", "1");
    TreeEditor tree =
        tree(new ZipBytes().with(latin).with("README", "2").with("readme", "3").end());
    Bytes invalid = Bytes.of(new byte[] {'c', 'a', 'f', (byte) 0xe9});
    assertTrue(tree.list(TreePath.ROOT).contains(new Name(invalid)), "invalid UTF-8 is a name");
    assertEquals("2", text(tree, "README"));
    assertEquals("3", text(tree, "readme"));
  }

  private static Arguments hostile(String why, ZipBytes archive) {
    return Arguments.of(why, archive.end());
  }

  private static ZipBytes.Entry changed(ZipBytes.Entry entry, Consumer<ZipBytes.Entry> change) {
    change.accept(entry);
    return entry;
  }

  private static ZipBytes one(ZipBytes.Entry entry, Consumer<ZipBytes.Entry> change) {
    return new ZipBytes().with(changed(entry, change));
  }

  static Stream<Arguments> hostiles() {
    ZipBytes.Entry good = ZipBytes.file("good", "content");
    ZipBytes.Entry bomb = ZipBytes.file("bomb", "0".repeat(3_000_000)).deflated();
    ZipBytes many = new ZipBytes();
    for (int i = 0; i < 101; i++) {
      many.with("f" + i, "");
    }
    ZipBytes.Entry liar = ZipBytes.file("liar", "0".repeat(40_000)).deflated();
    liar.size = 10;
    byte[] upath = {0x75, 0x70, 10, 0, 1, 0, 0, 0, 0, 'o', 't', 'h', 'e', 'r'};
    return Stream.of(
        hostile("..", new ZipBytes().with("../x", "")),
        hostile("..", new ZipBytes().with("a/../../x", "")),
        hostile("absolute", new ZipBytes().with("/etc/passwd", "")),
        hostile("backslash", new ZipBytes().with("..\\x", "")),
        hostile("twice", new ZipBytes().with("a", "1").with("a", "2")),
        hostile("lies below", new ZipBytes().with("a", "1").with("a/b", "2")),
        hostile(
            "lies below",
            new ZipBytes()
                .with(changed(ZipBytes.file("l", "/tmp"), entry -> entry.mode = 0120777))
                .with("l/evil", "")),
        hostile("neither file", one(ZipBytes.file("d", ""), entry -> entry.mode = 0060600)),
        hostile("neither file", one(ZipBytes.file("p", ""), entry -> entry.mode = 0010600)),
        hostile("disagree", one(ZipBytes.file("d/", ""), entry -> entry.mode = 0100644)),
        hostile("only a file", one(ZipBytes.file("d/", "x"), entry -> entry.mode = 0040755)),
        hostile("encrypted", one(ZipBytes.file("e", "x"), entry -> entry.flags = 1)),
        hostile("not known", one(ZipBytes.file("e", "x"), entry -> entry.method = 97)),
        hostile("CRC-32", one(ZipBytes.file("c", "x"), entry -> entry.crc = 7)),
        hostile("it ends after", one(ZipBytes.file("c", "x"), entry -> entry.size = 2)),
        hostile("more than the 10 bytes", new ZipBytes().with(liar)),
        hostile("times its size", new ZipBytes().with(bomb)),
        hostile(
            "overlaps",
            new ZipBytes()
                .with(good)
                .with(changed(ZipBytes.file("x", "content"), e -> e.offset = 0))),
        hostile("two names", one(ZipBytes.file("n", "x"), entry -> entry.extra = upath)),
        hostile(
            "has at most",
            one(ZipBytes.file("l", "x".repeat(5000)), entry -> entry.mode = 0120777)),
        hostile("more than 100 entries", many),
        hostile("no name", new ZipBytes().with("", "x")),
        hostile("zip archive", one(ZipBytes.file("far", "x"), entry -> entry.offset = 1_000_000)));
  }

  @ParameterizedTest
  @MethodSource("hostiles")
  void hostileArchivesAreRefusedByName(String why, byte[] archive) {
    HostileArchive refused = assertThrows(HostileArchive.class, () -> tree(archive));
    assertTrue(String.valueOf(refused.getMessage()).startsWith("a.zip: "), refused.getMessage());
    assertTrue(String.valueOf(refused.getMessage()).contains(why), refused.getMessage());
  }

  @ParameterizedTest
  @ValueSource(ints = {30, 26, 8, 14, 18, 22, 6})
  void anEntrysOwnHeaderMustSayWhatTheDirectorySays(int at) throws IOException {
    byte[] archive = new ZipBytes().with("good", "content").end();
    assertEquals("content", text(tree(archive), "good"));
    archive[at] ^= 1;
    HostileArchive refused = assertThrows(HostileArchive.class, () -> tree(archive));
    assertEquals("good", refused.entry());
    assertTrue(refused.fault().contains("its own header is not"), refused.fault());
  }

  @Test
  void anEndMustTellWhatThereIs() {
    for (int at : new int[] {10, 8, 4, 20}) {
      byte[] archive = new ZipBytes().with("good", "content").end();
      archive[archive.length - 22 + at]++;
      HostileArchive refused = assertThrows(HostileArchive.class, () -> tree(archive));
      assertTrue(refused.fault().contains(" "), refused.fault());
    }
  }

  @Test
  void compressionsThatAskForAnyMemoryAreNotRead() {
    for (int method : new int[] {1, 6, 14, 93, 95}) {
      HostileArchive refused =
          assertThrows(
              HostileArchive.class,
              () -> tree(one(ZipBytes.file("x", "y"), entry -> entry.method = method).end()));
      assertTrue(refused.fault().contains("its compression is not known"), refused.fault());
    }
  }

  @Test
  void whatIsNoZipIsRefused() {
    assertThrows(HostileArchive.class, () -> tree(new byte[0]));
    assertThrows(HostileArchive.class, () -> tree(new byte[100_000]));
  }

  @Test
  void manySmallEntriesTogetherAreABombToo() {
    ZipBytes zip = new ZipBytes();
    for (int i = 0; i < 90; i++) {
      zip.with(ZipBytes.file("f" + i, "0".repeat(120_000)).deflated());
    }
    HostileArchive refused = assertThrows(HostileArchive.class, () -> tree(zip.end()));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("times its size")
            || String.valueOf(refused.getMessage()).contains("unpacks to more than"),
        refused.getMessage());
  }

  @Test
  void anyOneWrongByteIsHarmless() throws IOException {
    byte[] archive =
        new ZipBytes()
            .with(ZipBytes.file("a/b", "some content").deflated())
            .with("c", "more")
            .end();
    for (int at = 0; at < archive.length; at++) {
      for (int bit : new int[] {0x01, 0x80}) {
        byte[] damaged = archive.clone();
        damaged[at] ^= (byte) bit;
        try {
          tree(damaged);
        } catch (HostileArchive e) {
          assertTrue(String.valueOf(e.getMessage()).startsWith("a.zip"), e.getMessage());
        }
      }
    }
  }

  @Test
  void anArchiveInNoOrderIsReadOnlySoLong() throws IOException {
    ByteArrayOutputStream noise = new ByteArrayOutputStream();
    byte[] block = new byte[3 << 20];
    noise.writeBytes(block);
    Digest blob = blobs.put(noise.toByteArray());
    try (StoredChannel channel = new StoredChannel("a.zip", blobs, blob)) {
      assertThrows(
          HostileArchive.class,
          () -> {
            for (int i = 0; i < 1000; i++) {
              channel.position((long) (i * 37 % 48) * StoredChannel.BLOCK);
              channel.read(java.nio.ByteBuffer.allocate(1));
            }
          });
    }
  }
}
