package dev.imgstore.sync;

import dev.imgstore.model.Digest;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where an image is in a registry: {@code HOST[:PORT]/REPOSITORY[:TAG][@DIGEST]} (distribution-spec
 * 1.1, "Pulling manifests"). The host is always written: no registry is meant where none is named.
 *
 * @param host and port, as written
 * @param tag empty if none is given
 */
public record ImageName(String host, String repository, String tag, Optional<Digest> digest) {
  private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
  private static final Pattern HOST =
      Pattern.compile(
          "(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9a-fA-F:]+\\])(?::[0-9]{1,5})?");
  private static final Pattern REPOSITORY = Pattern.compile(COMPONENT + "(?:/" + COMPONENT + ")*");
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
  private static final Pattern WHOLE =
      Pattern.compile("([^/]+)/([^:@]+)(?::([^@]*))?(?:@(.*))?", Pattern.DOTALL);
  private static final int MAX_REPOSITORY = 255;

  /** Refuses what is no name. */
  public ImageName {
    Objects.requireNonNull(digest);
    if (!HOST.matcher(host).matches()) {
      throw new IllegalArgumentException(host + " is no host of a registry");
    }
    if (repository.length() > MAX_REPOSITORY || !REPOSITORY.matcher(repository).matches()) {
      throw new IllegalArgumentException(
          repository + " is no repository: lower-case letters, digits, and . _ - / between them");
    }
    if (!tag.isEmpty() && !TAG.matcher(tag).matches()) {
      throw new IllegalArgumentException(
          tag + " is no tag: letters, digits, and . _ - after the first, at most 128");
    }
  }

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException saying what is wrong with it, and how it should look
   */
  public static ImageName parse(String text) {
    Matcher whole = WHOLE.matcher(text);
    if (!whole.matches() || !isHost(whole.group(1))) {
      throw new IllegalArgumentException(
          text
              + " names no registry; write HOST/REPOSITORY:TAG, for instance localhost:5000/web:1");
    }
    Optional<Digest> digest =
        whole.group(4) == null ? Optional.empty() : Optional.of(digest(whole.group(4)));
    String tag = whole.group(3) == null ? "" : whole.group(3);
    if (whole.group(3) != null && tag.isEmpty()) {
      throw new IllegalArgumentException(text + " ends in a colon; write a tag after it, or none");
    }
    return new ImageName(whole.group(1), whole.group(2), tag, digest);
  }

  /** A host has a dot or a port, or is this machine: else it would be the name of a repository. */
  private static boolean isHost(String text) {
    return HOST.matcher(text).matches()
        && (text.indexOf('.') >= 0 || text.indexOf(':') >= 0 || text.equals("localhost"));
  }

  private static Digest digest(String text) {
    try {
      return Digest.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(text + " is no digest: " + e.getMessage(), e);
    }
  }

  /** The same image by this tag alone. */
  public ImageName withTag(String other) {
    return new ImageName(host, repository, other, Optional.empty());
  }

  /** What the registry is asked for: the digest, else the tag, else {@code latest}. */
  public String reference() {
    return digest.map(Digest::toString).orElse(tag.isEmpty() ? "latest" : tag);
  }

  /** As people write it. */
  @Override
  public String toString() {
    return host
        + "/"
        + repository
        + (tag.isEmpty() ? "" : ":" + tag)
        + digest.map(each -> "@" + each).orElse("");
  }
}
