package dev.imgstore.builder.check;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Node;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What differs between what was built and the same built again: files, or documents about them. */
public final class TreeFindings {
  private static final Meta PLAIN = Meta.of(0644, 0, 0);

  private final BlobReader blobs;
  private final Platform platform;
  private final Clues clues;

  /**
   * Of a run.
   *
   * @param blobs has both
   * @param from seconds since 1970 at which the run began
   * @param to at which it had ended
   */
  public TreeFindings(BlobReader blobs, Platform platform, long from, long to) {
    this.blobs = blobs;
    this.platform = platform;
    this.clues = new Clues(from, to, 1, 1);
  }

  /** Who made what is at a path. */
  public interface Origins {
    /** Never fails: somebody made it. */
    Origin of(TreePath path);
  }

  /**
   * Where something comes from.
   *
   * @param action as {@link Rerun#name} says it
   * @param owner the package; empty if none is known
   * @param path in what the action gave, with the output before it
   */
  public record Origin(String action, String owner, String path) {}

  /** Every path at which the trees differ; the kind is unknown where the bytes say nothing. */
  public List<Finding> between(TreeId was, TreeId is, Origins origins) throws IOException {
    List<Finding> findings = new ArrayList<>();
    for (Difference each : TreeCompare.between(blobs, was, is)) {
      findings.add(of(origins.of(each.path()), each));
    }
    return findings;
  }

  /** The same of two blobs that are no files of a tree: of the configuration, for instance. */
  public List<Finding> between(Descriptor was, Descriptor is, String what) throws IOException {
    if (was.digest().equals(is.digest())) {
      return List.of();
    }
    Difference difference = new Difference(TreePath.ROOT, "content", side(was), side(is));
    return List.of(of(new Origin(what, "", ""), difference));
  }

  private static Difference.Side side(Descriptor blob) {
    return new Difference.Side(List.of(new Node.File(blob.digest(), blob.size(), PLAIN)));
  }

  private Finding of(Origin origin, Difference difference) throws IOException {
    Optional<Node> was = difference.was().get();
    Optional<Node> is = difference.is().get();
    boolean both = was.isPresent() && is.isPresent();
    Optional<Bodies.At> at = both ? Bodies.firstDifference(blobs, was, is) : Optional.empty();
    Kind kind =
        at.isPresent()
            ? clues.told(Bodies.all(blobs, was), Bodies.all(blobs, is)).orElse(Kind.UNKNOWN)
            : Kind.UNKNOWN;
    return Finding.of(Grade.VARIES, platform, origin, kind, difference.what(), at);
  }
}
