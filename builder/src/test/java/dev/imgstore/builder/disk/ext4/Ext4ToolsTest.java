package dev.imgstore.builder.disk.ext4;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.LinkGroups;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.Trees;
import dev.imgstore.testkit.MemoryBlobStore;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** e2fsprogs and the kernel as judges: file systems are clean, and hold what went in. */
@Tag("tools")
class Ext4ToolsTest {
  private static final Meta PLAIN = Meta.of(0644, 0, 0);

  /** Tells each byte that is not zero, reading what is no hole. */
  private static final String MARKS =
      """
      import os
      for name in ("marked", "zeros"):
          file = os.open(name, os.O_RDONLY)
          size, at = os.fstat(file).st_size, 0
          print(name, size)
          while at < size:
              try:
                  at = os.lseek(file, at, os.SEEK_DATA)
              except OSError:
                  break
              end = os.lseek(file, at, os.SEEK_HOLE)
              while at < end:
                  data = os.pread(file, min(end - at, 1 << 20), at)
                  if data.count(0) != len(data):
                      for place, byte in enumerate(data):
                          if byte:
                              print(at + place, byte)
                  at += len(data)
      """;

  @TempDir Path directory;
  private final MemoryBlobStore blobs = new MemoryBlobStore();
  private final ExecutorService pool = Executors.newFixedThreadPool(2);
  private Judges judges;

  @BeforeEach
  void findJudges() {
    judges = new Judges(directory);
  }

  @AfterEach
  void endPool() {
    pool.shutdownNow();
  }

  private Path image(TreeId tree, Ext4Space space) throws Exception {
    return image(tree, space, blobs);
  }

  private Path image(TreeId tree, Ext4Space space, BlobReader from) throws Exception {
    Path image = judges.write(Ext4.plan(Ext4Trees.request(tree, space), from, pool));
    judges.check(image);
    return image;
  }

  @Test
  void emptyFileSystemsOfManySizesAreClean() throws Exception {
    TreeId empty = Trees.put(blobs, Tree.EMPTY);
    long group = 128L << 20;
    for (long size :
        new long[] {
          6 << 20,
          group - 4096,
          group,
          group + 4096,
          group + (1 << 20) + 5,
          2 * group + (9 << 20),
          17 * group,
          33 * group + 4096,
          65 * group,
          1L << 37
        }) {
      image(empty, new Ext4Space.Exactly(size));
    }
  }

  @Test
  void deepAndWideDirectoriesComeBack() throws Exception {
    TreeEditor editor = TreeEditor.empty(blobs);
    TreePath deep = TreePath.ROOT;
    for (int i = 0; i < 300; i++) {
      deep = deep.child(Name.of("d" + i));
    }
    editor.putDirectory(deep, Meta.of(0700, 1, 2));
    for (int count : new int[] {1, 200, 4000, 9000}) {
      TreePath wide = TreePath.of("wide" + count);
      for (int i = 0; i < count; i++) {
        editor.put(
            wide.child(count == 4000 ? Name.of("n" + i) : Ext4Trees.longName(i)),
            new Node.Fifo(Meta.of(i & 07777, 0, i)));
      }
    }
    TreeId tree = editor.write();
    Path image = image(tree, new Ext4Space.Free(0));
    String index = judges.debugfs(image, "htree_dump /wide9000");
    assertTrue(index.contains("Indirect levels: 1"), index.substring(0, 400));
    assertEquals(tree, judges.tree(image, blobs));
  }

  /** Each byte alone, and the longest names of bytes that are no UTF-8. */
  @Test
  void namesOfAnyBytesComeBack() throws Exception {
    TreeMap<Name, Node> entries = new TreeMap<>();
    byte[] longest = new byte[255];
    for (int i = 1; i < 256; i++) {
      if (i != '/' && i != '.') {
        entries.put(new Name(Bytes.of(new byte[] {(byte) i})), new Node.Fifo(PLAIN));
      }
      if (i >= 128) {
        Arrays.fill(longest, (byte) i);
        entries.put(new Name(Bytes.of(longest)), new Node.Fifo(Meta.of(0600, i, 2 * i)));
      }
    }
    TreeId tree = Trees.put(blobs, new Tree(entries));
    assertEquals(tree, judges.tree(image(tree, new Ext4Space.Free(0)), blobs));
  }

