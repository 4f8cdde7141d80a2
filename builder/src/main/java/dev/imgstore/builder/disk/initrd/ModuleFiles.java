package dev.imgstore.builder.disk.initrd;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The files of one kernel's modules, by paths such as {@code kernel/fs/ext4/ext4.ko.xz}. */
public interface ModuleFiles {
  /** More than any module has, compressed or not. */
  int MAX_BYTES = 64 << 20;

  /** All paths. */
  SortedSet<String> paths();

  /** The bytes of one of them, as stored. */
  byte[] read(String path) throws IOException;

  /**
   * The files below a directory of a stored tree.
   *
   * @param directory what {@code /lib/modules/RELEASE} is
   */
  static ModuleFiles in(BlobReader blobs, TreeId directory) throws IOException {
    SortedMap<String, Digest> files = new TreeMap<>();
    Trees.walk(
        blobs,
        directory,
        (path, node) -> {
          if (node instanceof Node.File file) {
            String text = path.toString();
            files.put(text.startsWith("/") ? text.substring(1) : text, file.content());
          }
        });
    return new ModuleFiles() {
      @Override
      public SortedSet<String> paths() {
        return Collections.unmodifiableSortedSet(new TreeSet<>(files.keySet()));
      }

      @Override
      public byte[] read(String path) throws IOException {
        Digest content = files.get(path);
        if (content == null) {
          throw new IllegalArgumentException("there is no module " + path);
        }
        return blobs.read(content, MAX_BYTES);
      }
    };
  }
}
