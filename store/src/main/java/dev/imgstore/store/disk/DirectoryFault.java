package dev.imgstore.store.disk;

import java.io.IOException;
import java.util.Collection;
import java.util.List;

/** A directory that cannot be imported: every name that is in the way, and why. */
public final class DirectoryFault extends IOException {
  private static final long serialVersionUID = 1;
  private static final int SHOWN = 20;

  private final List<String> faults;

  DirectoryFault(String what, Collection<String> faults) {
    super(message(what, faults.stream().sorted().toList()));
    this.faults = faults.stream().sorted().toList();
  }

  /** One sentence for each name. */
  public List<String> faults() {
    return faults;
  }

  private static String message(String what, List<String> sorted) {
    StringBuilder text = new StringBuilder(what).append("; nothing was imported:");
    sorted.stream().limit(SHOWN).forEach(each -> text.append("\n  ").append(each));
    if (sorted.size() > SHOWN) {
      text.append("\n  and ").append(sorted.size() - SHOWN).append(" more");
    }
    return text.toString();
  }
}
