package dev.imgstore.builder.disk;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imgstore.builder.tar.TarReader;
import dev.imgstore.builder.tar.TarTree;
import dev.imgstore.builder.tar.UnpackLimits;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobStore;
import java.io.BufferedInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The kernel as a judge: what it sees of a read-only file system in a file. */
public final class Mounted {
  private final Path directory;
  private final String type;

  /** Keeps what it needs in {@code directory}. */
  public Mounted(Path directory, String type) {
    this.directory = directory;
    this.type = type;
  }

  /** Skips the test where nothing can be mounted, or not this. */
  public static void needs(String type) throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root mounts");
    assumeTrue(Files.exists(Path.of("/dev/loop-control")), "there are no loop devices here");
    assumeTrue(
        Files.readString(Path.of("/proc/filesystems")).contains("\t" + type + "\n"),
        "this kernel has no " + type);
  }

  /** Runs a script where the image is mounted, with {@code $1} to write to; returns its output. */
  public String run(Path image, String script) throws Exception {
    needs(type);
    String around =
        "set -e; loop=$(losetup -r -f --show \"$1\"); m=$(mktemp -d);"
            + " trap 'cd /; umount $m; losetup -d $loop; rmdir $m' EXIT;"
            + " mount -t "
            + type
            + " -o ro $loop $m; cd $m; shift; "
            + script;
    Judge judge = new Judge(directory);
    return judge.run("unshare", "-m", "sh", "-c", around, "sh", image.toString(), tar().toString());
  }

  private Path tar() {
    return directory.resolve("mounted.tar");
  }

  /** The tree that the kernel sees. */
  public TreeId tree(Path image, BlobStore blobs) throws Exception {
    run(
        image,
        "tar --numeric-owner --xattrs --xattrs-include='*' --sort=name --format=posix -cf $1 .");
    try (InputStream in = new BufferedInputStream(Files.newInputStream(tar()));
        TarReader reader = new TarReader("the mounted image", in)) {
      return TarTree.unpack(
          reader, blobs, new UnpackLimits(UnpackLimits.Devices.KEPT, UnpackLimits.MOST_ENTRIES));
    }
  }
}
