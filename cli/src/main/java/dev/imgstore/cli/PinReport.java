package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.builder.spec.Mention;
import dev.imgstore.builder.spec.Note;
import dev.imgstore.builder.spec.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BinaryOperator;

/** What pin says of deploy specs. */
final class PinReport {
  private final ObjectNode json;
  private final ArrayNode files;
  private final ArrayNode found;
  private final StringBuilder references = new StringBuilder();
  private final StringBuilder findings = new StringBuilder();
  private final List<String> notices = new ArrayList<>();

  PinReport(ObjectNode json) {
    this.json = json;
    this.files = json.putArray("files");
    this.found = json.putArray("findings");
  }

  ObjectNode json() {
    return json;
  }

  /** What is left as it is. */
  List<String> notices() {
    return notices;
  }

  /** A line for each reference. */
  String references() {
    return references.toString();
  }

  /** A line for each finding. */
  String findings() {
    return findings.toString();
  }

  void add(PinnedSpec spec) {
    ObjectNode file =
        files.addObject().put("file", spec.file().typed()).put("kind", spec.spec().format());
    ArrayNode mentions = file.putArray("references");
    spec.verdicts().forEach((mention, verdict) -> add(spec, mention, verdict, mentions));
    ArrayNode left = file.putArray("left");
    for (Note note : spec.left()) {
      left.addObject()
          .put("line", note.line())
          .put("column", note.column())
          .put("text", note.text());
    }
    spec.leftovers().forEach(each -> notices.add(each.toString()));
    if (spec.verdicts().isEmpty()) {
      notices.add(spec.file().shown() + " names no image that could be pinned");
    }
  }

  void find(PinnedSpec.Mistake each) {
    found
        .addObject()
        .put("file", each.file())
        .put("line", each.line())
        .put("column", each.column())
        .put("text", each.text());
    findings.append(each).append('\n');
  }

  private void add(
      PinnedSpec spec, Mention mention, SpecMeaning.Verdict verdict, ArrayNode mentions) {
    String after =
        verdict instanceof SpecMeaning.Image image
            ? mention.after(image.tag(), image.image().toString()).toString()
            : mention.reference().toString();
    boolean same = after.equals(mention.reference().toString());
    boolean ignored = verdict instanceof SpecMeaning.Ignored;
    String generation = verdict instanceof SpecMeaning.Image image ? image.generation() : "";
    mentions
        .addObject()
        .put("line", mention.line())
        .put("column", mention.column())
        .put("where", mention.where())
        .put("before", mention.reference().toString())
        .put("after", after)
        .put("generation", generation)
        .put("ignored", ignored);
    references.append(spec.file().shown() + ":" + mention.line() + ": ");
    references.append(
        ignored ? mention.reference() + " is ignored" : (same ? "is " : "now ") + after);
    references.append(generation.isEmpty() ? "" : " (" + generation + ")").append('\n');
  }

  /** For scripts: a variable for each image, called like the last part of its name. */
  static String variables(List<PinnedSpec> specs, BinaryOperator<String> line)
      throws CommandFailure {
    SortedMap<String, Reference> variables = new TreeMap<>();
    for (PinnedSpec spec : specs) {
      for (Reference each : spec.wanted().values()) {
        String name = each.last().replaceAll("[^a-z0-9]", "_") + "_image";
        String checked = Character.isDigit(name.charAt(0)) ? "_" + name : name;
        Reference other = variables.putIfAbsent(checked, each);
        if (other != null && !other.digest().equals(each.digest())) {
          throw new CommandFailure(
              ExitCode.USAGE,
              checked + " would be both " + other + " and " + each + "; print them file by file");
        }
      }
    }
    StringBuilder text = new StringBuilder();
    variables.forEach((name, value) -> text.append(line.apply(name, value.toString())));
    return text.toString();
  }
}
