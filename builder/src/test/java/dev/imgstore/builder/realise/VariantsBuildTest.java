package dev.imgstore.builder.realise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.lock.LockCodec;
import dev.imgstore.builder.recipe.BaseTexts;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.recipe.PackageRequest;
import dev.imgstore.builder.recipe.RecipeVariants;
import dev.imgstore.builder.sandbox.SandboxIds;
import dev.imgstore.builder.source.dpkg.DebMaker;
import dev.imgstore.builder.steps.StepPorts;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.store.FrameStore;
import dev.imgstore.store.Store;
import dev.imgstore.store.disk.DiskStore;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What variants share is done once. */
@Timeout(120)
class VariantsBuildTest {
  private final Map<String, byte[]> debs = new TreeMap<>();
  private final List<String> done = Collections.synchronizedList(new ArrayList<>());
  private final ExecutorService pool = Executors.newFixedThreadPool(2);
  private final ExecutorService downloads = Executors.newFixedThreadPool(2);
  private final Store store;

  VariantsBuildTest() throws IOException {
    store = DiskStore.open(new MemoryFilesystem(), notice -> {});
    for (String name : List.of("aa", "bb", "cc")) {
      debs.put(
          name,
          DebMaker.deb(name).directory("usr").file("usr/" + name, "the file of " + name).bytes());
    }
  }

  @AfterEach
  void close() throws IOException {
    pool.shutdownNow();
    downloads.shutdownNow();
    store.close();
  }

  /** Notes what is done. */
  private final class Noting implements InputFetcher, Progress {
    @Override
    public void fetch(Lock.Input input, FrameStore into) throws IOException {
      done.add("fetched " + input.name());
      byte[] deb = Optional.ofNullable(debs.get(input.name())).orElseThrow();
      into.putVerbatim(new ByteArrayInputStream(deb));
    }

    @Override
    public void fetch(Lock.Fetched file, InputSource source, FrameStore into) {
      throw new AssertionError("nothing of inputs is fetched here");
    }

    @Override
    public void at(String phase, long done, long total) {}

    @Override
    public void ran(String action) {
      done.add("ran " + action);
    }

    @Override
    public void reused(String action) {
      done.add("reused " + action);
    }
  }

  private static List<RecipeVariants.Variant> variants(String yaml) {
    RecipeVariants.Result read =
        RecipeVariants.read(
            "web/recipe.yaml",
            "web",
            yaml.getBytes(StandardCharsets.UTF_8),
            new TreeMap<>(),
            BaseTexts.NONE);
    if (read instanceof RecipeVariants.Found found) {
      return found.variants();
    }
    throw new AssertionError(read);
  }

  private Lock lock(RecipeVariants.Variant variant) {
    List<Lock.Input> inputs = new ArrayList<>();
    for (PackageRequest each : variant.recipe().debian().packages()) {
      byte[] deb = Optional.ofNullable(debs.get(each.name())).orElseThrow();
      inputs.add(
          new Lock.Input(
              "debian",
              Platform.parse("linux/amd64"),
              each.name(),
              "1.0",
              "amd64",
              "bookworm",
              "main",
              Digest.of(deb),
              deb.length,
              "pool/" + each.name(),
              "requested"));
    }
    return new Lock(variant.source(), Instant.EPOCH, inputs);
  }

  private ImageBuilder.Result build(RecipeVariants.Variant variant)
      throws IOException, InterruptedException {
    Noting noting = new Noting();
    SandboxIds none =
        () -> {
          throw new IOException("no sandbox in this test");
        };
    Lock lock = lock(variant);
    return new ImageBuilder(
            store, new ImageBuilder.Ports(noting, none, pool, downloads, noting, StepPorts.none(2)))
        .build(
            new ImageBuilder.Request(
                variant.recipe(),
                variant.text(),
                variant.settings(),
                lock,
                Bytes.of(LockCodec.write(lock)),
                (path, entry, into) -> Optional.empty()));
  }

  @Test
  void aPackageOfBothIsFetchedAndUnpackedOnce() throws Exception {
    List<RecipeVariants.Variant> both =
        variants("matrix: {v: [aa, bb]}\npackages: [\"${v}\", cc]\n");
    ImageBuilder.Result first = build(both.get(0));
    assertEquals(
        List.of("fetched aa", "fetched cc", "ran installing", "ran unpacking", "ran unpacking"),
        done.stream().sorted().toList());
    done.clear();
    ImageBuilder.Result second = build(both.get(1));
    assertEquals(
        List.of("fetched bb", "ran installing", "ran unpacking", "reused unpacking"),
        done.stream().sorted().toList());
    assertNotEquals(first.record().image(), second.record().image());
  }

  @Test
  void packagesOfBothAreInstalledOnce() throws Exception {
    List<RecipeVariants.Variant> both =
        variants("matrix: {v: [x, y]}\npackages: [aa]\nfiles: [{path: /v, text: \"${v}\"}]\n");
    build(both.get(0));
    done.clear();
    build(both.get(1));
    assertEquals(List.of("reused installing"), done);
    done.clear();
    build(both.get(1));
    assertEquals(List.of("reused building"), done);
  }
}
