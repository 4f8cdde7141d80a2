package dev.imgstore.sync.serve;

import dev.imgstore.model.Digest;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.apache.http.HttpException;

/**
 * Sends manifests and blobs (distribution-spec 1.1, "Pull").
 *
 * <p>Law 1: the first time that a blob is sent whole, its hash is known before its last byte is
 * sent. After that, and for a part of a blob, each piece is held against its checksum, and not all
 * of the blob hashed once more; a client hashes what it gets.
 */
final class Pulls {
  private static final int MAX_PROVEN = 10_000;
  private static final int MAX_SAID = 2000;
  private static final String DIGEST = "Docker-Content-Digest";
  private static final Pattern NOT_IN_A_HEADER = Pattern.compile("[^ !#-\\[\\]-~]");

  private final Set<Digest> proven = ConcurrentHashMap.newKeySet();

  static Digest digest(String text) throws Refusal {
    try {
      return Digest.parse(text);
    } catch (IllegalArgumentException e) {
      throw new Refusal(
          Refusal.Code.DIGEST_INVALID,
          text + " is no digest that is served here: sha256: and 64 digits");
    }
  }

  /** True for what is meant as a digest, right or wrong. */
  static boolean isDigest(String reference) {
    return reference.indexOf(':') >= 0;
  }

  void manifest(Call call, Terms.Term term, Repository repository, String reference)
      throws IOException, HttpException, Refusal {
    Digest digest = isDigest(reference) ? digest(reference) : tagged(repository, reference);
    Optional<Reach.Manifest> found = repository.manifest(digest);
    if (found.isEmpty() || !term.store().lease(digest)) {
      throw unknown(repository, reference);
    }
    call.set(DIGEST, digest.toString());
    call.set("ETag", "\"" + digest + "\"");
    warn(call, term, digest);
    byte[] bytes = term.blobs().read(digest, ImageManifest.MAX_SIZE);
    call.bytes(200, found.get().document().mediaType(), bytes);
  }

  /** What runs an image may start it again, and is told (distribution-spec 1.1, "Warnings"). */
  private static void warn(Call call, Terms.Term term, Digest digest) throws IOException {
    try {
      term.store().roots().requireUsable(digest);
    } catch (StoreException.Revoked e) {
      String said = NOT_IN_A_HEADER.matcher(String.valueOf(e.getMessage())).replaceAll("'");
      call.set("Warning", "299 - \"" + said.substring(0, Math.min(MAX_SAID, said.length())) + "\"");
    }
  }

  private static Digest tagged(Repository repository, String tag) throws IOException, Refusal {
    return repository.tag(tag).orElseThrow(() -> unknown(repository, tag));
  }

  private static Refusal unknown(Repository repository, String reference) {
    return new Refusal(
        Refusal.Code.MANIFEST_UNKNOWN, repository.name() + " has no manifest " + reference);
  }

  void blob(Call call, Terms.Term term, Repository repository, String reference)
      throws IOException, HttpException, Refusal {
    Digest digest = digest(reference);
    if (!repository.hasBlob(digest) || !term.store().lease(digest)) {
      throw new Refusal(Refusal.Code.BLOB_UNKNOWN, repository.name() + " has no blob " + reference);
    }
    long size = term.blobs().size(digest);
    call.set(DIGEST, digest.toString());
    call.set("ETag", "\"" + digest + "\"");
    call.set("Accept-Ranges", "bytes");
    Optional<ByteRange> range = range(call, digest, size);
    call.set("Content-Type", "application/octet-stream");
    if (range.isPresent()) {
      part(call, term, digest, range.get(), size);
    } else if (call.isHead()) {
      call.head(200, size);
    } else {
      whole(call, term, digest, size);
    }
  }

  private static Optional<ByteRange> range(Call call, Digest digest, long size) throws Refusal {
    String condition = call.header("If-Range");
    boolean isMeant = condition.isEmpty() || condition.equals("\"" + digest + "\"");
    return isMeant && !call.isHead() ? ByteRange.of(call.header("Range"), size) : Optional.empty();
  }

  private static void part(Call call, Terms.Term term, Digest digest, ByteRange range, long size)
      throws IOException, HttpException {
    long last = range.from() + range.length() - 1;
    call.set("Content-Range", "bytes " + range.from() + "-" + last + "/" + size);
    try (InputStream in = term.blobs().open(digest, range.from(), range.length())) {
      call.stream(206, range.length(), in);
    }
  }

  private void whole(Call call, Terms.Term term, Digest digest, long size)
      throws IOException, HttpException {
    boolean isProven = proven.contains(digest);
    try (InputStream in =
        isProven ? term.blobs().open(digest, 0, size) : term.blobs().open(digest)) {
      call.stream(200, size, in);
    }
    if (!isProven) {
      if (proven.size() >= MAX_PROVEN) {
        proven.clear();
      }
      proven.add(digest);
    }
  }
}
