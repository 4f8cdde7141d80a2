package dev.imgstore.store;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a JSON document (RFC 8259) as a tree of nodes. Jackson's object mapper does the same, but
 * setting one up takes a quarter of the time of a build that finds nothing to do.
 */
public final class JsonTree {
  private static final JsonFactory JSON = new JsonFactory();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final JsonParser parser;

  private JsonTree(JsonParser parser) {
    this.parser = parser;
  }

  /**
   * The document; nested no deeper than the parser's own bound.
   *
   * @throws JsonProcessingException if it is not one JSON value
   */
  public static JsonNode read(byte[] bytes) throws JsonProcessingException {
    try (JsonParser parser = JSON.createParser(bytes)) {
      JsonTree tree = new JsonTree(parser);
      JsonNode top = tree.node(parser.nextToken());
      if (parser.nextToken() != null) {
        throw new JsonParseException(parser, "there is something after the document's end");
      }
      return top;
    } catch (JsonProcessingException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException("bytes in memory cannot fail", e);
    }
  }

  /** The document without white space, as {@link JsonNode#toString} has it. */
  static String text(JsonNode node) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(text)) {
      write(node, out);
    } catch (IOException e) {
      throw new UncheckedIOException("text in memory cannot fail", e);
    }
    return text.toString();
  }

  private static void write(JsonNode node, JsonGenerator out) throws IOException {
    if (node instanceof ObjectNode) {
      out.writeStartObject();
      for (Map.Entry<String, JsonNode> each : node.properties()) {
        out.writeFieldName(each.getKey());
        write(each.getValue(), out);
      }
      out.writeEndObject();
    } else if (node instanceof ArrayNode) {
      out.writeStartArray();
      for (JsonNode each : node) {
        write(each, out);
      }
      out.writeEndArray();
    } else if (node.isTextual()) {
      out.writeString(node.textValue());
    } else if (node.isBoolean()) {
      out.writeBoolean(node.booleanValue());
    } else if (node.isNull()) {
      out.writeNull();
    } else {
      out.writeNumber(node.decimalValue());
    }
  }

  private JsonNode node(@Nullable JsonToken token) throws IOException {
    if (token == null) {
      throw new JsonParseException(parser, "the document is empty");
    }
    return switch (token) {
      case START_OBJECT -> object();
      case START_ARRAY -> array();
      case VALUE_STRING -> NODES.textNode(parser.getText());
      case VALUE_NUMBER_INT ->
          parser.getNumberType() == JsonParser.NumberType.INT
              ? NODES.numberNode(parser.getIntValue())
              : parser.getNumberType() == JsonParser.NumberType.LONG
                  ? NODES.numberNode(parser.getLongValue())
                  : NODES.numberNode(parser.getBigIntegerValue());
      case VALUE_NUMBER_FLOAT -> NODES.numberNode(parser.getDecimalValue());
      case VALUE_TRUE -> NODES.booleanNode(true);
      case VALUE_FALSE -> NODES.booleanNode(false);
      case VALUE_NULL -> NODES.nullNode();
      default -> throw new JsonParseException(parser, "a value is expected, not " + token);
    };
  }

  private ObjectNode object() throws IOException {
    ObjectNode object = NODES.objectNode();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      object.set(name, node(parser.nextToken()));
    }
    return object;
  }

  private ArrayNode array() throws IOException {
    ArrayNode array = NODES.arrayNode();
    for (JsonToken next = parser.nextToken();
        next != JsonToken.END_ARRAY;
        next = parser.nextToken()) {
      array.add(node(next));
    }
    return array;
  }
}
