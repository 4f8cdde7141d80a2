package dev.imgstore.builder.disk.erofs;

import dev.imgstore.builder.disk.JoinedOutput;
import dev.imgstore.builder.disk.VolumeSink;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/** Writes what is planned from the first block to the last, in the order of {@link Layout}. */
final class VolumeWriter {
  private final ErofsRequest request;
  private final List<Inode> inodes;
  private final long blocks;
  private final BlobReader blobs;
  private final Executor pool;
  private final JoinedOutput out;

  VolumeWriter(
      ErofsRequest request,
      List<Inode> inodes,
      long blocks,
      BlobReader blobs,
      Executor pool,
      VolumeSink sink) {
    this.request = request;
    this.inodes = inodes;
    this.blocks = blocks;
    this.blobs = blobs;
    this.pool = pool;
    this.out = new JoinedOutput(sink);
  }

  void write() throws IOException {
    write(0, Superblock.of(request, inodes.size(), inodes.get(0).number, blocks));
    List<Inode> files = files();
    try (FileFeed feed = new FileFeed(files, blobs, pool)) {
      for (int i = 0; i < inodes.size(); i++) {
        writeInode(i, feed);
      }
      for (Inode each : inodes) {
        if (each.body instanceof Inode.Body.Entries directory && each.blocks() > 0) {
          writeDirectory(each, directory);
        }
      }
      for (Inode each : inodes) {
        if (each.body instanceof Inode.Body.Target link && !each.isInline) {
          write(each.block * Structure.BLOCK, link.path().toArray());
        }
      }
      for (Inode each : files) {
        if (!each.isInline) {
          writeFile(each, feed);
        }
      }
    }
    out.flush();
  }

  private void write(long offset, byte[] bytes) throws IOException {
    out.write(offset, bytes, 0, bytes.length);
  }

  /** Those whose bytes are written, in that order: behind their inodes, then in blocks. */
  private List<Inode> files() {
    List<Inode> inline = new ArrayList<>();
    List<Inode> inBlocks = new ArrayList<>();
    long reached = 0;
    for (Inode each : inodes) {
      if (each.body instanceof Inode.Body.Content && each.isInline) {
        inline.add(each);
      } else if (each.body instanceof Inode.Body.Content && each.block > reached) {
        inBlocks.add(each); // another has written the blocks of one that lies before
        reached = each.block;
      }
    }
    inline.addAll(inBlocks);
    return inline;
  }

  private void writeInode(int index, FileFeed feed) throws IOException {
    Inode inode = inodes.get(index);
    long at = inode.number * Inode.SLOT;
    byte[] head = inode.encode(index + 1, request.time());
    write(at, head);
    if (!inode.isInline) {
      return;
    }
    long behind = at + head.length;
    if (inode.body instanceof Inode.Body.Target link) {
      write(behind, link.path().toArray());
    } else if (inode.body instanceof Inode.Body.Entries directory) {
      List<byte[]> all = directoryBlocks(inode, directory);
      write(behind, all.get(all.size() - 1));
    } else {
      feed.next(inode, bytes -> write(behind, bytes));
    }
  }

  private void writeDirectory(Inode inode, Inode.Body.Entries directory) throws IOException {
    List<byte[]> all = directoryBlocks(inode, directory);
    for (int i = 0; i < inode.blocks(); i++) {
      write((inode.block + i) * Structure.BLOCK, all.get(i));
    }
  }

  private List<byte[]> directoryBlocks(Inode inode, Inode.Body.Entries directory)
      throws IOException {
    List<DirectoryBlocks.Entry> names = new ArrayList<>();
    for (Map.Entry<Name, Node> each : Trees.read(blobs, directory.tree()).entries().entrySet()) {
      Inode child = inodes.get(directory.children().at(names.size()));
      names.add(
          new DirectoryBlocks.Entry(
              each.getKey().bytes(), child.number, Inode.entryType(each.getValue())));
    }
    long parent = inodes.get(directory.parent()).number;
    return DirectoryBlocks.of(names, inode.number, parent);
  }

  private void writeFile(Inode file, FileFeed feed) throws IOException {
    long[] at = {file.block * Structure.BLOCK};
    feed.next(
        file,
        bytes -> {
          write(at[0], bytes);
          at[0] += bytes.length;
        });
  }
}
