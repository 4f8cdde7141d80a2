package dev.imgstore.builder.disk.ext4;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imgstore.builder.disk.Volume;
import dev.imgstore.builder.tar.TarReader;
import dev.imgstore.builder.tar.TarTree;
import dev.imgstore.builder.tar.UnpackLimits;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** e2fsprogs and the kernel, asked about an image in a directory. */
final class Judges {
  private static final String SEARCHED = "/usr/sbin:/sbin:/usr/bin:/bin";

  private final Path directory;

  Judges(Path directory) {
    this.directory = directory;
    for (String tool : List.of("e2fsck", "debugfs", "resize2fs", "dumpe2fs")) {
      assumeTrue(
          Stream.of(SEARCHED.split(":"))
              .anyMatch(place -> Files.isExecutable(Path.of(place, tool))),
          tool + " is missing; install e2fsprogs");
    }
  }

  /** Writes a sparse file. */
  Path write(Volume volume) throws IOException {
    Path image = directory.resolve("image");
    try (FileChannel file =
        FileChannel.open(
            image,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      volume.writeTo(
          (offset, bytes, from, length) -> {
            ByteBuffer rest = ByteBuffer.wrap(bytes, from, length);
            while (rest.hasRemaining()) {
              file.write(rest, offset + rest.position() - from);
            }
          });
      if (file.size() < volume.size()) {
        file.write(ByteBuffer.allocate(1), volume.size() - 1);
      }
    }
    return image;
  }

  /** A full check that changes nothing finds nothing. */
  void check(Path image) throws Exception {
    String said = text(run(List.of("e2fsck", "-fn", image.toString())));
    assertTrue(!said.contains("? no") && said.contains("Pass 5"), said);
  }

  String debugfs(Path image, String request) throws Exception {
    return text(run(List.of("debugfs", "-R", request, image.toString())));
  }

  /**
   * Runs a script as root with the image mounted at {@code $m} through {@code $loop}, and says what
   * it printed.
   */
  byte[] mounted(Path image, String options, String script) throws Exception {
    assumeMountable();
    String around =
        "set -e; loop=$(losetup -f --show \"$1\"); m=$(mktemp -d); trap 'cd /; umount $m; losetup -d $loop; rmdir $m' EXIT; "
            + "mount -t ext4 -o "
            + options
            + " $loop $m; cd $m; "
            + script;
    return run(List.of("unshare", "-m", "sh", "-c", around, "sh", image.toString()));
  }

  static void assumeMountable() {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root mounts");
    assumeTrue(Files.exists(Path.of("/dev/loop-control")), "there are no loop devices here");
  }

  /** The kernel asks for CAP_SYS_RESOURCE, which a root in a container may lack. */
  void assumeCanGrowMounted() throws IOException {
    assumeMountable();
    String effective =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("CapEff:"))
            .findFirst()
            .orElse("CapEff: 0");
    long capabilities = Long.parseUnsignedLong(effective.substring(7).trim(), 16);
    assumeTrue((capabilities >> 24 & 1) == 1, "this root has no CAP_SYS_RESOURCE");
  }

  /** The tree that the kernel sees. */
  TreeId tree(Path image, BlobStore blobs) throws Exception {
    byte[] tar =
        mounted(
            image,
            "ro",
            "tar --numeric-owner --xattrs --xattrs-include='*' --sort=name --anchored --no-wildcards --exclude=./lost+found --format=posix -cf - .");
    try (TarReader reader = new TarReader("the mounted image", new ByteArrayInputStream(tar))) {
      return TarTree.unpack(
          reader, blobs, new UnpackLimits(UnpackLimits.Devices.KEPT, UnpackLimits.MOST_ENTRIES));
    }
  }

  byte[] run(List<String> command) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(new ArrayList<>(command)).directory(directory.toFile());
    builder.environment().putAll(Map.of("LC_ALL", "C", "TZ", "UTC", "PATH", SEARCHED));
    Process process = builder.redirectError(directory.resolve("stderr").toFile()).start();
    process.getOutputStream().close();
    byte[] out = process.getInputStream().readAllBytes();
    int exit = process.waitFor();
    assertEquals(0, exit, () -> String.join(" ", command) + "\n" + text(out) + complaints());
    return out;
  }

  private String complaints() {
    try {
      return Files.readString(directory.resolve("stderr"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
