package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What of a directory is known from its last import, by the rule of {@link StatCache}, and what is
 * not. For one thread.
 */
final class ImportSurvey {
  /** Recorded for a name that has no content; the digest of nothing. */
  static final Digest NOTHING = Digest.of(new byte[0]);

  private final StatCache cache;
  private final BlobReader blobs;
  private final boolean kept;
  private final Set<InodeKey> counted = new HashSet<>();
  private long entries;
  private long bytes;

  /** What is said of a directory and all below it. */
  private enum State {
    /** Nothing has changed. */
    SAME,
    /** The same, but a file in it has several names, so its tree depends on names elsewhere. */
    LINKED,
    /** Something has changed, or is not known. */
    OTHER
  }

  private record InodeKey(long device, long inode) {
    static InodeKey of(HostStat stat) {
      return new InodeKey(stat.device(), stat.inode());
    }

    /** Written out, as is {@link #equals}: a record's own are linked at run time. */
    @Override
    public int hashCode() {
      return Long.hashCode(31 * device + inode);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof InodeKey key && device == key.device && inode == key.inode;
    }
  }

  /**
   * A file, by its names in order of their paths.
   *
   * @param known its content, if it need not be read
   */
  record Inode(List<Found> names, List<TreePath> paths, Optional<Digest> known) {
    Found first() {
      return names.get(0);
    }
  }

  /**
   * Compares with {@code cache}.
   *
   * @param kept whether all that the cache names is there, and stays
   */
  ImportSurvey(StatCache cache, BlobReader blobs, boolean kept) {
    this.cache = cache;
    this.blobs = blobs;
    this.kept = kept;
  }

  /** Names below the root that was looked at. */
  long entries() {
    return entries;
  }

  /** Bytes of all files, each inode once. */
  long bytes() {
    return bytes;
  }

  /** Looks at all; true if nothing has changed and all of it is kept. */
  boolean isUnchanged(Found root) {
    return look(root) != State.OTHER && kept;
  }

  private State look(Found directory) {
    State state = State.SAME;
    for (Found each : directory.children()) {
      entries++;
      HostStat stat = each.stat();
      State of =
          switch (stat.kind()) {
            case DIRECTORY -> look(each);
            case FILE -> file(stat);
            default -> cache.knows(stat, stat.size()) ? State.SAME : State.OTHER;
          };
      state = of.compareTo(state) > 0 ? of : state;
    }
    if (state == State.OTHER) {
      return state;
    }
    Optional<Digest> tree = cache.find(directory.stat(), contents(directory));
    if (tree.isEmpty()) {
      return State.OTHER;
    }
    if (kept && state == State.SAME) {
      directory.setKnown(new TreeId(tree.get()));
    }
    return state;
  }

  private State file(HostStat stat) {
    if (stat.links() == 1 || counted.add(InodeKey.of(stat))) {
      bytes += stat.size();
    }
    if (!cache.knows(stat, stat.size())) {
      return State.OTHER;
    }
    return stat.links() == 1 ? State.SAME : State.LINKED;
  }

  /**
   * A number made of names and inodes in a directory. Its own time stamps say when a name was
   * added, removed or replaced; this sees that something was mounted over one, too.
   */
  static long contents(Found directory) {
    long sum = directory.children().size();
    for (Found each : directory.children()) {
      sum = sum * 31 + each.name().hashCode();
      sum = sum * 0x9E3779B97F4A7C15L + each.stat().inode();
      sum = (sum ^ sum >>> 29) * 0xBF58476D1CE4E5B9L + each.stat().device();
    }
    return sum;
  }

  /** Tells again what was known of a directory in which nothing has changed, and below it. */
  void remember(Found directory, Consumer<StatCache.Seen> to) {
    remember(directory, contents(directory), to);
    for (Found each : directory.children()) {
      if (each.stat().kind() == HostStat.Kind.DIRECTORY) {
        remember(each, to);
      } else {
        remember(each, each.stat().size(), to);
      }
    }
  }

  private void remember(Found each, long size, Consumer<StatCache.Seen> to) {
    Digest digest = cache.find(each.stat(), size).orElseThrow();
    to.accept(new StatCache.Seen(each.stat(), size, digest));
  }

  /** The files of all directories that are not known, in order of their first paths. */
  Collection<Inode> inodes(Found root) throws IOException {
    List<Inode> inodes = new ArrayList<>();
    collect(root, TreePath.ROOT, inodes, new HashMap<>());
    return inodes;
  }

  private void collect(
      Found directory, TreePath at, List<Inode> inodes, Map<InodeKey, Inode> shared)
      throws IOException {
    for (Found each : directory.children()) {
      switch (each.stat().kind()) {
        case DIRECTORY -> {
          if (each.known().isEmpty()) {
            collect(each, at.child(each.name()), inodes, shared);
          }
        }
        case FILE -> file(each, at, inodes, shared);
        default -> {}
      }
    }
  }

  private void file(Found each, TreePath at, List<Inode> inodes, Map<InodeKey, Inode> shared)
      throws IOException {
    HostStat stat = each.stat();
    if (stat.links() == 1) {
      inodes.add(new Inode(List.of(each), List.of(), content(stat)));
      return;
    }
    Inode inode = shared.get(InodeKey.of(stat));
    if (inode == null) {
      inode = new Inode(new ArrayList<>(), new ArrayList<>(), content(stat));
      shared.put(InodeKey.of(stat), inode);
      inodes.add(inode);
    }
    inode.names().add(each);
    inode.paths().add(at.child(each.name()));
  }

  private Optional<Digest> content(HostStat stat) throws IOException {
    Optional<Digest> content = cache.find(stat, stat.size());
    return content.isPresent() && (kept || blobs.has(content.get())) ? content : Optional.empty();
  }
}
