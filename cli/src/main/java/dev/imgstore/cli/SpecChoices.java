package dev.imgstore.cli;

import dev.imgstore.builder.spec.Note;
import dev.imgstore.builder.spec.Reference;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a person said of the references of deploy specs.
 *
 * @param map names of images, with a tag or without, to what they stand for
 * @param ignored images that are none of this store
 * @param update whether what is current is meant, whatever is written
 * @param platformChild whether one platform's image may stand for the whole
 * @param changes whether files and pins are to change
 */
record SpecChoices(
    Map<String, Ref> map,
    List<Pattern> ignored,
    boolean update,
    boolean platformChild,
    boolean changes) {
  /** Only to look at what is written. */
  static final SpecChoices NONE = new SpecChoices(Map.of(), List.of(), false, true, true);

  SpecChoices {
    map = Map.copyOf(map);
    ignored = List.copyOf(ignored);
  }

  /** A pattern in which {@code *} stands for anything. */
  static Pattern glob(String typed) {
    return Pattern.compile(
        Arrays.stream(typed.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")),
        Pattern.DOTALL);
  }

  Optional<Ref> mapped(Reference reference) {
    Ref whole = map.get(reference.name() + ":" + reference.tag());
    return Optional.ofNullable(whole == null ? map.get(reference.name()) : whole);
  }

  boolean isIgnored(Reference reference) {
    String tagged = reference.name() + ":" + reference.tag();
    return ignored.stream()
        .anyMatch(
            each -> each.matcher(reference.name()).matches() || each.matcher(tagged).matches());
  }

  /** Whether all is ignored that a place may name. */
  boolean isIgnored(Note note) {
    List<String> images = note.images().isEmpty() ? List.of("") : note.images();
    return images.stream()
        .allMatch(
            image ->
                ignored.stream().anyMatch(each -> each.matcher(image).matches())
                    || Reference.parse(image).filter(this::isIgnored).isPresent());
  }

  /** Maps that fit none of these. */
  Set<String> idle(List<Reference> references) {
    Set<String> idle = new TreeSet<>(map.keySet());
    for (Reference each : references) {
      idle.remove(each.name());
      idle.remove(each.name() + ":" + each.tag());
    }
    return idle;
  }
}
