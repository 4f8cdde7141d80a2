package dev.imgstore.builder.disk.erofs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.disk.Judge;
import dev.imgstore.builder.disk.Mounted;
import dev.imgstore.builder.disk.Volumes;
import dev.imgstore.builder.disk.ext4.Ext4Trees;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.LinkGroups;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.Trees;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** erofs-utils and the kernel as judges: file systems are clean, and hold what went in. */
@Tag("tools")
class ErofsToolsTest {
  private static final Meta PLAIN = Meta.of(0644, 0, 0);
  private static final long TIME = 315_532_800L;

  @TempDir Path directory;
  private final MemoryBlobStore blobs = new MemoryBlobStore();
  private final ExecutorService pool = Executors.newFixedThreadPool(2);

  @AfterEach
  void endPool() {
    pool.shutdownNow();
  }

  private Path image(TreeId tree) throws Exception {
    return image(new ErofsRequest(tree, Meta.of(0755, 0, 0), tree.digest(), "root", TIME));
  }

  private Path image(ErofsRequest request) throws Exception {
    Path image = directory.resolve("image");
    Files.deleteIfExists(image);
    Volumes.toFile(ErofsVolume.plan(request, blobs, pool), image);
    String said = new Judge(directory).run("fsck.erofs", "-d3", image.toString());
    assertTrue(said.endsWith("No errors found\n"), said);
    return image;
  }

  private void assertComesBack(TreeId tree) throws Exception {
    assertEquals(tree, new Mounted(directory, "erofs").tree(image(tree), blobs));
  }

  private String mounted(Path image, String script) throws Exception {
    return new Mounted(directory, "erofs").run(image, script);
  }

  @Test
  void randomTreesComeBackThroughAMount() throws Exception {
    for (long seed = 0; seed < 8; seed++) {
      assertComesBack(Ext4Trees.random(seed, 250, blobs));
    }
  }

  @Test
  void anEmptyTreeComesBack() throws Exception {
    assertComesBack(Trees.put(blobs, Tree.EMPTY));
  }

  @Test
  void aTreeIsExtractedAsItIs() throws Exception {
    TreeEditor editor = TreeEditor.empty(blobs);
    for (int i = 0; i < 60; i++) {
      editor.putFile(TreePath.of("d/f" + i), Volumes.noise(i, i * 333), Meta.of(0640, i, 7));
    }
    Path image = image(editor.write());
    Path out = directory.resolve("out");
    new Judge(directory).run("fsck.erofs", "--extract=" + out, image.toString());
    for (int i = 0; i < 60; i++) {
      Path file = out.resolve("d/f" + i);
      assertEquals(
          Bytes.of(Volumes.noise(i, i * 333)), Bytes.of(Files.readAllBytes(file)), "f" + i);
    }
  }

  @Test
  void filesOfEverySizeAroundABlockComeBack() throws Exception {
    TreeEditor editor = TreeEditor.empty(blobs);
    for (int size = 0; size < 9000; size += size > 4000 && size < 4200 ? 1 : 97) {
      editor.putFile(TreePath.of("f" + size), Volumes.noise(size, size), PLAIN);
    }
    for (int size : new int[] {FileFeed.PIECE - 1, FileFeed.PIECE, FileFeed.PIECE + 1, 5 << 20}) {
      editor.putFile(TreePath.of("large" + size), Volumes.noise(size, size), PLAIN);
    }
    assertComesBack(editor.write());
  }

  /** Every name is looked up, so an order that a search would miss is seen. */
  @Test
  void deepAndWideDirectoriesComeBack() throws Exception {
    TreeEditor editor = TreeEditor.empty(blobs);
    TreePath deep = TreePath.ROOT;
    for (int i = 0; i < 300; i++) {
      deep = deep.child(Name.of("d" + i));
    }
    editor.putDirectory(deep, Meta.of(0700, 1, 2));
    for (int count : new int[] {1, 15, 16, 200, 4000}) {
      TreePath wide = TreePath.of("wide" + count);
      for (int i = 0; i < count; i++) {
        Name name = count == 4000 ? Name.of("n" + i) : Ext4Trees.longName(i);
        editor.put(wide.child(name), new Node.Fifo(Meta.of(i & 07777, 0, i)));
      }
    }
    for (String odd : new String[] {"!", "-", "...", "..a", ".a", "\u0001", "\u007f"}) {
      editor.put(TreePath.of("odd").child(Name.of(odd)), new Node.Fifo(PLAIN));
    }
    assertComesBack(editor.write());
  }

  /** A name that ends where an inode ends must not run on into the next one. */
  @Test
  void directoriesOfEveryLengthAreSearched() throws Exception {
    TreeEditor editor = TreeEditor.empty(blobs);
    for (int length = 1; length < 255; length++) {
      TreePath path = TreePath.of("d" + length).child(Name.of("n".repeat(length)));
      editor.put(path, new Node.File(blobs.put(new byte[0]), 0, Meta.of(0644, 70_000, 0)));
    }
    assertComesBack(editor.write());
  }

