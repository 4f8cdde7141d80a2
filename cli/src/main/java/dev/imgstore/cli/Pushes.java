package dev.imgstore.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imgstore.model.Digest;
import dev.imgstore.store.Journal;
import dev.imgstore.sync.ImageName;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the journal says of repositories: which profile went there, and what a tag is there. */
final class Pushes {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What was sent under a tag. */
  record Sent(String profile, int number) {}

  private final Map<String, String> profiles = new HashMap<>();
  private final Map<String, Sent> tags = new HashMap<>();
  private final Map<Digest, String> made = new HashMap<>();
  private final Set<Sent> pushed = new HashSet<>();

  private Pushes() {}

  static Pushes read(List<Journal.Entry> entries) throws IOException {
    Pushes pushes = new Pushes();
    for (Journal.Entry entry : entries) {
      switch (entry.kind()) {
        case "push" -> pushes.add(entry, "to");
        case "pull" -> pushes.add(entry, "from");
        case "generation" -> pushes.made(entry);
        default -> {} // says nothing of images by name
      }
    }
    return pushes;
  }

  private void made(Journal.Entry entry) throws IOException {
    JsonNode body = JSON.readTree(entry.body());
    String name = entry.subject() + "@" + body.path("number").asInt();
    digest(body).ifPresent(image -> made.put(image, name));
  }

  private void add(Journal.Entry entry, String way) throws IOException {
    JsonNode body = JSON.readTree(entry.body());
    ImageName name;
    try {
      name = ImageName.parse(body.path(way).asText());
    } catch (IllegalArgumentException e) {
      return; // written by something that names places otherwise
    }
    String repository = name.host() + "/" + name.repository();
    profiles.put(repository, entry.subject());
    int number = body.path("number").asInt();
    pushed.add(new Sent(entry.subject(), number));
    if (!name.tag().isEmpty()) {
      tags.put(repository + ":" + name.tag(), new Sent(entry.subject(), number));
    }
  }

  private static Optional<Digest> digest(JsonNode body) {
    try {
      return Optional.of(Digest.parse(body.path("image").asText()));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // of an entry that names none
    }
  }

  /** The profile whose images go to, or came from, what a spec calls so with its registry. */
  Optional<String> profile(String name) {
    return Optional.ofNullable(profiles.get(name));
  }

  /** What was last sent under a tag, or came from it. */
  Optional<Sent> sent(String name, String tag) {
    return Optional.ofNullable(tags.get(name + ":" + tag));
  }

  /** Whether a generation went to a registry, or came from one. */
  boolean isPushed(String profile, int number) {
    return pushed.contains(new Sent(profile, number));
  }

  /** The generation, as {@code web@41}, that had this image, even if it was deleted. */
  Optional<String> generation(Digest image) {
    return Optional.ofNullable(made.get(image));
  }
}
