package dev.imgstore.builder.source.debian.archive;

import dev.imgstore.builder.source.debian.ControlFile;
import dev.imgstore.builder.source.debian.DebianException;
import dev.imgstore.builder.source.debian.DebianException.Untrusted;
import dev.imgstore.builder.source.debian.Stanza;
import dev.imgstore.model.Digest;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What a verified Release file says (Debian repository format, "Release files").
 *
 * @param suite as it was asked for
 * @param names the release's own suite and code name, and the one asked for
 * @param priority as apt_preferences(5) gives it to suites: 500, or 100 or 1 if not automatic
 * @param date when it was made; 1970 if it does not say so in a way that can be read
 * @param files by path relative to the suite's directory
 */
public record Release(
    String suite,
    List<String> names,
    int priority,
    boolean byHash,
    Instant date,
    SortedMap<String, Entry> files) {
  private static final Pattern SPACE = Pattern.compile("\\s+");
  private static final Pattern UTC = Pattern.compile(" (UTC|Z|\\+0000)$");

  /** A file the release covers. */
  public record Entry(Digest digest, long size) {
    /** Refuses a negative size. */
    public Entry {
      if (size < 0) {
        throw new IllegalArgumentException("negative size");
      }
    }
  }

  /** Whether a release may be past its own date of expiry. */
  public enum Expiry {
    /** It is refused then. */
    CHECKED,
    /** It is taken all the same, as apt does with Check-Valid-Until off. */
    IGNORED
  }

  /**
   * Reads the text of a release that was verified.
   *
   * @param suite what was asked for; a release of another suite is refused, or an old one could be
   *     served in place of the security updates
   */
  static Release read(String suite, String verified, Instant now, Expiry expiry)
      throws DebianException {
    String what = "the release of " + suite;
    Stanza stanza = ControlFile.readOne(what, verified.getBytes(StandardCharsets.UTF_8));
    String own = stanza.get("Suite").orElse("");
    String code = stanza.get("Codename").orElse("");
    String plain = suite.replace("/updates", "-security");
    if (!List.of(own, code).contains(suite) && !List.of(own, code).contains(plain)) {
      throw new Untrusted(what, "it is that of " + own + " (" + code + ")");
    }
    Optional<Instant> until = stanza.get("Valid-Until").map(text -> date(text));
    if (expiry == Expiry.CHECKED && until.isPresent() && until.get().isBefore(now)) {
      throw new Untrusted(
          what,
          "it was valid until "
              + until.get()
              + "; the mirror is stale, or this machine's clock is wrong; apt's"
              + " Acquire::Check-Valid-Until \"false\" switches this check off");
    }
    boolean manual = isYes(stanza, "NotAutomatic");
    int priority = manual ? (isYes(stanza, "ButAutomaticUpgrades") ? 100 : 1) : 500;
    return new Release(
        suite,
        List.of(suite, own, code).stream().filter(name -> !name.isEmpty()).distinct().toList(),
        priority,
        isYes(stanza, "Acquire-By-Hash"),
        stanza
            .get("Date")
            .map(text -> date(text))
            .filter(Instant.EPOCH::isBefore)
            .orElse(Instant.EPOCH),
        files(what, stanza.get("SHA256").orElse("")));
  }

  private static boolean isYes(Stanza stanza, String field) {
    return stanza.get(field).orElse("").strip().equals("yes");
  }

  private static Instant date(String text) {
    try {
      // The one format of dates that does not depend on a locale calls the zone by its old name.
      String gmt = UTC.matcher(text.strip()).replaceFirst(" GMT");
      return Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(gmt));
    } catch (DateTimeException e) {
      return Instant.MIN; // what cannot be read is not valid for any time
    }
  }

  private static SortedMap<String, Entry> files(String what, String lines)
      throws DebianException.Malformed {
    SortedMap<String, Entry> files = new TreeMap<>();
    for (String line : lines.split("\n", -1)) {
      String[] part = SPACE.split(line.strip(), -1);
      try {
        if (!line.isBlank()) {
          if (part.length != 3) {
            throw new IllegalArgumentException("not three words");
          }
          files.put(part[2], new Entry(new Digest(part[0]), Long.parseLong(part[1])));
        }
      } catch (IllegalArgumentException e) {
        throw new DebianException.Malformed(what, 0, "its SHA256 list has the line " + line);
      }
    }
    return files;
  }
}
