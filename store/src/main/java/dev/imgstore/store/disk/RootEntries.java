package dev.imgstore.store.disk;

import dev.imgstore.store.Journal;
import dev.imgstore.store.Profiles.Because;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Records changes of roots, each decided by what is so under the journal's lock. */
final class RootEntries {
  private final DiskJournal journal;
  private final RootFile file;

  RootEntries(DiskJournal journal, RootFile file) {
    this.journal = journal;
    this.file = file;
  }

  /** What an entry of the journal is to say. */
  record Fact(String kind, String subject, Map<String, ?> facts) {
    Fact(String kind, String subject) {
      this(kind, subject, Map.of());
    }
  }

  /** Whether a change is one, seen under the journal's lock. */
  interface Needed {
    boolean in(RootState state) throws IOException;
  }

  /** Records a fact if that changes anything. */
  boolean change(Because because, Fact fact, Needed needed) throws IOException {
    List<Fact> made = new ArrayList<>();
    record(
        because,
        state -> {
          if (needed.in(state)) {
            made.add(fact);
          }
          return made;
        });
    return !made.isEmpty();
  }

  /** What is to be recorded, seen under the journal's lock; nothing, if it is so already. */
  interface Decision {
    List<Fact> in(RootState state) throws IOException;
  }

  /**
   * Appends an entry for each fact, one after the other; what is so already is made durable, for it
   * is promised again.
   *
   * @return the state before
   */
  RootState record(Because because, Decision decision) throws IOException {
    try (DiskJournal.Writer writer = journal.write()) {
      RootState before = file.read();
      List<Fact> facts = decision.in(before);
      if (facts.isEmpty()) {
        journal.settle();
        return before;
      }
      RootState now = before;
      for (Fact each : facts) {
        Journal.Entry entry = writer.append(because, each.kind(), each.subject(), each.facts());
        now = now.after(List.of(entry), writer.head());
      }
      file.write(now, facts.get(0).kind());
      return before;
    }
  }
}
