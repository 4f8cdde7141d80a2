package dev.imgstore.builder.disk.ext4;

import dev.imgstore.builder.disk.VolumeSink;
import dev.imgstore.store.BlobReader;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;

/** Writes a plan from the first block to the last. */
final class VolumeWriter {
  private final Plan plan;
  private final BlobReader blobs;
  private final Executor pool;
  private final BlockOutput out;
  private final InodeRecord records;
  private final GroupWriter groups;

  VolumeWriter(Plan plan, BlobReader blobs, Executor pool, VolumeSink sink) throws IOException {
    this.plan = plan;
    this.blobs = blobs;
    this.pool = pool;
    this.out = new BlockOutput(sink);
    this.records = new InodeRecord(plan.seed(), plan.request().identity().time());
    this.groups = new GroupWriter(plan, records, out);
  }

  /** In the order of {@link Contents#place}. */
  void write() throws IOException {
    block(plan.resizeBlock(), groups.keptBlocks());
    writeJournal();
    for (Contents.Shared each : plan.contents().shared()) {
      writeAttributes(each);
    }
    plan.contents().forEach(this::writeDirectory);
    plan.contents().forEach(this::writeLink);
    try (ReadAhead contents = new ReadAhead(plan.contents(), blobs, pool, out::giveBack)) {
      plan.contents().forEach((number, inode) -> writeFile(number, inode, contents));
    }
    groups.finish();
    out.flush();
  }

  private void block(int block, byte[] bytes) throws IOException {
    long at = Integer.toUnsignedLong(block);
    groups.before(at);
    out.write(at * Structure.BLOCK, bytes, 0, bytes.length);
  }

  private void writeJournal() throws IOException {
    Inode journal = plan.contents().journal();
    byte[] uuid = Structure.bytes(plan.request().identity().uuid());
    block(journal.extents[2], Superblock.journal(plan.layout().journalBlocks(), uuid));
    writeExtents(Layout.JOURNAL_INODE, journal);
  }

  private void writeExtents(int number, Inode inode) throws IOException {
    if (inode.extentBlocks.length > 0) {
      byte[][] blocks = ExtentTree.encode(inode, records.seed(number));
      for (int i = 0; i < blocks.length; i++) {
        block(inode.extentBlocks[i], blocks[i]);
      }
    }
  }

  private void writeAttributes(Contents.Shared shared) throws IOException {
    int at = shared.inodes().get(0).attributeBlock;
    byte[] block = shared.attributes().inBlock().toArray();
    Structure.wrap(block).putInt(4, shared.inodes().size());
    int seed = Crc32c.ofLong(plan.seed(), Integer.toUnsignedLong(at));
    Structure.wrap(block).putInt(16, Crc32c.of(seed, block));
    block(at, block);
  }

  private void writeDirectory(int number, Inode inode) throws IOException {
    if (!inode.isDirectory()) {
      return;
    }
    RunWriter blocks = new RunWriter(inode, groups, out);
    DirectoryBlocks.Blocks next = block -> blocks.write(block);
    int seed = records.seed(number);
    if (inode.body instanceof Inode.Body.Entries directory) {
      List<DirectoryBlocks.Entry> entries = plan.contents().entries(number, directory, blobs);
      NameHash hash = new NameHash(plan.request().identity().hashSeed());
      DirectoryBlocks.of(entries, hash).write(number, directory.parent(), seed, next);
    } else {
      int count = (int) (inode.size / Structure.BLOCK);
      DirectoryBlocks.writeEmpty(count, number, Layout.ROOT_INODE, seed, next);
    }
    writeExtents(number, inode);
  }

  private void writeLink(int number, Inode inode) throws IOException {
    if (inode.isSlowLink() && inode.body instanceof Inode.Body.Target target) {
      block(inode.extents[2], Arrays.copyOf(target.path().toArray(), Structure.BLOCK));
      writeExtents(number, inode);
    }
  }

  private void writeFile(int number, Inode inode, ReadAhead contents) throws IOException {
    if (!(inode.body instanceof Inode.Body.Content)) {
      return;
    }
    RunWriter blocks = new RunWriter(inode, groups, out);
    for (long left = inode.size; left > 0; ) {
      ReadAhead.Piece piece = contents.next();
      blocks.lend(piece);
      left -= piece.length();
    }
    writeExtents(number, inode);
  }
}
