package dev.imgstore.store.catalog;

import dev.imgstore.store.BuildRecord.InstalledPackage;
import java.util.Comparator;

/** A package, and where it is installed. */
public record PackageHit(Part part, InstalledPackage installed) implements Comparable<PackageHit> {
  private static final Comparator<PackageHit> ORDER =
      Comparator.comparing(PackageHit::part)
          .thenComparing(PackageHit::installed)
          .thenComparing(hit -> hit.installed().version());

  @Override
  public int compareTo(PackageHit other) {
    return ORDER.compare(this, other);
  }
}
