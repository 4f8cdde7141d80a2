package dev.imgstore.builder.source.dpkg;

import static dev.imgstore.builder.source.dpkg.DebMaker.deb;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.source.deb.UnpackedDeb;
import dev.imgstore.builder.source.dpkg.MergeRules.Layout;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.LinkGroups;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class MergeTest {
  private static final MergeRules MERGED = new MergeRules(Layout.MERGED_USR, List.of());
  private static final MergeRules SPLIT = new MergeRules(Layout.SPLIT_USR, List.of());
  private final MemoryBlobStore blobs = new MemoryBlobStore();

  private MergedTree merge(MergeRules rules, DebMaker... makers) throws IOException {
    List<UnpackedDeb> debs = new ArrayList<>();
    for (DebMaker maker : makers) {
      debs.add(maker.unpack(blobs));
    }
    MergedTree merged = Merge.of(blobs, debs, rules);
    Collections.shuffle(debs, new Random(7));
    assertEquals(merged, Merge.of(blobs, debs, rules));
    return merged;
  }

  private String text(MergedTree merged, String path) throws IOException {
    byte[] bytes = TreeEditor.of(blobs, merged.root()).read(TreePath.of(path), 1000);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private boolean exists(MergedTree merged, String path) throws IOException {
    return TreeEditor.of(blobs, merged.root()).exists(TreePath.of(path));
  }

  private List<String> conflicts(MergeRules rules, DebMaker... makers) {
    return assertThrows(MergeConflict.class, () -> merge(rules, makers)).conflicts();
  }

  private static String owner(MergedTree merged, String path) {
    return merged.owners().getOrDefault(TreePath.of(path), "");
  }

  @Test
  void filesOfAllPackagesAreThereAndOwned() throws IOException {
    MergedTree merged =
        merge(
            MERGED,
            deb("pb").directory("usr").directory("usr/bin").file("usr/bin/b", "B"),
            deb("pa").directory("usr").directory("usr/bin").file("usr/bin/a", "A"));
    assertEquals("A", text(merged, "usr/bin/a"));
    assertEquals("B", text(merged, "bin/b"));
    assertEquals("pa", owner(merged, "usr/bin"));
    assertEquals("pb", owner(merged, "usr/bin/b"));
  }

  @Test
  void oldPlacesLandInUsr() throws IOException {
    MergedTree merged =
        merge(MERGED, deb("old").file("bin/x", "X").file("lib64/ld.so", "L").file("sbin/y", "Y"));
    assertEquals("X", text(merged, "usr/bin/x"));
    assertEquals("L", text(merged, "lib64/ld.so"));
    assertEquals("old", owner(merged, "usr/sbin/y"));
    assertFalse(exists(merged, "libx32"));
    assertEquals(
        List.of("/bin", "/bin/x", "/lib64", "/lib64/ld.so", "/sbin", "/sbin/y"),
        merged.lists().getOrDefault("old", List.of()).stream().map(TreePath::toString).toList());
  }

  @Test
  void theSameFileInOldAndNewPlaceIsAConflict() {
    assertEquals(
        List.of("pa (1.0) and pb (1.0) both have /usr/bin/x"),
        conflicts(MERGED, deb("pa").file("bin/x", "1"), deb("pb").file("usr/bin/x", "2")));
  }

  @Test
  void withoutMergedUsrPlacesStay() throws IOException {
    MergedTree merged =
        merge(SPLIT, deb("pa").file("bin/x", "1"), deb("pb").file("usr/bin/x", "2"));
    assertEquals("1", text(merged, "bin/x"));
    assertEquals("2", text(merged, "usr/bin/x"));
  }

  @Test
  void aPackageMayBringTheLinksItself() throws IOException {
    MergedTree merged =
        merge(
            MERGED,
            deb("base-files").directory("usr/bin").symlink("bin", "usr/bin"),
            deb("px").file("bin/x", "X"));
    assertEquals("base-files", owner(merged, "bin"));
    assertEquals("X", text(merged, "usr/bin/x"));
  }

  @Test
  void replacesDecides() throws IOException {
    MergedTree merged =
        merge(
            MERGED,
            deb("old").file("usr/bin/x", "old").file("usr/bin/kept", ""),
            deb("new").field("Replaces", "other, old (<< 2.0)").file("usr/bin/x", "new"));
    assertEquals("new", text(merged, "usr/bin/x"));
    assertEquals("new", owner(merged, "usr/bin/x"));
    assertFalse(merged.lists().getOrDefault("old", List.of()).contains(TreePath.of("usr/bin/x")));
  }

  @Test
  void replacesOfAnotherVersionDoesNot() {
    assertEquals(
        List.of("new (1.0) and old (1.0) both have /x"),
        conflicts(
            MERGED,
            deb("old").file("x", "old"),
            deb("new").field("Replaces", "old (<< 1.0)").file("x", "new")));
  }

  @Test
  void equalFilesOfTwoPackagesAreAConflictAndAllAreNamed() {
    assertEquals(
        List.of("pa (1.0) and pb (1.0) both have /x", "pa (1.0) and pb (1.0) both have /y"),
        conflicts(
            MERGED,
            deb("pa").file("x", "1").file("y", ""),
            deb("pb").file("x", "1").file("y", "")));
  }

  @Test
  void aFileAndADirectoryAreAConflict() {
    assertEquals(
        List.of("pa (1.0) and pb (1.0) both have /x, one as a directory and one not"),
        conflicts(
            MERGED, deb("pa").file("x", "1"), deb("pb").field("Replaces", "pa").file("x/y", "")));
  }

  @Test
  void architecturesOfOnePackageShareEqualFiles() throws IOException {
    DebMaker[] both = {
      deb("lib").field("Multi-Arch", "same").file("usr/share/doc", "d").file("usr/lib/a/l", "1"),
      deb("lib")
          .architecture("i386")
          .field("Multi-Arch", "same")
          .file("usr/share/doc", "d")
          .file("usr/lib/b/l", "2")
    };
    MergedTree merged = merge(MERGED, both);
    assertEquals("lib:amd64", owner(merged, "usr/share/doc"));
    assertEquals("lib:i386", owner(merged, "usr/lib/b/l"));
    assertTrue(
        merged.lists().getOrDefault("lib:i386", List.of()).contains(TreePath.of("usr/share/doc")));
    assertEquals(
        List.of("lib:amd64 (1.0) and lib:i386 (1.0) both have /f"),
        conflicts(
            MERGED,
            deb("lib").field("Multi-Arch", "same").file("f", "1"),
            deb("lib").architecture("i386").field("Multi-Arch", "same").file("f", "2")));
  }

  @Test
  void aLinkToADirectoryStaysAndFilesGoWhereItPoints() throws IOException {
    MergedTree merged =
        merge(
            MERGED,
            deb("links").directory("usr/share/real").symlink("usr/share/alias", "real"),
            deb("zz").file("usr/share/alias/sub/f", "F"));
    assertEquals("F", text(merged, "usr/share/real/sub/f"));
    assertEquals("F", text(merged, "usr/share/alias/sub/f"));
    assertEquals("zz", owner(merged, "usr/share/real/sub/f"));
  }

  @Test
  void aLinkToNothingIsNoDirectory() {
    assertEquals(
        1,
        conflicts(MERGED, deb("pa").symlink("d", "../../nowhere"), deb("pb").file("d/f", ""))
            .size());
    assertEquals(
        1, conflicts(MERGED, deb("pa").symlink("d", "d/e"), deb("pb").file("d/e/f", "")).size());
  }

  @Test
  void divertedFilesGoAside() throws IOException {
    MergeRules rules =
        new MergeRules(
            Layout.MERGED_USR,
            List.of(new Diversion("mine", TreePath.of("/bin/x"), TreePath.of("/bin/x.orig"))));
    MergedTree merged =
        merge(rules, deb("mine").file("usr/bin/x", "mine"), deb("theirs").file("bin/x", "theirs"));
    assertEquals("mine", text(merged, "usr/bin/x"));
    assertEquals("theirs", text(merged, "usr/bin/x.orig"));
    assertEquals("theirs", owner(merged, "usr/bin/x.orig"));
  }

  @Test
  void essentialPackagesDecideTheModeOfADirectory() throws IOException {
    MergedTree merged =
        merge(
            MERGED,
            deb("pa").directory("tmp"),
            deb("base-files").field("Essential", "yes").directory("tmp"));
    assertEquals("base-files", owner(merged, "tmp"));
  }

  @Test
  void linkGroupsAreOfWhatIsLeft() throws IOException {
    MergedTree merged =
        merge(
            MERGED,
            deb("pa").file("f/1", "x").hardLink("f/2", "f/1").hardLink("f/3", "f/1"),
            deb("pb").field("Replaces", "pa").file("f/1", "y").hardLink("f/9", "f/1"));
    TreeEditor tree = TreeEditor.of(blobs, merged.root());
    assertEquals(LinkGroups.of(TreePath.of("f/1")), group(tree, "f/1"));
    assertEquals(LinkGroups.of(TreePath.of("f/1")), group(tree, "f/9"));
    assertEquals(LinkGroups.of(TreePath.of("f/2")), group(tree, "f/2"));
    assertEquals(LinkGroups.of(TreePath.of("f/2")), group(tree, "f/3"));
  }

  @Test
  void thePackageTwiceIsRefused() {
    assertEquals(
        List.of("the package pa is there twice"),
        conflicts(MERGED, deb("pa").file("x", ""), deb("pa").file("y", "")));
  }

  private static long group(TreeEditor tree, String path) throws IOException {
    return ((Node.File) tree.leaf(TreePath.of(path)).orElseThrow()).linkGroup();
  }
}
