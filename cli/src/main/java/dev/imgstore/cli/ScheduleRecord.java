package dev.imgstore.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imgstore.store.Journal;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A scheduled collection as the journal tells of it.
 *
 * @param trigger why it ran
 * @param failure what went wrong; empty if nothing did
 */
record ScheduleRecord(Instant when, String trigger, long freed, Duration took, String failure) {
  static final String TRIGGER = "trigger";
  static final String PLANNED = "planned";
  private static final String COLLECTION = "collection";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Whether an entry is of one. */
  static boolean isOf(Journal.Entry entry) throws IOException {
    return entry.kind().equals(COLLECTION) && JSON.readTree(entry.body()).has(TRIGGER);
  }

  /** The newest one. */
  static Optional<ScheduleRecord> newest(Store store) throws IOException {
    List<Journal.Entry> entries = store.journal().list();
    for (int i = entries.size() - 1; i >= 0; i--) {
      if (isOf(entries.get(i))) {
        JsonNode body = JSON.readTree(entries.get(i).body());
        return Optional.of(
            new ScheduleRecord(
                entries.get(i).when(),
                body.path(TRIGGER).asText(),
                body.path("freed").asLong(),
                Duration.ofMillis(body.path("milliseconds").asLong()),
                body.path("failed").asText()));
      }
    }
    return Optional.empty();
  }

  /** What to add to the line of a collection in a log; empty if a person typed it. */
  static String suffix(JsonNode body) {
    return (body.has(TRIGGER) ? ", because of " + body.path(TRIGGER).asText() : "")
        + (body.has("failed") ? ", FAILED: " + body.path("failed").asText() : "");
  }
}
