package dev.imgstore.cli;

import dev.imgstore.builder.export.OciLayout;
import dev.imgstore.builder.pack.ImageDocument;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Platform;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.disk.CheckoutRequest;
import dev.imgstore.store.disk.CheckoutRequest.Owners;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/** The files of an image, for programs that read {@code profiles/NAME/current}. */
final class Forms {
  private static final int SETID = 06000;
  private static final int PERMISSIONS = 07777;

  private final Imgstore root;
  private final DiskStore store;

  Forms(Imgstore root, DiskStore store) {
    this.root = root;
    this.store = store;
  }

  /** Prepares what becomes current with the next change; a small directory the store makes. */
  void prepare(String profile, Generation generation, String form) throws IOException {
    Path home = root.home();
    store
        .activations()
        .prepare(home, profile, generation, form, half -> fill(half, profile, generation, form));
  }

  private void fill(RelPath half, String profile, Generation generation, String form)
      throws IOException {
    Path directory = root.home().resolve(half.value());
    boolean asRoot = root.context().user().equals("root");
    if (asRoot) { // nobody else looks into it before it is harmless
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    }
    if (form.equals("layout")) {
      ImageDocument image = ImageDocument.read(store.blobs(), generation.image());
      OciLayout.write(image, "", store.blobs(), directory.resolve("oci"));
    } else {
      checkOut(new Ref(profile, generation), directory.resolve("rootfs"), asRoot);
    }
    if (asRoot) {
      disarm(directory);
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    sync(directory);
  }

  /**
   * Takes away what makes a program run as its owner: these files are for reading, and who may
   * write the recipe of an image is not to become root of every machine that switches to it.
   */
  private static void disarm(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path each : (Iterable<Path>) all::iterator) {
        Object mode = Files.getAttribute(each, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if (mode instanceof Integer bits && (bits & SETID) != 0 && !Files.isSymbolicLink(each)) {
          Files.setAttribute(each, "unix:mode", bits & PERMISSIONS & ~SETID);
        }
      }
    }
  }

  private void checkOut(Ref ref, Path target, boolean asRoot) throws IOException {
    Held held = Held.read(store.blobs(), ref);
    int threads = Runtime.getRuntime().availableProcessors();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      store.checkOut(
          new CheckoutRequest(
              part(held).tree(),
              target,
              asRoot ? Owners.OF_THE_TREE : Owners.OURS,
              pool,
              threads,
              CheckoutRequest.Watcher.NONE));
    } finally {
      pool.shutdownNow();
    }
  }

  /** Of several platforms that of this machine. */
  private static BuildRecord.Part part(Held held) throws CommandFailure {
    String machine = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    Platform here = Platform.parse("linux/" + machine);
    return held.record().parts().stream()
        .filter(each -> held.record().parts().size() > 1 && each.platform().equals(here))
        .findFirst()
        .orElse(held.part(held.record().parts().size() == 1 ? "" : here.toString()));
  }

  /** All that was written, before it gets its name: a power cut must leave nothing by halves. */
  private static void sync(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path each : (Iterable<Path>) all::iterator) {
        boolean file = Files.isRegularFile(each, LinkOption.NOFOLLOW_LINKS);
        if (file || Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS)) {
          try (FileChannel channel = FileChannel.open(each, StandardOpenOption.READ)) {
            channel.force(true);
          }
        }
      }
    }
  }
}
