package dev.imgstore.builder.source.dpkg;

import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The files of several packages in one tree.
 *
 * @param owners for every path of the tree the package that brought it, by its {@link
 *     Packages#infoName}; of a directory that several brought, the one whose mode it has. The links
 *     of a merged /usr that no package brought have no owner
 * @param lists for every package the paths it brought and still has, as they are in its own tree,
 *     sorted
 */
public record MergedTree(
    TreeId root, SortedMap<TreePath, String> owners, SortedMap<String, List<TreePath>> lists) {
  /** Copies in. */
  public MergedTree {
    Objects.requireNonNull(root);
    owners = Collections.unmodifiableSortedMap(new TreeMap<>(owners));
    SortedMap<String, List<TreePath>> copy = new TreeMap<>();
    lists.forEach((name, paths) -> copy.put(name, List.copyOf(paths)));
    lists = Collections.unmodifiableSortedMap(copy);
  }
}
