package dev.imgstore.cli;

import dev.imgstore.builder.spec.DeploySpec;
import dev.imgstore.builder.spec.Reference;
import dev.imgstore.model.Digest;
import dev.imgstore.store.PinChange;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Root;
import dev.imgstore.store.Store;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Looks whether files still say what is pinned for them. Whatever is in doubt is kept: a file that
 * cannot be read changes nothing, and one says a pin as long as the digest stands anywhere in it.
 */
final class PinRefresh {
  /**
   * Why its entries are there, unless a person says: nobody asked for them, so they say nothing of
   * the clock.
   */
  static final String WHY = "what the files say now";

  private final Store store;
  private final Imgstore root;
  private final Profiles.Because because;
  private boolean clock;

  PinRefresh(Store store, Imgstore root, Profiles.Because because) {
    this.store = store;
    this.root = root;
    this.because = because.why().isEmpty() ? because.because(WHY) : because;
  }

  /** Marks, unmarks, adds and removes pins; gives a sentence for each. */
  List<String> run(Duration grace) throws IOException {
    Map<String, Map<String, Root.Pin>> files = new TreeMap<>();
    for (Root.Pin pin : store.roots().pins()) {
      pin.spec()
          .ifPresent(
              spec ->
                  files.computeIfAbsent(spec.file(), any -> new TreeMap<>()).put(pin.name(), pin));
    }
    List<String> said = new ArrayList<>();
    SpecMeaning meaning = new SpecMeaning(store, SpecChoices.NONE);
    clock = SpecPins.isClockRight(store, because.when());
    for (Map.Entry<String, Map<String, Root.Pin>> each : files.entrySet()) {
      if (each.getKey().startsWith("/")) { // else it was given a name, and where it is is not known
        refresh(each.getKey(), each.getValue(), meaning, clock ? grace : SpecPins.FOREVER, said);
      }
    }
    return said.stream().map(Imgstore::line).toList();
  }

  /** A file that cannot be looked at is no reason to leave the others alone. */
  private void refresh(
      String file,
      Map<String, Root.Pin> pins,
      SpecMeaning meaning,
      Duration grace,
      List<String> said)
      throws IOException {
    List<String> its = new ArrayList<>();
    try {
      List<PinChange> changes = changes(file, pins, meaning, its);
      for (Root.Pin pin : pins.values()) {
        boolean found =
            changes.stream()
                .anyMatch(c -> c.name().equals(pin.name()) && !(c instanceof PinChange.Missing));
        if (!found && SpecPins.isOver(pin, grace, because.when())) {
          changes.removeIf(change -> change.name().equals(pin.name()));
          changes.add(new PinChange.Unpinned(pin.name()));
          String gone = " is gone for longer than the grace time, and is not kept any more";
          say(its, pin, pin.place() + gone);
        }
      }
      store.roots().change(Imgstore.line(file), changes, because);
      said.addAll(its);
    } catch (StoreException.Revoked | StoreException.MissingBlob e) {
      said.add(file + " was not looked at, and what it kept is kept: " + Imgstore.sentence(e));
    }
  }

  /** What is said of a pin is not said again of that which stands beside it. */
  private static void say(List<String> said, Root.Pin pin, String sentence) {
    if (!SourcePin.is(pin)) {
      said.add(sentence);
    }
  }

  /** Whether a file says a pin, or the one that it stands beside. */
  private static boolean isThere(String text, Root.Pin pin, Map<String, Root.Pin> pins) {
    Root.Pin first = SourcePin.is(pin) ? pins.get(SourcePin.first(pin.name())) : pin;
    return first != null && text.contains(first.image().hex());
  }

  private List<PinChange> changes(
      String file, Map<String, Root.Pin> pins, SpecMeaning meaning, List<String> said)
      throws IOException {
    List<PinChange> changes = new ArrayList<>();
    Optional<SpecFile> now = Optional.empty();
    try {
      now = Optional.of(SpecFile.read(root.context(), file));
    } catch (IOException e) {
      boolean gone = e instanceof CommandFailure failure && failure.code() == ExitCode.UNKNOWN;
      if (!gone) {
        said.add(file + " cannot be read, so what it kept is kept: " + Imgstore.sentence(e));
        return changes;
      }
    }
    String text = now.map(f -> new String(f.bytes(), StandardCharsets.ISO_8859_1)).orElse("");
    for (Root.Pin pin : pins.values()) {
      boolean there = isThere(text, pin, pins);
      boolean marked = pin.spec().flatMap(Root.Spec::missingSince).isPresent();
      if (there && marked) {
        changes.add(new PinChange.Found(pin.name()));
        say(said, pin, pin.place() + " says " + pin.image() + " again");
      } else if (!there && !marked && clock) { // by a wrong one it would be of no time, or long ago
        changes.add(new PinChange.Missing(pin.name(), because.when()));
        say(
            said,
            pin,
            pin.place() + " does not say " + pin.image() + " any more; it is kept for now");
      }
    }
    if (now.isPresent()) {
      changes.addAll(added(file, now.get(), pins, meaning, said));
    }
    return changes;
  }

  /** Images of ours that a person wrote into the file. */
  private List<PinChange> added(
      String file, SpecFile now, Map<String, Root.Pin> pins, SpecMeaning meaning, List<String> said)
      throws IOException {
    DeploySpec spec = DeploySpec.read(file, now.bytes(), List.of());
    Map<String, Reference> found = new TreeMap<>();
    Map<String, TreeSet<Integer>> lines = new TreeMap<>();
    spec.mentions().stream()
        .filter(each -> !each.reference().digest().isEmpty())
        .forEach(
            each -> {
              String pin = PinnedSpec.pinName(file, each.reference());
              found.putIfAbsent(pin, each.reference());
              lines.computeIfAbsent(pin, any -> new TreeSet<>()).add(each.line());
            });
    List<PinChange> added = new ArrayList<>();
    for (Map.Entry<String, Reference> each : found.entrySet()) {
      if (meaning.isOurs(each.getValue())) {
        Root.Pin before = pins.get(each.getKey());
        Root.Spec written =
            Optional.ofNullable(before)
                .flatMap(Root.Pin::spec)
                .map(Root.Spec::found)
                .orElse(written(file, each.getValue(), lines.get(each.getKey()), pins));
        Digest image = Digest.parse(each.getValue().digest());
        PinChange.Pinned pin = new PinChange.Pinned(each.getKey(), image, written);
        if (before == null) {
          added.add(pin);
          said.add(written.place() + " says " + image + " now, which is kept");
        }
        meaning
            .source(image)
            .map(own -> SourcePin.of(pin, own))
            .filter(source -> !pins.containsKey(source.name()))
            .ifPresent(added::add);
      }
    }
    return added;
  }

  private static Root.Spec written(
      String file, Reference reference, @Nullable Set<Integer> lines, Map<String, Root.Pin> pins) {
    return new Root.Spec(
        file,
        lines == null ? List.of() : lines.stream().limit(Root.Spec.MAX).toList(),
        reference.at(reference.tag(), "").toString(),
        PinnedSpec.ownerOf(reference, pins),
        Optional.empty(),
        Optional.empty());
  }
}
