package dev.imgstore.builder.disk.container;

import java.util.regex.Pattern;

/**
 * The machine that an appliance asks for.
 *
 * @param name of the machine and of the files in an archive: letters, digits, dots, - and _
 * @param processors at least 1
 * @param memoryMib at least 64
 */
public record Machine(String name, int processors, int memoryMib, Firmware firmware) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
  private static final int LEAST_MEMORY = 64;

  /** What starts it. */
  public enum Firmware {
    /** A BIOS. */
    BIOS,
    /** UEFI. */
    EFI
  }

  /** Refuses what no machine is. */
  public Machine {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("not a name for a machine: " + name);
    }
    if (processors < 1 || memoryMib < LEAST_MEMORY) {
      throw new IllegalArgumentException(
          "no machine has " + processors + " processors and " + memoryMib + " MiB of memory");
    }
  }
}
