package dev.imgstore.store;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.SortedMap;

/** A store, open. Safe for many threads; closing it ends its readers. */
public interface Store extends Closeable {
  /** What is stored and durable. */
  BlobReader blobs();

  /** A new transaction; the caller flushes and closes it. */
  Transaction begin() throws IOException;

  /** Room for bytes that come in parts and may never be whole; the caller closes it. */
  Staged stage() throws IOException;

  /**
   * Leases a blob with all it reaches: no collection of any process removes it before this store is
   * closed, or the process has died (law 3). A transaction leases what it finds by itself.
   *
   * @return false if it is not held
   */
  boolean lease(Digest blob) throws IOException;

  /** What is stored, as it travels between stores. */
  Packs packs();

  /** What actions gave. */
  Actions actions();

  /** Names and their generations. */
  Profiles profiles();

  /** What keeps images alive. */
  Roots roots();

  /**
   * Begins to collect what nothing needs any more; the caller closes it.
   *
   * @throws StoreException.Locked if another process does so
   */
  Collector collector() throws IOException;

  /** Why things are stored, and what they cost. */
  Insight insight();

  /** Everything that changed. */
  Journal journal();

  /**
   * Notes in the journal that a generation went to a registry; nothing else changes. Durable on
   * return (law 6).
   *
   * @param to where it is now, as people write it: no credential is in it
   */
  void pushed(String profile, Generation generation, String to, Profiles.Because because)
      throws IOException;

  /**
   * Notes in the journal from where in a registry a generation came, likewise.
   *
   * @param from the repository and the digest there, as people write it
   */
  void pulled(String profile, Generation generation, String from, Profiles.Because because)
      throws IOException;

  /**
   * Notes in the journal that a key was made, used or deleted, likewise.
   *
   * @param key its name
   * @param facts {@code use} ({@code create}, {@code sign}, {@code delete}), what is {@code public}
   *     of it, and {@code of}: what was signed; nothing that is secret
   */
  void keyUsed(String key, SortedMap<String, String> facts, Profiles.Because because)
      throws IOException;

  /**
   * Makes anew all that is derived from segments and journal; what it replaces is not read. Nothing
   * answers otherwise for it, meanwhile or after.
   *
   * @throws StoreException.Corrupt if the journal is damaged, or ends too early: then what is
   *     derived from it is evidence and left as it is
   */
  Reindexed reindex() throws IOException;

  /** Re-hashes everything and goes on past errors; changes nothing. */
  CheckReport check() throws IOException;

  /**
   * Mends what {@link #check} finds: from what the store itself still has, and then from these
   * places in their order. Builds and readers go on meanwhile. Nothing that can be read is lost by
   * it, wherever it ends; a second one goes on.
   *
   * @param because for the entry of the journal, if something was mended
   * @throws IOException if the store cannot be written; then it is as it was, or better
   */
  RepairReport repair(List<Mender> menders, Profiles.Because because) throws IOException;
}
