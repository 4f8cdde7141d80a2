package dev.imgstore.sync.serve;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.model.Switch;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Profiles.Because;
import dev.imgstore.store.Retention;
import dev.imgstore.store.Root;
import dev.imgstore.store.Store;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.http.HttpException;

/**
 * Takes names away (distribution-spec 1.1, "Content Management"); bytes go with the next
 * collection. What is held or pinned elsewhere stays.
 */
final class Deletion {
  private final RegistryServer.Wiring wiring;
  private final Access access;
  private final Fresh fresh;
  private final Object naming;

  /** See {@link Intake}. */
  Deletion(RegistryServer.Wiring wiring, Access access, Fresh fresh, Object naming) {
    this.wiring = wiring;
    this.access = access;
    this.fresh = fresh;
    this.naming = naming;
  }

  private void requireAllowed() throws Refusal {
    if (!access.deletable()) {
      throw new Refusal(
          Refusal.Code.UNSUPPORTED, "this registry deletes nothing; it was not told that it may");
    }
  }

  void manifest(Call call, Terms.Term term, Repository repository, String reference)
      throws IOException, HttpException, Refusal {
    requireAllowed();
    Because because = wiring.because(call, "deleted as " + repository.name() + " " + reference);
    try {
      synchronized (naming) {
        Repository now = repository.again();
        if (Pulls.isDigest(reference)) {
          digest(term.store(), now, Pulls.digest(reference), because);
        } else {
          tag(term.store(), now, reference, because);
        }
      }
    } catch (StoreException.Kept e) {
      throw new Refusal(Refusal.Code.DENIED, String.valueOf(e.getMessage()));
    } catch (StoreException.Locked e) {
      throw new Refusal(Refusal.Code.UNAVAILABLE, String.valueOf(e.getMessage()))
          .with("Retry-After", "1");
    }
    call.empty(202);
  }

  private static void tag(Store store, Repository repository, String tag, Because because)
      throws IOException, Refusal {
    if (repository.tag(tag).isEmpty()) {
      throw unknown(repository, tag);
    }
    if (Repository.NUMBER.matcher(tag).matches()) {
      store.profiles().drop(repository.profile().name(), Set.of(Integer.valueOf(tag)), because);
    } else if (tag.equals(Repository.LATEST)) {
      throw new Refusal(
          Refusal.Code.DENIED,
          "latest is what is current; push another, roll back, or delete it by its digest");
    } else {
      Digest image = repository.pinned().get(tag);
      if (image != null && !repository.isKeptWithout(tag, image)) {
        Intake.keep(store.roots(), repository, tag, image, because);
      }
      store.roots().unpin(Repository.pinOf(repository.name(), tag), because);
    }
  }

  private static Refusal unknown(Repository repository, String reference) {
    return new Refusal(
        Refusal.Code.MANIFEST_UNKNOWN, repository.name() + " has no manifest " + reference);
  }

  /** Its generations and all tags that stand for it. */
  private static void digest(Store store, Repository repository, Digest image, Because because)
      throws IOException, Refusal {
    if (!repository.images().contains(image)) {
      if (repository.manifest(image).isPresent()) {
        throw new Refusal(
            Refusal.Code.DENIED, image + " is a part of another image, which keeps it");
      }
      throw unknown(repository, image.toString());
    }
    requireFree(store, repository, image);
    makeWay(store.profiles(), repository.profile(), image, because);
    for (var each : repository.pinned().entrySet()) {
      if (each.getValue().equals(image)) {
        store.roots().unpin(Repository.pinOf(repository.name(), each.getKey()), because);
      }
    }
    store.roots().unpin(Repository.pinOf(repository.name(), image), because);
    generations(store.profiles(), repository.profile(), image, because);
  }

  /**
   * Refuses what would be refused when its generations are taken away, before anything changes. By
   * a hold of what only tags stand for, too: it is to be found here.
   */
  private static void requireFree(Store store, Repository repository, Digest image)
      throws IOException {
    Profile profile = repository.profile();
    Set<Integer> doomed = numbers(profile, image);
    boolean isAll = doomed.size() == profile.generations().size();
    Set<String> keepers = new TreeSet<>();
    for (Root each : store.roots().all()) {
      if (each instanceof Root.OfGeneration of) {
        if (!isAll && of.profile().equals(profile.name()) && doomed.contains(of.number())) {
          keepers.addAll(of.marks());
        }
      } else if (each.image().equals(image)
          && (each instanceof Root.Hold || (!doomed.isEmpty() && !isOwn(repository, each)))) {
        keepers.add(each.keeping());
      }
    }
    if (!isAll && doomed.stream().anyMatch(Retention.rolledBack(profile)::contains)) {
      keepers.add("rolled back from, and nothing was built since");
    }
    if (!isAll && doomed.contains(Retention.refuge(profile))) {
      keepers.add("what to go back to: " + Retention.REFUGE);
    }
    if (!keepers.isEmpty()) {
      throw new StoreException.Kept(image + " stays: it is " + String.join(", and ", keepers));
    }
  }

  /** A name that goes with the image. */
  private static boolean isOwn(Repository repository, Root root) {
    return root instanceof Root.Pin pin
        && Repository.ofPin(pin.name()).equals(Optional.of(repository.name()));
  }

  private static Set<Integer> numbers(Profile profile, Digest image) {
    Set<Integer> numbers = new TreeSet<>();
    for (Generation each : profile.generations()) {
      if (each.image().equals(image)) {
        numbers.add(each.number());
      }
    }
    return numbers;
  }

  /**
   * If this image is current, the highest generation of another image takes its place that is not
   * revoked. Before any name is taken away, so that a refusal leaves all as it was.
   */
  private static void makeWay(Profiles profiles, Profile profile, Digest image, Because because)
      throws IOException, Refusal {
    Optional<Generation> current = profile.currentGeneration();
    List<Generation> others = new ArrayList<>(profile.generations());
    others.removeIf(each -> each.image().equals(image));
    if (others.isEmpty() || current.filter(now -> now.image().equals(image)).isEmpty()) {
      return;
    }
    Collections.reverse(others);
    for (Generation each : others) {
      try {
        profiles.makeCurrent(
            profile.name(), profile.current(), each.number(), Switch.Kind.SWITCH, because);
        return;
      } catch (StoreException.Revoked e) {
        // the next one may be used
      }
    }
    throw new Refusal(
        Refusal.Code.DENIED,
        image
            + " is current, and every other generation of "
            + profile.name()
            + " is revoked; push another image first, then delete this one");
  }

  private static void generations(Profiles profiles, Profile profile, Digest image, Because because)
      throws IOException {
    Set<Integer> numbers = numbers(profile, image);
    if (numbers.isEmpty()) {
      return;
    }
    if (numbers.size() == profile.generations().size()) {
      profiles.dropAll(profile.name(), profile.current(), because);
    } else {
      profiles.drop(profile.name(), numbers, because);
    }
  }

  void blob(Call call, Repository repository, String reference)
      throws IOException, HttpException, Refusal {
    requireAllowed();
    Digest blob = Pulls.digest(reference);
    if (repository.isNamed(blob)) {
      throw new Refusal(
          Refusal.Code.DENIED, blob + " is part of an image, which keeps it; delete that");
    }
    if (!fresh.remove(repository.name(), blob)) {
      throw new Refusal(Refusal.Code.BLOB_UNKNOWN, repository.name() + " has no blob " + blob);
    }
    call.empty(202);
  }
}
