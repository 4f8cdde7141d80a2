package dev.imgstore.builder.source.dpkg;

import dev.imgstore.builder.source.deb.UnpackedDeb;
import dev.imgstore.builder.source.dpkg.MergeRules.Layout;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.LinkGroups;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobStore;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The trees of packages as one, as dpkg would leave them on a disk: directories are shared, a link
 * to a directory stays and what other packages bring below it goes where it points, {@code
 * Replaces} decides between two files, files that are the same in two architectures of a package
 * that allows it are one, and diversions are followed. Every other meeting of two packages in one
 * place is a {@link MergeConflict}. The order in which packages are given does not matter.
 */
public final class Merge {
  private static final int MOST_ROUNDS = 20;

  private final BlobStore blobs;
  private final List<UnpackedDeb> packages;
  private final MergeRules rules;
  private final Aliases aliases;
  private final Map<TreePath, List<Claim>> claims = new HashMap<>();
  private final SortedMap<TreePath, Claim> winners = new TreeMap<>();
  private final List<String> conflicts = new ArrayList<>();

  private Merge(BlobStore blobs, List<UnpackedDeb> packages, MergeRules rules) {
    this.blobs = blobs;
    this.packages = packages;
    this.rules = rules;
    this.aliases = rules.layout() == Layout.MERGED_USR ? Aliases.mergedUsr() : new Aliases();
  }

  /**
   * Merges the files of packages.
   *
   * @throws MergeConflict with all conflicts, if there are any
   */
  public static MergedTree of(BlobStore blobs, List<UnpackedDeb> packages, MergeRules rules)
      throws IOException {
    Merge merge = new Merge(blobs, Packages.inOrder(packages), rules);
    int rounds = 0;
    do {
      merge.gather();
      if (++rounds > MOST_ROUNDS) {
        throw new MergeConflict(List.of("links to directories lead round in circles"));
      }
    } while (merge.findLinksToDirectories());
    return merge.build();
  }

  private void gather() throws IOException {
    claims.clear();
    for (UnpackedDeb deb : packages) {
      gather(deb, deb.files(), TreePath.ROOT, TreePath.ROOT);
    }
  }

  /** Adds what is in one directory of a package, which goes to {@code place}. */
  private void gather(UnpackedDeb deb, TreeId directory, TreePath original, TreePath place)
      throws IOException {
    if (original.names().size() > Trees.MAX_DEPTH) {
      throw new MergeConflict(List.of(deb.name() + " has directories nested too deep"));
    }
    for (Map.Entry<Name, Node> entry : Trees.read(blobs, directory).entries().entrySet()) {
      TreePath from = original.child(entry.getKey());
      TreePath to = place.child(entry.getKey());
      if (entry.getValue() instanceof Node.Directory below) {
        to = aliases.directory(to);
        gather(deb, below.tree(), from, to);
      } else {
        to = diverted(deb, to);
      }
      claims
          .computeIfAbsent(to, key -> new ArrayList<>(2))
          .add(new Claim(deb, from, entry.getValue()));
    }
  }

  private TreePath diverted(UnpackedDeb deb, TreePath path) {
    for (Diversion diversion : rules.diversions()) {
      if (!diversion.owner().equals(deb.name()) && aliases.leaf(diversion.from()).equals(path)) {
        return aliases.leaf(diversion.to());
      }
    }
    return path;
  }

  /** A link of one package where another has a directory: true if one was found. */
  private boolean findLinksToDirectories() {
    boolean found = false;
    SortedMap<TreePath, List<Claim>> meetings = new TreeMap<>();
    claims.forEach(
        (path, all) -> {
          if (all.size() > 1) {
            meetings.put(path, all);
          }
        });
    for (Map.Entry<TreePath, List<Claim>> entry : meetings.entrySet()) {
      if (entry.getValue().stream().noneMatch(Claim::isDirectory)) {
        continue;
      }
      for (Claim claim : entry.getValue()) {
        if (claim.node() instanceof Node.Symlink link) {
          Optional<TreePath> target =
              Aliases.target(entry.getKey(), link)
                  .map(aliases::directory)
                  .filter(place -> !place.startsWith(entry.getKey()) && isDirectory(place));
          found |= target.isPresent() && aliases.add(entry.getKey(), target.get());
        }
      }
    }
    return found;
  }

  private boolean isDirectory(TreePath path) {
    return claims.getOrDefault(path, List.of()).stream().anyMatch(Claim::isDirectory);
  }

  private MergedTree build() throws IOException {
    for (Map.Entry<TreePath, List<Claim>> entry : new TreeMap<>(claims).entrySet()) {
      winner(entry.getKey(), entry.getValue())
          .ifPresent(claim -> winners.put(entry.getKey(), claim));
    }
    TreeEditor tree = TreeEditor.empty(blobs);
    if (conflicts.isEmpty()) {
      putAll(tree);
    }
    if (!conflicts.isEmpty()) {
      throw new MergeConflict(conflicts);
    }
    SortedMap<TreePath, String> owners = new TreeMap<>();
    winners.forEach((path, claim) -> owners.put(path, claim.owner()));
    return new MergedTree(tree.write(), owners, lists());
  }

