package dev.imgstore.store.disk;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.model.TreeCodec;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What objects name, by the first spot of each in a {@link Census}; read once and kept. What is
 * named and not stored is passed over: to say that it is missing is for {@code verify}. Not for
 * several threads.
 */
final class Graph {
  static final int NONE = -1;

  /** Largest tree or record that is read; the largest that any reader takes. */
  static final int MAX = 256 << 20;

  private static final int[] NOTHING = {};

  private final Census census;
  private final BlobReader reader;
  private final @Nullable Entries[] trees;
  private final int[] @Nullable [] lists;
  private final Map<Integer, Names> images = new HashMap<>();

  Graph(Census census) {
    this.census = census;
    this.trees = new Entries[census.size()];
    this.lists = new int[census.size()][];
    this.reader = new DiskBlobReader(census, census);
  }

  /** First spots of the files and directories in one directory. */
  static final class Entries {
    private final int[] files;
    private final int[] directories;

    private Entries(int[] files, int[] directories) {
      this.files = files;
      this.directories = directories;
    }

    int[] files() {
      return files;
    }

    int[] directories() {
      return directories;
    }
  }

  /** First spots of what a manifest or index names. */
  record Names(
      List<Integer> manifests, List<Integer> trees, List<Integer> blobs, List<Integer> loose) {
    private static final Names NOTHING = new Names(List.of(), List.of(), List.of(), List.of());
  }

  /** What a manifest or index names; nothing if it is neither. */
  Names image(int spot) throws IOException {
    Names known = images.get(spot);
    if (known == null) {
      known = readImage(spot);
      images.put(spot, known);
    }
    return known;
  }

  private Names readImage(int spot) throws IOException {
    if (census.plain(spot) > ImageManifest.MAX_SIZE) {
      return Names.NOTHING;
    }
    ImageManifest manifest;
    try {
      manifest = ImageManifest.read(reader, digest(spot));
    } catch (StoreException e) {
      return Names.NOTHING; // nobody can follow it: verify says so
    }
    Names names =
        new Names(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (Descriptor each : manifest.references()) {
      if (manifest instanceof ImageManifest.Index) {
        add(each, names.manifests());
      } else {
        add(each, each.mediaType().equals(ImageManifest.TREE) ? names.trees() : names.blobs());
      }
    }
    manifest.loose().forEach(each -> add(each, names.loose()));
    return names;
  }

  private void add(Descriptor named, List<Integer> to) {
    int spot = census.first(named.digest());
    if (spot != NONE) {
      to.add(spot);
    }
  }

  Census census() {
    return census;
  }

  BlobReader reader() {
    return reader;
  }

  Digest digest(int spot) throws IOException {
    return census.located(spot).entry().digest();
  }

  /** What is in the directory whose tree this is. */
  Entries tree(int spot) throws IOException {
    Entries known = trees[spot];
    if (known == null) {
      known = read(spot);
      trees[spot] = known;
    }
    return known;
  }

  private Entries read(int spot) throws IOException {
    byte[] bytes;
    try {
      bytes = reader.read(digest(spot), MAX);
    } catch (StoreException e) {
      return new Entries(NOTHING, NOTHING); // nobody can follow it: verify says so
    }
    Spots files = new Spots();
    Spots directories = new Spots();
    ByteBuffer raw = ByteBuffer.wrap(bytes);
    try {
      TreeCodec.links(
          bytes,
          new TreeCodec.Links() {
            @Override
            public void file(int at) {
              files.add(census.first(raw, at));
            }

            @Override
            public void directory(int at) {
              directories.add(census.first(raw, at));
            }
          });
    } catch (IllegalArgumentException e) {
      return new Entries(NOTHING, NOTHING); // as above
    }
    return new Entries(files.array(), directories.array());
  }

  /** The parts of all lists that are forms of an object; most have none. */
  int[] parts(int first) throws IOException {
    int[] known = lists[first];
    if (known == null) {
      Spots spots = new Spots();
      for (int spot = first; spot != NONE; spot = census.next(spot)) {
        if (isListForm(spot)) {
          PartList parts = new PartList(census.located(spot));
          while (parts.hasNext()) {
            spots.add(census.first(parts.next().digest()));
          }
        }
      }
      known = spots.array();
      lists[first] = known;
    }
    return known;
  }

  boolean isList(int first) {
    for (int spot = first; spot != NONE; spot = census.next(spot)) {
      if (isListForm(spot)) {
        return true;
      }
    }
    return false;
  }

  private boolean isListForm(int spot) {
    int form = census.form(spot);
    return form == Form.CHUNKED.number() || form == Form.STITCHED.number();
  }

  /** Bytes on disk of all bodies of an object, with their entries. */
  long stored(int first) {
    long stored = 0;
    for (int spot = first; spot != NONE; spot = census.next(spot)) {
      stored += census.stored(spot) + Entry.BYTES;
    }
    return stored;
  }

  /** Numbers in a row; what is not there is left out. */
  private static final class Spots {
    private int[] spots = NOTHING;
    private int size;

    void add(int spot) {
      if (spot == NONE) {
        return;
      }
      if (size == spots.length) {
        spots = Arrays.copyOf(spots, Math.max(8, 2 * size));
      }
      spots[size++] = spot;
    }

    int[] array() {
      return size == 0 ? NOTHING : Arrays.copyOf(spots, size);
    }
  }
}
