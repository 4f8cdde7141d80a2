package dev.imgstore.builder.tar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.tar.UnpackLimits.Devices;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.LinkGroups;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class TarTreeTest {
  private static final UnpackLimits LIMITS = new UnpackLimits(Devices.REFUSED, 100);
  private static final byte[] NOTHING = {};
  private final MemoryBlobStore blobs = new MemoryBlobStore();

  private TreeId unpack(byte[] archive, UnpackLimits limits) throws IOException {
    return TarTree.unpack(new TarReader("a.tar", new ByteArrayInputStream(archive)), blobs, limits);
  }

  private TreeEditor tree(TarBytes archive) throws IOException {
    return TreeEditor.of(blobs, unpack(archive.end(), LIMITS));
  }

  @Test
  void filesAreFoundUnderTheirNames() throws IOException {
    TreeEditor tree =
        tree(
            new TarBytes()
                .directory("./")
                .directory("./etc/")
                .file("./etc/motd", "hello")
                .symlink("./etc/link", "motd")
                .file("implied/parent/file", ""));
    assertEquals(
        "hello", new String(tree.read(TreePath.of("/etc/link"), 100), StandardCharsets.UTF_8));
    assertEquals(Optional.of(TreeEditor.PLAIN_DIRECTORY), tree.meta(TreePath.of("implied/parent")));
  }

  @Test
  void theRootsOwnEntryDoesNotMatter() throws IOException {
    byte[] open = TarBytes.header('5', "./", "", 0);
    TarBytes.put(open, 100, "0000700");
    assertEquals(
        unpack(new TarBytes().file("f", "x").end(), LIMITS),
        unpack(new TarBytes().raw(TarBytes.sum(open)).file("f", "x").end(), LIMITS));
  }

  @Test
  void namesOfOneFileShareAGroupNamedByTheSmallest() throws IOException {
    TreeEditor tree =
        tree(
            new TarBytes()
                .file("m", "x")
                .hardLink("z", "m")
                .hardLink("./a", "./z")
                .file("other", "x"));
    long group = LinkGroups.of(TreePath.of("a"));
    for (String name : new String[] {"a", "m", "z"}) {
      Node.File file = (Node.File) tree.leaf(TreePath.of(name)).orElseThrow();
      assertEquals(group, file.linkGroup(), name);
    }
    assertEquals(0, ((Node.File) tree.leaf(TreePath.of("other")).orElseThrow()).linkGroup());
  }

  @Test
  void devicesAreKeptWhereTheyAreAllowed() throws IOException {
    byte[] header = TarBytes.header('3', "null", "", 0);
    TarBytes.put(header, 329, "0000001");
    TarBytes.put(header, 337, "0000003");
    byte[] archive = new TarBytes().raw(TarBytes.sum(header)).entry('6', "f", "", NOTHING).end();
    TreeEditor tree = TreeEditor.of(blobs, unpack(archive, new UnpackLimits(Devices.KEPT, 10)));
    assertEquals(
        Optional.of(new Node.Device(1, 3, false, Meta.of(0644, 0, 0))),
        tree.leaf(TreePath.of("null")));
    assertEquals(Optional.of(new Node.Fifo(Meta.of(0644, 0, 0))), tree.leaf(TreePath.of("f")));
  }

  static Stream<Arguments> hostile() {
    TarBytes many = new TarBytes();
    for (int i = 0; i <= 100; i++) {
      many.file("f" + i, "");
    }
    return Stream.of(
        Arguments.of("an absolute name", new TarBytes().file("/etc/passwd", ""), "is absolute"),
        Arguments.of("a way up", new TarBytes().file("a/../../b", ""), "a name is not . or .."),
        Arguments.of("only a way up", new TarBytes().directory(".."), "a name is not . or .."),
        Arguments.of(
            "writing through a link",
            new TarBytes().symlink("d", "/etc").file("d/passwd", "x"),
            "it lies below /d, which is no directory"),
        Arguments.of(
            "a directory through a link",
            new TarBytes().symlink("d", "/etc").directory("d/x"),
            "it lies below /d, which is no directory"),
        Arguments.of(
            "a file below a file",
            new TarBytes().file("f", "").file("f/g", ""),
            "it lies below /f, which is no directory"),
        Arguments.of(
            "a hard link up",
            new TarBytes().file("f", "").hardLink("l", "../f"),
            "a name is not . or .."),
        Arguments.of(
            "a hard link from the root",
            new TarBytes().hardLink("l", "/etc/shadow"),
            "is absolute"),
        Arguments.of(
            "a hard link to nothing",
            new TarBytes().hardLink("l", "missing"),
            "it is a hard link to /missing, which is no file before"),
        Arguments.of(
            "a hard link forward",
            new TarBytes().hardLink("l", "f").file("f", ""),
            "it is a hard link to /f, which is no file before"),
        Arguments.of(
            "a hard link to a directory",
            new TarBytes().directory("d").hardLink("l", "d"),
            "it is a hard link to /d, which is no file before"),
        Arguments.of(
            "an empty hard link", new TarBytes().hardLink("l", ""), "it is a hard link to nothing"),
        Arguments.of(
            "a hard link to itself",
            new TarBytes().hardLink("l", "l"),
            "it is a hard link to /l, which is no file before"),
        Arguments.of(
            "a device", new TarBytes().entry('4', "sda", "", NOTHING), "device nodes are refused"),
        Arguments.of(
            "a file twice",
            new TarBytes().file("f", "1").file("./f", "2"),
            "the name is there twice"),
        Arguments.of(
            "a link over a directory",
            new TarBytes().directory("d").symlink("d", "/etc"),
            "the name is there twice"),
        Arguments.of(
            "a directory over a link",
            new TarBytes().symlink("d", "/etc").directory("d"),
            "the name is there twice"),
        Arguments.of(
            "a link as the root", new TarBytes().symlink(".", "/"), "the root is no directory"),
        Arguments.of(
            "a long name",
            new TarBytes().pax('x', TarBytes.record("path", new byte[300])).file("f", ""),
            "1 to 255 bytes"),
        Arguments.of(
            "a link to nothing", new TarBytes().symlink("l", ""), "a link target has 1 to 4095"),
        Arguments.of("too many entries", many, "more than 100 entries"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hostile")
  void hostileArchivesAreRefusedByName(String what, TarBytes archive, String why) {
    HostileArchive refused =
        assertThrows(HostileArchive.class, () -> unpack(archive.end(), LIMITS), what);
    assertTrue(refused.fault().contains(why), refused.fault());
    assertTrue(String.valueOf(refused.getMessage()).startsWith("a.tar: "), refused.getMessage());
  }
}
