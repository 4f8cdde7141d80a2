package dev.imgstore.builder.source.debian.resolve;

import static dev.imgstore.builder.source.debian.resolve.PackagesReader.ESSENTIAL;
import static dev.imgstore.builder.source.debian.resolve.PackagesReader.IMPORTANT;
import static dev.imgstore.builder.source.debian.resolve.PackagesReader.PROTECTED;

import dev.imgstore.builder.source.debian.DebianException.Malformed;
import java.nio.charset.StandardCharsets;

/** The fields of one paragraph of an index; valid only while that paragraph is being taken. */
final class Paragraph {
  private final String place;
  private final int line;
  private final byte[] bytes;
  private final int[] from;
  private final int[] to;

  Paragraph(String place, int line, byte[] bytes, int[] from, int[] to) {
    this.place = place;
    this.line = line;
    this.bytes = bytes;
    this.from = from;
    this.to = to;
  }

  String place() {
    return place;
  }

  int line() {
    return line;
  }

  byte[] bytes() {
    return bytes;
  }

  int from(int field) {
    return from[field];
  }

  int to(int field) {
    return to[field];
  }

  /** The value, without blanks around it; empty if the field is not there. */
  String text(int field) {
    return new String(bytes, from[field], to[field] - from[field], StandardCharsets.UTF_8).strip();
  }

  boolean is(int field, String text) {
    int length = text.length();
    if (to[field] - from[field] != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (bytes[from[field] + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** What a package is rather than one of its versions. */
  int flags() {
    return (is(ESSENTIAL, "yes") ? DebianUniverse.ESSENTIAL : 0)
        | (is(IMPORTANT, "yes") || is(PROTECTED, "yes") ? DebianUniverse.PROTECTED : 0);
  }

  Malformed wrong(String fault) {
    return new Malformed(place, line, fault);
  }
}
