package dev.imgstore.builder.spec;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An image as a deploy spec names it: {@code NAME[:TAG][@DIGEST]}, where the name may begin with
 * the host of a registry (the grammar of distribution/reference).
 *
 * @param name host and repository, as written
 * @param tag empty if there is none
 * @param digest empty if there is none, else {@code sha256:} and 64 digits
 */
public record Reference(String name, String tag, String digest) {
  private static final int LONGEST_NAME = 255;
  private static final String LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
  private static final String HOST =
      "(?:" + LABEL + "(?:\\." + LABEL + ")*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?";
  private static final String PART = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
  private static final Pattern NAME =
      Pattern.compile("(?:" + HOST + "/)?" + PART + "(?:/" + PART + ")*");
  private static final Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}");
  private static final Pattern DIGEST = Pattern.compile("sha256:[a-f0-9]{64}");
  private static final int LONGEST = 1024;

  /** Refuses what is no reference. */
  public Reference {
    if (name.length() > LONGEST_NAME || !NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(name + " is no name of an image");
    }
    if (!tag.isEmpty() && !TAG.matcher(tag).matches()) {
      throw new IllegalArgumentException(tag + " is no tag");
    }
    if (!digest.isEmpty() && !DIGEST.matcher(digest).matches()) {
      throw new IllegalArgumentException(
          digest + " is no digest: sha256: and 64 digits 0-9 a-f are");
    }
  }

  /** Reads one; nothing if the text is none. */
  public static Optional<Reference> parse(String text) {
    if (text.length() > LONGEST) {
      return Optional.empty();
    }
    int at = text.indexOf('@');
    String tagged = at < 0 ? text : text.substring(0, at);
    int colon = tagged.lastIndexOf(':');
    boolean hasTag = colon > tagged.lastIndexOf('/');
    String tag = hasTag ? tagged.substring(colon + 1) : "";
    String digest = at < 0 ? "" : text.substring(at + 1);
    if ((hasTag && tag.isEmpty()) || (at >= 0 && digest.isEmpty())) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Reference(hasTag ? tagged.substring(0, colon) : tagged, tag, digest));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Whether a tag can be this. */
  static boolean isTag(String text) {
    Matcher matcher = TAG.matcher(text);
    return matcher.matches();
  }

  /** The name's last part: {@code web} of {@code registry.example.org/shop/web}. */
  public String last() {
    return name.substring(name.lastIndexOf('/') + 1);
  }

  /** The same image, said exactly. */
  public Reference at(String newTag, String newDigest) {
    return new Reference(name, newTag, newDigest);
  }

  /** As it is written. */
  @Override
  public String toString() {
    return name + (tag.isEmpty() ? "" : ":" + tag) + (digest.isEmpty() ? "" : "@" + digest);
  }
}
