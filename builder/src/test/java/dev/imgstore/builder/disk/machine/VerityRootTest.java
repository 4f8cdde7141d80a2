package dev.imgstore.builder.disk.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.disk.Judge;
import dev.imgstore.builder.disk.Volumes;
import dev.imgstore.builder.disk.gpt.GptDisk;
import dev.imgstore.builder.disk.gpt.Partition;
import dev.imgstore.builder.disk.gpt.PartitionType;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A verified root as it lies on a disk; veritysetup and erofs-utils are the judges. */
@Tag("tools")
class VerityRootTest {
  @TempDir Path directory;
  private final MemoryBlobStore blobs = new MemoryBlobStore();

  private TreeId tree() throws IOException {
    TreeEditor editor = TreeEditor.empty(blobs);
    for (int i = 0; i < 300; i++) {
      editor.putFile(TreePath.of("d/f" + i), Volumes.noise(i, i * 50), Meta.of(0644, 0, 0));
    }
    return editor.write();
  }

  private VerityRoot root(Digest seed) throws IOException {
    return VerityRoot.of("web", seed, tree(), blobs, Runnable::run);
  }

  private static String hash(VerityRoot root) {
    return root.words().replaceAll(".* roothash=([0-9a-f]{64}) .*", "$1");
  }

  @Test
  void thePartitionsOfADiskVerifyAndOneFlippedBitIsFound() throws Exception {
    VerityRoot root = root(Volumes.SEED);
    GptDisk disk = GptDisk.of(Volumes.SEED, root.partitions(Boot.Firmware.AMD64), new byte[0], 0);
    Path file = directory.resolve("disk");
    Volumes.toFile(disk, file);
    Path data = cut(file, disk.extents().get(0));
    Path hashes = cut(file, disk.extents().get(1));
    Judge judge = new Judge(directory);
    judge.run("veritysetup", "verify", data.toString(), hashes.toString(), hash(root));
    judge.run("fsck.erofs", data.toString());
    try (RandomAccessFile bytes = new RandomAccessFile(data.toFile(), "rw")) {
      bytes.seek(300_000);
      int old = bytes.read();
      bytes.seek(300_000);
      bytes.write(old ^ 8);
    }
    assertNotEquals(
        0,
        judge.ask("veritysetup", "verify", data.toString(), hashes.toString(), hash(root)).exit());
  }

  private Path cut(Path disk, GptDisk.Extent extent) throws Exception {
    Path out = directory.resolve(extent.partition().name());
    new Judge(directory)
        .run(
            "dd",
            "status=none",
            "bs=4096",
            "if=" + disk,
            "of=" + out,
            "skip=" + extent.offset() / 4096,
            "count=" + extent.length() / 4096);
    return out;
  }

  @Test
  void theIdsOfThePartitionsAreTheHalvesOfTheHash() throws IOException {
    VerityRoot root = root(Volumes.SEED);
    List<Partition> partitions = root.partitions(Boot.Firmware.ARM64);
    String ids = partitions.get(0).id() + "" + partitions.get(1).id();
    assertEquals(hash(root), ids.replace("-", ""));
    assertEquals(PartitionType.ROOT_ARM64, partitions.get(0).type());
    assertEquals(PartitionType.ROOT_ARM64_VERITY, partitions.get(1).type());
    assertTrue(root.words().startsWith("root=PARTUUID=" + partitions.get(0).id() + " "));
    assertNotEquals(hash(root), hash(root(Volumes.OTHER_SEED)));
  }

  @Test
  void whatTheRootCannotHoldNamesTheImage() throws IOException {
    TreeEditor editor = TreeEditor.empty(blobs);
    TreeMap<Name, Bytes> xattrs = new TreeMap<>();
    xattrs.put(Name.of("com.apple.odd"), Bytes.EMPTY);
    editor.put(TreePath.of("f"), new Node.Fifo(new Meta(0644, 0, 0, xattrs)));
    TreeId odd = editor.write();
    String said =
        String.valueOf(
            assertThrows(
                    NoMachine.class,
                    () -> VerityRoot.of("web", Volumes.SEED, odd, blobs, Runnable::run))
                .getMessage());
    assertTrue(said.contains("web") && said.contains("com.apple.odd"), said);
  }
}
