package dev.imgstore.store;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Switch;
import java.io.IOException;

/** What can be wrong with a store itself, as against the disk under it. */
public abstract sealed class StoreException extends IOException {
  private static final long serialVersionUID = 1L;

  private StoreException(String message) {
    super(message);
  }

  /** A digest was asked for that the store does not hold. */
  public static final class MissingBlob extends StoreException {
    private static final long serialVersionUID = 1L;
    private final transient Digest digest;

    /** Names the digest. */
    public MissingBlob(Digest digest) {
      super("the store has no blob " + digest);
      this.digest = digest;
    }

    /** What was asked for. */
    public Digest digest() {
      return digest;
    }
  }

  /** Stored bytes are not what they were when they were stored. */
  public static final class Corrupt extends StoreException {
    private static final long serialVersionUID = 1L;
    private final String place;
    private final String fault;

    /**
     * Names the place.
     *
     * @param place the file of the store, and the digest where one is known
     * @param fault what is wrong there
     */
    public Corrupt(String place, String fault) {
      super(place + " is damaged: " + fault + "; run imgstore verify");
      this.place = place;
      this.fault = fault;
    }

    /** The file of the store, and the digest where one is known. */
    public String place() {
      return place;
    }

    /** What is wrong with it, without what to do. */
    public String fault() {
      return place + ": " + fault;
    }

    /** The same, said of what a person knows: a file of an image. */
    public Corrupt of(String file) {
      Corrupt named = new Corrupt(file, place + ": " + fault);
      named.initCause(this);
      return named;
    }
  }

  /** Another process holds what this one needs, or moved a profile meanwhile. */
  public static final class Locked extends StoreException {
    private static final long serialVersionUID = 1L;

    /** Says what was being waited for. */
    public Locked(String message) {
      super(message);
    }
  }

  /** Something cannot be removed, because it is current, held, pinned or known to be good. */
  public static final class Kept extends StoreException {
    private static final long serialVersionUID = 1L;

    /** Says what keeps it, and how that ends. */
    public Kept(String message) {
      super(message);
    }
  }

  /** An image must not be used any more. */
  public static final class Revoked extends StoreException {
    private static final long serialVersionUID = 1L;
    private final transient Revocation revocation;

    /** Names the image, and who revoked it, when and why. */
    public Revoked(Digest image, Revocation revocation) {
      super(
          image
              + (image.equals(revocation.image()) ? "" : ", a part of " + revocation.image() + ",")
              + " was revoked by "
              + revocation.who()
              + " at "
              + revocation.when()
              + ": "
              + revocation.reason()
              + "; use another image, or end it with imgstore revoke --undo "
              + revocation.image());
      this.revocation = revocation;
    }

    /** Who said so, when and why. */
    public Revocation revocation() {
      return revocation;
    }
  }

  /** A build gave an image again that somebody had rolled back from. */
  public static final class RolledBack extends StoreException {
    private static final long serialVersionUID = 1L;
    private final transient Switch back;

    /** Names the generation, and who went back from it, when and why. */
    public RolledBack(String profile, Switch back) {
      super(
          "the result equals "
              + profile
              + "@"
              + back.from()
              + ", rolled back by "
              + back.who()
              + " at "
              + back.when()
              + (back.why().isEmpty() ? "" : " because " + back.why())
              + "; imgstore switch "
              + profile
              + " "
              + profile
              + "@"
              + back.from()
              + " to use it");
      this.back = back;
    }

    /** The going back. */
    public Switch back() {
      return back;
    }
  }

  /** The directory is no store, or one of a later version. */
  public static final class UnknownFormat extends StoreException {
    private static final long serialVersionUID = 1L;

    /** Says what was found. */
    public UnknownFormat(String message) {
      super(message);
    }
  }
}
