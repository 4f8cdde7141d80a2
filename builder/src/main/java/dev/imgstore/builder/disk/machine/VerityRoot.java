package dev.imgstore.builder.disk.machine;

import dev.imgstore.builder.disk.DiskException;
import dev.imgstore.builder.disk.Volume;
import dev.imgstore.builder.disk.erofs.ErofsException;
import dev.imgstore.builder.disk.erofs.ErofsRequest;
import dev.imgstore.builder.disk.erofs.ErofsVolume;
import dev.imgstore.builder.disk.gpt.Partition;
import dev.imgstore.builder.disk.initrd.Initrd;
import dev.imgstore.builder.disk.verity.VerityTree;
import dev.imgstore.builder.recipe.DiskConfig;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

/**
 * A root that is read-only and proves itself: EROFS, its hashes, and a start that knows the one
 * hash that proves all. The ids of its two partitions are the two halves of that hash (UAPI.2,
 * "Discoverable Partitions").
 */
final class VerityRoot {
  /** The program that sets it up; in the initrd it has the same path. */
  static final TreePath PROGRAM = TreePath.of("sbin/dmsetup");

  private static final String TARGET = "sbin/dmsetup";

  /** 1980-01-01, as in layers. */
  private static final long TIME = 315_532_800L;

  private static final Meta ROOT = Meta.of(0755, 0, 0);

  /** What our own initrd cannot do without, and what makes it faster. */
  private static final List<String> REQUIRED = List.of("erofs", "dm_mod", "dm_verity", "overlay");

  private static final List<String> USEFUL =
      Stream.concat(
              Initrd.USUAL_MODULES.stream(), Stream.of("sha256_ssse3", "sha256_ni", "sha2_ce"))
          .toList();

  /** What is kept in memory, unless a partition is mounted there. */
  private static final List<String> MEMORY = List.of("tmp", "var");

  private final ErofsVolume files;
  private final VerityTree hashes;

  private VerityRoot(ErofsVolume files, VerityTree hashes) {
    this.files = files;
    this.hashes = hashes;
  }

  /**
   * Makes and hashes the file system.
   *
   * @param image as the person named it
   * @throws NoMachine if the tree does not fit
   */
  static VerityRoot of(String image, Digest seed, TreeId tree, BlobReader blobs, Executor pool)
      throws IOException {
    try {
      ErofsRequest request = new ErofsRequest(tree, ROOT, seed, DiskConfig.ROOT, TIME);
      ErofsVolume files = ErofsVolume.plan(request, blobs, pool);
      return new VerityRoot(files, VerityTree.of(seed, files, pool));
    } catch (ErofsException e) {
      throw NoMachine.wrong(image, "its root: " + e.getMessage());
    }
  }

  /** The root and what proves it. */
  List<Partition> partitions(Boot.Firmware firmware) {
    return List.of(
        new Partition(DiskConfig.ROOT, firmware.root(), id(0), 0, files),
        new Partition(DiskConfig.HASHES, firmware.hashes(), id(16), 0, hashes));
  }

  private UUID id(int from) {
    ByteBuffer hash = ByteBuffer.wrap(hashes.rootHash().toArray());
    return new UUID(hash.getLong(from), hash.getLong(from + 8));
  }

  /**
   * What the kernel is told of it. systemd's own generator for such roots is told to leave this one
   * alone: it is set up when systemd starts.
   */
  String words() {
    String hash = HexFormat.of().formatHex(hashes.rootHash().toArray());
    return "root=PARTUUID="
        + id(0)
        + " rootfstype=erofs ro roothash="
        + hash
        + " systemd.verity=no";
  }

  /**
   * What the kernel begins with: it sets the root up with the hash that the kernel was told.
   *
   * @throws DiskException if what that takes is not in the image
   */
  Volume initrd(TreeEditor tree, Boot boot, DiskConfig config, BlobReader blobs)
      throws IOException {
    SortedMap<String, Volume> programs =
        ProgramFiles.of(tree, boot.firmware().triplet(), PROGRAM, TARGET);
    return Initrd.of(
        StartFile.busybox(boot, blobs),
        StartFile.modules(tree, boot, blobs),
        REQUIRED,
        USEFUL,
        new Initrd.Verity(programs, hashes.dataBlocks(), hashes.salt(), memory(tree, config)));
  }

  private static List<String> memory(TreeEditor tree, DiskConfig config) throws IOException {
    List<String> all = new ArrayList<>();
    for (String each : MEMORY) {
      boolean isMounted =
          config.partitions().stream().anyMatch(other -> other.mount().equals("/" + each));
      if (!isMounted && tree.isDirectory(TreePath.of(each))) {
        all.add(each);
      }
    }
    return all;
  }
}
