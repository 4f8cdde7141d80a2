package dev.imgstore.builder.spec;

import dev.imgstore.builder.yaml.WholeCharacters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The documents of a YAML file as nodes. An alias costs nothing: it is the node it stands for, so a
 * small file cannot become a large one.
 */
final class YamlNodes {
  static final int DEEPEST = 100;
  private static final int MOST = 1_000_000;

  /** Keys that decide which image is named: twice in one mapping, they would decide nothing. */
  private static final String DECIDING =
      " kind spec template jobTemplate items containers initContainers ephemeralContainers volumes"
          + " services jobs steps container uses image images registry repository tag digest newName"
          + " newTag reference ";

  private final SpecText text;
  private final Iterator<Event> events;
  private final Map<Anchor, Node> anchors = new HashMap<>();
  private int count;

  private YamlNodes(SpecText text, Iterator<Event> events) {
    this.text = text;
    this.events = events;
  }

  /**
   * Reads all documents.
   *
   * @throws NotRead if it is not YAML, or beyond the bounds
   */
  static List<Node> read(SpecText text) throws NotRead {
    LoadSettings settings =
        LoadSettings.builder()
            .setCodePointLimit(text.length() + 1)
            .setUseMarks(true)
            .setParseComments(false)
            .build();
    try {
      WholeCharacters whole = new WholeCharacters(spaced(text.text()));
      return new YamlNodes(text, new Parse(settings).parseReader(whole).iterator()).documents();
    } catch (MarkedYamlEngineException e) {
      int place =
          e.getProblemMark()
              .or(e::getContextMark)
              .map(mark -> text.byteOf(mark.getIndex()))
              .orElse(0);
      throw new NotRead(place, "this is not YAML: " + e.getProblem());
    } catch (YamlEngineException | NumberFormatException e) {
      throw new NotRead(0, "this is not YAML: " + e.getMessage());
    }
  }

  /**
   * With a space for each tab that indents nothing: YAML lets words be separated by tabs (YAML
   * 1.2.2, 6.2), the library does not. No place moves, and no reference has a tab in it.
   */
  private static String spaced(String text) {
    if (text.indexOf('\t') < 0) {
      return text;
    }
    StringBuilder spaced = new StringBuilder(text);
    boolean indent = true;
    for (int at = 0; at < spaced.length(); at++) {
      char each = spaced.charAt(at);
      if (each == '\t' && !indent) {
        spaced.setCharAt(at, ' ');
      }
      indent = each == '\n' || (indent && (each == ' ' || each == '\t' || each == '\r'));
    }
    return spaced.toString();
  }

  private List<Node> documents() throws NotRead {
    List<Node> documents = new ArrayList<>();
    while (events.hasNext()) {
      Event event = events.next();
      if (event.getEventId() == Event.ID.DocumentStart) {
        anchors.clear();
      } else if (event instanceof NodeEvent) {
        documents.add(node(event, 0));
      }
    }
    return documents;
  }

  private Node node(Event event, int depth) throws NotRead {
    int at = place(event);
    if (depth > DEEPEST) {
      throw new NotRead(at, "nested deeper than " + DEEPEST + " levels");
    }
    if (event instanceof AliasEvent alias) {
      Node node = anchors.get(alias.getAlias());
      if (node == null) {
        throw new NotRead(at, "there is no anchor &" + alias.getAlias() + " before this alias");
      }
      return node;
    }
    if (++count > MOST) {
      throw new NotRead(at, "a file has at most " + MOST + " values");
    }
    Node node;
    if (event instanceof ScalarEvent scalar) {
      node = scalar(scalar, at);
    } else if (event instanceof MappingStartEvent mapping) {
      node = mapping(mapping, at, depth);
    } else {
      node = sequence(at, depth);
    }
    ((NodeEvent) event).getAnchor().ifPresent(anchor -> anchors.put(anchor, node));
    return node;
  }

  private Node sequence(int at, int depth) throws NotRead {
    List<Node> items = new ArrayList<>();
    for (Event next = events.next(); !(next instanceof SequenceEndEvent); next = events.next()) {
      items.add(node(next, depth + 1));
    }
    return new Node.Sequence(items, at);
  }

  private Node mapping(CollectionStartEvent start, int at, int depth) throws NotRead {
    List<Node.Entry> entries = new ArrayList<>();
    Set<String> keys = new HashSet<>();
    for (Event next = events.next(); !(next instanceof MappingEndEvent); next = events.next()) {
      Node key = node(next, depth + 1);
      Node value = node(events.next(), depth + 1);
      if (key instanceof Node.Scalar name) {
        if (!keys.add(name.value()) && DECIDING.contains(" " + name.value() + " ")) {
          throw new NotRead(
              place(next), Findings.shown(name.value()) + " is here twice; remove one of them");
        }
        entries.add(new Node.Entry(name, value));
      }
    }
    return new Node.Mapping(entries, at, !start.isFlow());
  }

  private Node scalar(ScalarEvent event, int at) {
    int end = event.getEndMark().map(mark -> text.byteOf(mark.getIndex())).orElse(at);
    int from = at;
    boolean properties = event.getAnchor().isPresent() || event.getTag().isPresent();
    if (properties) {
      from = afterProperties(from, end);
    }
    String value = event.getValue();
    ScalarStyle style = event.getScalarStyle();
    if (style == ScalarStyle.PLAIN) {
      boolean same =
          text.slice(from, end).equals(value) && !(properties && value.isEmpty()); // no room there
      return new Node.Scalar(value, at, from, end, same ? Node.Style.PLAIN : Node.Style.OTHER);
    }
    boolean quoted = style == ScalarStyle.SINGLE_QUOTED || style == ScalarStyle.DOUBLE_QUOTED;
    if (quoted && end - from >= 2 && text.slice(from + 1, end - 1).equals(value)) {
      return new Node.Scalar(value, at, from + 1, end - 1, Node.Style.QUOTED);
    }
    return new Node.Scalar(value, at, from, end, Node.Style.OTHER);
  }

  /** Behind an anchor and a tag. */
  private int afterProperties(int begin, int end) {
    int at = begin;
    while (at < end && (text.at(at) == '&' || text.at(at) == '!')) {
      while (at < end && !isSpace(text.at(at))) {
        at++;
      }
      while (at < end && isSpace(text.at(at))) {
        at++;
      }
    }
    return at;
  }

  private static boolean isSpace(int each) {
    return each == ' ' || each == '\t' || each == '\r' || each == '\n';
  }

  private int place(Event event) {
    Optional<Integer> index = event.getStartMark().map(mark -> mark.getIndex());
    return text.byteOf(index.orElse(0));
  }
}
