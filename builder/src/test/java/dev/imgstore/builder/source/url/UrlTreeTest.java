package dev.imgstore.builder.source.url;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.ZstdOutputStream;
import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.recipe.InputSource.Unpack;
import dev.imgstore.builder.tar.Decompression;
import dev.imgstore.builder.tar.HostileArchive;
import dev.imgstore.builder.tar.TarBytes;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.builder.zip.ZipBytes;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

@Timeout(120)
final class UrlTreeTest {
  private final MemoryBlobStore blobs = new MemoryBlobStore();

  private TreeId make(String url, Unpack unpack, int strip, byte[] file) throws IOException {
    InputSource.Url source = new InputSource.Url(List.of(url), "", unpack, strip, false);
    Digest digest = blobs.put(file);
    String name = UrlName.of(source).plain();
    return UrlTree.make(
        "src",
        source,
        new Lock.Fetched(
            "src", "0".repeat(16), "url", name, "", digest, file.length, name, "requested"),
        blobs,
        new Decompression.Bounds(64 << 20, 1000, 1 << 20));
  }

  private TreeEditor tree(String url, Unpack unpack, int strip, byte[] file) throws IOException {
    return TreeEditor.of(blobs, make(url, unpack, strip, file));
  }

  private static byte[] tar() {
    return new TarBytes().directory("p-1/").file("p-1/a/b", "content").end();
  }

  private interface Compressor {
    OutputStream over(OutputStream out) throws IOException;
  }

