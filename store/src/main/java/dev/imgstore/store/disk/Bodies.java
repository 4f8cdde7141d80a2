package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Turns stored forms back into blobs, whatever holds their parts. */
final class Bodies {
  private static final int SLICE = 64 << 10;
  private final Lookup lookup;

  Bodies(Lookup lookup) {
    this.lookup = lookup;
  }

  /** The bytes of the blob, verified on the way. */
  InputStream open(Located blob) throws IOException {
    VerifiedStream.Pieces pieces =
        switch (blob.entry().form()) {
          case FRAME -> blob::decode;
          case CHUNKED -> chunks(blob);
          case STITCHED -> frames(blob);
          case VERBATIM -> verbatim(blob);
        };
    return new VerifiedStream(blob, pieces);
  }

  private VerifiedStream.Pieces chunks(Located blob) {
    PartList parts = new PartList(blob);
    return () -> {
      PartList.Part part = parts.next();
      Located chunk = part(blob, part.digest(), Wanted.FRAME);
      if (chunk.entry().plain() != part.size()) {
        throw blob.corrupt("its part " + part.digest() + " has another size");
      }
      return chunk.decode();
    };
  }

  private VerifiedStream.Pieces frames(Located blob) {
    int encoder = blob.entry().variant();
    Wanted wanted = (form, variant) -> form == Form.FRAME && variant == encoder;
    PartList parts = new PartList(blob);
    return () -> {
      PartList.Part part = parts.next();
      Located chunk = part(blob, part.digest(), wanted);
      if (chunk.entry().stored() != part.size()) {
        throw blob.corrupt("the frame of its part " + part.digest() + " has another size");
      }
      return chunk.stored(0, part.size());
    };
  }

  /** A part of a list. */
  Located part(Located blob, Digest digest, Wanted wanted) throws IOException {
    Optional<Located> found = lookup.find(digest, wanted);
    if (found.isEmpty()) {
      throw blob.corrupt("its part " + digest + " is missing");
    }
    return found.get();
  }

  private static VerifiedStream.Pieces verbatim(Located blob) {
    return new VerifiedStream.Pieces() {
      private long at;

      @Override
      public byte[] next() throws IOException {
        int length = (int) Math.min(SLICE, blob.entry().stored() - at);
        byte[] bytes = blob.stored(at, length);
        at += length;
        return bytes;
      }
    };
  }

  /** All bytes of the blob, which has at most {@code limit}. */
  byte[] read(Located blob, int limit) throws IOException {
    long size = blob.entry().plain();
    if (size > limit) {
      throw new IOException(
          blob.entry().digest() + " has " + size + " bytes; at most " + limit + " are read here");
    }
    if (!blob.entry().form().isList()) {
      return blob.verified();
    }
    try (InputStream in = open(blob)) {
      return in.readNBytes((int) size);
    }
  }
}