  @Test
  void aHundredThousandNamesInOneDirectoryComeBack() throws Exception {
    TreeMap<Name, Node> entries = new TreeMap<>();
    for (int i = 0; i < 100_000; i++) {
      entries.put(Name.of("file" + i), new Node.File(blobs.put(new byte[0]), 0, PLAIN));
    }
    TreeId tree = Trees.put(blobs, new Tree(entries));
    assertEquals(tree, judges.tree(image(tree, new Ext4Space.Free(1 << 20)), blobs));
  }

  @Test
  void sixtyFiveThousandNamesOfOneFileAreOneInode() throws Exception {
    TreeMap<Name, Node> entries = new TreeMap<>();
    byte[] content = {1, 2, 3};
    Node file = new Node.File(blobs.put(content), 3, LinkGroups.of(TreePath.of("n0")), PLAIN);
    for (int i = 0; i < 65_000; i++) {
      entries.put(Name.of("n" + i), file);
    }
    TreeId tree = Trees.put(blobs, new Tree(entries));
    Path image = image(tree, new Ext4Space.Free(0));
    assertTrue(judges.debugfs(image, "stat /n64999").contains("Links: 65000"));
    assertEquals(tree, judges.tree(image, blobs));
  }

  @Test
  void aDirectoryOfTooManyDirectoriesForACountSaysOne() throws Exception {
    TreeMap<Name, Node> entries = new TreeMap<>();
    TreeId empty = Trees.put(blobs, Tree.EMPTY);
    for (int i = 0; i < 65_001; i++) {
      entries.put(Name.of("d" + i), new Node.Directory(empty, Meta.of(0755, 0, 0)));
    }
    TreeId tree = Trees.put(blobs, new Tree(entries));
    Path image = image(tree, new Ext4Space.Free(0));
    assertTrue(judges.debugfs(image, "stat /").contains("Links: 1 "));
  }

  @Test
  void fiveGigabytesWithHolesTakeLittle() throws Exception {
    SyntheticBlobs large = new SyntheticBlobs(blobs);
    TreeMap<Name, Node> entries = new TreeMap<>();
    entries.put(Name.of("marked"), large.file(5L << 30, 1 << 20));
    entries.put(Name.of("zeros"), large.file((64 << 20) + 5, 1L << 40));
    TreeId tree = Trees.put(blobs, new Tree(entries));
    Path image = image(tree, new Ext4Space.Free(0), large);
    String stat = judges.debugfs(image, "stat /marked");
    assertTrue(
        stat.contains("Size: 5368709120") && stat.contains("Blockcount: " + 8 * (5120 + 17)),
        stat.substring(0, 400));
    String seen = Judges.text(judges.mounted(image, "ro", "python3 -c '" + MARKS + "'"));
    String marks =
        LongStream.range(0, 5120)
            .mapToObj(i -> (i << 20) + " 1\n")
            .collect(Collectors.joining("", "marked 5368709120\n", "zeros 67108869\n0 1\n"));
    assertEquals(marks, seen);
  }

  @Test
  void filesOverManyGroupsComeBack() throws Exception {
    SyntheticBlobs large = new SyntheticBlobs(blobs);
    TreeMap<Name, Node> entries = new TreeMap<>();
    entries.put(Name.of("a"), large.file(280 << 20, 4096));
    entries.put(Name.of("b"), large.file(3 << 20, 4095));
    TreeId tree = Trees.put(blobs, new Tree(entries));
    Path image = image(tree, new Ext4Space.Free(0), large);
    String seen =
        Judges.text(
            judges.mounted(image, "ro", "tr -d '\\0' < a | wc -c; tr -d '\\0' < b | wc -c"));
    assertEquals("71680\n769\n", seen);
  }

  @Test
  void aFullFileSystemIsCleanAndOneBlockLessIsRefused() throws Exception {
    TreeId tree = Ext4Trees.random(11, 100, blobs);
    Ext4Volume full = Ext4.plan(Ext4Trees.request(tree, new Ext4Space.Free(0)), blobs, pool);
    assertEquals(0, full.freeBytes());
    Path image = image(tree, new Ext4Space.Exactly(full.size()));
    assertEquals(tree, judges.tree(image, blobs));
    String why =
        assertThrows(Ext4Exception.class, () -> image(tree, new Ext4Space.Exactly(full.size() - 1)))
            .getMessage();
    assertTrue(String.valueOf(why).contains("at least " + full.size() + " bytes"), why);
  }

