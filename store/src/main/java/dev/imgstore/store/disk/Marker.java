package dev.imgstore.store.disk;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.model.TreeCodec;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.Root;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Marks what must stay: a few bits for each spot of a {@link Census}. Every form of a blob that is
 * reached is marked, and what its lists name.
 *
 * <p>Law 3: what a root reaches must be there and readable, or marking fails. What a lease or a
 * fresh segment reaches is marked as far as it is there, told by content: a tree, a manifest, a
 * build record; anything else names nothing. Trees are followed once, however many name them. Not
 * for several threads.
 */
final class Marker {
  /** Largest tree or record that is read; the largest that any reader takes. */
  private static final int MAX = 256 << 20;

  /**
   * Largest document that is looked into, with the gate closed: no reader takes a larger record.
   */
  private static final int DOCUMENT = 64 << 20;

  private static final int NONE = -1;

  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

  private final Census census;
  private final BlobReader reader;
  private final BitSet live = new BitSet();
  private final BitSet needed = new BitSet();
  private final BitSet followed = new BitSet();
  private final BitSet followedForRoot = new BitSet();
  private final BitSet sources = new BitSet();
  private final Deque<Tree> trees = new ArrayDeque<>();
  private final Deque<Integer> guesses = new ArrayDeque<>();
  private long bytes;

  Marker(Census census) {
    this.census = census;
    this.reader = new DiskBlobReader(census, census);
  }

  /** A tree that a root needs and that is still to be followed, by its first spot. */
  private record Tree(int spot, String why) {}

  boolean isLive(int spot) {
    return live.get(spot);
  }

  /** The next spot from here on that must stay; -1 after the last. */
  int nextLive(int from) {
    return live.nextSetBit(from);
  }

  /** Bytes of all bodies that must stay, each form once, with their entries. */
  long bytes() {
    return bytes;
  }

  /** Plain bytes of what only build records name, as what was fetched for them. */
  long sources() {
    return sources.stream().mapToLong(census::plain).sum();
  }

  /** Marks what a root reaches. */
  void root(Root root) throws IOException {
    String why = root.label();
    image(root.image(), why);
    if (root instanceof Root.OfGeneration generation) {
      record(generation.record(), why);
    }
    follow();
  }

  private void image(Digest image, String why) throws IOException {
    int spot = need(image, why + ", image");
    if (isFollowedForRoot(spot)) {
      return;
    }
    ImageManifest manifest = ImageManifest.read(reader, image);
    for (Descriptor each : manifest.references()) {
      if (manifest instanceof ImageManifest.Index) {
        image(each.digest(), why);
      } else if (each.mediaType().equals(ImageManifest.TREE)) {
        needTree(new TreeId(each.digest()), why + ", imported tree");
      } else {
        need(each.digest(), why + ", layer or configuration");
      }
    }
    for (Descriptor each : manifest.loose()) {
      guess(census.first(each.digest())); // as far as it is there
    }
  }

  private void record(Digest digest, String why) throws IOException {
    int spot = need(digest, why + ", build record");
    if (isFollowedForRoot(spot)) {
      return;
    }
    BuildRecord record = BuildRecord.decode(digest, reader.read(digest, MAX));
    need(record.recipe(), why + ", recipe");
    need(record.lock(), why + ", lock");
    for (TreeId local : record.locals().values()) {
      needTree(local, why + ", local files");
    }
    for (BuildRecord.Part part : record.parts()) {
      needTree(part.tree(), why + ", " + part.platform() + " tree");
    }
    follow();
    for (Digest source : record.sources()) {
      int known = census.first(source);
      boolean isElsewhere = known != NONE && live.get(known) && !sources.get(known);
      int at = need(source, why + ", locked input");
      sources.set(at, !isElsewhere);
    }
  }

  /** True if it was; from now on it is. */
  private boolean isFollowedForRoot(int spot) {
    boolean was = followedForRoot.get(spot);
    followedForRoot.set(spot);
    followed.set(spot);
    return was;
  }

  private void needTree(TreeId tree, String why) throws IOException {
    trees.push(new Tree(need(tree.digest(), why), why));
  }

  /** Marks a blob that must be there. */
  private int need(Digest blob, String why) throws IOException {
    return need(ByteBuffer.wrap(blob.raw()), 0, why);
  }

