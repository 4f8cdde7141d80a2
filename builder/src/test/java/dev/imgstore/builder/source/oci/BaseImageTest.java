package dev.imgstore.builder.source.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.tar.HostileArchive;
import dev.imgstore.builder.tar.TarBytes;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Node;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobStore;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class BaseImageTest {
  private static final Platform AMD64 = Platform.parse("linux/amd64");

  private final MemoryBlobStore store = new MemoryBlobStore();
  private final Map<Digest, byte[]> layout = new HashMap<>();

  private final ExecutorService pool = Executors.newCachedThreadPool();

  @AfterEach
  void end() {
    pool.shutdown();
  }

  private Digest put(byte[] bytes) {
    Digest digest = Digest.of(bytes);
    layout.put(digest, bytes);
    return digest;
  }

  private Digest put(String text) {
    return put(text.getBytes(StandardCharsets.UTF_8));
  }

  private ImageBlobs blobs() {
    return digest -> {
      byte[] bytes = layout.get(digest);
      if (bytes == null) {
        throw new FileNotFoundException("there is no blob " + digest);
      }
      return new ByteArrayInputStream(bytes);
    };
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(plain);
    }
    return out.toByteArray();
  }

  private String descriptor(Digest digest, String type, String more) {
    long size = layout.getOrDefault(digest, new byte[0]).length;
    return "{\"mediaType\": \"%s\", \"digest\": \"%s\", \"size\": %d%s}"
        .formatted(type, digest, size, more);
  }

  /** An image of these layers; the lowest is not compressed. */
  private Digest image(TarBytes... layers) throws IOException {
    byte[][] tars = Arrays.stream(layers).map(TarBytes::end).toArray(byte[][]::new);
    String ids =
        Arrays.stream(tars)
            .map(tar -> "\"" + Digest.of(tar) + "\"")
            .collect(Collectors.joining(","));
    StringBuilder parts = new StringBuilder();
    for (int i = 0; i < tars.length; i++) {
      Digest blob = put(i == 0 ? tars[i] : gzip(tars[i]));
      String type = "application/vnd.oci.image.layer.v1.tar" + (i == 0 ? "" : "+gzip");
      parts.append(i == 0 ? "" : ",").append(descriptor(blob, type, ""));
    }
    Digest config = put("{\"rootfs\": {\"type\": \"layers\", \"diff_ids\": [" + ids + "]}}");
    return put(
        "{\"schemaVersion\": 2, \"config\": %s, \"layers\": [%s]}"
            .formatted(descriptor(config, "application/vnd.oci.image.config.v1+json", ""), parts));
  }

  private List<Lock.Fetched> lock(Digest image) throws IOException {
    return BaseImage.lock(
        "base", new InputSource.Oci("x", image), image, List.of(AMD64), blobs(), store);
  }

  private TreeEditor tree(TarBytes... layers) throws IOException {
    Digest image = image(layers);
    lock(image);
    TreeId tree = BaseImage.make("base", image, AMD64, store);
    assertEquals(tree, readAhead(image, Long.MAX_VALUE));
    assertEquals(tree, readAhead(image, 1000));
    return TreeEditor.of(store, tree);
  }

  /** The tree, made of layers that are read in any order, with so much room for their entries. */
  private TreeId readAhead(Digest image, long room) throws IOException {
    try (Unpacking unpacking = new Unpacking("base", store, pool, room)) {
      List<BaseImage.Stacked> stacked = BaseImage.parts("base", image, store);
      for (int i = stacked.size() - 1; i >= 0; i--) {
        unpacking.begin(stacked.get(i).blob());
      }
      return unpacking.unpack("base", image);
    }
  }

  private String text(TreeEditor tree, String path) throws IOException {
    return new String(tree.read(TreePath.of(path), 1000), StandardCharsets.UTF_8);
  }

  @Test
  void laterLayersReplaceAndRemove() throws IOException {
    TreeEditor tree =
        tree(
            new TarBytes()
                .file("etc/a", "1")
                .file("etc/b", "1")
                .file("opt/x/y", "1")
                .file("dir/f", ""),
            new TarBytes().file("etc/.wh.a", "").file("etc/b", "2").file("dir", "now a file"),
            new TarBytes().file("opt/.wh..wh..opq", "").file("opt/new", "3"));
    assertFalse(tree.exists(TreePath.of("etc/a")));
    assertFalse(tree.exists(TreePath.of("etc/.wh.a")));
    assertEquals("2", text(tree, "etc/b"));
    assertEquals("now a file", text(tree, "dir"));
    assertEquals("[new]", tree.list(TreePath.of("opt")).toString());
  }

  @Test
  void aWhiteoutSpeaksOfLowerLayersOnly() throws IOException {
    TreeEditor tree =
        tree(
            new TarBytes().file("d/old", "1"),
            new TarBytes().file("d/new", "2").file(".wh.d", "").file("d/.wh..wh..opq", ""));
    assertEquals("[new]", tree.list(TreePath.of("d")).toString());
  }

  @Test
  void linksAreFollowedInsideTheTreeOnly() throws IOException {
    TreeEditor tree =
        tree(
            new TarBytes()
                .directory("usr/lib/")
                .symlink("lib", "usr/lib")
                .symlink("up", "../../usr"),
            new TarBytes().file("lib/x", "1").file("up/lib/y", "2"));
    assertEquals("1", text(tree, "usr/lib/x"));
    assertEquals("2", text(tree, "usr/lib/y"));
    assertTrue(tree.leaf(TreePath.of("lib")).orElseThrow() instanceof Node.Symlink);
  }

  @Test
  void namesOfOneFileStayOneFile() throws IOException {
    TreeEditor tree =
        tree(
            new TarBytes().file("a", "1").hardLink("b", "a"),
            new TarBytes().file("a", "2").hardLink("c", "a"));
    Node.File a = (Node.File) tree.leaf(TreePath.of("a")).orElseThrow();
    Node.File b = (Node.File) tree.leaf(TreePath.of("b")).orElseThrow();
    Node.File c = (Node.File) tree.leaf(TreePath.of("c")).orElseThrow();
    assertEquals(a.linkGroup(), c.linkGroup());
    assertNotEquals(a.linkGroup(), b.linkGroup());
    assertEquals("1", text(tree, "b"));
  }

  @Test
  void everyBlobIsPinnedAndChecked() throws IOException {
    Digest image = image(new TarBytes().file("a", "1"), new TarBytes().file("b", "2"));
    List<Lock.Fetched> files = lock(image);
    assertEquals(4, files.size());
    for (Lock.Fetched file : files) {
      byte[] right = layout.get(file.sha256());
      layout.put(file.sha256(), new byte[] {1});
      MemoryBlobStore fresh = new MemoryBlobStore();
      IOException wrong =
          assertThrows(IOException.class, () -> BaseImage.fetch(file, blobs(), fresh));
      assertTrue(String.valueOf(wrong.getMessage()).contains("what is called " + file.sha256()));
      layout.put(file.sha256(), right);
    }
  }

  @Test
  void aLayerThatIsNotTheConfigsIsRefused() throws IOException {
    Digest good = image(new TarBytes().file("a", "1"));
    Digest other = Digest.of(new TarBytes().file("a", "2").end());
    String manifest = new String(layout.get(good), StandardCharsets.UTF_8);
    Digest tar = Digest.of(new TarBytes().file("a", "1").end());
    Digest config = put("{\"rootfs\": {\"diff_ids\": [\"" + other + "\"]}}");
    String forged =
        "{\"config\": %s, \"layers\": [%s]}"
            .formatted(descriptor(config, "c", ""), descriptor(tar, "a.tar", ""));
    Digest image = put(forged);
    assertTrue(manifest.contains(tar.toString()));
    lock(image);
    IOException wrong =
        assertThrows(IOException.class, () -> BaseImage.make("base", image, AMD64, store));
    assertTrue(String.valueOf(wrong.getMessage()).contains("is not the tar " + other));
  }

  @Test
  void anIndexGivesWhatFitsThePlatform() throws IOException {
    Digest right = image(new TarBytes().file("a", "amd64"));
    Digest left = image(new TarBytes().file("a", "arm64"));
    String type = "application/vnd.oci.image.manifest.v1+json";
    String platform = ", \"platform\": {\"os\": \"linux\", \"architecture\": \"%s\"}";
    Digest index =
        put(
            "{\"manifests\": [%s, %s]}"
                .formatted(
                    descriptor(left, type, platform.formatted("arm64")),
                    descriptor(right, type, platform.formatted("amd64"))));
    assertEquals(4, lock(index).size());
    TreeEditor tree = TreeEditor.of(store, BaseImage.make("base", index, AMD64, store));
    assertEquals("amd64", text(tree, "a"));
    IOException none =
        assertThrows(
            IOException.class,
            () ->
                BaseImage.lock(
                    "base",
                    new InputSource.Oci("x", index),
                    index,
                    List.of(Platform.parse("linux/s390x")),
                    blobs(),
                    store));
    assertTrue(String.valueOf(none.getMessage()).contains("nothing for linux/s390x"));
  }

  @Test
  void hostileLayersAndDocumentsAreRefused() throws IOException {
    assertThrows(HostileArchive.class, () -> tree(new TarBytes().file("../x", "")));
    assertThrows(HostileArchive.class, () -> tree(new TarBytes().file("/x", "")));
    assertThrows(HostileArchive.class, () -> tree(new TarBytes().hardLink("x", "../y")));
    assertThrows(HostileArchive.class, () -> tree(new TarBytes().file("x", "").file("x", "")));
    assertThrows(HostileArchive.class, () -> tree(new TarBytes().file("x", "").file("x/y", "")));
    for (String text : List.of("[]", "{", "{}", "{\"config\": {}, \"layers\": [{}]}", "null")) {
      assertThrows(IOException.class, () -> lock(put(text)), text);
    }
    String md5 = "{\"config\": {\"digest\": \"md5:00\", \"size\": 1}, \"layers\": []}";
    assertThrows(IOException.class, () -> lock(put(md5)));
  }

  @Test
  void aHostileLayerFailsOnlyWhoAsksForIt() throws IOException {
    Digest good = image(new TarBytes().file("a", "1"), new TarBytes().file("b", "2"));
    Digest bad = image(new TarBytes().file("a", "1"), new TarBytes().file("b", "").file("b", ""));
    byte[] torn = Arrays.copyOf(new TarBytes().file("c", "3").end(), 700);
    lock(good);
    lock(bad);
    store.put(torn);
    try (Unpacking unpacking = new Unpacking("base", store, pool)) {
      unpacking.begin(Digest.of(torn));
      assertThrows(HostileArchive.class, () -> unpacking.unpack("base", bad));
      assertEquals(BaseImage.make("base", good, AMD64, store), unpacking.unpack("base", good));
    }
  }

  @Test
  void whatFailsAheadFailsWhenItIsDue() throws IOException {
    Digest image = image(new TarBytes().file("a", "1"), new TarBytes().file("b", "2"));
    List<Lock.Fetched> files = lock(image);
    Digest upper = BaseImage.parts("base", image, store).get(1).blob();
    byte[] cut = Arrays.copyOf(layout.get(upper), 20);
    String manifest = new String(layout.get(image), StandardCharsets.UTF_8);
    byte[] forgery =
        manifest.replace(upper.toString(), put(cut).toString()).getBytes(StandardCharsets.UTF_8);
    Digest forged = put(forgery);
    assertEquals(4, files.size());
    store.put(cut);
    store.put(forgery);
    try (Unpacking unpacking = new Unpacking("base", store, pool)) {
      HostileArchive told =
          assertThrows(HostileArchive.class, () -> unpacking.unpack("base", forged));
      assertTrue(String.valueOf(told.getMessage()).contains(Digest.of(cut).toString()));
    }
  }

  @Test
  @Timeout(10)
  void closingEndsWhatIsBeingRead() throws InterruptedException {
    Endless endless = new Endless(new CountDownLatch(1), new AtomicBoolean());
    Unpacking unpacking = new Unpacking("base", endless, pool);
    unpacking.begin(Digest.of(new byte[0]));
    endless.reads().await();
    unpacking.close();
    assertTrue(endless.closed().get());
  }

  /** Whatever is asked for is a tar with a file that hardly ends. */
  private record Endless(CountDownLatch reads, AtomicBoolean closed) implements BlobStore {
    @Override
    public InputStream open(Digest blob) {
      byte[] size = TarBytes.record("size", "1000000000000".getBytes(StandardCharsets.UTF_8));
      byte[] tar = new TarBytes().pax('x', size).file("endless", "").open();
      return new SequenceInputStream(
          new ByteArrayInputStream(tar),
          new InputStream() {
            @Override
            public int read() {
              return 1;
            }

            @Override
            public int read(byte[] target, int offset, int length) {
              return length;
            }

            @Override
            public void close() {
              closed.set(true);
            }
          });
    }

    @Override
    public Digest put(InputStream bytes) throws IOException {
      byte[] some = new byte[1 << 16];
      while (bytes.read(some) >= 0) {
        reads.countDown();
      }
      return Digest.of(some);
    }

    @Override
    public boolean has(Digest blob) {
      return true;
    }

    @Override
    public long size(Digest blob) {
      return 1L << 40;
    }
  }
}
