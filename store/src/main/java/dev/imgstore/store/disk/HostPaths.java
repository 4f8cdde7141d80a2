package dev.imgstore.store.disk;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Name;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Names and link targets of the host's file system as the bytes they are. Java says paths as text
 * of the locale, which loses bytes; its file URIs (RFC 8089) keep each one. Text is used where it
 * is plain ASCII, which is the same in every locale.
 */
final class HostPaths {
  private static final String ROOT = "file:///";
  private static final char[] HEX = "0123456789ABCDEF".toCharArray();

  private HostPaths() {}

  /** The name {@code path} ends with. */
  static Name name(Path path) {
    String text = String.valueOf(path.getFileName());
    if (isAscii(text)) {
      return Name.of(text);
    }
    byte[] all = raw(path);
    int end = all.length;
    while (end > 1 && all[end - 1] == '/') {
      end--; // a URI of a directory ends so
    }
    int start = end;
    while (start > 0 && all[start - 1] != '/') {
      start--;
    }
    return new Name(Bytes.of(all, start, end - start));
  }

  /** The bytes of a link's target as {@link java.nio.file.Files#readSymbolicLink} gave it. */
  static Bytes target(Path target) {
    String text = target.toString();
    if (isAscii(text)) {
      return Bytes.utf8(text);
    }
    byte[] all = raw(target);
    int start = target.isAbsolute() ? 0 : raw(target.getFileSystem().getPath("")).length;
    boolean added = all[all.length - 1] == '/' && !text.endsWith("/");
    return Bytes.of(all, start, all.length - start - (added ? 1 : 0));
  }

  /** The path of {@code name} in {@code directory}. */
  static Path child(Path directory, Name name) {
    String text = name.bytes().text();
    return isAscii(text)
        ? directory.resolve(text)
        : directory.resolve(path(name.bytes(), 0, name.bytes().length()));
  }

  /**
   * A path that {@link java.nio.file.Files#createSymbolicLink} writes as exactly these bytes; empty
   * where Java cannot say them: two slashes at the beginning, or at the end, or three in a row.
   */
  static Optional<Path> target(Bytes target) {
    Path said = null;
    int start = 0;
    for (int i = 1; i <= target.length(); i++) {
      boolean end = i == target.length();
      if (end || (target.at(i) == '/' && target.at(i - 1) == '/')) { // of two slashes, the second
        if (start < i) {
          Path next = path(target, start, i);
          said = said == null ? next : said.resolve(next); // puts a slash between
        }
        start = i + 1;
      }
    }
    return Optional.ofNullable(said).filter(path -> target(path).equals(target));
  }

  /** These bytes as a path; relative unless they begin with a slash, with a slash at its end. */
  private static Path path(Bytes bytes, int from, int to) {
    boolean absolute = bytes.at(from) == '/';
    StringBuilder uri = new StringBuilder(absolute ? "file://" : ROOT);
    for (int i = from; i < to; i++) {
      byte each = bytes.at(i);
      if (each == '/') {
        uri.append('/');
      } else {
        uri.append('%').append(HEX[each >> 4 & 15]).append(HEX[each & 15]);
      }
    }
    if (to - from > 1 && bytes.at(to - 1) == '/') {
      uri.append('/'); // the last slash of a URI is taken off
    }
    Path path = Path.of(URI.create(uri.toString()));
    return absolute ? path : path.subpath(0, path.getNameCount());
  }

  private static byte[] raw(Path path) {
    String uri = path.toUri().getRawPath();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(uri.length());
    for (int i = 0; i < uri.length(); i++) {
      if (uri.charAt(i) == '%') {
        bytes.write(Integer.parseInt(uri, i + 1, i + 3, 16));
        i += 2;
      } else {
        bytes.write(uri.charAt(i));
      }
    }
    return bytes.toByteArray();
  }

  /** True if the text is the same in every locale. */
  static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0x7f) {
        return false;
      }
    }
    return true;
  }
}
