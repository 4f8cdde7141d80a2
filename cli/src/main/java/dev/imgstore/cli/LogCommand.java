package dev.imgstore.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.store.Journal;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Who changed what, when and why. */
@Command(
    name = "log",
    mixinStandardHelpOptions = true,
    description = "Show who changed what, when and why, newest first.",
    footerHeading = "%nExample:%n",
    footer = "  imgstore log web")
final class LogCommand extends StoreCommand {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Parameters(
      arity = "0..1",
      paramLabel = "PROFILE",
      defaultValue = "",
      description = "Only this profile's changes.")
  String profile;

  @Override
  ExitCode run(Store store) throws IOException {
    if (!profile.isEmpty() && store.profiles().open(profile).isEmpty()) {
      Ref.open(store.profiles(), profile);
    }
    ObjectNode json = object();
    ArrayNode list = json.putArray("entries");
    StringBuilder text = new StringBuilder();
    List<Journal.Entry> entries = store.journal().list();
    for (int i = entries.size() - 1; i >= 0; i--) {
      Journal.Entry entry = entries.get(i);
      if (!profile.isEmpty() && !entry.subject().equals(profile)) {
        continue;
      }
      list.addObject()
          .put("sequence", entry.sequence())
          .put("hash", entry.hash())
          .put("when", entry.when().toString())
          .put("who", entry.who())
          .put("why", entry.why())
          .put("kind", entry.kind())
          .put("subject", entry.subject())
          .putRawValue("body", new com.fasterxml.jackson.databind.util.RawValue(entry.body()));
      text.append(entry.when())
          .append("  ")
          .append(entry.who())
          .append("  ")
          .append(sentence(entry))
          .append(entry.why().isEmpty() ? "" : "  (" + entry.why().replace('\n', ' ') + ")")
          .append('\n');
    }
    print(json, text.toString());
    return ExitCode.DONE;
  }

  private static String numbered(String name, JsonNode numbers) {
    List<String> all = new ArrayList<>();
    numbers.forEach(each -> all.add(name + each.asInt()));
    return String.join(", ", all);
  }

  private static String sentence(Journal.Entry entry) throws IOException {
    JsonNode body = JSON.readTree(entry.body());
    String name = entry.subject() + "@";
    return switch (entry.kind()) {
      case "generation" ->
          "build " + name + body.path("number").asInt() + " " + body.path("image").asText();
      case "switch", "rollback" ->
          entry.kind()
              + " "
              + name
              + body.path("from").asInt()
              + " to "
              + name
              + body.path("to").asInt();
      case "drop" -> "delete " + numbered(name, body.path("numbers"));
      case "good" -> "mark " + name + body.path("number").asInt() + " as good";
      case "pin" -> "pin " + entry.subject() + " to " + body.path("image").asText();
      case "unpin", "release" -> entry.kind() + " " + entry.subject();
      case "hold" -> "hold " + entry.subject() + " for " + body.path("owner").asText();
      default -> entry.kind() + " " + entry.subject() + " " + entry.body();
    };
  }
}