  private static byte[] packed(Compressor compressor, byte[] plain, int times) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream packing = compressor.over(out)) {
      for (int i = 0; i < times; i++) {
        packing.write(plain);
      }
    }
    return out.toByteArray();
  }

  static Stream<Arguments> compressors() {
    return Stream.of(
        Arguments.of("gz", (Compressor) GZIPOutputStream::new),
        Arguments.of("xz", (Compressor) out -> new XZOutputStream(out, new LZMA2Options(1))),
        Arguments.of("zst", (Compressor) ZstdOutputStream::new),
        Arguments.of("bz2", (Compressor) BZip2CompressorOutputStream::new));
  }

  @ParameterizedTest
  @MethodSource("compressors")
  void everyCompressionIsKnownByItsBytes(String ending, Compressor compressor) throws IOException {
    TreeId plain = make("https://h/p-1.tar", Unpack.AUTO, 1, tar());
    byte[] packed = packed(compressor, tar(), 1);
    assertEquals(plain, make("https://h/p-1.tar." + ending, Unpack.AUTO, 1, packed));
    assertEquals(plain, make("https://h/download?v=1", Unpack.TAR, 1, packed));
    TreeEditor file = tree("https://h/tool." + ending, Unpack.AUTO, 0, packed);
    assertEquals(tar().length, file.read(TreePath.of("tool"), 1 << 20).length);
    TreeEditor kept = tree("https://h/p-1.tar." + ending, Unpack.NONE, 0, packed);
    assertEquals(packed.length, kept.read(TreePath.of("p-1.tar." + ending), 1 << 20).length);
  }

  @ParameterizedTest
  @MethodSource("compressors")
  void bombsOfEachFormatAreRefused(String ending, Compressor compressor) throws IOException {
    byte[] bomb = packed(compressor, new byte[1 << 20], 16);
    for (String name : List.of("b.tar." + ending, "b." + ending)) {
      HostileArchive refused =
          assertThrows(HostileArchive.class, () -> make("https://h/" + name, Unpack.AUTO, 0, bomb));
      assertTrue(
          String.valueOf(refused.getMessage()).contains("times its size")
              || String.valueOf(refused.getMessage()).contains("something after its end"),
          refused.getMessage());
    }
  }

  @Test
  void zipIsUnpackedAndJarIsKept() throws IOException {
    byte[] zip = new ZipBytes().with("x/y", "z").end();
    assertEquals(
        "z",
        new String(
            tree("https://h/a.ZIP", Unpack.AUTO, 1, zip).read(TreePath.of("y"), 9),
            StandardCharsets.UTF_8));
    assertTrue(tree("https://h/a.jar", Unpack.AUTO, 0, zip).exists(TreePath.of("a.jar")));
  }

  @Test
  void ownersOfThePackerAreRoots() throws IOException {
    byte[] header = TarBytes.header('0', "f", "", 0);
    TarBytes.put(header, 108, "0001750");
    byte[] archive = new TarBytes().raw(TarBytes.sum(header)).end();
    assertEquals(
        Optional.of(Meta.of(0644, 0, 0)),
        tree("https://h/a.tar", Unpack.AUTO, 0, archive).meta(TreePath.of("f")));
  }

  @Test
  void theNameIsTheLastPartOfTheAddress() throws IOException {
    byte[] one = {1};
    assertTrue(
        tree("https://h/d/a%20b.bin?x=/y", Unpack.AUTO, 0, one).exists(TreePath.of("a b.bin")));
    assertTrue(tree("https://h", Unpack.AUTO, 0, one).exists(TreePath.of("file")));
    assertTrue(tree("https://h/a%2Fb", Unpack.AUTO, 0, one).exists(TreePath.of("a%2Fb")));
    assertTrue(tree("https://h/a%2e%2e", Unpack.AUTO, 0, one).exists(TreePath.of("a..")));
    assertTrue(tree("https://h/%2e%2e", Unpack.AUTO, 0, one).exists(TreePath.of("%2e%2e")));
    assertTrue(
        tree("https://h/%ff", Unpack.AUTO, 0, one)
            .list(TreePath.ROOT)
            .contains(new Name(Bytes.of(new byte[] {(byte) 0xff}))));
  }

  private static byte[] oneFileBelowTop() {
    return new TarBytes().file("top/" + "x".repeat(60), "").end();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void strippingNeverLosesAFile(int strip) {
    HostileArchive refused =
        assertThrows(
            HostileArchive.class,
            () -> make("https://h/a.tar", Unpack.AUTO, strip, oneFileBelowTop()));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("leaves nothing of its name"),
        refused.getMessage());
  }

  @Test
  void strippingNeverMixesTwoDirectories() {
    byte[] archive = new TarBytes().file("a/x", "1").file("b/x", "2").end();
    HostileArchive refused =
        assertThrows(HostileArchive.class, () -> make("https://h/a.tar", Unpack.AUTO, 1, archive));
    assertTrue(String.valueOf(refused.getMessage()).contains("is not below"), refused.getMessage());
  }

  @Test
  void hardLinksAreStrippedToo() throws IOException {
    byte[] archive = new TarBytes().file("p/x", "1").hardLink("p/y", "p/x").end();
    byte[] flat = new TarBytes().file("x", "1").hardLink("y", "x").end();
    assertEquals(
        make("https://h/a.tar", Unpack.AUTO, 0, flat),
        make("https://h/a.tar", Unpack.AUTO, 1, archive));
  }

  static Stream<Arguments> hostiles() {
    byte[] sparse = TarBytes.record("GNU.sparse.major", new byte[] {'1'});
    byte[] huge = TarBytes.record("size", "99999999999999999".getBytes(StandardCharsets.UTF_8));
    byte[] negative = TarBytes.record("size", "-1".getBytes(StandardCharsets.UTF_8));
    return Stream.of(
        Arguments.of("zip slip", new TarBytes().file("../x", "")),
        Arguments.of("absolute", new TarBytes().file("/x", "")),
        Arguments.of("link below", new TarBytes().symlink("l", "/").file("l/x", "")),
        Arguments.of("hard link out", new TarBytes().hardLink("l", "../x")),
        Arguments.of("hard link absolute", new TarBytes().hardLink("l", "/etc/passwd")),
        Arguments.of("twice", new TarBytes().file("x", "1").file("x", "2")),
        Arguments.of("device", new TarBytes().entry('3', "d", "", new byte[0])),
        Arguments.of("sparse", new TarBytes().entry('S', "s", "", new byte[0])),
        Arguments.of("pax sparse", new TarBytes().pax('x', sparse).file("s", "")),
        Arguments.of("pax size", new TarBytes().pax('x', huge).file("s", "")),
        Arguments.of("pax negative", new TarBytes().pax('x', negative).file("s", "")));
  }

  @ParameterizedTest
  @MethodSource("hostiles")
  void hostileTarsAreRefused(String what, TarBytes archive) {
    HostileArchive refused =
        assertThrows(
            HostileArchive.class, () -> make("https://h/a.tar", Unpack.AUTO, 0, archive.end()));
    assertTrue(String.valueOf(refused.getMessage()).startsWith("the input src (a.tar)"), what);
  }
}
