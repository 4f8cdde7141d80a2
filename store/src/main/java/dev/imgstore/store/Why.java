package dev.imgstore.store;

import dev.imgstore.model.Digest;
import java.util.List;
import java.util.Objects;

/**
 * What keeps an object.
 *
 * @param plain its bytes
 * @param stored bytes on disk of its own bodies, in all forms and copies, with their entries
 * @param chains in order of the roots; some of them if they are many
 * @param count of all chains; 0 if nothing keeps it
 */
public record Why(Digest object, long plain, long stored, List<Chain> chains, long count) {
  /** Copies in. */
  public Why {
    Objects.requireNonNull(object);
    chains = List.copyOf(chains);
  }

  /** What a link is to the one before it. */
  public enum Step {
    /** The image of a root. */
    IMAGE,
    /** One platform's image in an index; its name is the platform. */
    MANIFEST,
    /** The configuration of an image. */
    CONFIGURATION,
    /** A layer of an image; its name is that of the packages in it, or its number. */
    LAYER,
    /** What a generation was made from. */
    RECORD,
    /** The recipe's text. */
    RECIPE,
    /** The lock's text. */
    LOCK,
    /** Something fetched. */
    INPUT,
    /** Files beside the recipe; its name is their path there. */
    LOCAL,
    /** The finished tree of a platform, which is its name. */
    TREE,
    /** A directory; its name is the last of its path. */
    DIRECTORY,
    /** A file; its name is the last of its path. */
    FILE,
    /** A part of a file. */
    CHUNK,
    /** A part of a layer. */
    FRAME
  }

  /**
   * One step of a chain.
   *
   * @param name empty if there is nothing to say
   */
  public record Link(Step step, Digest digest, String name) {
    /** Refuses nulls. */
    public Link {
      Objects.requireNonNull(step);
      Objects.requireNonNull(digest);
      Objects.requireNonNull(name);
    }
  }

  /** From a root to the object, which is the last link. */
  public record Chain(Root root, List<Link> links) {
    /** Copies in. */
    public Chain {
      links = List.copyOf(links);
    }
  }
}
