package dev.imgstore.sync.serve;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Transaction;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.http.HttpException;

/**
 * Takes blobs (distribution-spec 1.1, "Push"): in one request, in several, or from another
 * repository. What is not ended lies in the store's {@code tmp/}, within bounds, and is dropped
 * when nobody goes on with it.
 *
 * <p>Law 2: a blob is durable before the client is told so. Law 1: bytes that hash to something
 * else than was said are given up. Safe for many threads.
 */
final class Uploads implements Closeable {
  private static final Pattern RANGE =
      Pattern.compile("(?:bytes[ =])?([0-9]{1,18})-([0-9]{1,18})(?:/.*)?");
  private static final int ID_BYTES = 16;
  private static final String DIGEST = "Docker-Content-Digest";

  private final Terms terms;
  private final Fresh fresh;
  private final Limits limits;
  private final RandomGenerator random;
  private final Map<String, Upload> all = new LinkedHashMap<>();
  private final AtomicLong reserved = new AtomicLong();

  Uploads(Terms terms, Fresh fresh, Limits limits, RandomGenerator random) {
    this.terms = terms;
    this.fresh = fresh;
    this.limits = limits;
    this.random = random;
  }

  /** POST: begins an upload, or does it all. */
  void begin(Call call, Terms.Term term, Repository repository, Repositories others)
      throws IOException, HttpException, Refusal {
    String mount = call.query("mount");
    String digest = call.query("digest");
    if (!mount.isEmpty() && mounted(call, term, repository, others, Pulls.digest(mount))) {
      return;
    }
    if (!digest.isEmpty() && mount.isEmpty()) {
      Digest wanted = Pulls.digest(digest);
      whole(call, term, repository, wanted);
      created(call, repository, wanted);
      return;
    }
    Upload upload = add(call.address(), repository.name());
    at(call, upload).set("Docker-Upload-UUID", upload.id()).empty(202);
  }

  private boolean mounted(
      Call call, Terms.Term term, Repository repository, Repositories others, Digest blob)
      throws IOException, HttpException, Refusal {
    String from = call.query("from");
    boolean isSeen =
        from.isEmpty()
            ? others.isSeenAnywhere(blob)
            : Target.isName(from) && others.read(from).hasBlob(blob);
    if (!isSeen || !term.store().lease(blob)) {
      return false;
    }
    fresh.add(repository.name(), blob, term);
    created(call, repository, blob);
    return true;
  }

  private synchronized Upload add(String client, String repository) throws IOException, Refusal {
    long ofThisOne = all.values().stream().filter(each -> each.client().equals(client)).count();
    if (all.size() >= limits.uploads() || ofThisOne >= limits.uploadsOfOne()) {
      throw new Refusal(
              Refusal.Code.TOOMANYREQUESTS,
              "too many uploads are not ended; end some, or try later")
          .with("Retry-After", "5");
    }
    byte[] id = new byte[ID_BYTES];
    random.nextBytes(id);
    Upload upload =
        new Upload(
            HexFormat.of().formatHex(id),
            client,
            repository,
            terms.take(),
            new Reservation(reserved, limits));
    all.put(upload.id(), upload);
    return upload;
  }

  private synchronized Upload find(Repository repository, String id) throws Refusal {
    Upload upload = all.get(id);
    if (upload == null
        || upload.reservation().isOver()
        || !upload.repository().equals(repository.name())) {
      throw new Refusal(
          Refusal.Code.BLOB_UPLOAD_UNKNOWN, "there is no such upload; it may have waited too long");
    }
    return upload;
  }

  /** An upload that no other request works on. */
  private Upload claim(Repository repository, String id) throws Refusal {
    Upload upload = find(repository, id);
    if (!upload.claim()) {
      throw new Refusal(
          Refusal.Code.BLOB_UPLOAD_INVALID, 409, "another request goes on with this upload");
    }
    return upload;
  }

  /** GET: how far it is. */
  void status(Call call, Repository repository, String id)
      throws IOException, HttpException, Refusal {
    at(call, find(repository, id)).empty(204);
  }

  /** PATCH: a part. */
  void part(Call call, Repository repository, String id)
      throws IOException, HttpException, Refusal {
    Upload upload = claim(repository, id);
    try {
      append(call, upload);
      at(call, upload).empty(202);
    } finally {
      upload.release();
    }
  }

  private void append(Call call, Upload upload) throws IOException, HttpException, Refusal {
    requireNext(call, upload);
    Reservation reservation = upload.reservation();
    requireRoom(call, reservation);
    try {
      upload.staged().append(reservation.of(call.body()), Long.MAX_VALUE);
    } catch (Reservation.TooLong | Reservation.NoRoom e) {
      drop(upload);
      throw refusal(e);
    }
  }

