package dev.imgstore.builder.check;

import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Every path at which two trees differ, directories before what is in them. */
public final class TreeCompare {
  private final BlobReader blobs;
  private final Forgiven forgiven;
  private final List<Difference> differences = new ArrayList<>();

  /**
   * What is no difference.
   *
   * @param bits of modes, which other surroundings take from a new file by themselves
   * @param user whoever's files these are could not give them to anybody else, nor give them
   *     attributes; 0 for nobody
   */
  record Forgiven(int bits, int user) {
    static final Forgiven NOTHING = new Forgiven(0, 0);

    private boolean is(Meta after) {
      return user != 0 && after.uid() == user;
    }
  }

  private TreeCompare(BlobReader blobs, Forgiven forgiven) {
    this.blobs = blobs;
    this.forgiven = forgiven;
  }

  /** All that differs. */
  public static List<Difference> between(BlobReader blobs, TreeId was, TreeId is)
      throws IOException {
    return between(blobs, was, is, Forgiven.NOTHING);
  }

  /** All that differs and is not forgiven. */
  static List<Difference> between(BlobReader blobs, TreeId was, TreeId is, Forgiven forgiven)
      throws IOException {
    TreeCompare compare = new TreeCompare(blobs, forgiven);
    compare.directories(TreePath.ROOT, was, is);
    return compare.differences;
  }

  private void directories(TreePath at, TreeId was, TreeId is) throws IOException {
    if (was.equals(is)) {
      return;
    }
    Tree old = Trees.read(blobs, was);
    Tree young = Trees.read(blobs, is);
    TreeSet<Name> names = new TreeSet<>(old.entries().keySet());
    names.addAll(young.entries().keySet());
    for (Name name : names) {
      pair(at.child(name), old.entries().get(name), young.entries().get(name));
    }
  }

  private void pair(TreePath path, @Nullable Node was, @Nullable Node is) throws IOException {
    if (was == null || is == null) {
      // What is in a directory that is there only once goes without saying.
      differences.add(
          new Difference(path, was == null ? "only now" : "not now", side(was), side(is)));
      return;
    }
    String what = what(was, is);
    if (!what.isEmpty()) {
      differences.add(new Difference(path, what, side(was), side(is)));
    }
    if (was instanceof Node.Directory before && is instanceof Node.Directory after) {
      directories(path, before.tree(), after.tree());
    }
  }

  private static Difference.Side side(@Nullable Node node) {
    return new Difference.Side(Optional.ofNullable(node).stream().toList());
  }

  private String what(Node was, Node is) {
    if (was.getClass() != is.getClass()) {
      return "another kind of file";
    }
    List<String> what = new ArrayList<>();
    if (was instanceof Node.File one && is instanceof Node.File other) {
      if (!one.content().equals(other.content())) {
        what.add("content");
      } else if (one.size() != other.size()) {
        what.add("size");
      }
      if (one.linkGroup() != other.linkGroup()) {
        what.add("hard links");
      }
    } else if (!(was instanceof Node.Directory) && !was.withMeta(is.meta()).equals(is)) {
      what.add(was instanceof Node.Symlink ? "target" : "device");
    }
    Meta before = was.meta();
    Meta after = is.meta();
    if ((before.mode() & ~forgiven.bits()) != (after.mode() & ~forgiven.bits())) {
      what.add(
          "mode "
              + Integer.toOctalString(before.mode())
              + ", now "
              + Integer.toOctalString(after.mode()));
    }
    boolean owner = before.uid() != after.uid() || before.gid() != after.gid();
    if (owner && !forgiven.is(after)) {
      what.add(
          "owner "
              + before.uid()
              + ":"
              + before.gid()
              + ", now "
              + after.uid()
              + ":"
              + after.gid());
    }
    if (!before.xattrs().equals(after.xattrs()) && !forgiven.is(after)) {
      what.add("attributes");
    }
    return String.join("; ", what);
  }
}
