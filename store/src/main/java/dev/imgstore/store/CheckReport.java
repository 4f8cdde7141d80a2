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
   */
  public record Finding(String file, String what, String fault) implements Comparable<Finding> {
    @Override
    public int compareTo(Finding other) {
      return toString().compareTo(other.toString());
    }
  }
}
