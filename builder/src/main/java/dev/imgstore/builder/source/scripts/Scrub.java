package dev.imgstore.builder.source.scripts;

import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Takes out of a configured tree what differs from run to run, or must not be the same on two
 * machines. The list was found by building twice and comparing.
 */
final class Scrub {
  private static final List<String> REMOVED =
      List.of(
          "var/cache/ldconfig/aux-cache",
          "var/cache/debconf/config.dat-old",
          "var/cache/debconf/passwords.dat-old",
          "var/cache/debconf/templates.dat-old",
          "var/lib/dpkg/status-old",
          "var/lib/dpkg/available-old",
          "var/lib/dpkg/diversions-old",
          "var/lib/dpkg/statoverride-old",
          "var/lib/dpkg/lock",
          "var/lib/dpkg/lock-frontend",
          "var/lib/dpkg/triggers/Lock",
          "var/lib/systemd/random-seed",
          "var/lib/systemd/credential.secret",
          "var/lib/systemd/catalog/database",
          "var/lib/dbus/machine-id",
          "etc/passwd-",
          "etc/group-",
          "etc/shadow-",
          "etc/gshadow-",
          "etc/subuid-",
          "etc/subgid-",
          "etc/.pwd.lock",
          "etc/ssl/certs/java/cacerts.old");
  private static final List<String> EMPTIED =
      List.of("var/log", "var/cache/fontconfig", "var/cache/man", "run", "tmp", "var/tmp");
  private static final int LARGEST = 16 << 20;

  private final TreeEditor tree;
  private final TreeEditor shipped;

  private Scrub(TreeEditor tree, TreeEditor shipped) {
    this.tree = tree;
    this.shipped = shipped;
  }

  /**
   * The configured tree without what differs.
   *
   * @param merged what the packages brought, which stays
   */
  static TreeId of(BlobStore blobs, TreeId root, TreeId merged, long epoch) throws IOException {
    Scrub scrub = new Scrub(TreeEditor.of(blobs, root), TreeEditor.of(blobs, merged));
    for (String path : REMOVED) {
      scrub.tree.remove(TreePath.of(path));
    }
    for (String path : EMPTIED) {
      scrub.removeFiles(TreePath.of(path));
    }
    scrub.removeHostKeys();
    scrub.removeByteCode(TreePath.of("usr"));
    scrub.emptyMachineId();
    scrub.fixPasswordDays(TreePath.of("etc/shadow"), epoch / 86_400);
    scrub.removeMounts();
    return scrub.tree.write();
  }

  /** What bubblewrap mounted over stays behind as empty directories. */
  private void removeMounts() throws IOException {
    for (String path : List.of("proc", "dev", "run", "tmp")) {
      TreePath directory = TreePath.of(path);
      if (tree.isDirectory(directory)) {
        tree.setMeta(directory, Meta.of(path.equals("tmp") ? 01777 : 0755, 0, 0));
      }
    }
  }

  /**
   * All that scripts have put there; not what packages brought, nor empty files: those are there to
   * be written to, as {@code /var/log/wtmp} is, and are the same in every run.
   */
  private void removeFiles(TreePath directory) throws IOException {
    if (!tree.isDirectory(directory)) {
      return;
    }
    for (Name name : List.copyOf(tree.list(directory))) {
      TreePath path = directory.child(name);
      if (tree.isDirectory(path)) {
        removeFiles(path);
      } else if (!isEmptyFile(path) && !shipped.exists(path)) {
        tree.remove(path);
      }
    }
  }

  private boolean isEmptyFile(TreePath path) throws IOException {
    return tree.leaf(path).orElse(null) instanceof Node.File file && file.size() == 0;
  }

  private void removeHostKeys() throws IOException {
    TreePath ssh = TreePath.of("etc/ssh");
    if (tree.isDirectory(ssh)) {
      for (Name name : List.copyOf(tree.list(ssh))) {
        if (name.toString().matches("ssh_host_.*_key(\\.pub)?")) {
          tree.remove(ssh.child(name));
        }
      }
    }
  }

  private void removeByteCode(TreePath directory) throws IOException {
    if (!tree.isDirectory(directory)) {
      return;
    }
    for (Name name : List.copyOf(tree.list(directory))) {
      TreePath path = directory.child(name);
      if (tree.isDirectory(path)) {
        if (name.toString().equals("__pycache__")) {
          tree.remove(path);
        } else {
          removeByteCode(path);
        }
      }
    }
  }

  /** Each machine makes its own when it first starts (machine-id(5)). */
  private void emptyMachineId() throws IOException {
    TreePath path = TreePath.of("etc/machine-id");
    if (tree.leaf(path).orElse(null) instanceof Node.File file) {
      tree.putFile(path, new byte[0], file.meta());
    }
  }

  /**
   * The day of the last change of a password (shadow(5), third field) is the day of the epoch; 0
   * means something else, that it must be changed.
   */
  private void fixPasswordDays(TreePath path, long day) throws IOException {
    if (!(tree.leaf(path).orElse(null) instanceof Node.File file)) {
      return;
    }
    String text = new String(tree.read(path, LARGEST), StandardCharsets.ISO_8859_1);
    StringBuilder fixed = new StringBuilder();
    for (String line : text.split("\n", -1)) {
      String[] field = line.split(":", -1);
      if (field.length == 9 && field[2].matches("[1-9][0-9]*")) {
        field[2] = Long.toString(day);
      }
      fixed.append(String.join(":", field)).append('\n');
    }
    fixed.setLength(fixed.length() - 1);
    tree.putFile(path, fixed.toString().getBytes(StandardCharsets.ISO_8859_1), file.meta());
  }
}
