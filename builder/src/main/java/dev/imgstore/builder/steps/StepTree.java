package dev.imgstore.builder.steps;

import dev.imgstore.builder.recipe.Step;
import dev.imgstore.builder.sandbox.ReadEnough;
import dev.imgstore.builder.sandbox.StepCell;
import dev.imgstore.builder.tar.EntryTree;
import dev.imgstore.builder.tar.HostileArchive;
import dev.imgstore.builder.tar.TarEntry;
import dev.imgstore.builder.tar.TarReader;
import dev.imgstore.builder.tar.UnpackLimits;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What a step wrote, as a tree. Devices and pipes are left out, since what a failed step wrote may
 * have some; of a step that did its work they are refused.
 *
 * @param tree empty if it was hostile, and was read no further
 * @param remains whether it is all that a failed step wrote, and not its outputs
 * @param refused the first thing that was left out, or what is hostile; empty if nothing was
 */
record StepTree(Optional<TreeId> tree, boolean remains, String refused) {
  private static final UnpackLimits LIMITS =
      new UnpackLimits(UnpackLimits.Devices.REFUSED, UnpackLimits.MOST_ENTRIES);

  /**
   * Reads what a step wrote.
   *
   * @param given gets it
   * @throws ReadEnough if it is hostile, which was given then
   */
  static void read(
      Step step, InputStream tar, BlobStore into, AtomicReference<@Nullable StepTree> given)
      throws IOException {
    StepTree read = read(step, tar, into);
    given.set(read);
    if (read.tree().isEmpty()) {
      throw new ReadEnough();
    }
  }

  private static StepTree read(Step step, InputStream tar, BlobStore into) throws IOException {
    String name = "what " + step.name() + " made";
    TarReader entries = new TarReader(name, tar);
    boolean remains = false;
    try {
      Optional<TarEntry> first = entries.next();
      // of outputs, tar tells their directory itself first
      remains = first.isPresent() && !first.get().path().text().startsWith("./");
      return read(step, name, entries, first, into, remains);
    } catch (HostileArchive e) {
      return new StepTree(Optional.empty(), remains, String.valueOf(e.getMessage()));
    }
  }

  private static StepTree read(
      Step step,
      String name,
      TarReader entries,
      Optional<TarEntry> first,
      BlobStore into,
      boolean remains)
      throws IOException {
    EntryTree tree = new EntryTree(name, into, LIMITS, EntryTree.Shape.AS_TOLD);
    String refused = "";
    long left = step.limits().output();
    for (Optional<TarEntry> next = first; next.isPresent(); next = entries.next()) {
      TarEntry entry = next.get();
      left -= entry.kind() == TarEntry.Kind.FILE ? entry.size() : 0;
      if (left < 0) {
        throw new HostileArchive(
            name,
            entry.path().text(),
            "with it the files have more than "
                + step.limits().output()
                + " bytes, holes counted (limits: output)");
      }
      Optional<String> kind = special(entry);
      if (kind.isEmpty()) {
        tree.take(entry, entries.content());
      } else if (refused.isEmpty()) {
        refused =
            new HostileArchive(name, entry.path().text(), "it is a " + kind.get()).getMessage()
                + ", and an output has files, directories and links";
      }
    }
    return new StepTree(Optional.of(tree.write()), remains, refused);
  }

  /** Whether it is what a step gave that did its work; then its outputs may still be refused. */
  boolean isGivenBy(StepCell.Ended ended) {
    // who reads no further ends the step's tar, which is not the step's fault
    return !ended.timedOut() && !remains && (ended.exitCode() == 0 || tree.isEmpty());
  }

  private static Optional<String> special(TarEntry entry) {
    return switch (entry.kind()) {
      case FIFO -> Optional.of("pipe");
      case CHARACTER_DEVICE, BLOCK_DEVICE -> Optional.of("device");
      case FILE, DIRECTORY, SYMLINK, HARD_LINK -> Optional.empty();
    };
  }
}
