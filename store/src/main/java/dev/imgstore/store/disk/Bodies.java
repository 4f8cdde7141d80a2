package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.Frames;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Turns stored forms back into blobs, whatever holds their parts. A copy that turns out damaged is
 * not used again in this process, and another one is, if there is one.
 */
final class Bodies {
  private static final int SLICE = 64 << 10;
  private static final int MAX_INTACT = 4096;
  private final Lookup lookup;
  private final Lookup parts;
  private final Wholeness wholeness;
  private final Set<Located> intact = ConcurrentHashMap.newKeySet();

  /**
   * Finds bodies.
   *
   * @param lookup of what is asked for
   * @param parts of what lists name, once the list was found
   */
  Bodies(Lookup lookup, Lookup parts) {
    this.lookup = lookup;
    this.parts = parts;
    this.wholeness = new Wholeness(parts);
  }

  /** True if some form of the blob is there, with all its parts. */
  boolean isWhole(Digest blob) throws IOException {
    return whole(blob).isPresent();
  }

  /** True if this form is there with all its parts. */
  boolean isWhole(Located form) throws IOException {
    return wholeness.of(form);
  }

  /** A form that is there with all its parts. */
  private Optional<Located> whole(Digest blob) throws IOException {
    Optional<Located> found = lookup.find(blob, Wanted.ANY);
    if (found.isEmpty() || wholeness.of(found.get())) {
      return found;
    }
    Form first = found.get().entry().form();
    int variant = found.get().entry().variant();
    Wanted other = (form, number) -> form != first || number != variant;
    for (Wanted each : new Wanted[] {Wanted.DIRECT, other}) {
      found = lookup.find(blob, each);
      if (found.isPresent() && wholeness.of(found.get())) {
        return found;
      }
    }
    return Optional.empty();
  }

  /** A form to read: a whole one if there is one. */
  Located readable(Digest blob) throws IOException {
    Located first = lookup.get(blob, Wanted.ANY);
    return first.entry().form().isList() ? whole(blob).orElse(first) : first;
  }

  /**
   * The bytes of the blob, verified on the way. Of a long body, whose hash is known only at its
   * end, the checksum is held against its bytes before, so that a damaged one is not begun with.
   */
  InputStream open(Digest blob) throws IOException {
    Located found = readable(blob);
    while (found.entry().form() == Form.VERBATIM
        && found.entry().plain() > SLICE
        && !found.place().isBeingWritten()
        && !found.isIntact()) {
      found = instead(blob, found, found.corrupt("its stored bytes have another checksum"));
    }
    return open(found);
  }

  /** As {@link #open(Digest)}, beginning with this form. */
  InputStream open(Located blob) throws IOException {
    VerifiedStream.Pieces pieces =
        switch (blob.entry().form()) {
          case FRAME -> () -> read(blob, Frames.MAX_PLAIN);
          case CHUNKED -> chunks(blob, new PartList(blob));
          case STITCHED -> frames(blob, new PartList(blob));
          case VERBATIM ->
              blob.entry().plain() <= SLICE ? () -> read(blob, SLICE) : slices(blob, 0);
        };
    return new VerifiedStream(blob, pieces);
  }

  /**
   * Some bytes of the blob, each held against the checksum or the digest of its piece. A long body
   * that is one piece is held against its checksum the first time, and believed then.
   */
  InputStream range(Digest blob, long from, long length) throws IOException {
    Located found = readable(blob);
    BlobReader.requireRange(blob, found.entry().plain(), from, length);
    while (found.entry().form() == Form.VERBATIM
        && found.entry().plain() > SLICE
        && !isIntact(found)) {
      found = instead(blob, found, found.corrupt("its stored bytes have another checksum"));
    }
    Located of = found;
    boolean isList = of.entry().form().isList();
    PartList list = new PartList(of);
    long skip = isList ? list.seek(from) : from;
    return switch (of.entry().form()) {
      case FRAME -> new PieceStream(() -> read(of, Frames.MAX_PLAIN), skip, length);
      case CHUNKED -> new PieceStream(chunks(of, list), skip, length);
      case STITCHED -> new PieceStream(frames(of, list), skip, length);
      case VERBATIM ->
          of.entry().plain() <= SLICE
              ? new PieceStream(() -> read(of, SLICE), skip, length)
              : new PieceStream(slices(of, from), 0, length);
    };
  }

