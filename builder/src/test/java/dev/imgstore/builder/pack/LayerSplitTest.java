package dev.imgstore.builder.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.pack.LayerSplit.Piece;
import dev.imgstore.model.Digest;
import dev.imgstore.model.LinkGroups;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LayerSplitTest {
  private static final long MIB = 1 << 20;

  private final SortedMap<TreePath, Node> tree = new TreeMap<>();
  private final Map<String, SortedMap<TreePath, Node>> packages = new TreeMap<>();

  private Node.File file(String what, long size) {
    return new Node.File(
        Digest.of(what.getBytes(StandardCharsets.UTF_8)), size, Meta.of(0644, 0, 0));
  }

  private void put(String owner, String path, Node node) {
    TreePath at = TreePath.of(path);
    for (TreePath up = at.parent(); !up.isRoot(); up = up.parent()) {
      Node directory = new Node.Directory(RandomTrees.NOTHING, Meta.of(0755, 0, 0));
      tree.putIfAbsent(up, directory);
      if (!owner.isEmpty()) {
        brought(owner).put(up, directory);
      }
    }
    tree.put(at, node);
    if (!owner.isEmpty()) {
      brought(owner).put(at, node);
    }
  }

  private SortedMap<TreePath, Node> brought(String owner) {
    return packages.computeIfAbsent(owner, name -> new TreeMap<>());
  }

  private List<LayerContent> split(int budget) {
    List<Piece> pieces = new ArrayList<>();
    packages.forEach((name, nodes) -> pieces.add(new Piece(name, nodes)));
    return LayerSplit.split(tree, pieces, new TreeMap<>(), budget);
  }

  private static List<String> names(List<LayerContent> layers) {
    return layers.stream().map(LayerContent::name).toList();
  }

  private static LayerContent named(List<LayerContent> layers, String name) {
    return layers.stream().filter(layer -> layer.name().equals(name)).findFirst().orElseThrow();
  }

  /** A distribution in small: three large packages and forty others. */
  private void distribution() {
    put("icu", "usr/lib/icu", file("icu", 36 * MIB));
    put("libc", "usr/lib/libc", file("libc", 12 * MIB));
    put("git", "usr/bin/git", file("git", 30 * MIB));
    for (int i = 0; i < 40; i++) {
      put("p" + i, "usr/share/p" + i + "/data", file("p" + i, MIB));
      put("p" + i, "var/lib/p" + i, new Node.Directory(RandomTrees.NOTHING, Meta.of(0700, i, i)));
    }
    put("", "var/lib/dpkg/status", file("status", MIB));
  }

  @Test
  void largePackagesHaveTheirOwnLayersAndTheStateIsLast() {
    distribution();
    List<LayerContent> layers = split(12);
    assertEquals(
        List.of(
            "git",
            "icu",
            "libc",
            "packages 1/5",
            "packages 2/5",
            "packages 3/5",
            "packages 4/5",
            "packages 5/5",
            "state"),
        names(layers));
    assertEquals(
        Set.of(
            TreePath.of("var"),
            TreePath.of("var/lib"),
            TreePath.of("var/lib/dpkg"),
            TreePath.of("var/lib/dpkg/status")),
        named(layers, "state").entries().keySet());
  }

  @Test
  void theBudgetIsKeptAndTheLargestGoFirst() {
    distribution();
    assertEquals(List.of("image"), names(split(1)));
    assertEquals(List.of("packages", "state"), names(split(2)));
    assertEquals(List.of("icu", "packages", "state"), names(split(3)));
    for (int budget = 1; budget < 20; budget++) {
      assertTrue(split(budget).size() <= budget);
    }
  }

  @Test
  void aSmallImageHasOneLayerOfPackages() {
    put("busybox", "bin/busybox", file("busybox", 2 * MIB));
    put("base", "etc/base", file("base", 10));
    put("", "etc/passwd", file("passwd", 10));
    assertEquals(List.of("packages", "state"), names(split(12)));
  }

  @Test
  void anUpgradeAndANewPackageLeaveMostLayersAlone() throws IOException {
    distribution();
    Set<Digest> before = keys(split(12));
    put("p7", "usr/share/p7/data", file("p7 upgraded", MIB + 1));
    put("", "var/lib/dpkg/status", file("status 2", MIB));
    Set<Digest> upgraded = keys(split(12));
    assertEquals(2, newIn(upgraded, before));
    put("aaa", "usr/share/aaa/data", file("aaa", MIB));
    put("", "var/lib/dpkg/status", file("status 3", MIB));
    assertEquals(2, newIn(keys(split(12)), upgraded));
  }

  @Test
  void onlyTheStateChangesWhenAScriptChangesAFile() throws IOException {
    distribution();
    Set<Digest> before = keys(split(12));
    put("", "var/lib/dpkg/status", file("status 2", MIB));
    assertEquals(1, newIn(keys(split(12)), before));
  }

  private static int newIn(Set<Digest> now, Set<Digest> before) {
    Set<Digest> added = new HashSet<>(now);
    added.removeAll(before);
    return added.size();
  }

  private static Set<Digest> keys(List<LayerContent> layers) throws IOException {
    Set<Digest> keys = new HashSet<>();
    for (LayerContent layer : layers) {
      keys.add(CanonicalTar.contentKey(layer));
    }
    return keys;
  }

  @Test
  void whatAScriptChangedGoesToTheState() {
    put("web", "etc/web.conf", file("conf", 10));
    put("web", "var/log/web/x", file("x", 10));
    tree.put(TreePath.of("etc/web.conf"), file("changed", 10));
    Node owned = new Node.Directory(RandomTrees.NOTHING, Meta.of(0750, 33, 4));
    tree.put(TreePath.of("var/log/web"), owned);
    List<LayerContent> layers = split(12);
    assertFalse(named(layers, "packages").entries().containsKey(TreePath.of("etc/web.conf")));
    assertTrue(named(layers, "state").entries().containsKey(TreePath.of("etc/web.conf")));
    assertEquals(owned, named(layers, "packages").entries().get(TreePath.of("var/log/web")));
    assertEquals(owned, named(layers, "state").entries().get(TreePath.of("var/log/web")));
  }

  @Test
  void namesOfOneInodeStayInOneLayer() {
    long group = LinkGroups.of(TreePath.of("a/x"));
    Node.File one = new Node.File(Digest.of(new byte[1]), 1, group, Meta.of(0644, 0, 0));
    put("first", "a/x", one);
    put("first", "a/y", one);
    put("second", "b/x", new Node.File(one.content(), 1, group + 1, one.meta()));
    put("", "b/y", new Node.File(one.content(), 1, group + 1, one.meta()));
    List<LayerContent> layers = split(12);
    assertTrue(named(layers, "packages").entries().containsKey(TreePath.of("a/y")));
    assertTrue(named(layers, "state").entries().containsKey(TreePath.of("b/x")));
    assertFalse(named(layers, "packages").entries().containsKey(TreePath.of("b/x")));
  }

  @Test
  void anEmptyTreeIsOneEmptyLayer() {
    assertEquals(List.of("state"), names(split(12)));
    assertEquals(Map.of(), split(12).get(0).entries());
  }

  @Test
  void piecesAreMadeFromAnOwnerMap() {
    put("web", "etc/web.conf", file("conf", 10));
    SortedMap<TreePath, String> owners = new TreeMap<>();
    owners.put(TreePath.of("etc/web.conf"), "web");
    owners.put(TreePath.of("etc/removed"), "web");
    List<Piece> pieces = LayerSplit.pieces(tree, owners);
    assertEquals(1, pieces.size());
    assertEquals(Set.of(TreePath.of("etc/web.conf")), pieces.get(0).nodes().keySet());
  }
}
