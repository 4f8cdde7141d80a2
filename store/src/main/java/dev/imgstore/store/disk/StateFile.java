package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A small file that is replaced whole: one JSON object on one line, whose last field, {@code sum},
 * is the SHA-256 of the text before that field. Its successor is written beside it, as {@code
 * NAME+new}, under the lock of whoever replaces it; what is found there is left from a crash.
 */
final class StateFile {
  /** Where those of profiles are. */
  static final RelPath DIRECTORY = RelPath.of("states");

  /** Entries after the last one that a file names, before someone who passes writes it anew. */
  static final int MOST_BEHIND = 64;

  private static final String NEW = "+new";
  private static final String SUM = ",\"sum\":\"";
  private static final String END = "\"}\n";
  private static final int TAIL = SUM.length() + 64 + END.length();
  private static final int MAX = 64 << 20;

  private StateFile() {}

  /** A file that is well, in a format that this imgstore does not know. */
  static final class Later extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    Later() {
      super("it was written by a later imgstore");
    }
  }

  /** Where the successor of a file is written. */
  static RelPath successor(RelPath file) {
    return new RelPath(file.value() + NEW);
  }

  /** True for what {@link #successor} names. */
  static boolean isSuccessor(RelPath file) {
    return file.value().endsWith(NEW);
  }

  /** The object as it is stored. */
  static byte[] encode(Map<String, ?> object) {
    byte[] json = Json.print(object).getBytes(StandardCharsets.UTF_8);
    int text = json.length - 1; // all but the brace
    byte[] tail = tail(json, text);
    byte[] all = Arrays.copyOf(json, text + TAIL);
    System.arraycopy(tail, 0, all, text, TAIL);
    return all;
  }

  /**
   * The object, {@code sum} left out.
   *
   * @throws IllegalArgumentException if the bytes are not what was stored
   */
  static Map<String, Object> decode(byte[] bytes) {
    int text = bytes.length - TAIL;
    if (text < 1) {
      throw new IllegalArgumentException("it is too short");
    }
    if (!Arrays.equals(bytes, text, bytes.length, tail(bytes, text), 0, TAIL)) {
      throw new IllegalArgumentException("it does not match its sum");
    }
    return Json.parse(new String(bytes, 0, text, StandardCharsets.UTF_8) + "}");
  }

  private static byte[] tail(byte[] bytes, int length) {
    return (SUM + Digest.of(bytes, 0, length).hex() + END).getBytes(StandardCharsets.US_ASCII);
  }

  /** The bytes of a file; empty if there is none. */
  static Optional<byte[]> read(Filesystem files, RelPath file) throws IOException {
    try (InputStream in = files.read(file)) {
      byte[] bytes = in.readNBytes(MAX + 1);
      if (bytes.length > MAX) {
        throw new IOException(file + " has more than " + MAX + " bytes: it is no file of ours");
      }
      return Optional.of(bytes);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** The state of a profile; in the layout before, the file lay in another directory. */
  static Optional<byte[]> readOfProfile(Filesystem files, String name) throws IOException {
    Optional<byte[]> found = read(files, DIRECTORY.child(name));
    return found.isPresent() || !isFile(files, Currents.directory(name))
        ? found
        : read(files, Currents.directory(name));
  }

  /** The states of profiles, wherever this layout or the one before has them; sorted by name. */
  static List<RelPath> ofProfiles(Filesystem files) throws IOException {
    SortedMap<String, RelPath> found = new TreeMap<>();
    for (RelPath each : files.list(Currents.DIRECTORY)) {
      if (!isSuccessor(each) && isFile(files, each)) {
        found.put(each.name(), each);
      }
    }
    for (RelPath each : files.list(DIRECTORY)) {
      if (!isSuccessor(each)) {
        found.put(each.name(), each);
      }
    }
    return List.copyOf(found.values());
  }

  private static boolean isFile(Filesystem files, RelPath path) throws IOException {
    return files.stat(path).filter(stat -> stat.kind() == Filesystem.Kind.FILE).isPresent();
  }

  /** Replaces the file; on return the new one survives a power cut. */
  static void replace(Filesystem files, RelPath file, byte[] bytes) throws IOException {
    RelPath successor = write(files, file, bytes);
    files.sync(successor);
    files.moveAtomically(successor, file);
    files.sync(file.parent());
  }

  /** Replaces a file whose loss costs time only: a power cut may bring the old one, or rubbish. */
  static void replaceLoosely(Filesystem files, RelPath file, byte[] bytes) throws IOException {
    files.moveAtomically(write(files, file, bytes), file);
  }

  private static RelPath write(Filesystem files, RelPath file, byte[] bytes) throws IOException {
    RelPath successor = successor(file);
    if (files.stat(successor).isPresent()) {
      files.delete(successor);
    }
    files.makeDirectories(file.parent());
    try (OutputStream out = files.create(successor)) {
      out.write(bytes);
    }
    return successor;
  }
}
