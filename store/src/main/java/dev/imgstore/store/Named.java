package dev.imgstore.store;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.model.TreeCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What a blob names directly and cannot be without, told by content.
 *
 * @param record what it is, if it is a build record
 */
public record Named(Set<Digest> blobs, Optional<BuildRecord> record) {
  /** Copies in. */
  public Named {
    blobs = Set.copyOf(blobs);
  }

  /**
   * Looks into a blob.
   *
   * @param reader that has it
   * @return empty if it is neither tree, manifest, index nor build record of this version
   */
  public static Optional<Named> read(BlobReader reader, Digest blob, byte[] bytes)
      throws IOException {
    if (TreeCodec.isTree(bytes)) {
      return tree(bytes);
    }
    if (bytes.length == 0 || bytes[0] != '{') {
      return Optional.empty();
    }
    try {
      BuildRecord record = BuildRecord.decode(blob, bytes);
      return Optional.of(new Named(names(record), Optional.of(record)));
    } catch (StoreException e) { // a lock has a format number, too
      return manifest(reader, blob, bytes.length);
    }
  }

  private static Set<Digest> names(BuildRecord record) {
    Set<Digest> all = new HashSet<>(record.sources());
    all.add(record.image());
    all.add(record.recipe());
    all.add(record.lock());
    record.locals().values().forEach(each -> all.add(each.digest()));
    record.parts().forEach(each -> all.add(each.tree().digest()));
    return all;
  }

  private static Optional<Named> tree(byte[] bytes) {
    Set<Digest> all = new HashSet<>();
    ByteBuffer raw = ByteBuffer.wrap(bytes);
    try {
      TreeCodec.links(
          bytes,
          new TreeCodec.Links() {
            @Override
            public void file(int at) {
              byte[] digest = new byte[Digest.BYTES];
              raw.get(at, digest);
              all.add(Digest.fromRaw(digest));
            }

            @Override
            public void directory(int at) {
              file(at);
            }
          });
      return Optional.of(new Named(all, Optional.empty()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Optional<Named> manifest(BlobReader reader, Digest blob, int length)
      throws IOException {
    if (length > ImageManifest.MAX_SIZE) {
      return Optional.empty();
    }
    try {
      Set<Digest> all = new HashSet<>();
      for (Descriptor each : ImageManifest.read(reader, blob).references()) {
        all.add(each.digest());
      }
      return Optional.of(new Named(all, Optional.empty()));
    } catch (StoreException e) {
      return Optional.empty();
    }
  }
}
