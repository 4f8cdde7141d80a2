package dev.imgstore.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Platform;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeCodec;
import dev.imgstore.model.TreeId;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What keeps a generation whole is found whatever its bytes look like. */
final class ReachableTest {
  private static final Meta META = Meta.of(0644, 0, 0);

  private final MemoryBlobStore blobs = new MemoryBlobStore();
  private final List<String> missing = new ArrayList<>();
  private final Reachable reachable =
      new Reachable(blobs, (blob, why) -> missing.add(why + " " + blob));

  private Digest put(String text) throws IOException {
    return blobs.put(text.getBytes(StandardCharsets.UTF_8));
  }

  private Tree holding(String name, Node node) {
    return new Tree(new TreeMap<>(java.util.Map.of(Name.of(name), node)));
  }

  private Digest manifest(String mediaType, Digest layer) throws IOException {
    return put(
        "{\"config\":{\"mediaType\":\"a/b\",\"digest\":\""
            + put("{}")
            + "\",\"size\":2},\"layers\":[{\"mediaType\":\""
            + mediaType
            + "\",\"digest\":\""
            + layer
            + "\",\"size\":1}]}");
  }

  private void mark(Digest image, TreeId tree) throws IOException {
    Digest nothing = put("");
    BuildRecord record =
        new BuildRecord(
            image,
            nothing,
            new TreeMap<>(),
            nothing,
            List.of(),
            new TreeMap<>(),
            List.of(
                new BuildRecord.Part(
                    new Platform("linux", "amd64", ""), tree, image, List.of(), List.of())));
    Digest name = blobs.put(record.encode());
    reachable.mark("web", new Generation(1, image, name, Instant.EPOCH, "me", ""));
  }

  @Test
  void aTreeIsFollowedThoughALayerHasTheSameBytes() throws IOException {
    Digest content = put("content");
    TreeId tree = Trees.put(blobs, holding("f", new Node.File(content, 7, META)));
    mark(manifest("application/vnd.oci.image.layer.v1.tar+zstd", tree.digest()), tree);
    assertTrue(reachable.digests().contains(content));
    assertEquals(List.of(), missing);
  }

  @Test
  void aTreeIsFollowedThoughAFileHasTheSameBytes() throws IOException {
    Digest content = put("content");
    Tree below = holding("f", new Node.File(content, 7, META));
    Digest twin = blobs.put(TreeCodec.encode(below));
    Tree first = holding("a", new Node.File(twin, 1, META));
    TreeMap<Name, Node> both = new TreeMap<>(first.entries());
    both.put(Name.of("b"), new Node.Directory(Trees.put(blobs, below), META));
    TreeId root = Trees.put(blobs, new Tree(both));
    mark(manifest("application/vnd.oci.image.layer.v1.tar+zstd", put("layer")), root);
    assertTrue(reachable.digests().contains(content));
  }

  @Test
  void theImageOfAnImportedTreeAloneReachesItsFiles() throws IOException {
    Digest content = put("content");
    TreeId tree = Trees.put(blobs, holding("f", new Node.File(content, 7, META)));
    reachable.mark(
        new Root.Pin(
            "deploy.yaml", manifest(ImageManifest.TREE, tree.digest()), Instant.EPOCH, "me"));
    assertTrue(reachable.digests().contains(content));
  }

  @Test
  void whatIsMissingIsToldOnce() throws IOException {
    Digest gone = Digest.of(new byte[] {1});
    TreeId tree = Trees.put(blobs, holding("f", new Node.File(gone, 1, META)));
    mark(manifest(ImageManifest.TREE, tree.digest()), tree);
    assertEquals(List.of("web@1, imported tree " + gone), missing);
  }

  @Test
  void anIndexInAnIndexWithoutPlatformsReachesItsLayers() throws IOException {
    Digest layer = put("layer");
    Digest image = manifest("application/x", layer);
    Digest inner = index(image, "");
    Digest outer = index(inner, ",\"platform\":{\"os\":\"A B\",\"architecture\":\"c\"}");
    reachable.mark(new Root.Pin("pin", outer, Instant.EPOCH, "me"));
    assertTrue(reachable.digests().containsAll(List.of(layer, image, inner, outer)));
    assertEquals(List.of(), missing);
  }

  @Test
  void anImageIsFollowedThoughALayerHasTheSameBytes() throws IOException {
    Digest layer = put("layer");
    Digest image = manifest("application/x", layer);
    reachable.mark(new Root.Pin("first", manifest("application/x", image), Instant.EPOCH, "me"));
    reachable.mark(new Root.Pin("second", image, Instant.EPOCH, "me"));
    assertTrue(reachable.digests().contains(layer));
  }

  private Digest index(Digest named, String more) throws IOException {
    return put(
        "{\"manifests\":[{\"mediaType\":\"a/b\",\"digest\":\""
            + named
            + "\",\"size\":1"
            + more
            + "}]}");
  }
}
