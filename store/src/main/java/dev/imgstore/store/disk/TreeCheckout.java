package dev.imgstore.store.disk;

import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.Frames;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A tree written to a directory beside its name and moved to it when it is whole. Every name is
 * made anew in a directory that was made here, so no link is ever followed. First the directories,
 * links and pipes, then the files, several at a time in order of their paths, then what the first
 * made of the second: names of one inode, times and modes of directories.
 */
final class TreeCheckout {
  /** Files of one directory that a thread writes in a row. */
  private static final int BATCH = 64;

  private final CheckoutRequest request;
  private final BlobReader blobs;
  private final HostWriter writer;
  private final Collection<Batch> batches = new ConcurrentLinkedQueue<>();
  private final Collection<Made> directories = new ConcurrentLinkedQueue<>();
  private final Crew<Made> walkers = new Crew<>();
  private final AtomicLong done = new AtomicLong();
  private long total;

  /** A directory that was made, and what is to be in it. */
  private record Made(Path path, TreeId tree, Meta meta, int depth) {}

  private record ToWrite(Path path, Node.File file) {}

  private record Batch(List<ToWrite> files) {}

  private TreeCheckout(CheckoutRequest request, BlobReader blobs, HostWriter writer) {
    this.request = request;
    this.blobs = blobs;
    this.writer = writer;
  }

  /** Writes the tree; after a failure nothing is left. Not synced. */
  static CheckedOut run(CheckoutRequest request, BlobReader blobs) throws IOException {
    Path target = request.target().toAbsolutePath();
    HostWriter.requireFree(target);
    Path beside = HostWriter.directoryBeside(target);
    try {
      HostWriter writer = new HostWriter(beside, request.owners());
      TreeCheckout checkout = new TreeCheckout(request, blobs, writer);
      CheckedOut out = checkout.fill(beside);
      writer.publish(beside, target);
      return out;
    } catch (IOException | RuntimeException e) {
      try {
        HostWriter.removeAll(beside);
      } catch (IOException again) {
        e.addSuppressed(again); // the first says what is wrong
      }
      throw e;
    }
  }

  private CheckedOut fill(Path root) throws IOException {
    walkers.add(new Made(root, request.tree(), HostWriter.ROOT, 0));
    walkers.run(request.pool(), request.threads(), this::makeDirectory);
    Map<Long, List<ToWrite>> groups = new HashMap<>();
    List<Batch> distinct = new ArrayList<>();
    for (Batch batch : batches) {
      distinct.add(withoutLinks(batch, groups));
    }
    groups.values().forEach(names -> names.sort(Comparator.comparing(ToWrite::path)));
    groups.values().forEach(names -> distinct.add(new Batch(List.of(names.get(0)))));
    total = distinct.stream().mapToLong(batch -> batch.files().size()).sum();
    Crew<Batch> writers = new Crew<>();
    distinct.removeIf(batch -> batch.files().isEmpty());
    distinct.sort(Comparator.comparing((Batch batch) -> batch.files().get(0).path()));
    apart(distinct, request.threads()).forEach(writers::add); // the last one added is taken first
    writers.run(request.pool(), request.threads(), this::write);
    link(groups.values());
    finish();
    return writer.result(total);
  }

  /**
   * So that threads who each take the last begin far from each other, and go on forwards: two that
   * make files in one directory wait for each other.
   */
  private static List<Batch> apart(List<Batch> sorted, int threads) {
    int each = (sorted.size() + threads - 1) / threads;
    List<Batch> mixed = new ArrayList<>();
    for (int at = each - 1; at >= 0; at--) {
      for (int from = at; from < sorted.size(); from += each) {
        mixed.add(sorted.get(from));
      }
    }
    return mixed;
  }

  private static Batch withoutLinks(Batch batch, Map<Long, List<ToWrite>> groups) {
    List<ToWrite> single = new ArrayList<>();
    for (ToWrite each : batch.files()) {
      if (each.file().linkGroup() == 0) {
        single.add(each);
      } else {
        groups.computeIfAbsent(each.file().linkGroup(), key -> new ArrayList<>()).add(each);
      }
    }
    return new Batch(single);
  }

  private void makeDirectory(Made directory) throws IOException {
    if (directory.depth() > Trees.MAX_DEPTH) {
      throw new IOException("the tree is nested deeper than " + Trees.MAX_DEPTH + " directories");
    }
    if (directory.depth() > 0) {
      Files.createDirectory(directory.path(), HostWriter.PRIVATE);
    }
    directories.add(directory);
    List<ToWrite> files = new ArrayList<>();
    for (Map.Entry<Name, Node> entry : entries(directory).entrySet()) {
      Path path = HostPaths.child(directory.path(), entry.getKey());
      Node node = entry.getValue();
      if (node instanceof Node.Directory below) {
        walkers.add(new Made(path, below.tree(), below.meta(), directory.depth() + 1));
      } else if (node instanceof Node.File file) {
        files.add(new ToWrite(path, file));
        if (files.size() == BATCH) {
          batches.add(new Batch(List.copyOf(files)));
          files.clear();
        }
      } else if (node instanceof Node.Symlink link) {
        writer.link(path, link);
      } else {
        writer.leaveOut(path);
      }
    }
    if (!files.isEmpty()) {
      batches.add(new Batch(files));
    }
  }

  private Map<Name, Node> entries(Made directory) throws IOException {
    try {
      return Trees.read(blobs, directory.tree()).entries();
    } catch (StoreException e) {
      throw writer.of(directory.path(), e);
    }
  }

  private void write(Batch batch) throws IOException {
    for (ToWrite each : batch.files()) {
      try {
        write(each.path(), each.file());
      } catch (StoreException e) {
        throw writer.of(each.path(), e);
      }
      request.watcher().at(done.incrementAndGet(), total);
    }
  }

  private void write(Path path, Node.File file) throws IOException {
    long written;
    try (FileChannel channel = writer.create(path, file.meta())) {
      if (file.size() <= Frames.MAX_PLAIN) {
        byte[] bytes = blobs.read(file.content(), Frames.MAX_PLAIN);
        written = bytes.length;
        for (ByteBuffer rest = ByteBuffer.wrap(bytes); rest.hasRemaining(); ) {
          channel.write(rest);
        }
      } else {
        try (InputStream in = blobs.open(file.content());
            OutputStream out = Channels.newOutputStream(channel)) {
          written = in.transferTo(out);
        }
      }
    }
    if (written != file.size()) {
      throw new StoreException.Corrupt(
          "file " + file.content(), "the tree says " + file.size() + " bytes, held are " + written);
    }
    writer.finish(path, file.meta());
  }

  private void link(Collection<List<ToWrite>> groups) throws IOException {
    for (List<ToWrite> names : groups) {
      ToWrite first = names.get(0);
      for (ToWrite other : names.subList(1, names.size())) {
        if (!other.file().equals(first.file())) {
          throw new StoreException.Corrupt(
              "tree " + request.tree(), other.path() + " is one file with others, and differs");
        }
        Files.createLink(other.path(), first.path());
      }
    }
  }

  /** The deepest first: one may take away the right to enter it. */
  private void finish() throws IOException {
    List<Made> deepestFirst = new ArrayList<>(directories);
    deepestFirst.sort(Comparator.comparingInt(Made::depth).reversed());
    for (Made each : deepestFirst) {
      writer.finishDirectory(each.path(), each.meta());
    }
  }
}
