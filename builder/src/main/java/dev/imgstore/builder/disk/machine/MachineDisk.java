package dev.imgstore.builder.disk.machine;

import dev.imgstore.builder.disk.BlobVolume;
import dev.imgstore.builder.disk.DiskException;
import dev.imgstore.builder.disk.Volume;
import dev.imgstore.builder.disk.bios.BiosStart;
import dev.imgstore.builder.disk.ext4.Ext4;
import dev.imgstore.builder.disk.ext4.Ext4Exception;
import dev.imgstore.builder.disk.ext4.Ext4Identity;
import dev.imgstore.builder.disk.ext4.Ext4Request;
import dev.imgstore.builder.disk.ext4.Ext4Space;
import dev.imgstore.builder.disk.fat.FatVolume;
import dev.imgstore.builder.disk.gpt.GptDisk;
import dev.imgstore.builder.disk.gpt.Partition;
import dev.imgstore.builder.disk.gpt.PartitionType;
import dev.imgstore.builder.recipe.DiskConfig;
import dev.imgstore.builder.recipe.DiskConfig.Starter;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;

/**
 * The disk of a machine: the partition that UEFI starts from, the root, and those that the recipe
 * asks for. A pure function of the image: the same bytes wherever and whenever it is made.
 */
public final class MachineDisk {
  /** 1980-01-01, as in layers. */
  private static final long TIME = 315_532_800L;

  /** Room for a kernel with everything, so that a larger one can come in its place. */
  private static final long ESP = 96L << 20;

  /** More than this no root has, and a larger disk would not help. */
  private static final long MOST_ROOT = 1L << 43;

  private static final Meta ROOT = Meta.of(0755, 0, 0);

  private final MachineRequest request;
  private final Overlay blobs;
  private final Executor pool;

  private MachineDisk(MachineRequest request, Overlay blobs, Executor pool) {
    this.request = request;
    this.blobs = blobs;
    this.pool = pool;
  }

  /**
   * Plans the disk.
   *
   * @param blobs is read until the volume is not needed any more
   * @param pool helps to read; see {@link Ext4#plan}
   * @throws NoMachine if the image would not start, naming all that it lacks, or does not fit into
   *     the sizes that its recipe says, naming those it needs
   */
  public static Volume plan(MachineRequest request, BlobReader blobs, Executor pool)
      throws IOException {
    return new MachineDisk(request, new Overlay(blobs), pool).plan();
  }

  /** The root comes last, so that it can grow when the disk does. */
  private Volume plan() throws IOException {
    TreeEditor tree = TreeEditor.of(blobs, request.tree());
    DiskConfig config = request.config();
    Boot boot = Boot.of(request.image(), tree, request.platform(), config);
    if (config.root() == DiskConfig.Root.VERITY) {
      return verified(tree, boot);
    }
    List<Partition> partitions = new ArrayList<>();
    try {
      partitions.addAll(starters(tree, boot));
    } catch (DiskException e) {
      throw NoMachine.wrong(request.image(), String.valueOf(e.getMessage()));
    }
    partitions.addAll(others(tree));
    Volume root = root(tree.write(), taken(partitions));
    partitions.add(partition(DiskConfig.ROOT, boot.firmware().root(), root));
    return GptDisk.of(request.manifest(), partitions, bootCode(), down(config.size()));
  }

  /** The command line names the root's hash, so the root is made, and hashed, before it. */
  private Volume verified(TreeEditor tree, Boot boot) throws IOException {
    DiskConfig config = request.config();
    List<Partition> others = others(tree);
    VerityRoot root =
        VerityRoot.of(request.image(), seed(DiskConfig.ROOT), tree.write(), blobs, pool);
    List<Partition> partitions = new ArrayList<>();
    try {
      Volume initrd = root.initrd(tree, boot, config, blobs);
      partitions.addAll(starters(tree, boot, root.words(), initrd));
    } catch (DiskException e) {
      throw NoMachine.wrong(request.image(), String.valueOf(e.getMessage()));
    }
    partitions.addAll(others);
    partitions.addAll(root.partitions(boot.firmware()));
    long least = taken(partitions);
    if (config.size() > 0 && down(config.size()) < least) {
      throw tooSmall(least);
    }
    return GptDisk.of(request.manifest(), partitions, bootCode(), down(config.size()));
  }

  private NoMachine tooSmall(long least) {
    return NoMachine.wrong(
        request.image(),
        "its content and partitions need "
            + (least >> 20)
            + " MiB, and `size` under `disk` gives "
            + (down(request.config().size()) >> 20)
            + "; say `size: "
            + (least >> 20)
            + "m` or more");
  }

  private Partition partition(String label, PartitionType type, Volume content) {
    return Partition.of(request.manifest(), label, type, content);
  }

