package dev.imgstore.builder.steps;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.JsonTree;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One run of a step, kept as canonical JSON: what went in, readable, and what came out. A hint:
 * what cannot be read is a miss.
 *
 * @param exitCode 0 if it succeeded
 * @param outputs by name; none if it failed
 * @param kept what a failed one had written: {@code build}, {@code outputs}, {@code tmp} and {@code
 *     shm}, each with its digest; none unless that was asked for
 */
public record StepRecord(
    StepInputs inputs,
    int exitCode,
    SortedMap<String, TreeId> outputs,
    SortedMap<String, TreeId> kept) {
  private static final int FORMAT = 1;
  private static final int MAX_BYTES = 16 << 20;

  /** Copies in. */
  public StepRecord {
    outputs = Collections.unmodifiableSortedMap(new TreeMap<>(outputs));
    kept = Collections.unmodifiableSortedMap(new TreeMap<>(kept));
  }

  byte[] encode() {
    ObjectNode top = JsonNodeFactory.instance.objectNode().put("format", FORMAT);
    ObjectNode in = top.putObject("inputs");
    inputs.values().forEach(in::put);
    top.put("exitCode", exitCode);
    ObjectNode out = top.putObject("outputs");
    outputs.forEach((name, tree) -> out.put(name, tree.toString()));
    ObjectNode left = top.putObject("kept");
    kept.forEach((name, tree) -> left.put(name, tree.toString()));
    return top.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** What a blob says; empty if it is not held, or no such record. */
  public static Optional<StepRecord> read(BlobReader blobs, Digest blob) throws IOException {
    if (!blobs.has(blob)) {
      return Optional.empty();
    }
    try {
      JsonNode top = JsonTree.read(blobs.read(blob, MAX_BYTES));
      if (top.required("format").asInt() != FORMAT) {
        return Optional.empty();
      }
      return Optional.of(
          new StepRecord(
              new StepInputs(texts(top.required("inputs"))),
              top.required("exitCode").asInt(),
              trees(top.required("outputs")),
              trees(top.required("kept"))));
    } catch (JsonProcessingException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** What a blob says, if it is of a success, of just these inputs, and all it gave is there. */
  public static Optional<StepRecord> whole(ActionKey key, Digest blob, BlobReader blobs)
      throws IOException {
    Optional<StepRecord> record = read(blobs, blob);
    boolean usable =
        record.isPresent()
            && record.get().inputs().key().equals(key)
            && record.get().isWhole(blobs);
    return usable ? record : Optional.empty();
  }

  private static SortedMap<String, TreeId> trees(JsonNode node) {
    SortedMap<String, TreeId> trees = new TreeMap<>();
    texts(node).forEach((name, tree) -> trees.put(name, new TreeId(Digest.parse(tree))));
    return trees;
  }

  private static SortedMap<String, String> texts(JsonNode node) {
    SortedMap<String, String> texts = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      texts.put(entry.getKey(), entry.getValue().asText());
    }
    return texts;
  }

  /** True if it succeeded and all it gave is still there. */
  boolean isWhole(BlobReader blobs) throws IOException {
    if (exitCode != 0) {
      return false;
    }
    for (TreeId each : outputs.values()) {
      if (!Trees.isComplete(blobs, each)) {
        return false;
      }
    }
    return true;
  }
}