  private int need(ByteBuffer raw, int at, String why) throws IOException {
    int spot = census.first(raw, at);
    if (spot == NONE) {
      byte[] digest = new byte[Digest.BYTES];
      raw.get(at, digest);
      throw new StoreException.Corrupt(
          why, "the store lacks " + Digest.fromRaw(digest) + " of it; nothing was removed");
    }
    mark(spot, why);
    return spot;
  }

  /** Marks a blob and all it reaches, as far as that is there. */
  void leased(Digest blob) throws IOException {
    guess(census.first(blob));
    follow();
  }

  /** Marks everything in a segment, and what that reaches. */
  void all(Census.Part part) throws IOException {
    for (int spot = part.base(); spot < part.end(); spot++) {
      int first = census.first(part.footer().entries(), (spot - part.base()) * Entry.BYTES);
      if (part.refers()) {
        guess(first);
      } else {
        mark(first, null);
      }
      live.set(spot); // it may have come after others of its digest were marked, and then its parts
      int form = census.form(spot);
      if (form == Form.CHUNKED.number() || form == Form.STITCHED.number()) {
        markParts(spot, null);
      }
    }
    follow();
  }

  /**
   * Marks all forms of a blob and the parts of those that are lists.
   *
   * @param why the root that needs them all; null if those that are there will do
   */
  private void mark(int first, @Nullable String why) throws IOException {
    if (why == null ? live.get(first) : needed.get(first)) {
      return;
    }
    if (why != null && census.isAlone(first) && census.form(first) == Form.FRAME.number()) {
      markAlone(first);
      return;
    }
    boolean fresh = !live.get(first);
    if (why != null) {
      needed.set(first);
    }
    for (int spot = first; spot != NONE; spot = census.next(spot)) {
      live.set(spot);
      bytes += fresh && isFirstOfItsForm(first, spot) ? census.stored(spot) + Entry.BYTES : 0;
    }
    for (int spot = first; spot != NONE; spot = census.next(spot)) {
      int form = census.form(spot);
      if (form == Form.CHUNKED.number() || form == Form.STITCHED.number()) {
        markParts(spot, why);
      } else if (form == Form.VERBATIM.number()
          && census.of(spot).purpose() == Purpose.METADATA
          && !followed.get(first)) {
        guesses.add(first); // what is found there is taken to have all that it names
      }
    }
  }

  /** Most blobs by far. */
  private void markAlone(int spot) {
    needed.set(spot);
    if (!live.get(spot)) {
      live.set(spot);
      bytes += census.stored(spot) + Entry.BYTES;
    }
  }

  private boolean isFirstOfItsForm(int first, int spot) {
    for (int other = first; other != spot; other = census.next(other)) {
      if (census.isCopy(other, spot)) {
        return false;
      }
    }
    return true;
  }

  private void markParts(int spot, @Nullable String why) throws IOException {
    try {
      markPartsOf(spot, why);
    } catch (StoreException e) {
      if (why != null) {
        throw e;
      }
      // a damaged list that only a lease names: nobody can read it, and the rest goes on
    }
  }

  private void markPartsOf(int spot, @Nullable String why) throws IOException {
    Located list = census.located(spot);
    PartList parts = new PartList(list);
    while (parts.hasNext()) {
      Digest part = parts.next().digest();
      if (why != null) {
        need(part, why);
      } else {
        int first = census.first(part);
        if (first != NONE) {
          mark(first, null);
        }
      }
    }
  }

  /** What roots need comes first, so that it is not passed over as known by a guess. */
  private void follow() throws IOException {
    while (!trees.isEmpty() || !guesses.isEmpty()) {
      if (!trees.isEmpty()) {
        Tree tree = trees.pop();
        if (!isFollowedForRoot(tree.spot())) {
          links(read(tree.spot()), tree.why());
        }
      } else {
        int spot = guesses.remove();
        if (!followed.get(spot)) {
          followed.set(spot);
          guessAt(spot);
        }
      }
    }
  }

  private byte[] read(int spot) throws IOException {
    return reader.read(census.located(spot).entry().digest(), MAX);
  }

