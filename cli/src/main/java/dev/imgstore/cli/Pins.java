package dev.imgstore.cli;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Root;
import dev.imgstore.store.Roots;
import dev.imgstore.store.catalog.Answers;
import dev.imgstore.store.catalog.Part;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The names of pins, by the image they keep. */
final class Pins {
  private final Map<Digest, Set<String>> names = new HashMap<>();

  /** Names of pins whose generation is pinned beside them. */
  private final Set<String> packed = new HashSet<>();

  private Pins() {}

  static Pins read(Roots roots) throws IOException {
    Pins pins = new Pins();
    for (Root root : roots.all()) {
      if (root instanceof Root.Pin pin) {
        boolean isSource = SourcePin.is(pin);
        String name = isSource ? SourcePin.first(pin.name()) : pin.name();
        pins.names.computeIfAbsent(pin.image(), image -> new TreeSet<>()).add(name);
        if (isSource) {
          pins.packed.add(name);
        }
      }
    }
    return pins;
  }

  /** Those of the image of a generation, or of this platform's part of it; sorted. */
  List<String> of(Part part) {
    Set<String> found = new TreeSet<>(names.getOrDefault(part.image(), Set.of()));
    found.addAll(names.getOrDefault(part.manifest(), Set.of()));
    return List.copyOf(found);
  }

  /** Those that keep an image which is no generation's, so that nothing says what is in it. */
  List<String> elsewhere(Answers answers) throws IOException {
    if (names.isEmpty()) {
      return List.of();
    }
    Set<Digest> known = new HashSet<>();
    for (Part part : answers.parts(any -> true)) {
      known.add(part.image());
      known.add(part.manifest());
    }
    List<String> elsewhere = new ArrayList<>();
    names.forEach(
        (image, pins) -> {
          if (!known.contains(image)) {
            elsewhere.addAll(pins);
          }
        });
    elsewhere.removeAll(packed);
    return elsewhere.stream().sorted().toList();
  }
}
