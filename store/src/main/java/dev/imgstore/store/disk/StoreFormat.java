package dev.imgstore.store.disk;

import dev.imgstore.model.RelPath;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The file {@code format}, which says that a directory is a store and of which layout. It is
 * written last when a store is made, so where it stands all else stands, durably; several processes
 * may make the same store at once.
 */
final class StoreFormat {
  static final RelPath FILE = RelPath.of("format");
  private static final RelPath TMP = RelPath.of("tmp");
  private static final RelPath HALF = TMP.child("format");
  private static final RelPath MAKING = TMP.child("lock");
  private static final String NUMBER = "2";

  /** The layout before: the files of {@code states/} lay in {@code profiles/}. */
  private static final String BEFORE = "1";

  /** On the way from one to the other: no imgstore that knows only the old one touches it. */
  private static final String BETWEEN = "1 to 2";

  private static final int LONGEST = 64;

  /** What may lie in a directory in which a store is being made. */
  private static final Set<String> OURS =
      Set.of("tmp", "lost+found", "config.yaml", "gate", "lock", "collect.lock");

  private StoreFormat() {}

  /**
   * Makes the store if there is none, else sees that it is one of this layout.
   *
   * @param directories of the layout
   * @throws StoreException.UnknownFormat if it is not, or if other things lie here
   */
  static void openOrMake(Filesystem files, List<RelPath> directories) throws IOException {
    if (files.stat(FILE).isEmpty()) {
      make(files, directories);
    }
    requireOurs(files);
  }

  /**
   * Sees that the store has a layout that can be read. Files without a {@code format} are no store,
   * and fine.
   *
   * @throws StoreException.UnknownFormat if it has another
   */
  static void requireOurs(Filesystem files) throws IOException {
    if (files.stat(FILE).isEmpty()) {
      return;
    }
    String number = read(files);
    if (!List.of(NUMBER, BETWEEN, BEFORE).contains(number)) {
      throw new StoreException.UnknownFormat(
          "the store "
              + files
              + " has layout "
              + number
              + ", this imgstore reads layout "
              + NUMBER
              + "; use the imgstore that made it");
    }
  }

  /**
   * Sees again that the store has this layout, for whoever is about to write: it may have been
   * changed since it was opened. One of the layout before gets this one; the caller holds the
   * journal's lock. Dying anywhere leaves a store that the next writer brings to its end: until
   * then state files are read from where they are.
   *
   * @throws StoreException.UnknownFormat if it has another
   */
  static void settle(Filesystem files) throws IOException {
    requireOurs(files);
    if (files.stat(FILE).isEmpty() || read(files).equals(NUMBER)) {
      return;
    }
    write(files, BETWEEN);
    boolean moved = files.stat(StateFile.DIRECTORY).isPresent();
    if (!moved && files.stat(Currents.DIRECTORY).isPresent()) {
      files.moveAtomically(Currents.DIRECTORY, StateFile.DIRECTORY);
      files.sync(RelPath.ROOT);
    }
    files.makeDirectories(StateFile.DIRECTORY);
    files.makeDirectories(Currents.DIRECTORY);
    files.sync(RelPath.ROOT); // a name found here may not be durable yet
    write(files, NUMBER);
  }

  private static void write(Filesystem files, String number) throws IOException {
    RelPath half = RelPath.of("format+new");
    if (files.stat(half).isPresent()) {
      files.delete(half);
    }
    try (OutputStream out = files.create(half)) {
      out.write((number + "\n").getBytes(StandardCharsets.US_ASCII));
    }
    files.sync(half);
    files.moveAtomically(half, FILE);
    files.sync(RelPath.ROOT);
  }

  private static String read(Filesystem files) throws IOException {
    try (InputStream in = files.read(FILE)) {
      byte[] bytes = in.readNBytes(LONGEST);
      return new String(bytes, StandardCharsets.US_ASCII).strip();
    }
  }

  private static void make(Filesystem files, List<RelPath> directories) throws IOException {
    files.makeDirectories(RelPath.ROOT);
    refuseForeign(files, directories);
    files.makeDirectories(TMP);
    try (Filesystem.Lock making = files.lock(MAKING)) {
      if (files.stat(FILE).isPresent()) {
        return;
      }
      for (RelPath each : directories) {
        files.makeDirectories(each);
      }
      if (files.stat(HALF).isPresent()) {
        files.delete(HALF);
      }
      try (OutputStream out = files.create(HALF)) {
        out.write((NUMBER + "\n").getBytes(StandardCharsets.US_ASCII));
      }
      files.sync(HALF);
      files.sync(RelPath.ROOT); // a directory found here may not be durable yet
      files.moveAtomically(HALF, FILE);
      files.sync(RelPath.ROOT);
    }
  }

  private static void refuseForeign(Filesystem files, List<RelPath> directories)
      throws IOException {
    List<RelPath> foreign = new ArrayList<>();
    for (RelPath each : files.list(RelPath.ROOT)) {
      if (!OURS.contains(each.name()) && !directories.contains(each) && !each.equals(FILE)) {
        foreign.add(each);
      }
    }
    for (RelPath each : files.list(TMP)) {
      if (!each.equals(HALF) && !each.equals(MAKING) && !Scratch.isOne(each)) {
        foreign.add(each);
      }
    }
    // if there is a format now, another process has made the store meanwhile and writes to it
    if (!foreign.isEmpty() && files.stat(FILE).isEmpty()) {
      throw new StoreException.UnknownFormat(
          files
              + " is not a store and holds other things ("
              + foreign.get(0)
              + "); name an empty directory");
    }
  }
}
