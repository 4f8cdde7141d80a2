package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.RelPath;
import dev.imgstore.model.Tree;
import dev.imgstore.store.CheckReport;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.Trees;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Small stores with blobs of every form in them. */
final class Samples {
  private Samples() {}

  /** Text that compresses well, and differs by seed. */
  static byte[] text(int seed, int length) {
    StringBuilder text = new StringBuilder(length + 64);
    for (int line = 0; text.length() < length; line++) {
      text.append("seed ").append(seed).append(" line ").append(line / 7).append('\n');
    }
    return text.substring(0, length).getBytes(StandardCharsets.US_ASCII);
  }

  /** Opens the blobs of a store, made if there is none. */
  static DiskBlobs open(Filesystem files) throws IOException {
    StoreFormat.openOrMake(files, List.of(DiskBlobs.DIRECTORY));
    return new DiskBlobs(files);
  }

  /** Puts a small, a chunked, a verbatim and a stitched blob and a tree; not flushed. */
  static List<Digest> put(Transaction blobs, int seed) throws IOException {
    List<Digest> put = new ArrayList<>();
    byte[] small = text(seed, 300);
    Digest content = blobs.put(small);
    put.add(content);
    put.add(blobs.put(new ByteArrayInputStream(text(seed + 1, 150_000))));
    put.add(blobs.putVerbatim(new ByteArrayInputStream(text(seed + 2, 500))));
    TreeMap<Name, Node> entries = new TreeMap<>();
    entries.put(Name.of("f"), new Node.File(content, small.length, Meta.of(0644, 0, seed)));
    Digest tree = Trees.put(blobs, new Tree(entries)).digest();
    put.add(tree);
    ByteArrayOutputStream layer = new ByteArrayOutputStream();
    List<Digest> parts = List.of(tree, content, tree);
    for (Digest each : parts) {
      layer.writeBytes(blobs.frame(each));
    }
    Digest stitched = Digest.of(layer.toByteArray());
    blobs.putStitched(stitched, layer.size(), parts);
    put.add(stitched);
    return put;
  }

  /** Reads all bytes of a file of the store. */
  static byte[] read(Filesystem files, RelPath file) throws IOException {
    try (InputStream in = files.read(file)) {
      return in.readAllBytes();
    }
  }

  /** Puts other bytes in the place of a sealed file. */
  static void replace(Filesystem files, RelPath file, byte[] bytes) throws IOException {
    files.delete(file);
    try (OutputStream out = files.create(file)) {
      out.write(bytes);
    }
  }

  static CheckReport check(DiskBlobs blobs) throws IOException {
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      return blobs.check(pool);
    } finally {
      pool.shutdown();
    }
  }
}
