package dev.imgstore.builder.disk.ext4;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;
import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.SkipExecutionHook;
import org.opentest4j.TestAbortedException;

/** Trees of any kind, as the kernel sees them in our file systems. */
@Tag("tools")
@AddLifecycleHook(Ext4MountProperties.NeedsMount.class)
class Ext4MountProperties {
  private final MemoryBlobStore blobs = new MemoryBlobStore();
  private Path directory = Path.of("");

  @BeforeTry
  void makeDirectory() throws IOException {
    directory = Files.createTempDirectory("imgstore-ext4-");
  }

  @AfterTry
  void removeDirectory() throws IOException {
    for (String name : new String[] {"image", "stderr"}) {
      Files.deleteIfExists(directory.resolve(name));
    }
    Files.delete(directory);
  }

  @Property(tries = 6, shrinking = ShrinkingMode.OFF)
  void anyTreeComesBackThroughAMount(
      @ForAll long seed,
      @ForAll @IntRange(max = 250) int random,
      @ForAll @IntRange(max = 500) int deep,
      @ForAll @IntRange(max = 2000) int wide,
      @ForAll @LongRange(max = 1L << 30) long free)
      throws Exception {
    TreeEditor editor = TreeEditor.of(blobs, Ext4Trees.random(seed, random, blobs));
    TreePath path = TreePath.of("deep and wide");
    for (int i = 0; i < wide; i++) {
      editor.put(path.child(Ext4Trees.longName(i)), new Node.Fifo(Meta.of(i & 07777, i, 7)));
    }
    for (int i = 0; i < deep; i++) {
      path = path.child(Name.of("d" + i));
    }
    editor.putDirectory(path, Meta.of(0700, 1, 2));
    TreeId tree = editor.write();
    Judges judges = new Judges(directory);
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      Ext4Request request = Ext4Trees.request(tree, new Ext4Space.Free(free));
      Path image = judges.write(Ext4.plan(request, blobs, pool));
      judges.check(image);
      assertEquals(tree, judges.tree(image, blobs));
    } finally {
      pool.shutdownNow();
    }
  }

  /** Skips where {@link Judges} cannot work, as it does itself elsewhere. */
  static final class NeedsMount implements SkipExecutionHook {
    @Override
    public SkipResult shouldBeSkipped(LifecycleContext context) {
      try {
        new Judges(Path.of(""));
        Judges.assumeMountable();
      } catch (TestAbortedException e) {
        return SkipResult.skip(String.valueOf(e.getMessage()));
      }
      return SkipResult.doNotSkip();
    }
  }
}
