package dev.imgstore.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imgstore.store.Journal;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which entries are about a thing: a generation, an image, a profile, a pin, a file of a deploy
 * spec, a key, a place in a registry.
 */
final class LogFilter {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern DIGEST = Pattern.compile("(?:sha256:)?([0-9a-f]{6,64})");

  private final Set<String> words;
  private final String beginning;
  private final Optional<Ref> ref;

  private LogFilter(Set<String> words, String beginning, Optional<Ref> ref) {
    this.words = words;
    this.beginning = beginning;
    this.ref = ref;
  }

  /** As a person typed it. What is no generation by now may still be in the journal. */
  static LogFilter of(Context context, Store store, String typed) throws IOException {
    Set<String> words = new HashSet<>(Set.of(typed, context.path(typed).toString()));
    var digest = DIGEST.matcher(typed);
    String beginning = digest.matches() ? "sha256:" + digest.group(1) : "";
    Optional<Ref> ref = Optional.empty();
    if (typed.contains("@") || typed.contains("~")) {
      try {
        ref = Optional.of(Ref.resolve(store, typed));
        words.add(ref.get().generation().image().toString());
      } catch (CommandFailure e) {
        // a name that has such a character
      }
    }
    return new LogFilter(words, beginning, ref);
  }

  boolean isAbout(Journal.Entry entry) throws IOException {
    JsonNode body = JSON.readTree(entry.body());
    return isNamed(entry.subject()) || isIn(body) || isGeneration(entry, body);
  }

  private boolean isNamed(String text) {
    return words.contains(text) || (!beginning.isEmpty() && text.startsWith(beginning));
  }

  private boolean isIn(JsonNode node) {
    if (node.isTextual()) {
      return isNamed(node.asText());
    }
    for (JsonNode each : node) {
      if (isIn(each)) {
        return true;
      }
    }
    return false;
  }

  /** By its number, which stands for nothing but with the profile's name. */
  private boolean isGeneration(Journal.Entry entry, JsonNode body) {
    if (ref.isEmpty() || !entry.subject().equals(ref.get().profile())) {
      return false;
    }
    int number = ref.get().generation().number();
    for (String field : new String[] {"number", "to"}) {
      if (body.path(field).isInt() && body.path(field).asInt() == number) {
        return true;
      }
    }
    boolean isLeft = !entry.kind().equals("generation") && body.path("from").asInt(-1) == number;
    for (JsonNode each : body.path("numbers")) {
      isLeft |= each.asInt() == number;
    }
    return isLeft;
  }
}
