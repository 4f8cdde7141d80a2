package dev.imgstore.builder.check;

import java.util.ArrayList;
import java.util.List;

/**
 * What a check found.
 *
 * @param actions how many ran again
 * @param findings by action, then path
 * @param tolerated paths that differed and may
 * @param notices what could not be looked at, and why
 */
public record RebuildReport(
    int actions, List<Finding> findings, List<String> tolerated, List<String> notices) {
  /** Of nothing. */
  public static final RebuildReport NONE = new RebuildReport(0, List.of(), List.of(), List.of());

  /** Copies in. */
  public RebuildReport {
    findings = List.copyOf(findings);
    tolerated = List.copyOf(tolerated);
    notices = List.copyOf(notices);
  }

  /** Both. */
  public RebuildReport and(RebuildReport other) {
    return new RebuildReport(
        actions + other.actions,
        all(findings, other.findings),
        all(tolerated, other.tolerated),
        all(notices, other.notices));
  }

  private static <T> List<T> all(List<T> one, List<T> other) {
    List<T> all = new ArrayList<>(one);
    other.stream().filter(each -> !one.contains(each)).forEach(all::add);
    return all;
  }
}
