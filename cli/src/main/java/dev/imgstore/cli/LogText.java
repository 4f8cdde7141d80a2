package dev.imgstore.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imgstore.store.Journal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Entries of the journal, told to people. */
final class LogText {
  private static final ObjectMapper JSON = new ObjectMapper();

  private LogText() {}

  /** A line that says when, who, what and why, and what there is to note below it. */
  static String of(Journal.Entry entry) throws IOException {
    JsonNode body = JSON.readTree(entry.body());
    String why = entry.why().isEmpty() ? "" : "  (" + entry.why().replace('\n', ' ') + ")";
    return Imgstore.line(entry.when() + "  " + entry.who() + "  " + sentence(entry, body) + why)
        + "\n"
        + notes(body.path("notes"));
  }

  private static String numbered(String name, JsonNode numbers) {
    List<String> all = new ArrayList<>();
    numbers.forEach(each -> all.add(name + each.asInt()));
    return String.join(", ", all);
  }

  private static String git(String commit) {
    return commit.isEmpty() ? "" : " from git " + RecipeCommit.brief(commit);
  }

  /** What a command said before it failed, and what was crossed by force. */
  private static String notes(JsonNode notes) {
    StringBuilder text = new StringBuilder();
    if (notes.has("forced")) {
      text.append("    by force: ")
          .append(Imgstore.line(notes.path("forced").asText()))
          .append('\n');
    }
    notes
        .path("output")
        .asText("")
        .lines()
        .forEach(line -> text.append("    | ").append(line).append('\n'));
    return text.toString();
  }

  /** What changes of a deploy spec say, at most three of them. */
  private static String changes(JsonNode changes) {
    List<String> all = new ArrayList<>();
    for (JsonNode each : changes) {
      all.add(
          each.path("change").asText()
              + " "
              + each.path("name").asText()
              + (each.has("image") ? " to " + each.path("image").asText() : ""));
    }
    return Counted.some(all);
  }

  /** What happened. */
  private static String sentence(Journal.Entry entry, JsonNode body) {
    String name = entry.subject() + "@";
    return switch (entry.kind()) {
      case "generation" ->
          "build "
              + name
              + body.path("number").asInt()
              + " "
              + body.path("image").asText()
              + git(body.path("notes").path("git").asText());
      case "switch", "rollback" ->
          entry.kind()
              + " "
              + name
              + body.path("from").asInt()
              + " to "
              + name
              + body.path("to").asInt();
      case "activating" -> "activate " + name + body.path("number").asInt() + " again";
      case "activated" -> "activated " + name + body.path("number").asInt() + ": it works";
      case "not-activated" -> name + body.path("number").asInt() + " does not work";
      case "drop" -> "delete " + numbered(name, body.path("numbers"));
      case "good" -> "mark " + name + body.path("number").asInt() + " as good";
      case "pin" -> "pin " + entry.subject() + " to " + body.path("image").asText();
      case "push" ->
          "push " + name + body.path("number").asInt() + " to " + body.path("to").asText();
      case "pull" ->
          "pull " + name + body.path("number").asInt() + " from " + body.path("from").asText();
      case "tag", "untag" ->
          entry.kind()
              + " "
              + (body.has("number") ? name + body.path("number").asInt() + " " : name)
              + body.path("tag").asText();
      case "pins" -> entry.subject() + ": " + changes(body.path("changes"));
      case "key" ->
          body.path("use").asText()
              + (body.has("of") ? " " + body.path("of").asText() + " with" : "")
              + " key "
              + entry.subject();
      case "schedule" -> "schedule collections: " + body.path("when").asText();
      case "unschedule" -> "end the schedule of collections";
      case "unpin", "release", "revoke", "reinstate" -> entry.kind() + " " + entry.subject();
      case "hold" -> "hold " + entry.subject() + " for " + body.path("owner").asText();
      case "collection" ->
          "collection: freed "
              + Table.bytes(body.path("freed").asLong())
              + ", removed "
              + Counted.of(body.path("segments").asLong(), "segment", "segments")
              + ScheduleRecord.suffix(body);
      case "repair" ->
          "repair: mended "
              + Counted.of(body.path("objects").asLong(), "object", "objects")
              + ", "
              + Counted.of(body.path("files").asLong(), "file", "files");
      default -> entry.kind() + " " + entry.subject() + " " + entry.body();
    };
  }
}
