package dev.imgstore.store.disk;

import static dev.imgstore.store.disk.Images.BECAUSE;
import static dev.imgstore.store.disk.Images.keep;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.imgstore.model.RelPath;
import dev.imgstore.store.Collector;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A collection runs at some moment of a verification of a store that is well. */
class VerifyBesideCollectionTest {
  private static final Clock CLOCK = Clock.fixed(BECAUSE.when(), ZoneOffset.UTC);

  private static void collect(Filesystem files) throws IOException {
    try (DiskStore store = DiskStore.open(files, notice -> {});
        Collector collector = store.collector()) {
      collector.apply(collector.plan(keep(store, 1), OptionalLong.empty()), BECAUSE, CLOCK);
    }
  }

  @Test
  void aCollectionDuringAVerificationIsNoDamage() throws IOException {
    Set<String> faults = new TreeSet<>();
    for (int when = 1; when < 25; when++) {
      MemoryFilesystem disk = new MemoryFilesystem();
      try (DiskStore store = DiskStore.open(disk, notice -> {})) {
        Images.commit(store, "web", 3000, 1, 2);
        Images.commit(store, "web", 3000, 1, 3);
        Images.commit(store, "web", 3000, 1, 4);
      }
      int[] count = {0};
      int now = when;
      Filesystem meddled =
          (Filesystem)
              Proxy.newProxyInstance(
                  Filesystem.class.getClassLoader(),
                  new Class<?>[] {Filesystem.class},
                  (proxy, method, args) -> {
                    if (args != null
                        && args.length > 0
                        && args[0] instanceof RelPath path
                        && path.value().startsWith("segments/")
                        && ++count[0] == now) {
                      collect(disk);
                    }
                    try {
                      return method.invoke(disk, args);
                    } catch (InvocationTargetException e) {
                      throw e.getCause();
                    }
                  });
      try (DiskStore store = DiskStore.open(meddled, notice -> {})) {
        store
            .check()
            .findings()
            .forEach(
                each ->
                    faults.add(
                        each.what().length() > 60
                            ? each.fault()
                            : each.what() + ": " + each.fault()));
      } catch (IOException e) {
        faults.add("" + e);
      }
    }
    assertEquals(Set.of(), faults);
  }
}
