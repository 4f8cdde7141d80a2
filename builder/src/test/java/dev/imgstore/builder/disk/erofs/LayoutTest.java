package dev.imgstore.builder.disk.erofs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayoutTest {
  /** Some kernels read a directory's last name on until a zero; the next inode begins with none. */
  @Test
  void aZeroFollowsEachDirectoryBehindItsInode() throws IOException {
    MemoryBlobStore blobs = new MemoryBlobStore();
    TreeEditor editor = TreeEditor.empty(blobs);
    for (int length = 1; length < 255; length++) {
      TreePath path = TreePath.of("d" + length).child(Name.of("n".repeat(length)));
      editor.put(path, new Node.Fifo(Meta.of(0644, 70_000, 0)));
    }
    TreeId tree = editor.write();
    ErofsRequest request = new ErofsRequest(tree, Meta.of(0755, 0, 0), tree.digest(), "", 0);
    List<Inode> inodes = TreeScan.read(request, blobs, TreeScan.MOST_NAMES);
    Layout.place(inodes);
    int seen = 0;
    for (int i = 0; i < inodes.size() - 1; i++) {
      Inode inode = inodes.get(i);
      if (inode.type() == Inode.DIRECTORY && inode.isInline) {
        long end = inode.number * Inode.SLOT + inode.headSize() + inode.size % Structure.BLOCK;
        assertTrue(end < inodes.get(i + 1).number * Inode.SLOT, "inode " + i);
        assertTrue(inode.number * Inode.SLOT / Structure.BLOCK == end / Structure.BLOCK, "in one");
        seen++;
      }
    }
    assertEquals(254, seen);
  }
}