  private Optional<Claim> winner(TreePath path, List<Claim> all) throws IOException {
    Claim first = all.get(0);
    if (all.size() == 1 || all.stream().allMatch(Claim::isDirectory)) {
      return Optional.of(first);
    }
    List<Claim> left = new ArrayList<>();
    for (Claim claim : all) {
      if (!isReplaced(claim, all)) {
        left.add(claim);
      }
    }
    boolean mixed = all.stream().anyMatch(Claim::isDirectory);
    if (!left.isEmpty() && !mixed && left.stream().allMatch(one -> isShared(left.get(0), one))) {
      return Optional.of(left.get(0));
    }
    List<Claim> named = left.size() > 1 && !mixed ? left : all;
    conflicts.add(
        describe(named.get(0))
            + " and "
            + describe(named.get(1))
            + " both have "
            + path
            + (mixed ? ", one as a directory and one not" : ""));
    return Optional.empty();
  }

  private static boolean isReplaced(Claim claim, List<Claim> all) throws IOException {
    for (Claim other : all) {
      if (!other.deb().name().equals(claim.deb().name())
          && Packages.replaces(other.deb(), claim.deb())) {
        return true;
      }
    }
    return false;
  }

  private static boolean isShared(Claim one, Claim other) {
    return one.equals(other)
        || (one.deb().name().equals(other.deb().name())
            && Packages.isSame(one.deb())
            && Packages.isSame(other.deb())
            && unlinked(one.node()).equals(unlinked(other.node())));
  }

  private static Node unlinked(Node node) {
    return node instanceof Node.File file
        ? new Node.File(file.content(), file.size(), file.meta())
        : node;
  }

  private static String describe(Claim claim) {
    return claim.owner() + " (" + claim.deb().version() + ")";
  }

  private void putAll(TreeEditor tree) throws IOException {
    putUsrLinks(tree);
    Map<TreePath, Long> groups = linkGroups();
    for (Map.Entry<TreePath, Claim> entry : winners.entrySet()) {
      TreePath path = entry.getKey();
      Node node = entry.getValue().node();
      if (node instanceof Node.Directory) {
        tree.putDirectory(path, node.meta());
      } else if (tree.isDirectory(path)) {
        conflicts.add(describe(entry.getValue()) + " has " + path + ", which is a directory");
      } else if (node instanceof Node.File file) {
        long group = groups.getOrDefault(path, 0L);
        tree.put(path, new Node.File(file.content(), file.size(), group, file.meta()));
      } else {
        tree.put(path, node);
      }
    }
  }

  /** Links that are needed and that no package brings; the three common ones always are. */
  private void putUsrLinks(TreeEditor tree) throws IOException {
    if (rules.layout() != Layout.MERGED_USR) {
      return;
    }
    for (Map.Entry<TreePath, TreePath> link : Aliases.mergedUsr().links().entrySet()) {
      TreePath target = link.getValue();
      boolean common = !link.getKey().toString().matches("/lib.+");
      if ((common || winners.containsKey(target)) && !winners.containsKey(link.getKey())) {
        Bytes text = target.bytes();
        tree.put(link.getKey(), new Node.Symlink(text, Meta.of(0777, 0, 0)));
        tree.makeDirectories(target);
      }
    }
  }

  /** The files of one package that were one file still are, under the number of what is left. */
  private Map<TreePath, Long> linkGroups() {
    Map<String, List<TreePath>> members = new HashMap<>();
    for (Map.Entry<TreePath, Claim> entry : winners.entrySet()) {
      if (entry.getValue().node() instanceof Node.File file && file.linkGroup() != 0) {
        String group = entry.getValue().owner() + " " + file.linkGroup();
        members.computeIfAbsent(group, key -> new ArrayList<>()).add(entry.getKey());
      }
    }
    Map<TreePath, Long> groups = new HashMap<>();
    for (List<TreePath> paths : members.values()) {
      if (paths.size() > 1) {
        long group = LinkGroups.of(Collections.min(paths));
        paths.forEach(path -> groups.put(path, group));
      }
    }
    return groups;
  }

  /** What each package still has: all it brought but the files that another one replaced. */
  private SortedMap<String, List<TreePath>> lists() {
    SortedMap<String, List<TreePath>> lists = new TreeMap<>();
    packages.forEach(deb -> lists.put(Packages.infoName(deb), new ArrayList<>()));
    for (Map.Entry<TreePath, List<Claim>> entry : claims.entrySet()) {
      Claim winner = winners.get(entry.getKey());
      for (Claim claim : entry.getValue()) {
        boolean has =
            winner == null || claim.isDirectory() || claim.deb().name().equals(winner.deb().name());
        if (has) {
          lists.getOrDefault(claim.owner(), new ArrayList<>()).add(claim.original());
        }
      }
    }
    lists.values().forEach(Collections::sort);
    return lists;
  }
}