  /** Ids of file systems differ from partition to partition. */
  private Digest seed(String label) {
    String text = "imgstore partition " + label + " of " + request.manifest();
    return Digest.of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** What a BIOS and what UEFI start: the same kernel, initrd and command line. */
  private List<Partition> starters(TreeEditor tree, Boot boot) throws IOException {
    String root = "root=PARTUUID=" + Partition.idOf(request.manifest(), DiskConfig.ROOT) + " rw";
    return starters(tree, boot, root, StartFile.initrd(tree, boot, blobs));
  }

  private List<Partition> starters(TreeEditor tree, Boot boot, String root, Volume initrd)
      throws IOException {
    String cmdline = (root + " " + request.config().cmdline()).strip();
    List<Partition> all = new ArrayList<>();
    if (request.config().boot().contains(Starter.BIOS)) {
      Volume kernel = BlobVolume.of(blobs, boot.kernel().content());
      Volume content = BiosStart.of(new BiosStart.Parts(cmdline, kernel, initrd));
      all.add(partition(DiskConfig.BIOS, PartitionType.BIOS_BOOT, content));
    }
    if (request.config().boot().contains(Starter.UEFI)) {
      Volume file = StartFile.of(tree, boot, blobs, cmdline, initrd);
      Volume content =
          FatVolume.of(
              seed("esp"), "ESP", new TreeMap<>(Map.of(boot.firmware().loader(), file)), ESP);
      all.add(partition(DiskConfig.FIRMWARE, PartitionType.EFI_SYSTEM, content));
    }
    return all;
  }

  /** The partition that it starts is the disk's first. */
  private byte[] bootCode() {
    return request.config().boot().contains(Starter.BIOS)
        ? BiosStart.bootCode(GptDisk.ALIGNMENT / GptDisk.SECTOR)
        : new byte[0];
  }

  /** Takes what the other partitions hold out of the root, the deepest first. */
  private List<Partition> others(TreeEditor tree) throws IOException {
    List<DiskConfig.Partition> deepestFirst = new ArrayList<>(request.config().partitions());
    deepestFirst.sort((one, other) -> other.mount().compareTo(one.mount()));
    List<Partition> all = new ArrayList<>();
    for (DiskConfig.Partition each : deepestFirst) {
      TreePath path = TreePath.of(each.mount().substring(1));
      requireDirectory(tree, path);
      tree.makeDirectories(path);
      Meta meta = tree.meta(path).orElse(ROOT);
      TreeId below = tree.subtree(path);
      tree.remove(path);
      tree.putDirectory(path, meta);
      PartitionType type =
          each.mount().equals("/var") ? PartitionType.VAR : PartitionType.LINUX_DATA;
      try {
        Volume content = ext4(below, meta, new Ext4Space.Exactly(each.size()), each.label());
        all.add(0, partition(each.label(), type, content));
      } catch (Ext4Exception e) {
        throw NoMachine.wrong(
            request.image(), "the partition for " + each.mount() + ": " + e.getMessage());
      }
    }
    if (request.config().swap() > 0) {
      Volume swap = SwapVolume.of(seed(DiskConfig.SWAP), request.config().swap());
      all.add(partition(DiskConfig.SWAP, PartitionType.SWAP, swap));
    }
    return all;
  }

  private void requireDirectory(TreeEditor tree, TreePath path) throws IOException {
    if (!tree.resolve(path).equals(path) || tree.leaf(path).isPresent()) {
      throw NoMachine.wrong(
          request.image(),
          "the way to the partition at "
              + path
              + " is no plain directory but a link or file there");
    }
  }

  private Volume ext4(TreeId tree, Meta root, Ext4Space space, String label) throws IOException {
    Ext4Identity identity = new Ext4Identity(seed(label), "", TIME);
    return Ext4.plan(new Ext4Request(tree, root, space, identity), blobs, pool);
  }

  /** What the disk's size leaves for the root; without a size, what it needs and what is free. */
  private Volume root(TreeId tree, long taken) throws IOException {
    long size = down(request.config().size());
    if (size == 0) {
      Ext4Space space = new Ext4Space.Free(request.config().free());
      try {
        return ext4(tree, ROOT, space, DiskConfig.ROOT);
      } catch (Ext4Exception e) {
        throw NoMachine.wrong(request.image(), "its root: " + e.getMessage());
      }
    }
    try {
      if (size > taken) {
        return ext4(tree, ROOT, new Ext4Space.Exactly(size - taken), DiskConfig.ROOT);
      }
    } catch (Ext4Exception e) {
      if (size - taken > MOST_ROOT) {
        throw NoMachine.wrong(request.image(), "its root: " + e.getMessage());
      }
    }
    throw tooSmall(up(needed(tree)) + taken);
  }

  /** The bytes that the root needs. */
  private long needed(TreeId tree) throws IOException {
    try {
      return ext4(tree, ROOT, new Ext4Space.Free(0), DiskConfig.ROOT).size();
    } catch (Ext4Exception e) {
      throw NoMachine.wrong(request.image(), "its root: " + e.getMessage());
    }
  }

  /** Bytes of the disk that are not the root's. */
  private static long taken(List<Partition> others) {
    long taken = 2 * GptDisk.ALIGNMENT;
    for (Partition each : others) {
      taken += up(each.content().size());
    }
    return taken;
  }

  /** Partitions begin and end where {@link GptDisk#ALIGNMENT} says. */
  private static long up(long size) {
    return down(size + GptDisk.ALIGNMENT - 1);
  }

  private static long down(long size) {
    return size / GptDisk.ALIGNMENT * GptDisk.ALIGNMENT;
  }
}
