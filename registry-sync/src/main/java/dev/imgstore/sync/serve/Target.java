package dev.imgstore.sync.serve;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a path names (distribution-spec 1.1, "Endpoints"). A path is taken as it was sent: the only
 * encoded character is the colon of a digest, so that nothing can be said in two ways.
 *
 * @param name of the repository; empty where there is none
 * @param reference a tag, a digest or the name of an upload; empty where there is none
 */
record Target(Kind kind, String name, String reference) {
  /** Kinds of end points. */
  enum Kind {
    HEALTH,
    METRICS,
    BASE,
    CATALOG,
    TAGS,
    MANIFEST,
    BLOB,
    UPLOADS,
    UPLOAD,
    REFERRERS
  }

  private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
  private static final Pattern NAME = Pattern.compile(COMPONENT + "(?:/" + COMPONENT + ")*");
  private static final int MAX_NAME = 255;
  private static final int MAX_PATH = 1024;
  private static final Pattern TAGS = Pattern.compile("/v2/(.+)/tags/list");
  private static final Pattern MANIFEST = Pattern.compile("/v2/(.+)/manifests/([^/]+)");
  private static final Pattern UPLOADS = Pattern.compile("/v2/(.+)/blobs/uploads/?");
  private static final Pattern UPLOAD = Pattern.compile("/v2/(.+)/blobs/uploads/([^/]+)");
  private static final Pattern BLOB = Pattern.compile("/v2/(.+)/blobs/([^/]+)");
  private static final Pattern REFERRERS = Pattern.compile("/v2/(.+)/referrers/([^/]+)");

  /**
   * Reads a path.
   *
   * @throws Refusal if it names nothing that a registry has
   */
  static Target of(String raw) throws Refusal {
    if (raw.length() > MAX_PATH) {
      throw new Refusal(Refusal.Code.NAME_INVALID, 414, "the path is too long");
    }
    String path = raw.replace("%3A", ":").replace("%3a", ":");
    return switch (path) {
      case "/healthz" -> new Target(Kind.HEALTH, "", "");
      case "/metrics" -> new Target(Kind.METRICS, "", "");
      case "/v2", "/v2/" -> new Target(Kind.BASE, "", "");
      case "/v2/_catalog" -> new Target(Kind.CATALOG, "", "");
      default -> inRepository(path);
    };
  }

  private static Target inRepository(String path) throws Refusal {
    Matcher tags = TAGS.matcher(path);
    if (tags.matches()) {
      return new Target(Kind.TAGS, name(tags.group(1)), "");
    }
    Matcher uploads = UPLOADS.matcher(path);
    if (uploads.matches()) {
      return new Target(Kind.UPLOADS, name(uploads.group(1)), "");
    }
    Matcher upload = UPLOAD.matcher(path);
    if (upload.matches()) {
      return new Target(Kind.UPLOAD, name(upload.group(1)), upload.group(2));
    }
    Matcher manifest = MANIFEST.matcher(path);
    if (manifest.matches()) {
      return new Target(Kind.MANIFEST, name(manifest.group(1)), manifest.group(2));
    }
    Matcher blob = BLOB.matcher(path);
    if (blob.matches()) {
      return new Target(Kind.BLOB, name(blob.group(1)), blob.group(2));
    }
    Matcher referrers = REFERRERS.matcher(path);
    if (referrers.matches()) {
      return new Target(Kind.REFERRERS, name(referrers.group(1)), referrers.group(2));
    }
    throw new Refusal(Refusal.Code.NAME_UNKNOWN, "there is no such end point");
  }

  /** True if a repository may be called that. */
  static boolean isName(String text) {
    return text.length() <= MAX_NAME && NAME.matcher(text).matches();
  }

  private static String name(String text) throws Refusal {
    if (!isName(text)) {
      throw new Refusal(
          Refusal.Code.NAME_INVALID,
          "a repository is called by lower-case letters, digits, and . _ - / between them");
    }
    return text;
  }
}
