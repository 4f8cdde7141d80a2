package dev.imgstore.builder.lock;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The exact inputs a recipe meant on the day it was locked, for all its platforms. Holds no host
 * name: each path is relative to a mirror that the machine knows.
 *
 * @param source digest of the recipe's source section; another means stale
 * @param date when it was locked, in whole seconds; the image configuration shows it as created
 * @param inputs sorted; one of each kind, platform, name, architecture and root
 * @param fetched what the recipe's {@code inputs:} are made of, sorted; one of each input and path
 */
public record Lock(Digest source, Instant date, List<Input> inputs, List<Fetched> fetched) {
  /** The last second of the year 9999. */
  static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  /** Sorts the inputs and cuts the date to seconds; refuses two inputs that mean the same. */
  public Lock {
    Objects.requireNonNull(source);
    if (date.isBefore(Instant.EPOCH) || date.isAfter(LATEST)) {
      throw new IllegalArgumentException("a lock's date is between 1970 and 9999, not " + date);
    }
    date = date.truncatedTo(ChronoUnit.SECONDS);
    inputs = inputs.stream().sorted().toList();
    fetched = fetched.stream().sorted().toList();
    Set<String> seen = new HashSet<>();
    for (Pinned input : all(inputs, fetched)) {
      if (!seen.add(input.identity())) {
        throw new IllegalArgumentException("a lock pins " + input.name() + " twice");
      }
    }
  }

  /** A lock of packages alone. */
  public Lock(Digest source, Instant date, List<Input> inputs) {
    this(source, date, inputs, List.of());
  }

  /** All that is pinned. */
  public List<Pinned> pinned() {
    return all(inputs, fetched);
  }

  private static List<Pinned> all(List<Input> inputs, List<Fetched> fetched) {
    return Stream.<Pinned>concat(inputs.stream(), fetched.stream()).toList();
  }

  /** The files of one named entry of the recipe, in the lock's order. */
  public List<Fetched> of(String input) {
    return fetched.stream().filter(each -> each.input().equals(input)).toList();
  }

  /** The inputs of one platform's image, in the lock's order. */
  public List<Input> of(Platform platform) {
    return of(platform, "");
  }

  /**
   * The inputs of one platform, in the lock's order.
   *
   * @param root the step whose root they make; empty for the image
   */
  public List<Input> of(Platform platform, String root) {
    return inputs.stream()
        .filter(input -> input.platform().equals(platform) && input.root().equals(root))
        .toList();
  }

  private static void check(String field, String text) {
    LockRules.complaint(field, text)
        .ifPresent(
            wrong -> {
              throw new IllegalArgumentException(field + " " + wrong + ": " + text);
            });
  }

  /** One file that is fetched. */
  public sealed interface Pinned {
    /** As people know it. */
    String name();

    /** May be empty where the file's own name says it all. */
    String version();

    /** What its bytes are. */
    Digest sha256();

    /** Bytes. */
    long size();

    /** Relative to a mirror that the machine knows. */
    String path();

    /** What a lock holds once. */
    String identity();
  }

  /**
   * A file of one named entry of the recipe; the same for all platforms.
   *
   * @param input the name of the entry
   * @param source 16 digits of the digest of what the recipe says of the entry
   * @param kind {@code url}; other universes add theirs
   * @param version empty if the universe knows none
   * @param path relative to where the universe keeps its files, plain: no scheme, no empty part, no
   *     dots
   * @param reason {@code requested}, or what needs it
   * @param signer the key whose signature was right when it was locked; empty if none was asked for
   *     or there is none
   */
  public record Fetched(
      String input,
      String source,
      String kind,
      String name,
      String version,
      Digest sha256,
      long size,
      String path,
      String reason,
      String signer)
      implements Pinned, Comparable<Fetched> {
    /** Without a signature. */
    public Fetched(
        String input,
        String source,
        String kind,
        String name,
        String version,
        Digest sha256,
        long size,
        String path,
        String reason) {
      this(input, source, kind, name, version, sha256, size, path, reason, "");
    }

    /** Refuses what {@link LockCodec} could not read again. */
    public Fetched {
      Objects.requireNonNull(sha256);
      check("input", input);
      check("source", source);
      check("kind", kind);
      check("name", name);
      if (!version.isEmpty()) {
        check("version", version);
      }
      check("path", path);
      check("reason", reason);
      if (!signer.isEmpty()) {
        check("reason", signer);
      }
      if (size < 0) {
        throw new IllegalArgumentException("negative size");
      }
    }

    /** The same, signed by this key. */
    public Fetched signedBy(String key) {
      return new Fetched(input, source, kind, name, version, sha256, size, path, reason, key);
    }

    @Override
    public String identity() {
      return String.join("\0", "", input, path);
    }

    @Override
    public int compareTo(Fetched other) {
      return key().compareTo(other.key());
    }

    private String key() {
      return String.join("\0", input, kind, name, version, path, sha256.hex());
    }
  }

  /**
   * One fetched package.
   *
   * @param kind {@code debian}; other universes add theirs
   * @param platform the platform of the recipe it is for
   * @param architecture the package's own architecture, {@code all} among them; empty if the
   *     universe knows none
   * @param suite where it was found, for instance {@code bookworm-security}; may be empty
   * @param component for instance {@code main}; may be empty
   * @param size bytes
   * @param path relative to the mirror of the suite, plain: no scheme, no empty part, no dots
   * @param reason {@code requested}, {@code essential}, or the package that needs it
   * @param root the first step that has this root; empty for the image
   */
  public record Input(
      String kind,
      Platform platform,
      String name,
      String version,
      String architecture,
      String suite,
      String component,
      Digest sha256,
      long size,
      String path,
      String reason,
      String root)
      implements Pinned, Comparable<Input> {
    /** An input of the image. */
    public Input(
        String kind,
        Platform platform,
        String name,
        String version,
        String architecture,
        String suite,
        String component,
        Digest sha256,
        long size,
        String path,
        String reason) {
      this(
          kind,
          platform,
          name,
          version,
          architecture,
          suite,
          component,
          sha256,
          size,
          path,
          reason,
          "");
    }

    /** Refuses what {@link LockCodec} could not read again. */
    public Input {
      Objects.requireNonNull(platform);
      Objects.requireNonNull(sha256);
      check("kind", kind);
      check("name", name);
      check("version", version);
      check("architecture", architecture);
      check("suite", suite);
      check("component", component);
      check("path", path);
      check("reason", reason);
      check("root", root);
      if (size < 0) {
        throw new IllegalArgumentException("negative size");
      }
    }

    @Override
    public String identity() {
      return String.join("\0", kind, platform.toString(), name, architecture, root);
    }

    @Override
    public int compareTo(Input other) {
      return key().compareTo(other.key());
    }

    private String key() {
      return String.join("\0", identity(), version, sha256.hex(), path);
    }
  }
}