  @Test
  void aHundredThousandNamesInOneDirectoryComeBack() throws Exception {
    TreeMap<Name, Node> entries = new TreeMap<>();
    for (int i = 0; i < 100_000; i++) {
      entries.put(Name.of("file" + i), new Node.File(blobs.put(new byte[0]), 0, PLAIN));
    }
    assertComesBack(Trees.put(blobs, new Tree(entries)));
  }

  @Test
  void seventyThousandNamesOfOneFileAreOneInode() throws Exception {
    TreeMap<Name, Node> entries = new TreeMap<>();
    Node file =
        new Node.File(blobs.put(new byte[] {1, 2, 3}), 3, LinkGroups.of(TreePath.of("n0")), PLAIN);
    for (int i = 0; i < 70_000; i++) {
      entries.put(Name.of("n" + i), file);
    }
    Path image = image(Trees.put(blobs, new Tree(entries)));
    assertEquals("70000\n1\n", mounted(image, "stat -c %h n69999; stat -c %i n* | uniq | wc -l"));
  }

  @Test
  void attributesOfEverySizeComeBack() throws Exception {
    TreeEditor editor = TreeEditor.empty(blobs);
    for (int size : new int[] {0, 1, 1900, 3000, 4068, 4069, 9000, 65_535}) {
      SortedMap<Name, Bytes> xattrs = new TreeMap<>();
      xattrs.put(Name.of("trusted.large"), Bytes.of(Volumes.noise(size, size)));
      xattrs.put(Name.of("trusted." + "n".repeat(200)), Bytes.utf8("v".repeat(size % 100)));
      Node file =
          new Node.File(blobs.put(Volumes.noise(1, 700)), 700, new Meta(0644, 0, 0, xattrs));
      editor.put(TreePath.of("f" + size), file);
      editor.putDirectory(TreePath.of("d" + size), new Meta(0755, 0, 0, xattrs));
    }
    assertComesBack(editor.write());
  }

  @Test
  void accessListsAreReadByTheKernel() throws Exception {
    SortedMap<Name, Bytes> xattrs = new TreeMap<>();
    byte[] list = {
      2, 0, 0, 0, 1, 0, 6, 0, -1, -1, -1, -1, 2, 0, 4, 0, 77, 0, 0, 0, 4, 0, 4, 0, -1, -1, -1, -1,
      16, 0, 4, 0, -1, -1, -1, -1, 32, 0, 4, 0, -1, -1, -1, -1
    };
    xattrs.put(Name.of("system.posix_acl_access"), Bytes.of(list));
    TreeMap<Name, Node> entries = new TreeMap<>();
    entries.put(
        Name.of("f"), new Node.File(blobs.put(new byte[1]), 1, new Meta(0644, 0, 0, xattrs)));
    String seen =
        mounted(image(Trees.put(blobs, new Tree(entries))), "getfattr -d -m - -e hex f 2>&1");
    assertTrue(seen.contains("0x0200000001000600ffffffff020004004d000000"), seen);
  }

  @Test
  void filesOfOneContentShareTheirBlocks() throws Exception {
    byte[] content = Volumes.noise(3, 900_000);
    TreeEditor one = TreeEditor.empty(blobs);
    one.putFile(TreePath.of("a"), content, PLAIN);
    TreeEditor two = TreeEditor.empty(blobs);
    two.putFile(TreePath.of("a"), content, PLAIN);
    two.putFile(TreePath.of("b"), content, Meta.of(0600, 1, 1));
    two.putFile(TreePath.of("c"), Volumes.noise(4, 5000), PLAIN);
    two.putFile(TreePath.of("d"), content, PLAIN);
    long size = Files.size(image(one.write()));
    TreeId tree = two.write();
    assertEquals(size + 2 * Structure.BLOCK, Files.size(image(tree)));
    assertComesBack(tree);
  }

  @Test
  void theRootHasItsOwnModeAndOwnerAndAllTimesAreTheOneGiven() throws Exception {
    SortedMap<Name, Bytes> xattrs = new TreeMap<>();
    xattrs.put(Name.of("user.of"), Bytes.utf8("root"));
    TreeId tree = Ext4Trees.random(16, 60, blobs);
    Path image =
        image(
            new ErofsRequest(
                tree, new Meta(01771, 70_000, 8, xattrs), tree.digest(), "\u00e9tc", 8589934597L));
    String seen =
        mounted(
            image,
            "stat -c '%a %u %g %X %Y %Z' .; getfattr --only-values -n user.of .; echo;"
                + " find . ! -newermt @8589934598 -newermt @8589934596 | wc -l; find . | wc -l");
    List<String> lines = seen.lines().toList();
    assertEquals("1771 70000 8 8589934597 8589934597 8589934597", lines.get(0));
    assertEquals("root", lines.get(1));
    assertEquals(lines.get(2), lines.get(3));
  }

  @Test
  void aChangedSuperblockIsFound() throws Exception {
    Path image = image(Ext4Trees.random(1, 20, blobs));
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.seek(1024 + 48); // in the UUID
      int old = file.read();
      file.seek(1024 + 48);
      file.write(old ^ 1);
    }
    String said = new Judge(directory).ask("fsck.erofs", image.toString()).said();
    assertTrue(said.contains("superblock checksum"), said);
  }
}
