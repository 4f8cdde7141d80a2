package dev.imgstore.builder.steps;

import dev.imgstore.builder.recipe.Step;
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

/**
 * What a step wrote, as a tree. Devices and pipes are left out, since what a failed step wrote may
 * have some; of a step that did its work they are refused.
 *
 * @param refused the first thing that was left out, and why; empty if nothing was
 */
record StepTree(TreeId tree, String refused) {
  private static final UnpackLimits LIMITS =
      new UnpackLimits(UnpackLimits.Devices.REFUSED, UnpackLimits.MOST_ENTRIES);

  /**
   * Reads all that a step wrote.
   *
   * @throws HostileArchive if its files, holes included, are more than the step may write
   */
  static StepTree read(Step step, InputStream tar, BlobStore into) throws IOException {
    String name = "what " + step.name() + " made";
    TarReader entries = new TarReader(name, tar);
    EntryTree tree = new EntryTree(name, into, LIMITS, EntryTree.Shape.AS_TOLD);
    String refused = "";
    long left = step.limits().output();
    for (Optional<TarEntry> next = entries.next(); next.isPresent(); next = entries.next()) {
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
    return new StepTree(tree.write(), refused);
  }

  private static Optional<String> special(TarEntry entry) {
    return switch (entry.kind()) {
      case FIFO -> Optional.of("pipe");
      case CHARACTER_DEVICE, BLOCK_DEVICE -> Optional.of("device");
      case FILE, DIRECTORY, SYMLINK, HARD_LINK -> Optional.empty();
    };
  }
}
