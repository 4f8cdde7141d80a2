package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.util.Optional;

/** Finds blobs: in what is sealed, or in that and in what a transaction has open. */
interface Lookup {
  /** A stored form of the blob that is wanted; a segment that cannot be read is passed over. */
  Optional<Located> find(Digest blob, Wanted wanted) throws IOException;

  /** Why a blob is not there: missing, or perhaps in a segment that is damaged. */
  StoreException absent(Digest blob);

  /** How many bodies are distrusted, see {@link Place#distrust}. */
  long doubts();

  /** As {@link #find}, but absent is an error. */
  Located get(Digest blob, Wanted wanted) throws IOException;
}
