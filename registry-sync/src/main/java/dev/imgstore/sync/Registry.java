package dev.imgstore.sync;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/**
 * One repository of a registry (OCI distribution-spec 1.1). What is read is checked against its
 * digest, whatever the registry says; what was cut is gone on with, and what a registry refuses for
 * now is asked again, within bounds. Safe for many threads.
 *
 * <p>Failures are {@link RegistryException}s, which say what was asked of whom, and what to do.
 */
public interface Registry extends Closeable {
  /** The name of the repository, as people write it, without a tag. */
  String name();

  /**
   * A manifest or index.
   *
   * @param reference a tag, or a digest, which the bytes are checked against
   * @return nothing if there is none
   */
  Optional<Manifest> manifest(String reference) throws IOException;

  /** What {@link #manifest} would give, without its bytes. */
  Optional<Descriptor> head(String reference) throws IOException;

  /**
   * Puts a manifest whose blobs are there already.
   *
   * @param tag empty to put it by its digest alone
   */
  void put(Manifest manifest, String tag) throws IOException;

  /** True if the repository has the blob. */
  boolean has(Digest blob) throws IOException;

  /**
   * Takes a blob from another repository of the same registry, without sending it.
   *
   * @return false if the registry would not, and it has to be uploaded
   */
  boolean mount(Digest blob, String repository) throws IOException;

  /** Uploads a blob that is not there; refuses content that is not what the descriptor says. */
  void upload(Descriptor blob, Content content) throws IOException;

  /**
   * The bytes of a blob. A stream that was read to its end without an exception was right: size and
   * hash are checked before the end is given. The caller closes it.
   */
  InputStream open(Descriptor blob) throws IOException;

  /**
   * As {@link #open}, for who hashes the bytes himself, and refuses what is not the blob: its size
   * is checked, its hash need not be.
   */
  default InputStream openUnhashed(Descriptor blob) throws IOException {
    return open(blob);
  }

  /** All tags, sorted as the registry sorts them. */
  List<String> tags() throws IOException;

  /**
   * The manifests that name this one as their subject; by the fallback tag where the registry has
   * no such list (distribution-spec 1.1, "Unavailable Referrers API").
   *
   * @param artifactType only of this type; empty for all
   */
  List<Referrer> referrers(Digest subject, String artifactType) throws IOException;

  /** Removes a manifest; false if there was none. */
  boolean delete(Digest manifest) throws IOException;

  /**
   * An entry of the list of referrers.
   *
   * @param artifactType empty if it has none
   */
  record Referrer(Descriptor manifest, String artifactType) {}
}
