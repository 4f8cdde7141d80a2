package dev.imgstore.builder.export;

import com.fasterxml.jackson.databind.JsonNode;
import dev.imgstore.builder.pack.ImageDocument;
import dev.imgstore.builder.pack.Json;
import dev.imgstore.model.Descriptor;
import dev.imgstore.store.BlobReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An OCI layout in a directory (OCI image-spec 1.1, "Image Layout"). The index is written last and
 * moved to its name, so a reader finds the image that was there or the new one. Exporting again, or
 * another image, to a layout that an export made replaces it whole: the directory is then as if it
 * had been empty. Any other directory that holds something is refused and left alone.
 */
public final class OciLayout {
  private static final Pattern BLOB = Pattern.compile("[0-9a-f]{64}");

  private final Path root;
  private final Path directory;
  private final Set<Path> added = new HashSet<>();

  private OciLayout(Path root) {
    this.root = root;
    this.directory = root.resolve(LayoutDocuments.BLOBS).resolve(LayoutDocuments.SHA256);
  }

  /**
   * Exports to {@code target}, whose parent must be there. After a failure a new directory is gone,
   * and an old layout still holds its old image. Not synced.
   *
   * @param ref the image's name in the layout; empty for none
   * @throws IllegalArgumentException if the name is none that a layout allows
   */
  public static Exported write(ImageDocument image, String ref, BlobReader blobs, Path target)
      throws IOException {
    byte[] index = LayoutDocuments.index(image, ref);
    if (Files.exists(target)) {
      checkReplaceable(target);
      try {
        return new OciLayout(target).replace(image, index, blobs);
      } catch (IOException e) {
        throw Temporary.failed(target, e);
      }
    }
    Path temporary = Temporary.directoryIn(Temporary.parent(target));
    try {
      Exported exported = new OciLayout(temporary).fill(image, index, blobs);
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      return exported;
    } catch (IOException e) {
      throw Temporary.failed(target, e);
    } finally {
      Temporary.remove(temporary);
    }
  }

  private static void checkReplaceable(Path target) throws IOException {
    if (!Files.isDirectory(target)) {
      throw new IOException(
          "cannot export a layout to " + target + ": it is no directory; choose another name");
    }
    Set<String> names = new TreeSet<>();
    for (Path child : children(target)) {
      if (!child.getFileName().toString().startsWith(Temporary.PREFIX)) {
        names.add(child.getFileName().toString());
      }
    }
    if (names.isEmpty() || isOurs(target, names)) {
      return;
    }
    throw new IOException(
        "cannot export to "
            + target
            + ": it holds something that no export of imgstore wrote;"
            + " choose an empty directory or a new name");
  }

  /** A layout that an export wrote, or began to. */
  private static boolean isOurs(Path target, Set<String> names) throws IOException {
    if (!names.contains(LayoutDocuments.LAYOUT_FILE)
        || !Set.of(LayoutDocuments.LAYOUT_FILE, LayoutDocuments.INDEX_FILE, LayoutDocuments.BLOBS)
            .containsAll(names)) {
      return false;
    }
    Path index = target.resolve(LayoutDocuments.INDEX_FILE);
    if (!Files.exists(index)) {
      return true;
    }
    try (InputStream in = Files.newInputStream(index)) {
      JsonNode json = Json.read(in.readNBytes(ImageDocument.MAX_BYTES));
      return json.path("annotations").has(LayoutDocuments.MARK);
    } catch (IllegalArgumentException e) {
      return false; // no index that we wrote
    }
  }

  private Exported replace(ImageDocument image, byte[] index, BlobReader blobs) throws IOException {
    boolean done = false;
    try {
      Exported exported = fill(image, index, blobs);
      done = true;
      removeOthers(image);
      return exported;
    } finally {
      if (!done) {
        for (Path file : added) {
          Files.deleteIfExists(file);
        }
        removeIfEmpty(directory);
        removeIfEmpty(root.resolve(LayoutDocuments.BLOBS));
      }
    }
  }

  private Exported fill(ImageDocument image, byte[] index, BlobReader blobs) throws IOException {
    byte[] layout = LayoutDocuments.layout();
    put(root.resolve(LayoutDocuments.LAYOUT_FILE), layout);
    Files.createDirectories(directory);
    long bytes = (long) layout.length + index.length;
    for (Descriptor blob : image.blobs()) {
      try (InputStream in = blobs.open(blob.digest())) {
        put(directory.resolve(blob.digest().hex()), in, blob.size());
      }
      bytes += blob.size();
    }
    put(root.resolve(LayoutDocuments.INDEX_FILE), index);
    return new Exported(image.root().digest(), bytes);
  }

  private void put(Path file, byte[] bytes) throws IOException {
    put(file, new ByteArrayInputStream(bytes), bytes.length);
  }

  private void put(Path file, InputStream bytes, long size) throws IOException {
    Path temporary = Temporary.fileIn(root);
    try {
      long written;
      try (OutputStream out = Files.newOutputStream(temporary)) {
        written = Temporary.copy(bytes, out);
      }
      if (written != size) {
        throw new IOException(
            file.getFileName() + " has " + written + " bytes and should have " + size);
      }
      if (!Files.exists(file)) {
        added.add(file);
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Removes the blobs of the image that was there before, and what a killed export left. */
  private void removeOthers(ImageDocument image) throws IOException {
    Set<String> kept = new HashSet<>();
    image.blobs().forEach(blob -> kept.add(blob.digest().hex()));
    for (Path file : children(directory)) {
      String name = file.getFileName().toString();
      if (BLOB.matcher(name).matches() && !kept.contains(name)) {
        Files.delete(file);
      }
    }
    for (Path file : children(root)) {
      if (file.getFileName().toString().startsWith(Temporary.PREFIX)) {
        Files.delete(file);
      }
    }
  }

  private static void removeIfEmpty(Path directory) throws IOException {
    if (Files.isDirectory(directory) && children(directory).isEmpty()) {
      Files.delete(directory);
    }
  }

  private static List<Path> children(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      return children.sorted().toList();
    }
  }
}
