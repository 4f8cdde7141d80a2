package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.PinChange;
import dev.imgstore.store.Profiles.Because;
import dev.imgstore.store.Revocation;
import dev.imgstore.store.Root;
import dev.imgstore.store.Roots;
import dev.imgstore.store.Schedule;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/** The roots of a store, which name images only if they are there, and durable (law 2). */
final class DurableRoots implements Roots {
  private final DiskRoots roots;
  private final DiskBlobs blobs;

  DurableRoots(DiskRoots roots, DiskBlobs blobs) {
    this.roots = roots;
    this.blobs = blobs;
  }

  private void require(Digest image) throws IOException {
    blobs.lease(image);
    ImageManifest.read(blobs.reader(), image);
    blobs.makeDurable();
  }

  @Override
  public List<Root> all() throws IOException {
    return roots.all();
  }

  @Override
  public List<Root.Pin> pins() throws IOException {
    return roots.pins();
  }

  @Override
  public void pin(String name, Digest image, Because because) throws IOException {
    require(image);
    roots.pin(name, image, because);
  }

  @Override
  public void pin(String name, Optional<Digest> expected, Digest image, Because because)
      throws IOException {
    require(image);
    roots.pin(name, expected, image, because);
  }

  @Override
  public List<PinChange> change(String subject, List<PinChange> changes, Because because)
      throws IOException {
    SortedSet<Digest> images = new TreeSet<>();
    for (PinChange each : changes) {
      if (each instanceof PinChange.Pinned pinned) {
        images.add(pinned.image());
      }
    }
    for (Digest each : images) {
      require(each);
    }
    return roots.change(subject, changes, because);
  }

  @Override
  public boolean unpin(String name, Because because) throws IOException {
    return roots.unpin(name, because);
  }

  @Override
  public boolean unpin(Root.Pin asItIs, Because because) throws IOException {
    return roots.unpin(asItIs, because);
  }

  @Override
  public boolean keep(String name, Digest image, String alsoAs, Because because)
      throws IOException {
    return roots.keep(name, image, alsoAs, because);
  }

  @Override
  public void hold(Digest image, String owner, Because because) throws IOException {
    require(image);
    roots.hold(image, owner, because);
  }

  @Override
  public boolean release(Digest image, Because because) throws IOException {
    return roots.release(image, because);
  }

  @Override
  public void good(String profile, int number, Because because) throws IOException {
    roots.good(profile, number, because);
  }

  @Override
  public void tag(String profile, String tag, int number, Because because) throws IOException {
    roots.tag(profile, tag, number, because);
  }

  @Override
  public boolean untag(String profile, String tag, Because because) throws IOException {
    return roots.untag(profile, tag, because);
  }

  @Override
  public SortedMap<String, SortedMap<String, Integer>> tags() throws IOException {
    return roots.tags();
  }

  /** {@inheritDoc} Of an image that is not here nothing is known but its digest. */
  @Override
  public void revoke(Digest image, Because because) throws IOException {
    revoke(image, Collections.emptySortedSet(), because);
  }

  @Override
  public void revoke(Digest image, SortedSet<Digest> also, Because because) throws IOException {
    SortedSet<Digest> covers = platforms(image);
    for (Digest each : also) {
      covers.add(each);
      covers.addAll(platforms(each));
    }
    roots.revoke(image, covers, because);
  }

  /** Of an index in an index, too. */
  private SortedSet<Digest> platforms(Digest image) throws IOException {
    SortedSet<Digest> platforms = new TreeSet<>();
    Deque<Digest> left = new ArrayDeque<>(List.of(image));
    while (!left.isEmpty()) {
      Digest next = left.remove();
      blobs.lease(next);
      try {
        for (Digest each : ImageManifest.read(blobs.reader(), next).parts()) {
          if (platforms.add(each)) {
            left.add(each);
          }
        }
      } catch (StoreException.MissingBlob e) {
        // nothing is known of it but its digest, which is enough to refuse it
      }
    }
    return platforms;
  }

  @Override
  public boolean reinstate(Digest image, Because because) throws IOException {
    return roots.reinstate(image, because);
  }

  @Override
  public List<Revocation> revocations() throws IOException {
    return roots.revocations();
  }

  @Override
  public void requireUsable(Digest image) throws IOException {
    roots.requireUsable(image);
  }

  @Override
  public Optional<Schedule> schedule() throws IOException {
    return roots.schedule();
  }

  @Override
  public boolean schedule(String when, SortedMap<String, String> facts, Because because)
      throws IOException {
    return roots.schedule(when, facts, because);
  }

  @Override
  public boolean unschedule(Because because) throws IOException {
    return roots.unschedule(because);
  }
}
