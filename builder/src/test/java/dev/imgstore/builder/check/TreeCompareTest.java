package dev.imgstore.builder.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Platform;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Trees;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TreeCompareTest {
  private static final Meta PLAIN = Meta.of(0644, 0, 0);

  private final MemoryBlobStore blobs = new MemoryBlobStore();

  private Node file(String content) throws IOException {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    return new Node.File(blobs.put(bytes), bytes.length, PLAIN);
  }

  private static Node link(String target) {
    return new Node.Symlink(Bytes.utf8(target), Meta.of(0777, 0, 0));
  }

  private TreeId tree(Object... namesAndNodes) throws IOException {
    SortedMap<Name, Node> entries = new TreeMap<>();
    for (int i = 0; i < namesAndNodes.length; i += 2) {
      entries.put(Name.of((String) namesAndNodes[i]), (Node) namesAndNodes[i + 1]);
    }
    return Trees.put(blobs, new Tree(entries));
  }

  private static Node directory(TreeId tree) {
    return new Node.Directory(tree, Meta.of(0755, 0, 0));
  }

  private List<String> between(TreeId was, TreeId is, int forgiven) throws IOException {
    return TreeCompare.between(blobs, was, is, new TreeCompare.Forgiven(forgiven, 0)).stream()
        .map(each -> each.path() + " " + each.what())
        .toList();
  }

  private List<String> between(TreeId was, TreeId is) throws IOException {
    return between(was, is, 0);
  }

  @Test
  void theSameTreeIsNotEvenRead() throws IOException {
    TreeId absent = new TreeId(Digest.of(new byte[] {1}));
    assertEquals(List.of(), between(absent, absent));
    TreeId other = tree();
    assertThrows(StoreException.MissingBlob.class, () -> between(absent, other));
  }

  @Test
  void everythingThatATreeSaysIsCompared() throws IOException {
    Node was = file("a");
    TreeId one = tree("x", was);
    assertEquals(List.of("/x content"), between(one, tree("x", file("b"))));
    assertEquals(
        List.of("/x mode 644, now 4755"),
        between(one, tree("x", was.withMeta(Meta.of(04755, 0, 0)))));
    assertEquals(
        List.of("/x owner 0:0, now 1:2"),
        between(one, tree("x", was.withMeta(Meta.of(0644, 1, 2)))));
    SortedMap<Name, Bytes> attributes = new TreeMap<>();
    attributes.put(Name.of("user.x"), Bytes.utf8("y"));
    assertEquals(
        List.of("/x attributes"),
        between(one, tree("x", was.withMeta(new Meta(0644, 0, 0, attributes)))));
    assertEquals(List.of("/x another kind of file"), between(one, tree("x", link("a"))));
    assertEquals(List.of("/l target"), between(tree("l", link("a")), tree("l", link("b"))));
    Node device = new Node.Device(1, 3, false, PLAIN);
    Node other = new Node.Device(1, 5, false, PLAIN);
    assertEquals(List.of("/d device"), between(tree("d", device), tree("d", other)));
    assertEquals(
        List.of("/x content; mode 644, now 600; owner 0:0, now 7:0"),
        between(one, tree("x", file("b").withMeta(Meta.of(0600, 7, 0)))));
    assertEquals(List.of("/x another kind of file"), between(one, tree("x", new Node.Fifo(PLAIN))));
  }

  @Test
  void hardLinksThatArePartedAreADifference() throws IOException {
    Digest content = blobs.put(new byte[0]);
    TreeId linked =
        tree("a", new Node.File(content, 0, 1, PLAIN), "b", new Node.File(content, 0, 1, PLAIN));
    TreeId parted =
        tree("a", new Node.File(content, 0, PLAIN), "b", new Node.File(content, 0, PLAIN));
    assertEquals(List.of("/a hard links", "/b hard links"), between(linked, parted));
  }

  @Test
  void whatIsThereOnlyOnceIsOneDifferenceWithAllBelowIt() throws IOException {
    TreeId full = tree("d", directory(tree("x", file("1"), "y", file("2"))));
    assertEquals(List.of("/d only now"), between(tree(), full));
    assertEquals(List.of("/d not now"), between(full, tree()));
    assertEquals(List.of("/d another kind of file"), between(full, tree("d", file("now a file"))));
    assertEquals(
        List.of("/d/y not now"), between(full, tree("d", directory(tree("x", file("1"))))));
  }

  @Test
  void directoriesComeBeforeWhatIsInThemAndNamesAreSorted() throws IOException {
    TreeId was = tree("b", file("1"), "a", directory(tree("z", file("1"), "m", file("1"))));
    Node strict = directory(tree("z", file("2"), "m", file("2"))).withMeta(Meta.of(0700, 0, 0));
    TreeId is = tree("b", file("2"), "a", strict);
    assertEquals(
        List.of("/a mode 755, now 700", "/a/m content", "/a/z content", "/b content"),
        between(was, is));
  }

  @Test
  void onlyTheForgivenBitsOfAModeAreForgiven() throws IOException {
    TreeId was = tree("x", file("a"));
    assertEquals(List.of(), between(was, tree("x", file("a").withMeta(Meta.of(0640, 0, 0))), 027));
    assertEquals(
        List.of("/x mode 644, now 740"),
        between(was, tree("x", file("a").withMeta(Meta.of(0740, 0, 0))), 027));
  }

  @Test
  void whatOnlyRootCanDoIsForgivenToFilesOfAUser() throws IOException {
    TreeId was = tree("x", file("a").withMeta(Meta.of(0644, 33, 33)));
    TreeId is = tree("x", file("a").withMeta(Meta.of(0644, 7, 7)));
    assertEquals(List.of(), TreeCompare.between(blobs, was, is, new TreeCompare.Forgiven(0, 7)));
    assertEquals(1, TreeCompare.between(blobs, was, is, new TreeCompare.Forgiven(0, 8)).size());
    TreeId other = tree("x", file("b").withMeta(Meta.of(0644, 7, 7)));
    assertEquals(
        "content",
        TreeCompare.between(blobs, was, other, new TreeCompare.Forgiven(0, 7)).get(0).what());
  }

  @Test
  void findingsOfATreeSayWhoMadeItAndWhereItBegins() throws IOException {
    TreeFindings findings = new TreeFindings(blobs, Platform.parse("linux/amd64"), 100, 103);
    TreeId was = tree("x", file("same 1"), "y", link("/here"), "z", file(""));
    TreeId is = tree("x", file("same 2"), "y", link("/there"));
    List<String> lines =
        findings
            .between(was, is, path -> new TreeFindings.Origin("step a", "pkg", "out" + path))
            .stream()
            .map(Finding::line)
            .toList();
    assertEquals(
        List.of(
            "step a: package pkg: out/x: unknown: from byte 5: 31, now 32",
            "step a: package pkg: out/y: unknown: from byte 1: 68 65 72 65, now 74 68 65 72 65",
            "step a: package pkg: out/z: unknown: not now"),
        lines);
  }

  @Test
  void documentsAreComparedByTheirBytes() throws IOException {
    TreeFindings findings = new TreeFindings(blobs, Platform.parse("linux/amd64"), 100, 103);
    Descriptor was = document("{\"a\":1}");
    assertEquals(List.of(), findings.between(was, was, "configuration"));
    assertEquals(
        "configuration: unknown: from byte 5: 31 7d, now 32 7d",
        findings.between(was, document("{\"a\":2}"), "configuration").get(0).line());
  }

  private Descriptor document(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new Descriptor("application/json", blobs.put(bytes), bytes.length);
  }
}
