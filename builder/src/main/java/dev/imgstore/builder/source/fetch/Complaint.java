package dev.imgstore.builder.source.fetch;

import java.io.FileNotFoundException;
import java.net.URI;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What is wrong with a mirror.
 *
 * @param mirror its name, for people
 * @param kind two complaints of one kind about a mirror are told once
 * @param text a sentence that names the mirror
 */
public record Complaint(String mirror, Kind kind, String text) {
  /** What it did. */
  public enum Kind {
    /** It does not have this file. */
    ABSENT,
    /** It will not give it, or gives what cannot be the file by its length. */
    REFUSED,
    /** It was asked several times, and did not answer or broke off. */
    UNREACHABLE,
    /** It gave other bytes. */
    WRONG
  }

  /** That a mirror gives what is not taken. */
  public static Complaint wrong(URI mirror, String why) {
    String name = name(mirror);
    return new Complaint(name, Kind.WRONG, name + ": " + why);
  }

  /** A mirror, for people; no password of an address is in it. */
  public static String name(URI mirror) {
    return Host.of(mirror)
        .map(Host::toString)
        .orElseGet(() -> mirror.getScheme() + ":" + mirror.getPath());
  }

  /** In one sentence. */
  public static String joined(List<Complaint> complaints) {
    return complaints.stream().map(Complaint::text).collect(Collectors.joining("; "));
  }

  /** What another failure of reading means. */
  static Kind kind(Exception failure) {
    if (failure instanceof Connections.Absent) {
      return Kind.ABSENT;
    }
    return failure instanceof FileNotFoundException ? Kind.REFUSED : Kind.UNREACHABLE;
  }

  /** Whether there is little hope for the next file. */
  boolean isLasting() {
    return kind == Kind.UNREACHABLE || kind == Kind.WRONG;
  }

  @Override
  public String toString() {
    return text;
  }
}