  private boolean isIntact(Located body) throws IOException {
    if (intact.contains(body)) {
      return true;
    }
    if (!body.isIntact()) {
      return false;
    }
    if (intact.size() >= MAX_INTACT) {
      intact.clear();
    }
    intact.add(body); // another thread may have found the same meanwhile
    return true;
  }

  private VerifiedStream.Pieces chunks(Located blob, PartList list) {
    return new Chunks(blob, list);
  }

  /** The parts of a list, one after the other. */
  private final class Chunks implements VerifiedStream.Pieces {
    private final Located blob;
    private final PartList list;
    private PartList.@Nullable Part due;

    Chunks(Located blob, PartList list) {
      this.blob = blob;
      this.list = list;
    }

    @Override
    public byte[] next() throws IOException {
      PartList.Part part = due == null ? list.next() : due;
      due = null;
      return part(blob, part, Wanted.FRAME, chunk -> sized(part, chunk).decode());
    }

    @Override
    public int next(byte[] target, int offset, int room) throws IOException {
      PartList.Part part = due == null ? list.next() : due;
      if (part.size() > room || part.size() == 0) {
        due = part;
        return 0;
      }
      due = null;
      part(
          blob,
          part,
          Wanted.FRAME,
          chunk -> {
            sized(part, chunk).decoded(target, offset, Room.OF_THREAD.get());
            return target;
          });
      return part.size();
    }

    private Located sized(PartList.Part part, Located chunk) throws StoreException.Corrupt {
      if (chunk.entry().plain() != part.size()) {
        throw blob.corrupt("its part " + part.digest() + " has another size");
      }
      return chunk;
    }
  }

  private VerifiedStream.Pieces frames(Located blob, PartList list) {
    return new StitchedFrames(blob, list);
  }

  /** The frames of a stitched blob, each held against its checksum or its digest. */
  private final class StitchedFrames implements VerifiedStream.Pieces {
    private final Located blob;
    private final PartList list;
    private final Wanted wanted;
    private PartList.@Nullable Part due;

    StitchedFrames(Located blob, PartList list) {
      this.blob = blob;
      this.list = list;
      this.wanted = Wanted.frame(blob.entry().variant());
    }

    private PartList.Part due() throws IOException {
      PartList.Part part = due == null ? list.next() : due;
      due = null;
      return part;
    }

    @Override
    public byte[] next() throws IOException {
      PartList.Part part = due();
      return part(blob, part, wanted, chunk -> frame(part, chunk));
    }

    private byte[] frame(PartList.Part part, Located chunk) throws IOException {
      if (chunk.entry().stored() != part.size()) {
        throw blob.corrupt("the frame of its part " + part.digest() + " has another size");
      }
      byte[] frame = chunk.stored(0, part.size());
      if (!chunk.isIntact(frame)) {
        chunk.requireDigest(chunk.decode(frame));
      }
      return frame;
    }

    @Override
    public ByteBuffer next(ByteBuffer room) throws IOException {
      boolean isRoom = true;
      while (isRoom && (due != null || list.hasNext())) {
        PartList.Part part = due();
        isRoom = part.size() <= room.remaining() && isPut(part, room);
        due = isRoom ? null : part;
      }
      return room.position() > 0 ? room.flip() : ByteBuffer.wrap(next());
    }

