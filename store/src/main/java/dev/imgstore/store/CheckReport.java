package dev.imgstore.store;

import java.util.List;

/**
 * What reading every byte of a store found.
 *
 * @param blobs number of blobs read
 * @param bytes bytes read from disk
 * @param findings empty if all is well; sorted
 */
public record CheckReport(long blobs, long bytes, List<Finding> findings) {
  /** Copies in. */
  public CheckReport {
    findings = findings.stream().sorted().toList();
  }

  /**
   * One thing that is wrong.
   *
   * @param file the file of the store
   * @param what digest, profile or entry concerned
   * @param fault one sentence
   * @param uses what it is, as far as known: {@code layer}, {@code /usr/bin/nginx (linux/amd64)}
   * @param neededBy the roots that need it, by their labels; empty if nothing kept does
   * @param copy where a good copy of it lies; empty if there is none, or nothing was lost
   */
  public record Finding(
      String file, String what, String fault, List<String> uses, List<String> neededBy, String copy)
      implements Comparable<Finding> {
    /** Copies in. */
    public Finding {
      uses = List.copyOf(uses);
      neededBy = List.copyOf(neededBy);
    }

    /** Of what no one has asked yet whom it concerns. */
    public Finding(String file, String what, String fault) {
      this(file, what, fault, List.of(), List.of(), "");
    }

    @Override
    public int compareTo(Finding other) {
      return toString().compareTo(other.toString());
    }
  }
}
