package dev.imgstore.builder.recipe;

import dev.imgstore.builder.yaml.WholeCharacters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Text to {@link Yaml}: one YAML 1.2 document, without tags, depth and size bounded. An alias
 * counts as much as what it stands for, so a small text cannot mean a huge one.
 */
final class YamlComposer {
  static final int DEEPEST = 32;
  static final int MOST_NODES = 100_000;

  private static final Pattern CONTROLS = Pattern.compile("[\\p{Cntrl}\\x{80}-\\x{9f}]");

  private record Anchored(Yaml node, int size) {}

  private final Iterator<Event> events;
  private final Complaints complaints;
  private final Map<Anchor, Anchored> anchors = new HashMap<>();
  private int nodes;

  private YamlComposer(Iterator<Event> events, Complaints complaints) {
    this.events = events;
    this.complaints = complaints;
  }

  /**
   * The document; empty if there is none.
   *
   * @throws Unreadable if the text is not YAML or beyond the bounds
   */
  static Optional<Yaml> compose(String text, Complaints complaints) throws Unreadable {
    LoadSettings settings =
        LoadSettings.builder().setCodePointLimit(2 * YamlText.LARGEST).setUseMarks(true).build();
    try {
      Iterator<Event> events =
          new Parse(settings).parseReader(new WholeCharacters(text)).iterator();
      return new YamlComposer(events, complaints).document();
    } catch (MarkedYamlEngineException e) {
      Place place =
          e.getProblemMark().or(e::getContextMark).map(YamlComposer::at).orElse(Place.NONE);
      throw new Unreadable(place, syntax(e));
    } catch (YamlEngineException e) {
      throw new Unreadable(Place.NONE, "this is not YAML: " + e.getMessage());
    } catch (NumberFormatException e) { // the parser's, of an escape at the text's end
      throw new Unreadable(Place.NONE, "this is not YAML: it ends within an escape in quotes");
    }
  }

  private static String syntax(MarkedYamlEngineException e) {
    String problem = String.valueOf(e.getProblem());
    if (problem.contains("\\t(TAB)") || problem.contains("'\t'")) {
      return "YAML is indented by spaces, this is a tab";
    }
    String context = e.getContext();
    String why = problem + (context == null ? "" : " (" + context.strip() + ")");
    return "this is not YAML: " + CONTROLS.matcher(why).replaceAll("?");
  }

  private Optional<Yaml> document() throws Unreadable {
    Optional<Yaml> root = Optional.empty();
    while (events.hasNext()) {
      Event event = events.next();
      if (!(event instanceof NodeEvent)) {
        continue;
      }
      if (root.isPresent()) {
        throw new Unreadable(at(event), "a file is one document; remove the second one");
      }
      root = Optional.of(node(event, 0));
    }
    return root;
  }

  private Yaml node(Event event, int depth) throws Unreadable {
    if (depth > DEEPEST) {
      throw new Unreadable(at(event), "nested deeper than " + DEEPEST + " levels");
    }
    if (event instanceof AliasEvent alias) {
      return alias(alias);
    }
    int before = nodes;
    count(event, 1);
    Yaml node;
    if (event instanceof ScalarEvent scalar) {
      refuseTag(event, scalar.getTag());
      node = new Yaml.Scalar(scalar.getValue(), !scalar.isPlain(), false, at(event));
    } else if (event instanceof MappingStartEvent mapping) {
      refuseTag(event, mapping.getTag());
      node = mapping(mapping, depth);
    } else if (event instanceof CollectionStartEvent sequence) {
      refuseTag(event, sequence.getTag());
      node = sequence(sequence, depth);
    } else {
      throw new AssertionError(event);
    }
    Optional<Anchor> anchor = ((NodeEvent) event).getAnchor();
    if (anchor.isPresent()) {
      anchors.put(anchor.get(), new Anchored(node, nodes - before));
    }
    return node;
  }

  private Yaml alias(AliasEvent alias) throws Unreadable {
    Anchored anchored = anchors.get(alias.getAlias());
    if (anchored == null) {
      throw new Unreadable(
          at(alias),
          "there is no anchor "
              + Complaints.quote("&" + alias.getAlias().getValue())
              + " before this alias");
    }
    count(alias, anchored.size());
    return anchored.node();
  }

  private Yaml sequence(CollectionStartEvent start, int depth) throws Unreadable {
    List<Yaml> items = new ArrayList<>();
    for (Event next = events.next(); !(next instanceof SequenceEndEvent); next = events.next()) {
      items.add(node(next, depth + 1));
    }
    return new Yaml.Sequence(items, at(start));
  }

  private Yaml mapping(MappingStartEvent start, int depth) throws Unreadable {
    Map<String, Place> seen = new HashMap<>();
    List<Yaml.Entry> entries = new ArrayList<>();
    for (Event next = events.next(); !(next instanceof MappingEndEvent); next = events.next()) {
      Yaml key = node(next, depth + 1);
      Yaml value = node(events.next(), depth + 1);
      if (!(key instanceof Yaml.Scalar name)) {
        complaints.add(at(next), "a key is text, this is " + key.kind());
        continue;
      }
      if (name.text().equals("<<") && !name.quoted()) {
        complaints.add(at(next), "`<<` merges in YAML 1.1 only; write the keys out");
        continue;
      }
      Place first = seen.putIfAbsent(name.text(), at(next));
      if (first == null) {
        entries.add(new Yaml.Entry(name, value));
      } else {
        complaints.add(
            at(next),
            Complaints.quote(name.text())
                + " is here a second time; the first is in line "
                + first.line());
      }
    }
    return new Yaml.Mapping(entries, at(start));
  }

  private void count(Event event, int more) throws Unreadable {
    nodes += more;
    if (nodes > MOST_NODES) {
      throw new Unreadable(
          at(event), "a file has at most " + MOST_NODES + " values, aliases counted in full");
    }
  }

  private static void refuseTag(Event event, Optional<String> tag) throws Unreadable {
    if (tag.isPresent()) {
      throw new Unreadable(
          at(event), "tags have no meaning here; remove " + Complaints.quote(tag.get()));
    }
  }

  private static Place at(Event event) {
    return event.getStartMark().map(YamlComposer::at).orElse(Place.NONE);
  }

  private static Place at(Mark mark) {
    return new Place(mark.getLine() + 1, mark.getColumn() + 1);
  }
}