  /**
   * Marks what a tree names.
   *
   * @param why the root that needs it all; null for what is there
   */
  private void links(byte[] tree, @Nullable String why) throws IOException {
    ByteBuffer raw = ByteBuffer.wrap(tree);
    try {
      TreeCodec.links(
          tree,
          new TreeCodec.Links() {
            @Override
            public void file(int at) {
              named(raw, at, why, false);
            }

            @Override
            public void directory(int at) {
              named(raw, at, why, true);
            }
          });
    } catch (IllegalArgumentException e) {
      throw new StoreException.Corrupt(
          why == null ? "a tree" : why, String.valueOf(e.getMessage()));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void named(ByteBuffer raw, int at, @Nullable String why, boolean isTree) {
    try {
      if (why != null) {
        int spot = need(raw, at, why);
        if (isTree && !followedForRoot.get(spot)) {
          trees.push(new Tree(spot, why));
        }
      } else if (isTree) {
        guess(census.first(raw, at));
      } else {
        int spot = census.first(raw, at);
        if (spot != NONE) {
          mark(spot, null);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Marks it, if it is there, and later what it names, by content. */
  private void guess(int spot) throws IOException {
    if (spot != NONE) {
      mark(spot, null);
      if (!followed.get(spot)) {
        guesses.add(spot);
      }
    }
  }

  /** What cannot be understood names nothing. */
  private void guessAt(int spot) throws IOException {
    try {
      if (begins(spot, TreeCodec::isTree)) {
        links(read(spot), null);
      } else if (begins(spot, head -> head.length > 0 && head[0] == '{')) {
        Located located = census.located(spot);
        if (located.entry().plain() <= DOCUMENT) {
          for (Digest each : document(located.entry().digest(), read(spot))) {
            guess(census.first(each));
          }
        }
      }
    } catch (StoreException e) {
      return; // damaged, or no document after all: it protects itself
    }
  }

  /** Whether any copy of a blob begins like that, for the first may be rotten. */
  private boolean begins(int first, Predicate<byte[]> like) throws IOException {
    for (int spot = first; spot != NONE; spot = census.next(spot)) {
      if (begins(like, spot)) {
        return true;
      }
    }
    return false;
  }

  private boolean begins(Predicate<byte[]> like, int spot) throws IOException {
    try {
      return like.test(head(census.located(spot)));
    } catch (StoreException e) {
      return false; // another copy may be good
    }
  }

  /** How a blob begins; nothing, if it is stitched and so a layer. */
  private byte[] head(Located blob) throws IOException {
    return switch (blob.entry().form()) {
      case VERBATIM -> blob.stored(0, (int) Math.min(8, blob.entry().stored()));
      case FRAME -> blob.decode();
      case STITCHED -> new byte[0];
      case CHUNKED -> {
        PartList parts = new PartList(blob);
        yield parts.hasNext()
            ? census.get(parts.next().digest(), Wanted.FRAME).decode()
            : new byte[0];
      }
    };
  }

  private List<Digest> document(Digest digest, byte[] bytes) throws IOException {
    List<Digest> named = new ArrayList<>();
    try {
      BuildRecord record = BuildRecord.decode(digest, bytes);
      named.addAll(List.of(record.image(), record.recipe(), record.lock()));
      named.addAll(record.sources());
      record.locals().values().forEach(tree -> named.add(tree.digest()));
      for (BuildRecord.Part part : record.parts()) {
        named.add(part.tree().digest());
        named.add(part.manifest());
      }
    } catch (StoreException.UnknownFormat e) {
      named.addAll(mentioned(bytes)); // whatever it means by them
    } catch (StoreException.Corrupt e) {
      if (bytes.length <= ImageManifest.MAX_SIZE) {
        ImageManifest manifest = ImageManifest.read(reader, digest);
        manifest.references().forEach(each -> named.add(each.digest()));
        manifest.loose().forEach(each -> named.add(each.digest()));
      }
    }
    return named;
  }

  /** All digests that are spelt in a text. */
  private static List<Digest> mentioned(byte[] bytes) {
    List<Digest> all = new ArrayList<>();
    Matcher digests = DIGEST.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
    while (digests.find()) {
      all.add(Digest.parse(digests.group()));
    }
    return all;
  }
}
