package dev.imgstore.builder.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.source.Doors.Door;
import dev.imgstore.builder.tar.HostileArchive;
import dev.imgstore.builder.tar.TarBytes;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What no archive may do, tried at every door through which a tar comes in. */
@Timeout(120)
final class HostileArchivesTest {
  private static final String TOP = "top/";
  private final Doors doors = new Doors();

  /** An archive, and the words with which it is refused. */
  private record Hostile(TarBytes archive, String why) {}

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] record(String key, String value) {
    return TarBytes.record(key, utf8(value));
  }

  private static TarBytes tar() {
    return new TarBytes();
  }

  private static byte[] sized(char type, long size) {
    byte[] header = TarBytes.header(type, TOP + "f", "", 0);
    Arrays.fill(header, 124, 136, (byte) 0);
    header[124] = (byte) 0x80;
    for (int i = 0; i < 8; i++) {
      header[128 + i] = (byte) (size >> (8 * (7 - i)));
    }
    return TarBytes.sum(header);
  }

  /** Everywhere the same. */
  private static Map<String, Hostile> everywhere() {
    Map<String, Hostile> all = new LinkedHashMap<>();
    String twice = "the name is there twice";
    String long1 = "n".repeat(300);
    all.put("a way up", new Hostile(tar().file("top/../../x", ""), "not . or .."));
    all.put("an absolute name", new Hostile(tar().file("/top/x", ""), "is absolute"));
    all.put("a hard link up", new Hostile(tar().hardLink("top/l", "../x"), "not . or .."));
    all.put("an absolute hard link", new Hostile(tar().hardLink("top/l", "/etc/x"), "is absolute"));
    all.put(
        "a hard link before its target",
        new Hostile(tar().hardLink("top/l", "top/f").file("top/f", ""), "no file before"));
    all.put(
        "a hard link to itself", new Hostile(tar().hardLink("top/l", "top/l"), "no file before"));
    all.put("a file twice", new Hostile(tar().file("top/f", "1").file("top/./f", "2"), twice));
    all.put(
        "a path of pax up",
        new Hostile(
            tar().pax('x', record("path", "top/../../x")).file("top/f", ""), "not . or .."));
    all.put(
        "a link of pax up",
        new Hostile(
            tar().pax('x', record("linkpath", "../../x")).hardLink("top/l", "top/f"),
            "not . or .."));
    all.put(
        "a path of GNU up",
        new Hostile(tar().entry('L', "x", "", utf8("/etc/x\0")).file("top/f", ""), "is absolute"));
    all.put(
        "a path of pax with a NUL",
        new Hostile(tar().pax('x', record("path", "top/a\0b")).file("top/f", ""), "nor NUL"));
    all.put(
        "a path for all entries",
        new Hostile(tar().pax('g', record("path", "top/x")).file("top/f", ""), "for all entries"));
    all.put(
        "a size for all entries",
        new Hostile(tar().pax('g', record("size", "0")).file("top/f", "x"), "for all entries"));
    all.put(
        "a link for all entries",
        new Hostile(
            tar().pax('g', record("linkpath", "x")).symlink("top/f", "y"), "for all entries"));
    all.put(
        "attributes for all entries",
        new Hostile(
            tar().pax('g', record("SCHILY.xattr.user.a", "x")).file("top/f", ""),
            "for all entries"));
    all.put(
        "a larger size in pax",
        new Hostile(
            tar().pax('x', record("size", "99999999999")).file("top/f", "x"), "ends too early"));
    all.put(
        "an endless size in pax",
        new Hostile(
            tar().pax('x', record("size", "99999999999999999")).file("top/f", "x"),
            "claims to have"));
    all.put(
        "a size below nothing in pax",
        new Hostile(tar().pax('x', record("size", "-1")).file("top/f", "x"), "is no number"));
    all.put(
        "a smaller size in pax",
        new Hostile(
            tar().pax('x', record("size", "0")).file("top/f", "no header here"),
            "checksum of a header"));
    all.put(
        "a size below nothing", new Hostile(tar().raw(sized('0', -1L)).file("top/g", ""), "large"));
    all.put(
        "a size beyond all",
        new Hostile(tar().raw(sized('0', 1L << 62)).file("top/g", ""), "claims to have"));
    all.put("a sparse file", new Hostile(tar().entry('S', "top/s", "", new byte[0]), "sparse"));
    all.put(
        "a sparse file of pax",
        new Hostile(tar().pax('x', record("GNU.sparse.major", "1")).file("top/s", ""), "sparse"));
    all.put(
        "a sparse file of pax by its name",
        new Hostile(
            tar()
                .pax('x', record("GNU.sparse.name", "/etc/passwd"), record("path", "top/x"))
                .file("top/s", ""),
            "sparse"));
    all.put(
        "two long names",
        new Hostile(
            tar()
                .entry('L', "x", "", utf8("top/a\0"))
                .entry('L', "x", "", utf8("top/b\0"))
                .file("top/f", ""),
            "two extended headers"));
    all.put(
        "two headers of pax",
        new Hostile(
            tar()
                .pax('x', record("path", "top/a"))
                .pax('x', record("path", "top/b"))
                .file("top/f", ""),
            "two extended headers"));
    all.put(
        "a long name behind a header of pax",
        new Hostile(
            tar()
                .pax('x', record("size", "0"))
                .entry('L', "x", "", utf8("top/b\0"))
                .file("top/f", ""),
            "two extended headers"));
    all.put(
        "a long name of nothing",
        new Hostile(tar().entry('L', "x", "", utf8("top/b\0")), "no entry after it"));
    all.put(
        "a long name",
        new Hostile(tar().pax('x', record("path", TOP + long1)).file("f", ""), "1 to 255"));
    all.put(
        "a name of a megabyte",
        new Hostile(
            tar().pax('x', record("path", TOP + "a".repeat(1 << 20))).file("f", ""),
            "an extended header claims to have"));
    all.put(
        "a name of nearly a megabyte",
        new Hostile(
            tar().pax('x', record("path", TOP + "a".repeat(1_000_000))).file("f", ""), "1 to 255"));
    all.put(
        "a path of half a million directories",
        new Hostile(
            tar().pax('x', record("path", TOP + "a/".repeat(500_000) + "f")).file("f", ""),
            "nested deeper than 2048"));
    all.put(
        "a hard link with content",
        new Hostile(
            tar().file("top/f", "").entry('1', "top/l", "top/f", utf8("x")), "only a file"));
    all.put("another volume", new Hostile(tar().entry('M', "top/f", "", utf8("x")), "type 'M'"));
    all.put(
        "a list of names", new Hostile(tar().entry('D', "top/d/", "", utf8("Yf\0")), "type 'D'"));
    return all;
  }

  /** Refused where links are not followed. */
  private static Map<String, Hostile> strictly() {
    Map<String, Hostile> all = new LinkedHashMap<>();
    String below = "which is no directory";
    all.put(
        "writing through a link",
        new Hostile(tar().symlink("top/d", "/etc").file("top/d/passwd", "x"), below));
    all.put(
        "writing through a loop of links",
        new Hostile(
            tar().symlink("top/a", "b").symlink("top/b", "a").file("top/a/passwd", "x"), below));
    all.put(
        "writing through a hard link to a link",
        new Hostile(
            tar().symlink("top/a", "/etc").hardLink("top/b", "top/a").file("top/b/passwd", "x"),
            below));
    all.put(
        "a directory over a link",
        new Hostile(tar().symlink("top/d", "/etc").directory("top/d/"), "twice"));
    all.put("a device", new Hostile(tar().entry('3', "top/d", "", new byte[0]), "device nodes"));
    return all;
  }

  static Stream<Arguments> hostiles() {
    List<Arguments> all = new ArrayList<>();
    for (Door door : Door.values()) {
      everywhere().forEach((what, each) -> all.add(Arguments.of(door, what, each)));
      if (!door.isImage()) {
        strictly().forEach((what, each) -> all.add(Arguments.of(door, what, each)));
      }
    }
    return all.stream();
  }

  @ParameterizedTest(name = "{1} at {0}")
  @MethodSource("hostiles")
  void hostileArchivesAreRefusedByName(Door door, String what, Object hostile) {
    Hostile it = (Hostile) hostile;
    HostileArchive refused =
        assertThrows(HostileArchive.class, () -> doors.open(door, it.archive().end()), what);
    assertTrue(refused.fault().contains(it.why()), refused.fault());
    assertTrue(
        String.valueOf(refused.getMessage()).startsWith(refused.archive()), refused.getMessage());
    assertTrue(String.valueOf(refused.getMessage()).length() < 1200, "a complaint is short");
  }

  @ParameterizedTest
  @EnumSource
  void everyCutIsRefused(Door door) {
    byte[] whole = tar().file("top/f", "content").file("top/g", "more").end();
    for (int cut = 1; cut < whole.length - 1024; cut += 97) {
      byte[] part = Arrays.copyOf(whole, cut);
      assertThrows(HostileArchive.class, () -> doors.open(door, part), "cut at " + cut);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsLegalIsKeptByteForByte(Door door) throws IOException {
    byte[] latin = {'c', 'a', 'f', (byte) 0xe9};
    byte[] header = TarBytes.header('0', "top/", "", 1);
    System.arraycopy(latin, 0, header, 4, latin.length);
    TarBytes archive =
        tar()
            .directory("top/")
            .pax('g', record("comment", "0123456789abcdef"))
            .file("top/README", "1")
            .file("top/readme", "2")
            .raw(TarBytes.sum(header))
            .raw(Arrays.copyOf(utf8("3"), 512))
            .pax('x', TarBytes.record("path", new byte[] {'t', 'o', 'p', '/', (byte) 0xff}))
            .file("top/f", "4")
            .pax('x', record("size", "5"), record("path", "top/five"))
            .raw(TarBytes.sum(TarBytes.header('0', "top/wrong", "", 0)))
            .raw(Arrays.copyOf(utf8("12345"), 512))
            .hardLink("top/again", "top/five");
    TreeEditor tree = doors.open(door, archive.end());
    Set<Name> names = tree.list(TreePath.ROOT);
    assertTrue(names.contains(new Name(Bytes.of(latin))), names::toString);
    assertTrue(names.contains(new Name(Bytes.of(new byte[] {(byte) 0xff}))), names::toString);
    assertEquals("1", text(tree, "README"));
    assertEquals("2", text(tree, "readme"));
    assertEquals("12345", text(tree, "five"));
    assertEquals("12345", text(tree, "again"));
    assertFalse(names.contains(Name.of("wrong")), names::toString);
  }

  @ParameterizedTest
  @EnumSource
  void linksThatLeadOutAreOnlyKept(Door door) throws IOException {
    TreeEditor tree =
        doors.open(
            door,
            tar()
                .file("top/f", "")
                .symlink("top/out", "../../../etc/passwd")
                .symlink("top/a", "b")
                .symlink("top/b", "a")
                .hardLink("top/c", "top/a")
                .end());
    assertTrue(tree.exists(TreePath.of("f")));
    if (door != Door.NPM) { // which takes no links
      Node.Symlink out = (Node.Symlink) tree.leaf(TreePath.of("out")).orElseThrow();
      assertEquals("../../../etc/passwd", out.target().text());
      assertEquals(tree.leaf(TreePath.of("a")), tree.leaf(TreePath.of("c")));
    }
  }

  private static String text(TreeEditor tree, String path) throws IOException {
    return new String(tree.read(TreePath.of(path), 100), StandardCharsets.UTF_8);
  }
}
