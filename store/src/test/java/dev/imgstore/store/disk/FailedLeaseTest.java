package dev.imgstore.store.disk;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.RelPath;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

/** The disk is full in the middle of a lease, which fails; then there is room again. */
class FailedLeaseTest {
  private static DiskStore open(Filesystem files) throws IOException {
    return DiskStore.open(files, notice -> {});
  }

  /** The n-th write to a leases file is done in part and fails. */
  private static Filesystem tearing(Filesystem disk, int nth) {
    int[] count = {0};
    return (Filesystem)
        Proxy.newProxyInstance(
            Filesystem.class.getClassLoader(),
            new Class<?>[] {Filesystem.class},
            (proxy, method, args) -> {
              Object result;
              try {
                result = method.invoke(disk, args);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
              if (!method.getName().equals("create")
                  || !((RelPath) args[0]).name().equals(Leases.FILE)) {
                return result;
              }
              OutputStream to = (OutputStream) result;
              return new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                  write(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] bytes, int from, int length) throws IOException {
                  if (++count[0] == nth) {
                    to.write(bytes, from, 4);
                    throw new IOException("No space left on device");
                  }
                  to.write(bytes, from, length);
                }

                @Override
                public void close() throws IOException {
                  to.close();
                }
              };
            });
  }

  @Test
  void afterAFailedLeaseNothingIsPromisedAnyMore() throws IOException {
    MemoryFilesystem disk = new MemoryFilesystem();
    Generation first;
    try (DiskStore store = open(disk)) {
      first = Images.commit(store, "web", 3000, 1, 2);
      Images.commit(store, "web", 3000, 1, 3);
    }
    try (DiskStore building = open(tearing(disk, 1))) {
      Digest image = first.image();
      assertThrows(IOException.class, () -> building.lease(image));
      assertThrows(IOException.class, () -> building.lease(first.record()));
      Images.Built built = new Images.Built(first.image(), first.record());
      assertThrows(IOException.class, () -> Images.commit(building, "x", built));
    }
  }
}
