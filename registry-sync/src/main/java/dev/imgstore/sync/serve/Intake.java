package dev.imgstore.sync.serve;

import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Profile;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.Profiles.Because;
import dev.imgstore.store.Roots;
import dev.imgstore.store.Store;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.apache.http.HttpException;

/**
 * Takes manifests and indexes, byte for byte (distribution-spec 1.1, "Pushing Manifests"). A push
 * of {@code latest}, or of the number that comes next, is a generation of the profile and becomes
 * current. Any other tag is a pin and changes nothing else; what it stood for before is kept by its
 * digest, as is what is pushed by its digest alone, until an image with a tag names it.
 *
 * <p>Law 3: only what this repository shows may be named, all of it is leased before anything names
 * it, and nothing is taken that a collection could not follow. Law 6: the client is told after the
 * journal has it.
 */
final class Intake {
  private static final String DIGEST = "Docker-Content-Digest";
  private static final int TRIES = 5;

  private final RegistryServer.Wiring wiring;
  private final Object naming;

  /** Whoever holds {@code naming} is the only one of this server that changes names. */
  Intake(RegistryServer.Wiring wiring, Object naming) {
    this.wiring = wiring;
    this.naming = naming;
  }

  void put(Call call, Terms.Term term, Repository repository, String reference)
      throws IOException, HttpException, Refusal {
    if (!Profile.isName(repository.profile().name())
        || !Repository.profileOf(repository.name()).equals(repository.profile().name())) {
      throw new Refusal(Refusal.Code.NAME_INVALID, "the name is too long: " + Profile.NAME_RULE);
    }
    byte[] bytes = body(call);
    Digest digest = Digest.of(bytes);
    if (Pulls.isDigest(reference) && !Pulls.digest(reference).equals(digest)) {
      throw new Refusal(
          Refusal.Code.DIGEST_INVALID, "the manifest is " + digest + ", and not " + reference);
    }
    if (!Pulls.isDigest(reference) && !Repository.isTag(reference)) {
      throw new Refusal(Refusal.Code.MANIFEST_INVALID, reference + " is no tag");
    }
    Document document = document(call, digest, bytes);
    store(term, repository, document, bytes);
    synchronized (naming) {
      named(call, term.store(), repository, reference, digest);
    }
    document.subject().ifPresent(each -> call.set("OCI-Subject", each.toString()));
    call.set("Location", "/v2/" + repository.name() + "/manifests/" + digest);
    call.set(DIGEST, digest.toString());
    call.empty(201);
  }

  private static byte[] body(Call call) throws IOException, HttpException, Refusal {
    Refusal tooLarge =
        new Refusal(
            Refusal.Code.MANIFEST_INVALID,
            413,
            "a manifest has at most " + ImageManifest.MAX_SIZE + " bytes");
    if (call.bodyLength().orElse(0L) > ImageManifest.MAX_SIZE) {
      throw tooLarge;
    }
    byte[] bytes = call.body().readNBytes(ImageManifest.MAX_SIZE + 1);
    if (bytes.length > ImageManifest.MAX_SIZE) {
      throw tooLarge;
    }
    return bytes;
  }

  private static Document document(Call call, Digest digest, byte[] bytes) throws Refusal {
    Document document;
    try {
      document = Document.parsePushed(bytes);
      ImageManifest.parse(digest, bytes); // as a collection will read it
    } catch (IllegalArgumentException e) {
      throw invalid(String.valueOf(e.getMessage()));
    } catch (StoreException e) {
      throw invalid("it is no manifest");
    }
    String said = call.header("Content-Type");
    int end = said.indexOf(';');
    String type = (end < 0 ? said : said.substring(0, end)).strip();
    if (!type.isEmpty() && !type.equals(document.mediaType())) {
      throw invalid("it is " + document.mediaType() + ", and was sent as another type");
    }
    if (document.isTree()) {
      throw invalid("trees are imported, and not pushed");
    }
    return document;
  }

  private static Refusal invalid(String why) {
    return new Refusal(Refusal.Code.MANIFEST_INVALID, "the manifest is refused: " + why);
  }

  /** What is named comes before what names it. */
  private static void store(Terms.Term term, Repository repository, Document document, byte[] bytes)
      throws IOException, Refusal {
    try (Transaction transaction = term.store().begin()) {
      for (Descriptor each : document.parts()) {
        require(repository, transaction, document, each);
      }
      transaction.putMetadata(bytes);
      transaction.flush();
    }
    Digest digest = Digest.of(bytes);
    if (!term.store().lease(digest)) {
      throw new IOException("the manifest " + digest + " is gone right after it was stored");
    }
  }

  private static void require(
      Repository repository, Transaction transaction, Document document, Descriptor part)
      throws IOException, Refusal {
    boolean isSeen;
    if (document.isIndex()) {
      isSeen = repository.manifest(part.digest()).isPresent();
      if (isSeen && repository.reach(part.digest()).depth() >= Reach.MAX_DEPTH) {
        throw invalid("indexes are nested too deeply");
      }
    } else {
      isSeen = repository.hasBlob(part.digest());
    }
    if (!isSeen || !transaction.has(part.digest())) { // which leases it
      throw new Refusal(
          Refusal.Code.MANIFEST_BLOB_UNKNOWN,
          repository.name() + " has no " + part.digest() + "; push it first");
    }
    if (transaction.size(part.digest()) != part.size()) {
      throw invalid(part.digest() + " has another size");
    }
  }

