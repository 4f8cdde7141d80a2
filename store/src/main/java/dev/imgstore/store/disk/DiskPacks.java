package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Arrival;
import dev.imgstore.store.Body;
import dev.imgstore.store.Pack;
import dev.imgstore.store.Packs;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Transaction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Packs of what is sealed. What is packed should be leased, so that it stays. */
final class DiskPacks implements Packs {
  private final Filesystem files;
  private final Scratch scratch;
  private final DiskSegments segments;
  private final Bodies bodies;

  DiskPacks(Filesystem files, Scratch scratch, DiskSegments segments) {
    this.files = files;
    this.scratch = scratch;
    this.segments = segments;
    this.bodies = new Bodies(segments, segments);
  }

  @Override
  public List<Stored> bodies(Collection<Digest> blobs) throws IOException {
    SortedMap<Body, Stored> all = new TreeMap<>();
    for (Digest each : blobs) {
      Located found = bodies.readable(each);
      add(found, all);
      if (found.entry().form().isList()) {
        addParts(found, all);
      }
    }
    return List.copyOf(all.values());
  }

  private void addParts(Located list, SortedMap<Body, Stored> all) throws IOException {
    Wanted wanted =
        list.entry().form() == Form.STITCHED ? Wanted.frame(list.entry().variant()) : Wanted.FRAME;
    for (PartList parts = new PartList(list); parts.hasNext(); ) {
      add(bodies.part(list, parts.next().digest(), wanted), all);
    }
  }

  private static void add(Located found, SortedMap<Body, Stored> all) {
    Entry entry = found.entry();
    Body body = new Body(entry.digest(), entry.form().number(), entry.variant());
    all.computeIfAbsent(body, each -> new Stored(each, purpose(found).number(), entry.stored()));
  }

  private static Purpose purpose(Located found) {
    return switch (found.entry().form()) {
      case FRAME -> Purpose.CONTENT;
      case CHUNKED, STITCHED -> Purpose.METADATA;
      case VERBATIM -> StoreCopy.isMetadata(found) ? Purpose.METADATA : Purpose.VERBATIM;
    };
  }

  @Override
  public Pack pack(List<Stored> these) throws IOException {
    List<Located> found = new ArrayList<>();
    for (Stored each : these) {
      Body body = each.body();
      Located now =
          segments.get(
              body.blob(),
              (form, variant) -> form.number() == body.form() && variant == body.variant());
      if (now.entry().stored() != each.size()) {
        throw new StoreException.Corrupt(body.blob() + " in " + now.place(), "it has another size");
      }
      found.add(now);
    }
    Purpose purpose = Purpose.of(these.get(0).purpose()).orElseThrow();
    return SentPack.of(found, purpose);
  }

  @Override
  public Arrival arrive(Transaction into) {
    if (!(into instanceof DiskTransaction target)) {
      throw new IllegalArgumentException("not a transaction of a store on a disk");
    }
    return new DiskArrival(files, scratch, target);
  }
}
