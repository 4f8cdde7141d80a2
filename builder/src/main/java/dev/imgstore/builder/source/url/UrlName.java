package dev.imgstore.builder.source.url;

import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Name;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/**
 * The name of a file, from the last part of its first address.
 *
 * @param written as it stands in the address, with its escapes
 */
record UrlName(String written) {
  static UrlName of(InputSource.Url source) {
    String path = String.valueOf(URI.create(source.urls().get(0)).getRawPath());
    String last = path.substring(path.lastIndexOf('/') + 1);
    boolean none = last.isEmpty() || last.equals(".") || last.equals("..");
    return new UrlName(none ? "file" : last.substring(0, Math.min(last.length(), 200)));
  }

  /** Fit for a lock: only characters that a path of a mirror has. */
  String plain() {
    return written
        .replaceAll("[^A-Za-z0-9._~+%@=,:!$&'()*;-]", "_")
        .replaceFirst("^([A-Za-z][A-Za-z0-9+.-]*):", "$1_");
  }

  /** As a name in a tree: escapes are what they stand for, if that can be a name. */
  Name name() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int at = 0;
    while (at < written.length()) {
      if (written.charAt(at) == '%' && at + 3 <= written.length()) {
        out.write(Integer.parseInt(written.substring(at + 1, at + 3), 16));
        at += 3;
      } else {
        out.writeBytes(written.substring(at, at + 1).getBytes(StandardCharsets.UTF_8));
        at++;
      }
    }
    try {
      return new Name(Bytes.of(out.toByteArray()));
    } catch (IllegalArgumentException e) {
      return Name.of(written); // a slash or a NUL was escaped
    }
  }
}