  /** Again, if somebody outside this server changed the name meanwhile. */
  private void named(Call call, Store store, Repository repository, String reference, Digest image)
      throws IOException, Refusal {
    for (int tries = 1; ; tries++) {
      try {
        name(call, store, repository.again(), reference, image);
        return;
      } catch (StoreException.Revoked e) {
        throw new Refusal(Refusal.Code.DENIED, String.valueOf(e.getMessage()));
      } catch (StoreException.Locked e) {
        if (tries == TRIES) {
          throw new Refusal(
                  Refusal.Code.UNAVAILABLE, "others change " + reference + " all the time")
              .with("Retry-After", "1");
        }
      }
    }
  }

  /** Makes a name stand for it, which keeps it. */
  private void name(Call call, Store store, Repository repository, String reference, Digest image)
      throws IOException, Refusal {
    String at = Pulls.isDigest(reference) ? "@" : ":";
    Because because = wiring.because(call, "pushed as " + repository.name() + at + reference);
    Roots roots = store.roots();
    if (Pulls.isDigest(reference)) {
      if (repository.manifest(image).isEmpty()) {
        roots.pin(Repository.pinOf(repository.name(), image), image, because);
      }
      return;
    }
    if (Repository.isOfGeneration(reference)) {
      commit(store, repository, reference, image, because);
    } else {
      keepBefore(roots, repository, reference, image, because);
      roots.pin(
          Repository.pinOf(repository.name(), reference),
          Optional.ofNullable(repository.pinned().get(reference)),
          image,
          because);
    }
    for (Digest each : repository.reach(image).manifests().keySet()) {
      if (repository.untagged().contains(each)) {
        roots.unpin(Repository.pinOf(repository.name(), each), because);
      }
    }
  }

  /** Somebody may have deployed it, by its digest. */
  private static void keepBefore(
      Roots roots, Repository repository, String tag, Digest image, Because because)
      throws IOException {
    Digest before = repository.pinned().getOrDefault(tag, image);
    if (!before.equals(image) && !repository.isKeptWithout(tag, before)) {
      keep(roots, repository, tag, before, because);
    }
  }

  /**
   * Gives what a tag stands for a name of its digest.
   *
   * @throws StoreException.Locked if it stands for something else by now
   */
  static void keep(Roots roots, Repository repository, String tag, Digest image, Because because)
      throws IOException {
    String name = Repository.pinOf(repository.name(), tag);
    if (!roots.keep(name, image, Repository.pinOf(repository.name(), image), because)) {
      throw new StoreException.Locked("another changed " + tag + " meanwhile; try again");
    }
  }

  private static void commit(
      Store store, Repository repository, String tag, Digest image, Because because)
      throws IOException, Refusal {
    Profile profile = repository.profile();
    for (int tries = 1; isNew(profile, repository.name(), tag, image); tries++) {
      try {
        store
            .profiles()
            .commit(profile.name(), profile.current(), image, record(store, image), because);
        return;
      } catch (StoreException.RolledBack e) {
        throw new Refusal(Refusal.Code.DENIED, 409, String.valueOf(e.getMessage()));
      } catch (StoreException.Locked e) {
        if (tries == TRIES) {
          throw new Refusal(
                  Refusal.Code.UNAVAILABLE, "others change " + profile.name() + " all the time")
              .with("Retry-After", "1");
        }
        profile = store.profiles().open(profile.name()).orElse(Profile.empty(profile.name()));
      }
    }
  }

  /** True if the push makes a generation. */
  private static boolean isNew(Profile profile, String name, String tag, Digest image)
      throws Refusal {
    if (tag.equals(Repository.LATEST)) {
      return profile.currentGeneration().filter(each -> each.image().equals(image)).isEmpty();
    }
    int number = Integer.parseInt(tag);
    if (profile.generation(number).filter(each -> each.image().equals(image)).isPresent()) {
      return false;
    }
    if (number != profile.next()) {
      throw new Refusal(
          Refusal.Code.DENIED,
          409,
          "the tag "
              + tag
              + " is generation "
              + tag
              + " of "
              + name
              + ", which stays what it is; the next is "
              + profile.next());
    }
    return true;
  }

  /** A record without recipe and lock: both are empty. */
  private static Digest record(Store store, Digest image) throws IOException {
    try (Transaction transaction = store.begin()) {
      Digest nothing = transaction.putMetadata(new byte[0]);
      BuildRecord record =
          new BuildRecord(
              image,
              nothing,
              Collections.emptySortedMap(),
              nothing,
              List.of(),
              Collections.emptySortedMap(),
              List.of());
      Digest digest = transaction.putMetadata(record.encode());
      transaction.flush();
      return digest;
    }
  }
}
