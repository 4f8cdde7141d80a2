package dev.imgstore.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.imgstore.model.Digest;
import dev.imgstore.store.CheckReport;
import dev.imgstore.store.CollectPlan;
import dev.imgstore.store.JsonTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** A plan as a JSON object: what {@code gc --plan} writes and {@code gc --apply} reads. */
final class PlanFile {
  private static final int FORMAT = 1;
  private static final int MAX = 256 << 20;

  private PlanFile() {}

  /** All of a plan. */
  static ObjectNode encode(CollectPlan plan) {
    ObjectNode json = StoreCommand.object();
    json.putObject("journal")
        .put("sequence", plan.head().sequence())
        .put("hash", plan.head().hash());
    CollectPlan.Bytes bytes = plan.bytes();
    json.putObject("bytes")
        .put("before", bytes.before())
        .put("freed", bytes.freed())
        .put("written", bytes.written())
        .put("sources", bytes.sources())
        .put("over", bytes.over());
    json.put("blobs", plan.blobs());
    ArrayNode pins = json.putArray("pins");
    for (CollectPlan.Over each : plan.pins()) {
      pins.addObject()
          .put("name", each.name())
          .put("image", each.image().toString())
          .put("expired", each.expired().toString());
    }
    ArrayNode generations = json.putArray("generations");
    for (CollectPlan.Drop each : plan.drops()) {
      generations
          .addObject()
          .put("profile", each.profile())
          .put("number", each.number())
          .put("image", each.image().toString())
          .put("created", each.created().toString())
          .put("reason", each.reason())
          .putArray("marks")
          .addAll(texts(each.marks()));
    }
    ArrayNode segments = json.putArray("segments");
    for (CollectPlan.Doomed each : plan.segments()) {
      segments
          .addObject()
          .put("file", each.file())
          .put("fate", each.fate().name().toLowerCase(Locale.ROOT))
          .put("size", each.size())
          .put("live", each.live());
    }
    ArrayNode records = json.putArray("records");
    plan.records().forEach(records::add);
    findings(json, plan.faults());
    return json;
  }

  private static List<TextNode> texts(List<String> texts) {
    return texts.stream().map(TextNode::valueOf).toList();
  }

  static void findings(ObjectNode json, List<CheckReport.Finding> faults) {
    ArrayNode findings = json.putArray("findings");
    for (CheckReport.Finding each : faults) {
      findings
          .addObject()
          .put("file", each.file())
          .put("what", each.what())
          .put("fault", each.fault());
    }
  }

  /** Writes it for people, too: one field a line. */
  static void write(Path file, CollectPlan plan) throws IOException {
    Files.writeString(file, encode(plan).toPrettyString() + "\n");
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws CommandFailure (2) if it is no plan
   */
  static CollectPlan read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new CommandFailure(ExitCode.UNKNOWN, "there is no plan " + file);
    }
    if (Files.size(file) > MAX) {
      throw new CommandFailure(ExitCode.USAGE, file + " is too large to be a plan");
    }
    try {
      JsonNode json = JsonTree.read(Files.readAllBytes(file));
      if (json.required("format").asInt() != FORMAT) {
        throw new IllegalArgumentException("its format is " + json.get("format"));
      }
      return decode(json);
    } catch (JsonProcessingException | IllegalArgumentException | DateTimeException e) {
      throw new CommandFailure(
          ExitCode.USAGE,
          file + " is no plan of imgstore gc --plan: " + e.getMessage() + "; make a new one",
          e);
    }
  }

  private static CollectPlan decode(JsonNode json) {
    JsonNode journal = json.required("journal");
    JsonNode bytes = json.required("bytes");
    return new CollectPlan(
        new CollectPlan.Head(
            journal.required("sequence").asLong(), journal.required("hash").asText()),
        list(
            json.required("pins"),
            each ->
                new CollectPlan.Over(
                    each.required("name").asText(),
                    Digest.parse(each.required("image").asText()),
                    Instant.parse(each.required("expired").asText()))),
        list(
            json.required("generations"),
            each ->
                new CollectPlan.Drop(
                    each.required("profile").asText(),
                    each.required("number").asInt(),
                    Digest.parse(each.required("image").asText()),
                    Instant.parse(each.required("created").asText()),
                    each.required("reason").asText(),
                    list(each.required("marks"), JsonNode::asText))),
        list(
            json.required("segments"),
            each ->
                new CollectPlan.Doomed(
                    each.required("file").asText(),
                    CollectPlan.Fate.valueOf(
                        each.required("fate").asText().toUpperCase(Locale.ROOT)),
                    each.required("size").asLong(),
                    each.required("live").asLong())),
        json.required("blobs").asLong(),
        list(json.required("records"), JsonNode::asText),
        new CollectPlan.Bytes(
            bytes.required("before").asLong(),
            bytes.required("freed").asLong(),
            bytes.required("written").asLong(),
            bytes.required("sources").asLong(),
            bytes.required("over").asLong()),
        list(
            json.required("findings"),
            each ->
                new CheckReport.Finding(
                    each.required("file").asText(),
                    each.required("what").asText(),
                    each.required("fault").asText())));
  }

  private static <T> List<T> list(JsonNode array, Function<JsonNode, T> decoder) {
    List<T> list = new ArrayList<>();
    array.forEach(each -> list.add(decoder.apply(each)));
    return list;
  }
}
