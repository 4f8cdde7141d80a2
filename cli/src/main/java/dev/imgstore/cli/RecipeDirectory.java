package dev.imgstore.cli;

import dev.imgstore.builder.realise.LocalFiles;
import dev.imgstore.model.Name;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobStore;
import dev.imgstore.store.disk.DiskStore;
import dev.imgstore.store.disk.ImportRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The directory a recipe is in. Links inside it are kept as links and never followed. */
record RecipeDirectory(Path directory) {
  /** True if a file, directory or link is there. */
  boolean has(String path) throws IOException {
    Path file = resolve(path);
    return Files.isSymbolicLink(file)
        || Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)
        || Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * As files to be taken into a store.
   *
   * @param home the store's directory
   */
  LocalFiles into(DiskStore store, Path home, Instant now) {
    return (path, entry, blobs) ->
        has(path) ? Optional.of(take(store, home, now, path, entry, blobs)) : Optional.empty();
  }

  /** The bytes of a file beside the recipe. */
  byte[] read(String path, int limit) throws IOException {
    Path file = resolve(path);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new CommandFailure(ExitCode.UNKNOWN, "there is no file " + path + " beside the recipe");
    }
    if (Files.size(file) > limit) {
      throw new CommandFailure(ExitCode.FAILED, path + " is larger than " + limit + " bytes");
    }
    return Files.readAllBytes(file);
  }

  /** A directory named from here, which may be anywhere. */
  Path elsewhere(String path) {
    return directory.resolve(path).normalize();
  }

  private TreeId take(
      DiskStore store, Path home, Instant now, String path, Name entry, BlobStore blobs)
      throws IOException {
    int threads = Runtime.getRuntime().availableProcessors();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      ImportRequest request =
          new ImportRequest(
              resolve(path),
              ImportRequest.Keeps.CONTENT,
              home,
              now,
              pool,
              threads,
              new ImportRequest.Caller() {});
      return store.importEntry(request, entry, blobs).tree();
    } finally {
      pool.shutdownNow();
    }
  }

  private Path resolve(String path) throws IOException {
    Path at = directory;
    String below = path;
    while (below.equals("..") || below.startsWith("../")) { // of a base or a step, only first
      at = at.getParent() == null ? at : at.getParent();
      below = below.length() > 3 ? below.substring(3) : "";
    }
    Path top = at;
    for (Path part : Path.of(below)) {
      if (part.toString().equals("..") || (Files.isSymbolicLink(at) && !at.equals(top))) {
        throw new CommandFailure(
            ExitCode.USAGE, path + " leads out of the recipe's directory; copy it there");
      }
      at = at.resolve(part);
    }
    return at;
  }
}
