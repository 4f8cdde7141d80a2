package dev.imgstore.store;

import java.util.List;

/**
 * What a collection did.
 *
 * @param changes what is otherwise than the plan says; if there is any, nothing was removed
 * @param generations that were dropped
 * @param segments that were removed
 * @param kept segments that were to go and stayed, because running work needs something in them, or
 *     because they are damaged
 * @param freed bytes on disk that came back, after what was written anew
 * @param written bytes that were written anew
 * @param records action records that were removed
 * @param faults damage that was met
 */
public record CollectReport(
    List<String> changes,
    int generations,
    int segments,
    List<String> kept,
    long freed,
    long written,
    int records,
    List<CheckReport.Finding> faults) {
  /** Copies in. */
  public CollectReport {
    changes = List.copyOf(changes);
    kept = kept.stream().sorted().toList();
    faults = faults.stream().sorted().toList();
  }
}
