package dev.imgstore.builder.pack;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Node;

/** A canonical tar in parts: bytes that are the tar's own, and contents that are in a store. */
sealed interface TarPart {
  /** Headers, padding before them, and the end of the tar. */
  record Own(Bytes bytes) implements TarPart {}

  /** All bytes of a file, which are not empty. */
  record Content(Node.File file) implements TarPart {}
}
