package dev.imgstore.sync.cache;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.sync.keys.PublicKey;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * What somebody says an action gave: all that has to be believed of a cache. See {@code
 * docs/design/22-shared-cache.md}, section "Statements".
 *
 * @param contents digest of the list of what the result needs
 */
record Statement(
    ActionKey key,
    Kind kind,
    String name,
    Origin origin,
    Digest result,
    PublicKey signer,
    Instant when,
    Digest contents) {
  private static final int FORMAT = 1;
  private static final int MAX = 4096;

  /** So that nothing else that was signed is ever a statement. */
  private static final String DOMAIN = "imgstore shared cache, statement 1\n";

  /** Keeps seconds. */
  Statement {
    when = when.truncatedTo(ChronoUnit.SECONDS);
  }

  static Statement of(Share share, PublicKey signer, Instant when, Digest contents) {
    return new Statement(
        share.key(),
        share.kind(),
        share.name(),
        share.origin(),
        share.result(),
        signer,
        when,
        contents);
  }

  /** The one text it has. */
  String text() {
    ObjectNode top = JsonNodeFactory.instance.objectNode();
    top.put("format", FORMAT);
    top.put("kind", kind.word());
    top.put("key", key.toString());
    top.put("result", result.toString());
    top.put("origin", origin.word());
    top.put("name", name);
    top.put("when", when.toString());
    top.put("signer", signer.toString());
    top.put("contents", contents.toString());
    return top.toString();
  }

  /** What is signed. */
  static byte[] signed(String text) {
    return (DOMAIN + text).getBytes(StandardCharsets.UTF_8);
  }

  /** Reads what {@link #text} wrote, and nothing else. */
  static Statement parse(String text) throws Refused {
    if (text.length() > MAX) {
      throw new Refused("its statement has " + text.length() + " characters; at most " + MAX);
    }
    try {
      JsonNode top = new ObjectMapper().readTree(text);
      if (top.path("format").asInt() > FORMAT) {
        throw Refused.later("its statement");
      }
      Statement read = read(top);
      if (!Share.isName(read.name) || !read.text().equals(text)) {
        throw new Refused("its statement is not spelt as one");
      }
      return read;
    } catch (JsonProcessingException | IllegalArgumentException | DateTimeException e) {
      throw new Refused("its statement cannot be read");
    }
  }

  private static Statement read(JsonNode top) {
    return new Statement(
        new ActionKey(digest(top, "key")),
        Kind.of(top.required("kind").asText()).orElseThrow(Statement::unknown),
        top.required("name").asText(),
        Origin.of(top.required("origin").asText()).orElseThrow(Statement::unknown),
        digest(top, "result"),
        PublicKey.parse(top.required("signer").asText()),
        Instant.parse(top.required("when").asText()),
        digest(top, "contents"));
  }

  private static IllegalArgumentException unknown() {
    return new IllegalArgumentException("unknown word");
  }

  private static Digest digest(JsonNode top, String field) {
    return Digest.parse(top.required(field).asText());
  }
}
