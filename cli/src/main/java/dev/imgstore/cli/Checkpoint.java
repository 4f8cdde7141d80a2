package dev.imgstore.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.store.Journal.Point;
import dev.imgstore.store.JsonTree;
import dev.imgstore.sync.keys.PublicKey;
import dev.imgstore.sync.keys.SigningKey;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * Somebody's word that a journal had this entry. Its line is a JSON object, a space, and the
 * signature in base64. See {@code docs/design/26-audit.md}.
 *
 * @param first hash of the first entry, which says whose journal it is
 * @param when it was signed
 */
record Checkpoint(Point point, String first, Instant when, PublicKey signer) {
  /** Most characters of a line. */
  static final int MAX = 1024;

  private static final int FORMAT = 1;
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

  /** So that nothing else that was signed is ever a checkpoint. */
  private static final String DOMAIN = "imgstore journal, checkpoint 1\n";

  /** Refuses what no journal has. */
  Checkpoint {
    if (point.sequence() < 1
        || !HASH.matcher(point.hash()).matches()
        || !HASH.matcher(first).matches()) {
      throw new IllegalArgumentException("it names no entry");
    }
  }

  /** The one text it has. */
  private String text() {
    ObjectNode top = JsonNodeFactory.instance.objectNode();
    top.put("format", FORMAT);
    top.put("sequence", point.sequence());
    top.put("hash", point.hash());
    top.put("first", first);
    top.put("when", when.toString());
    top.put("signer", signer.toString());
    return top.toString();
  }

  private static byte[] signed(String text) {
    return (DOMAIN + text).getBytes(StandardCharsets.UTF_8);
  }

  /** Its line, without an end. */
  String line(SigningKey key) {
    byte[] signature = key.sign(signed(text()));
    return text() + " " + Base64.getEncoder().encodeToString(signature);
  }

  /**
   * Reads a line, and nothing else that is signed.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  static Checkpoint parse(String line) {
    int space = line.lastIndexOf(' ');
    if (space < 0 || line.length() > MAX) {
      throw new IllegalArgumentException("it is no checkpoint");
    }
    String text = line.substring(0, space);
    try {
      JsonNode top = JsonTree.read(text.getBytes(StandardCharsets.UTF_8));
      if (top.path("format").asInt() > FORMAT) {
        throw new IllegalArgumentException("a later imgstore made it");
      }
      Checkpoint read =
          new Checkpoint(
              new Point(top.required("sequence").asLong(), top.required("hash").asText()),
              top.required("first").asText(),
              Instant.parse(top.required("when").asText()),
              PublicKey.parse(top.required("signer").asText()));
      byte[] signature = Base64.getDecoder().decode(line.substring(space + 1));
      if (!read.text().equals(text) || !read.signer.verifies(signed(text), signature)) {
        throw new IllegalArgumentException("its signature is wrong");
      }
      return read;
    } catch (JsonProcessingException | DateTimeException e) {
      throw new IllegalArgumentException("it cannot be read", e);
    }
  }
}