  /** Parts come in order, if the client says which they are. */
  private static void requireNext(Call call, Upload upload) throws Refusal {
    long before = upload.staged().size();
    Optional<Long> length = call.bodyLength();
    Matcher range = RANGE.matcher(call.header("Content-Range"));
    if (range.matches()) {
      long from = Long.parseLong(range.group(1));
      long to = Long.parseLong(range.group(2));
      if (from != before || (length.isPresent() && to - from + 1 != length.get())) {
        at(call, upload);
        throw new Refusal(
            Refusal.Code.BLOB_UPLOAD_INVALID, 416, "the next byte is number " + before);
      }
    } else if (!call.header("Content-Range").isEmpty()) {
      throw new Refusal(Refusal.Code.BLOB_UPLOAD_INVALID, "the Content-Range is no range");
    }
  }

  /** Refuses by what the client says, before a byte is read. */
  private void requireRoom(Call call, Reservation reservation) throws IOException, Refusal {
    try {
      reservation.require(call.bodyLength().orElse(0L));
    } catch (Reservation.TooLong | Reservation.NoRoom e) {
      throw refusal(e);
    }
  }

  private Refusal refusal(IOException why) {
    return why instanceof Reservation.NoRoom
        ? new Refusal(Refusal.Code.TOOMANYREQUESTS, String.valueOf(why.getMessage()))
            .with("Retry-After", "5")
        : new Refusal(
            Refusal.Code.SIZE_INVALID, 413, "a blob has at most " + limits.blob() + " bytes here");
  }

  /** PUT: the last part, which may be all or nothing, and the digest. */
  void end(Call call, Terms.Term term, Repository repository, String id)
      throws IOException, HttpException, Refusal {
    Digest wanted = Pulls.digest(call.query("digest"));
    Upload upload = claim(repository, id);
    try {
      if (upload.staged().size() == 0) {
        requireNext(call, upload);
        whole(call, term, repository, wanted);
      } else {
        append(call, upload);
        try (InputStream bytes = upload.staged().open()) {
          put(term, repository, wanted, bytes);
        } catch (Refusal e) {
          drop(upload); // the bytes are others than the client thinks: there is no going on
          throw e;
        }
      }
      drop(upload);
    } finally {
      upload.release();
    }
    created(call, repository, wanted);
  }

  /** A blob that comes in one request. */
  private void whole(Call call, Terms.Term term, Repository repository, Digest wanted)
      throws IOException, HttpException, Refusal {
    try (Reservation reservation = new Reservation(reserved, limits)) {
      requireRoom(call, reservation);
      put(term, repository, wanted, reservation.of(call.body()));
    } catch (Reservation.TooLong | Reservation.NoRoom e) {
      throw refusal(e);
    }
  }

  private void put(Terms.Term term, Repository repository, Digest wanted, InputStream bytes)
      throws IOException, Refusal {
    try (Transaction transaction = term.store().begin()) {
      Digest got = transaction.putVerbatim(bytes);
      if (!got.equals(wanted)) {
        throw new Refusal(
            Refusal.Code.DIGEST_INVALID, "the bytes are " + got + ", and not " + wanted);
      }
      transaction.flush();
    }
    if (!term.store().lease(wanted)) {
      throw new IOException("the blob " + wanted + " is gone right after it was stored");
    }
    fresh.add(repository.name(), wanted, term);
  }

  private static void created(Call call, Repository repository, Digest blob)
      throws IOException, HttpException {
    call.set("Location", "/v2/" + repository.name() + "/blobs/" + blob);
    call.set(DIGEST, blob.toString());
    call.empty(201);
  }

  private static Call at(Call call, Upload upload) {
    long last = Math.max(0, upload.staged().size() - 1);
    call.set("Location", "/v2/" + upload.repository() + "/blobs/uploads/" + upload.id());
    return call.set("Range", "0-" + last);
  }

  /** DELETE: gives it up. */
  void cancel(Call call, Repository repository, String id)
      throws IOException, HttpException, Refusal {
    Upload upload = claim(repository, id);
    try {
      drop(upload);
    } finally {
      upload.release();
    }
    call.empty(204);
  }

  private void drop(Upload upload) throws IOException {
    synchronized (this) {
      all.remove(upload.id());
    }
    upload.close();
  }

  /** Bytes of all that are not ended, those that come in one request as well. */
  long staged() {
    return reserved.get();
  }

  /** How many are not ended. */
  synchronized int count() {
    return all.size();
  }

  /** Drops what nobody goes on with. */
  void sweep() throws IOException {
    List<Upload> late;
    synchronized (this) {
      late = all.values().stream().filter(each -> each.isLate(limits.uploadIdle())).toList();
    }
    for (Upload each : late) {
      if (each.claim()) {
        drop(each);
      }
    }
  }

  @Override
  public void close() throws IOException {
    List<Upload> left;
    synchronized (this) {
      left = new ArrayList<>(all.values());
      all.clear();
    }
    for (Upload each : left) {
      each.close();
    }
  }
}
