package dev.imgstore.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imgstore.store.Journal;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Pins whose time was over and that a collection took away, while nobody pinned or unpinned them
 * since, as the journal has it. A store that never had the pin of a file knows nothing of it.
 */
final class PinEnds {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Instant> ends = new HashMap<>();

  private PinEnds() {}

  static PinEnds read(List<Journal.Entry> entries) throws IOException {
    PinEnds read = new PinEnds();
    for (Journal.Entry entry : entries) {
      if (entry.kind().equals("unpin")) { // people and looks at files write the kind pins
        read.ends.put(entry.subject(), entry.when());
      } else if (entry.kind().equals("pins")) {
        for (JsonNode each : JSON.readTree(entry.body()).path("changes")) {
          read.ends.remove(each.path("name").asText());
        }
      }
    }
    return read;
  }

  /** When a collection took a pin away. */
  Optional<Instant> of(String pin) {
    return Optional.ofNullable(ends.get(pin));
  }
}
