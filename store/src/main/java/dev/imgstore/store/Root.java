package dev.imgstore.store;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import java.time.Instant;
import java.util.Objects;

/**
 * A name that keeps an image alive, and all that the image needs. Leases of live processes do so as
 * well; they are not listed here, because they end by themselves.
 */
public sealed interface Root {
  /** The manifest or index that is kept. */
  Digest image();

  /** How it is named to people: {@code web@41}, {@code pin deploy/web.yaml}. */
  String label();

  /**
   * A generation, which keeps its build record too.
   *
   * @param isCurrent whether it is what its profile stands for now
   * @param isLastGood whether it is the one last marked as good in its profile
   */
  record OfGeneration(String profile, Generation generation, boolean isCurrent, boolean isLastGood)
      implements Root {
    /** Refuses nulls. */
    public OfGeneration {
      Objects.requireNonNull(profile);
      Objects.requireNonNull(generation);
    }

    @Override
    public Digest image() {
      return generation.image();
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
  }

  /** A name outside the store, for instance a deploy spec's, that says this image. */
  record Pin(String name, Digest image, Instant when, String who) implements Root {
    /** Refuses names that no listing could show. */
    public Pin {
      if (!Roots.isPinName(name)) {
        throw new IllegalArgumentException("not a pin: " + name + "; " + Roots.PIN_RULE);
      }
      Objects.requireNonNull(image);
      Objects.requireNonNull(when);
      Objects.requireNonNull(who);
    }

    @Override
    public String label() {
      return "pin " + name;
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
  }
}