  @Test
  void whatIsWrittenAfterwardsIsCleanToo() throws Exception {
    TreeId tree = Ext4Trees.random(12, 200, blobs);
    Path image = image(tree, new Ext4Space.Free(40 << 20));
    String work =
        "mkdir new; cp -a lost+found new/; dd if=/dev/zero of=big bs=1M count=9 status=none; i=0; "
            + "while [ $i -lt 3000 ]; do echo $i > new/$(printf '%0200d' $i); i=$((i+1)); done; "
            + "setfattr -n user.x -v y new; sync; ls new | wc -l; df -i . | tail -1 > /dev/null";
    assertEquals("3001\n", Judges.text(judges.mounted(image, "rw", work)));
    judges.check(image);
    Judges.text(judges.mounted(image, "rw", "rm -rf ./*; sync"));
    judges.check(image);
  }

  @Test
  void aJournalThatWasCutOffIsReplayed() throws Exception {
    Path image = image(Ext4Trees.random(13, 50, blobs), new Ext4Space.Free(20 << 20));
    Path copy = directory.resolve("copy");
    judges.mounted(
        image,
        "rw,commit=100",
        "mkdir a; sync; mkdir b; mkdir c; echo x > c/y; sync -f c; cp --sparse=always $1 " + copy);
    judges.mounted(copy, "rw", "test \"$(cat c/y)\" = x; test -d a");
    judges.check(copy);
  }

  @Test
  void itGrows() throws Exception {
    TreeId tree = Ext4Trees.random(14, 200, blobs);
    Path image = image(tree, new Ext4Space.Free(0));
    for (String size : List.of("700M", "40G")) {
      judges.run(List.of("truncate", "-s", size, image.toString()));
      judges.run(List.of("resize2fs", image.toString()));
      judges.check(image);
      assertEquals(tree, judges.tree(image, blobs));
    }
  }

  @Test
  void itGrowsWhileItIsMounted() throws Exception {
    judges.assumeCanGrowMounted();
    TreeId tree = Ext4Trees.random(15, 200, blobs);
    Path image = image(tree, new Ext4Space.Free(0));
    judges.run(List.of("truncate", "-s", "5G", image.toString()));
    judges.mounted(
        image, "rw", "resize2fs $loop; dd if=/dev/zero of=big bs=1M count=300 status=none; rm big");
    judges.check(image);
    assertEquals(tree, judges.tree(image, blobs));
    String head = Judges.text(judges.run(List.of("dumpe2fs", "-h", image.toString())));
    assertTrue(head.contains("Block count:              1310720"), head);
  }

  @Test
  void accessListsAndEqualAttributesComeBack() throws Exception {
    SortedMap<Name, Bytes> xattrs = new TreeMap<>();
    byte[] list = {
      2, 0, 0, 0, 1, 0, 6, 0, -1, -1, -1, -1, 2, 0, 4, 0, 77, 0, 0, 0, 4, 0, 4, 0, -1, -1, -1, -1,
      16, 0, 4, 0, -1, -1, -1, -1, 32, 0, 4, 0, -1, -1, -1, -1
    };
    xattrs.put(Name.of("system.posix_acl_access"), Bytes.of(list));
    xattrs.put(Name.of("user.long"), Bytes.utf8("v".repeat(1000)));
    xattrs.put(Name.of("user.none"), Bytes.EMPTY);
    TreeMap<Name, Node> entries = new TreeMap<>();
    for (int i = 0; i < 1500; i++) {
      entries.put(
          Name.of("f" + i),
          new Node.Directory(Trees.put(blobs, Tree.EMPTY), new Meta(0644, 0, 0, xattrs)));
    }
    Path image = image(Trees.put(blobs, new Tree(entries)), new Ext4Space.Free(0));
    String seen =
        Judges.text(
            judges.mounted(
                image,
                "rw",
                "getfattr -d -m - -e hex f1499; setfattr -x user.long f3; setfattr -n user.none -v 1 f4"));
    assertTrue(
        seen.contains(
            "system.posix_acl_access=0x0200000001000600ffffffff020004004d00000004000400ffffffff10000400ffffffff20000400ffffffff"),
        seen);
    assertTrue(
        seen.contains("user.long=0x" + "76".repeat(1000)) && seen.contains("user.none"), seen);
    judges.check(image);
  }