    /** False, and nothing is changed, if the first copy is not simply right. */
    private boolean isPut(PartList.Part part, ByteBuffer room) throws IOException {
      Located chunk = part(blob, part.digest(), wanted);
      if (chunk.entry().stored() != part.size()) {
        return false;
      }
      int start = room.position();
      ByteBuffer frame = room.slice(start, part.size());
      chunk.place().read(chunk.entry(), 0, frame);
      if (!chunk.isIntact(frame.flip())) {
        return false;
      }
      room.position(start + part.size());
      return true;
    }
  }

  /** What is made of a copy of a part. */
  interface Use {
    byte[] of(Located chunk) throws IOException;
  }

  /** The bytes of a part from the first copy that is right. */
  byte[] part(Located blob, PartList.Part part, Wanted wanted, Use use) throws IOException {
    Located chunk = part(blob, part.digest(), wanted);
    while (true) {
      try {
        return use.of(chunk);
      } catch (StoreException.Corrupt e) {
        chunk = other(parts, chunk, wanted, e);
      }
    }
  }

  /** Another copy in place of a damaged one, or the damage if there is none. */
  private static Located other(
      Lookup among, Located damaged, Wanted wanted, StoreException.Corrupt damage)
      throws IOException {
    damaged.distrust();
    Optional<Located> other = among.find(damaged.entry().digest(), wanted);
    if (other.isEmpty() || other.get().equals(damaged)) {
      throw damage;
    }
    return other.get();
  }

  /** A part of a list. */
  Located part(Located blob, Digest digest, Wanted wanted) throws IOException {
    try {
      return parts.get(digest, wanted);
    } catch (StoreException.MissingBlob e) {
      throw blob.corrupt("its part " + digest + " is missing");
    }
  }

  private static VerifiedStream.Pieces slices(Located blob, long from) {
    return new VerifiedStream.Pieces() {
      private long at = from;

      @Override
      public byte[] next() throws IOException {
        int length = (int) Math.min(SLICE, blob.entry().stored() - at);
        byte[] bytes = blob.stored(at, length);
        at += length;
        return bytes;
      }

      @Override
      public int next(byte[] target, int offset, int room) throws IOException {
        blob.place().read(blob.entry(), at, ByteBuffer.wrap(target, offset, room));
        at += room;
        return room;
      }

      @Override
      public ByteBuffer next(ByteBuffer room) throws IOException {
        int length = (int) Math.min(room.remaining(), blob.entry().stored() - at);
        if (length == 0) {
          return ByteBuffer.wrap(next());
        }
        blob.place().read(blob.entry(), at, room.limit(length));
        at += length;
        return room.flip();
      }
    };
  }

  /** All bytes of the blob, which has at most {@code limit}, from the first copy that is right. */
  byte[] read(Digest blob, int limit) throws IOException {
    return read(readable(blob), limit);
  }

  private byte[] read(Located first, int limit) throws IOException {
    Located copy = first;
    while (true) {
      try {
        return readCopy(copy, limit);
      } catch (StoreException.Corrupt e) {
        copy = instead(first.entry().digest(), copy, e);
      }
    }
  }

  /** See {@link dev.imgstore.store.BlobReader#readInto}. */
  boolean readInto(Digest blob, byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    Located copy = readable(blob);
    while (copy.entry().plain() == length) {
      try {
        readInto(copy, target, offset);
        return true;
      } catch (StoreException.Corrupt e) {
        copy = instead(blob, copy, e);
      }
    }
    return false;
  }

  private void readInto(Located blob, byte[] target, int offset) throws IOException {
    if (!blob.entry().form().isList()) {
      blob.verified(target, offset, Room.OF_THREAD.get());
      return;
    }
    try (InputStream in = open(blob)) {
      in.readNBytes(target, offset, (int) blob.entry().plain());
    }
  }

  /** Another form or copy of a blob in place of a damaged one, or the damage if there is none. */
  Located instead(Digest blob, Located damaged, StoreException.Corrupt damage) throws IOException {
    Located other = other(lookup, damaged, Wanted.ANY, damage);
    return other.entry().form().isList() ? readable(blob) : other;
  }

  private byte[] readCopy(Located blob, int limit) throws IOException {
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
