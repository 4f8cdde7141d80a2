package dev.imgstore.builder.boot;

import java.util.List;

/**
 * How a machine started.
 *
 * @param up whether it did
 * @param why it did not, as an end of a sentence; empty if it did
 * @param accelerator {@code kvm} or {@code tcg}, which is emulation
 * @param milliseconds from when it was turned on until it was up or given up
 * @param failed units of systemd that failed on the way, as it said
 * @param console its last lines
 */
public record BootReport(
    boolean up,
    String why,
    String accelerator,
    long milliseconds,
    List<String> failed,
    List<String> console) {
  /** Copies in. */
  public BootReport {
    failed = List.copyOf(failed);
    console = List.copyOf(console);
  }
}
