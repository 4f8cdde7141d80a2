package dev.imgstore.builder.spec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A JSON file (RFC 8259) as nodes: Jackson reads it, and says where each value begins. */
final class JsonNodes {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(YamlNodes.DEEPEST).build())
          .build();

  private final SpecText text;
  private final JsonParser parser;

  private JsonNodes(SpecText text, JsonParser parser) {
    this.text = text;
    this.parser = parser;
  }

  /**
   * Reads the one value of the file.
   *
   * @throws NotRead if it is not JSON, or beyond the bounds
   */
  static Node read(SpecText text) throws NotRead {
    try (JsonParser parser = FACTORY.createParser(text.content())) {
      JsonNodes nodes = new JsonNodes(text, parser);
      parser.nextToken();
      Node node = nodes.node();
      if (parser.nextToken() != null) {
        throw new NotRead(nodes.place(), "a JSON file is one value, this is a second one");
      }
      return node;
    } catch (JsonProcessingException e) {
      long place = e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getByteOffset());
      throw new NotRead(text.start() + (int) place, "this is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new NotRead(0, "this is not JSON: " + e.getMessage());
    }
  }

  private int place() {
    return text.start() + (int) parser.currentTokenLocation().getByteOffset();
  }

  private Node node() throws IOException, NotRead {
    int at = place();
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT) {
      return mapping(at);
    }
    if (token == JsonToken.START_ARRAY) {
      List<Node> items = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        items.add(node());
      }
      return new Node.Sequence(items, at);
    }
    if (token == null) {
      throw new NotRead(at, "this is not JSON: it is empty");
    }
    return token == JsonToken.VALUE_STRING
        ? string(parser.getText(), at)
        : new Node.Scalar(parser.getText(), at, at, at, Node.Style.OTHER);
  }

  private Node mapping(int at) throws IOException, NotRead {
    List<Node.Entry> entries = new ArrayList<>();
    Set<String> names = new HashSet<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      Node.Scalar name = string(parser.currentName(), place());
      if (!names.add(name.value())) {
        throw new NotRead(
            place(), Findings.shown(name.value()) + " is here twice; remove one of them");
      }
      parser.nextToken();
      entries.add(new Node.Entry(name, node()));
    }
    return new Node.Mapping(entries, at, false);
  }

  private Node.Scalar string(String value, int at) {
    int from = at + 1;
    int to = from;
    while (text.at(to) != '"') {
      to += text.at(to) == '\\' ? 2 : 1;
    }
    boolean same = text.slice(from, to).equals(value);
    return new Node.Scalar(value, at, from, to, same ? Node.Style.QUOTED : Node.Style.OTHER);
  }
}
