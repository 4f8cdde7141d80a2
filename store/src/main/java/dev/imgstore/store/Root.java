package dev.imgstore.store;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A name that keeps an image alive, and all that the image needs. Leases of live processes do so as
 * well; they are not listed here, because they end by themselves.
 */
public sealed interface Root {
  /** The manifest or index that is kept. */
  Digest image();

  /** How it is named to people: {@code web@41}, {@code pin deploy/web.yaml}. */
  String label();

  /** How it is said that it keeps something: {@code held by legal}. */
  String keeping();

  /**
   * A generation, which keeps its build record too.
   *
   * @param isCurrent whether it is what its profile stands for now
   * @param isLastGood whether it is the one last marked as good in its profile
   * @param tags the names that people gave it, sorted
   */
  record OfGeneration(
      String profile,
      Generation generation,
      boolean isCurrent,
      boolean isLastGood,
      List<String> tags)
      implements Root {
    /** The mark of the generation that was last marked as good. */
    public static final String LAST_GOOD = "last good";

    /** What the mark of a tag begins with. */
    public static final String TAGGED = "tagged ";

    /** Refuses nulls, and copies in. */
    public OfGeneration {
      Objects.requireNonNull(profile);
      Objects.requireNonNull(generation);
      tags = List.copyOf(tags);
    }

    /** One without tags. */
    public OfGeneration(
        String profile, Generation generation, boolean isCurrent, boolean isLastGood) {
      this(profile, generation, isCurrent, isLastGood, List.of());
    }

    @Override
    public Digest image() {
      return generation.image();
    }

    /** What people marked it with: {@code last good}, {@code tagged v1.2}. */
    public List<String> marks() {
      List<String> marks = new ArrayList<>(isLastGood ? List.of(LAST_GOOD) : List.of());
      tags.forEach(tag -> marks.add(TAGGED + tag));
      return List.copyOf(marks);
    }

    /** Its number in the profile. */
    public int number() {
      return generation.number();
    }

    /** What it was made from. */
    public Digest record() {
      return generation.record();
    }

    @Override
    public String label() {
      return profile + "@" + number();
    }

    @Override
    public String keeping() {
      return "the image of " + label();
    }
  }

  /**
   * A name outside the store, for instance a deploy spec's, that says this image.
   *
   * @param when since when the name says this image
   * @param who who made it say so
   * @param spec where the name is written; empty for a name that is written nowhere
   */
  record Pin(String name, Digest image, Instant when, String who, Optional<Spec> spec)
      implements Root {
    /** One that is written nowhere, for instance a tag of the registry. */
    public Pin(String name, Digest image, Instant when, String who) {
      this(name, image, when, who, Optional.empty());
    }

    /** Refuses names that no listing could show. */
    public Pin {
      if (!Roots.isPinName(name)) {
        throw new IllegalArgumentException("not a pin: " + name + "; " + Roots.PIN_RULE);
      }
      Objects.requireNonNull(image);
      Objects.requireNonNull(when);
      Objects.requireNonNull(who);
      Objects.requireNonNull(spec);
    }

    /** Whether its time was over at that moment; one without an end is never over. */
    public boolean isOver(Instant moment) {
      return spec.flatMap(Spec::expires).filter(end -> !moment.isBefore(end)).isPresent();
    }

    /** The file that says it and the line, {@code deploy/web.yaml:12}; else the name. */
    public String place() {
      return spec.map(Spec::place).orElse(name);
    }

    @Override
    public String label() {
      return "pin " + name;
    }

    @Override
    public String keeping() {
      return "pinned by " + place();
    }
  }

  /**
   * Where a deploy spec says a pin.
   *
   * @param file an absolute path, or a name that was given to the spec
   * @param lines where in it, from 1, rising; empty if nobody counted
   * @param reference as it is written there, without a digest: {@code registry.example/web:42}
   * @param owner whom to ask about it; may be empty
   * @param expires when the pin keeps nothing any more
   * @param missingSince since when the file does not say it any more
   */
  record Spec(
      String file,
      List<Integer> lines,
      String reference,
      String owner,
      Optional<Instant> expires,
      Optional<Instant> missingSince) {
    /** Most characters of each text, and most lines. */
    public static final int MAX = 4096;

    /** Refuses what no listing could show, and copies in. */
    public Spec {
      lines = List.copyOf(lines);
      Objects.requireNonNull(expires);
      Objects.requireNonNull(missingSince);
      if (file.isBlank() || Math.max(file.length(), reference.length()) > MAX) {
        throw new IllegalArgumentException(
            "a pin of a spec names a file and a reference, of at most " + MAX + " characters each");
      }
      if (owner.length() > MAX || lines.size() > MAX) {
        throw new IllegalArgumentException(
            "an owner of more than " + MAX + " characters, or lines");
      }
    }

    /** The file and the first line: {@code deploy/web.yaml:12}. */
    public String place() {
      return lines.isEmpty() ? file : file + ":" + lines.get(0);
    }

    /** The same, the file not saying it since then. */
    public Spec missing(Instant since) {
      return new Spec(file, lines, reference, owner, expires, Optional.of(since));
    }

    /** The same, the file saying it. */
    public Spec found() {
      return new Spec(file, lines, reference, owner, expires, Optional.empty());
    }
  }

  /**
   * A legal hold: someone must be able to show this image until they release it.
   *
   * @param owner whom to ask, as given
   * @param reason as given; never empty
   */
  record Hold(Digest image, String owner, String reason, Instant when, String who) implements Root {
    /** Refuses a hold that does not say why. */
    public Hold {
      Objects.requireNonNull(image);
      Objects.requireNonNull(owner);
      Objects.requireNonNull(when);
      Objects.requireNonNull(who);
      if (reason.isBlank()) {
        throw new IllegalArgumentException("a hold needs a reason");
      }
    }

    @Override
    public String label() {
      return "hold of " + owner;
    }

    @Override
    public String keeping() {
      return "held by " + owner;
    }
  }
}
