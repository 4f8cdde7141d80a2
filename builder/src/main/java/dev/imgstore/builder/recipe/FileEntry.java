package dev.imgstore.builder.recipe;

import dev.imgstore.model.Name;
import dev.imgstore.model.TreePath;

/** One entry of {@code files:}. */
public sealed interface FileEntry {
  /** Where it goes in the image. */
  TreePath path();

  /** Mode, owner and time as written. */
  Attributes attributes();

  /**
   * Mode and owner as written.
   *
   * @param mode twelve bits, or -1 for the default: 0755 for directories, 0644 for inline text, and
   *     for copied files 0755 or 0644 after the owner's execute bit
   * @param user a name known in the image, or a number
   * @param group a name known in the image, or a number
   * @param time seconds since 1970 that the layer's entry carries, or -1 for the format's constant
   */
  record Attributes(int mode, String user, String group, long time) {}

  /** A file or a whole directory beside the recipe; content decides, never its time. */
  record Copied(TreePath path, String from, Attributes attributes) implements FileEntry {}

  /**
   * A file or directory of an input.
   *
   * @param input one of the names that the recipe gives them
   * @param file relative to the input's root, {@code .} for all of it
   */
  record OfInput(TreePath path, String input, String file, Attributes attributes)
      implements FileEntry {}

  /**
   * A file or directory that a step made.
   *
   * @param file path in the output, {@code .} for all of it
   * @param attributes an empty user or group, and a mode of -1, are as the step left them
   */
  record OfStep(TreePath path, Step.Output output, String file, Attributes attributes)
      implements FileEntry {}

  /** Text written in the recipe, as UTF-8. */
  record Inline(TreePath path, String text, Attributes attributes) implements FileEntry {}

  /** An empty directory. */
  record EmptyDirectory(TreePath path, Attributes attributes) implements FileEntry {}

  /** A symbolic link; the target is kept as written. */
  record Link(TreePath path, String target, Attributes attributes) implements FileEntry {}

  /**
   * A unit of systemd that starts with the machine: a link to wherever the finished image has it.
   *
   * @param name like {@code nginx.service} or {@code getty@tty1.service}
   */
  record Unit(String name) implements FileEntry {
    private static final Attributes PLAIN = new Attributes(-1, "root", "root", -1);
    private static final TreePath WANTED =
        TreePath.of("etc/systemd/system/multi-user.target.wants");

    @Override
    public TreePath path() {
      return WANTED.child(Name.of(name));
    }

    @Override
    public Attributes attributes() {
      return PLAIN;
    }
  }
}