  @Test
  void theRootHasItsOwnModeAndOwnerAndAllTimesAreTheOneGiven() throws Exception {
    SortedMap<Name, Bytes> xattrs = new TreeMap<>();
    xattrs.put(Name.of("user.of"), Bytes.utf8("root"));
    Ext4Request request =
        new Ext4Request(
            Ext4Trees.random(16, 20, blobs),
            new Meta(01771, 70_000, 8, xattrs),
            new Ext4Space.Free(0),
            new Ext4Identity(Digest.of(new byte[0]), "\u00e9tc", (1L << 33) + 5));
    Path image = judges.write(Ext4.plan(request, blobs, pool));
    judges.check(image);
    String seen =
        Judges.text(
            judges.mounted(
                image,
                "ro",
                "stat -c '%a %u %g %X %Y %Z' .; getfattr --only-values -n user.of .; find . ! -newermt @8589934598 -newermt @8589934596 | wc -l; find . | wc -l"));
    List<String> lines = seen.lines().toList();
    assertEquals("1771 70000 8 8589934597 8589934597 8589934597", lines.get(0));
    assertTrue(lines.get(1).startsWith("root"), seen);
    assertEquals(lines.get(1).substring(4), lines.get(2));
  }

  /** The last name of one block and the first of the next have one hash: the index must say so. */
  @Test
  void namesOfOneHashInTwoBlocksAreBothFound() throws Exception {
    Ext4Identity identity = new Ext4Identity(Digest.of(new byte[0]), "", 0);
    NameHash hash = new NameHash(identity.hashSeed());
    TreeMap<Long, String> byHash = new TreeMap<>();
    long twice = 0;
    TreeMap<Name, Node> entries = new TreeMap<>();
    for (int i = 100_000; entries.isEmpty() || byHash.headMap(twice).size() < 1000; i++) {
      String name = "name" + i;
      long own = Integer.toUnsignedLong(hash.of(Bytes.utf8(name)));
      if (byHash.containsKey(own) && entries.isEmpty() && own < (1L << 31)) {
        entries.put(Name.of(name), new Node.Fifo(PLAIN));
        twice = own;
      }
      byHash.putIfAbsent(own, name);
    }
    int inBlock = (4096 - 12) / (8 + 12);
    byHash.headMap(twice).values().stream()
        .limit(inBlock - 1)
        .forEach(name -> entries.put(Name.of(name), new Node.Fifo(PLAIN)));
    byHash.tailMap(twice).values().stream()
        .limit(50)
        .forEach(name -> entries.put(Name.of(name), new Node.Fifo(PLAIN)));
    TreeMap<Name, Node> root = new TreeMap<>();
    TreeId below = Trees.put(blobs, new Tree(entries));
    root.put(Name.of("d"), new Node.Directory(below, Meta.of(0755, 0, 0)));
    TreeId tree = Trees.put(blobs, new Tree(root));
    Ext4Request request =
        new Ext4Request(tree, Meta.of(0755, 0, 0), new Ext4Space.Free(0), identity);
    Path image = judges.write(Ext4.plan(request, blobs, pool));
    judges.check(image);
    String index = judges.debugfs(image, "htree_dump /d");
    assertTrue(index.contains("Hash 0x" + HexFormat.of().toHexDigits((int) twice | 1)), index);
    assertEquals(tree, judges.tree(image, blobs));
  }

  @Test
  void namesAreHashedAsOthersDo() throws Exception {
    Ext4Request request = Ext4Trees.request(Trees.put(blobs, Tree.EMPTY), new Ext4Space.Free(0));
    NameHash hash = new NameHash(request.identity().hashSeed());
    Path image = image(request.tree(), request.space());
    for (String name :
        new String[] {
          "a", "passwd", "x".repeat(31), "x".repeat(32), "x".repeat(33), "long".repeat(63)
        }) {
      String said =
          judges.debugfs(
              image, "dx_hash -h half_md4 -s " + request.identity().hashSeed() + " " + name);
      assertTrue(
          said.contains("0x" + Integer.toHexString(hash.of(Bytes.utf8(name)))), name + " " + said);
    }
  }
}
