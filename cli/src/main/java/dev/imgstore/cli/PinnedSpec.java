package dev.imgstore.cli;

import dev.imgstore.builder.spec.DeploySpec;
import dev.imgstore.builder.spec.Mention;
import dev.imgstore.builder.spec.Note;
import dev.imgstore.builder.spec.Reference;
import dev.imgstore.builder.spec.SpecPath;
import dev.imgstore.model.Digest;
import dev.imgstore.store.PinChange;
import dev.imgstore.store.Root;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A deploy spec with what each of its references stands for.
 *
 * @param name what its pins call it: its absolute path, or what was given with {@code --as}
 * @param verdicts of each mention that is an image, in the file's order
 * @param left what may name an image and is left as it is, but for what is ignored
 */
record PinnedSpec(
    String name,
    SpecFile file,
    DeploySpec spec,
    Map<Mention, SpecMeaning.Verdict> verdicts,
    List<Note> left) {
  private static final int HEX = 16;
  private static final int MOST_LINES = Root.Spec.MAX;

  static final Comparator<Mistake> IN_ORDER =
      Comparator.comparingInt(Mistake::line).thenComparingInt(Mistake::column);

  /** Something wrong with a place of a file, on one line. */
  record Mistake(ExitCode code, String file, int line, int column, String text) {
    Mistake {
      file = Imgstore.line(file);
      text = Imgstore.line(text);
    }

    @Override
    public String toString() {
      return file + ":" + line + ":" + column + ": " + text;
    }
  }

  /** Reads a file and asks what its references mean. */
  static PinnedSpec read(String name, SpecFile file, List<SpecPath> paths, SpecMeaning meaning)
      throws IOException {
    DeploySpec spec = DeploySpec.read(file.typed(), file.bytes(), paths);
    Map<Mention, SpecMeaning.Verdict> verdicts = new LinkedHashMap<>();
    List<Note> left = new ArrayList<>(spec.left());
    for (Mention mention : spec.mentions()) {
      SpecMeaning.Verdict verdict = meaning.of(mention.reference());
      boolean wrong = verdict instanceof SpecMeaning.Wrong;
      if (wrong && mention.perhaps() && meaning.isForeign(mention.reference())) {
        String image = mention.reference().toString();
        String text = mention.where() + " is perhaps no image, and none that is known: " + image;
        left.add(new Note(mention.line(), mention.column(), text, List.of(image)));
      } else {
        verdicts.put(mention, verdict);
      }
    }
    left.removeIf(meaning::isIgnored);
    left.sort(Comparator.comparingInt(Note::line).thenComparingInt(Note::column));
    return new PinnedSpec(name, file, spec, verdicts, List.copyOf(left));
  }

  /** All that keeps it from being pinned. */
  List<Mistake> mistakes() {
    List<Mistake> mistakes = new ArrayList<>();
    for (Note note : spec.wrong()) {
      mistakes.add(
          new Mistake(ExitCode.USAGE, file.typed(), note.line(), note.column(), note.text()));
    }
    verdicts.forEach(
        (mention, verdict) -> {
          if (verdict instanceof SpecMeaning.Wrong wrong) {
            mistakes.add(mistake(mention, wrong.code(), wrong.text()));
          }
        });
    mistakes.sort(IN_ORDER);
    return mistakes;
  }

  /** All that a check finds: the mistakes, and what does not say exactly what it stands for. */
  List<Mistake> findings() {
    List<Mistake> findings = new ArrayList<>(mistakes());
    verdicts.forEach(
        (mention, verdict) -> {
          if (verdict instanceof SpecMeaning.Image image
              && !mention.reference().digest().equals(image.image().toString())) {
            String what = image.generation() + ", which is " + image.image();
            findings.add(
                mistake(
                    mention,
                    ExitCode.FOUND,
                    mention.reference().digest().isEmpty()
                        ? "is not pinned; it stands for " + what
                        : "is pinned to another image than " + what));
          }
        });
    findings.sort(IN_ORDER);
    return findings;
  }

  /** What may name an image and is left as it is. */
  List<Mistake> leftovers() {
    return left.stream()
        .map(
            note ->
                new Mistake(
                    ExitCode.FOUND,
                    file.typed(),
                    note.line(),
                    note.column(),
                    "left as it is: " + note.text()))
        .toList();
  }

  private Mistake mistake(Mention mention, ExitCode code, String text) {
    return new Mistake(
        code, file.typed(), mention.line(), mention.column(), mention.reference() + ": " + text);
  }

  /** What each mention says once it is pinned. */
  Map<Mention, Reference> wanted() {
    Map<Mention, Reference> wanted = new LinkedHashMap<>();
    verdicts.forEach(
        (mention, verdict) -> {
          if (verdict instanceof SpecMeaning.Image image) {
            wanted.put(mention, mention.after(image.tag(), image.image().toString()));
          }
        });
    return wanted;
  }

  /** The bytes of the pinned file, which were read again to see that they say what they should. */
  byte[] bytes(List<SpecPath> paths) throws CommandFailure {
    Map<Mention, Reference> wanted = wanted();
    byte[] bytes = DeploySpec.rewrite(file.bytes(), wanted);
    DeploySpec again = DeploySpec.read(file.typed(), bytes, paths);
    List<Reference> expected =
        spec.mentions().stream()
            .map(mention -> wanted.getOrDefault(mention, mention.reference()))
            .toList();
    List<Reference> found = again.mentions().stream().map(Mention::reference).toList();
    if (!again.wrong().isEmpty() || !found.equals(expected)) {
      throw new CommandFailure(
          ExitCode.FAILED,
          file.shown()
              + " would not read as it should with its digests in it, so nothing was written;"
              + " please report it");
    }
    return bytes;
  }

  /** Whether pinning changes its bytes. */
  boolean isChanged(byte[] after) {
    return !Arrays.equals(file.bytes(), after);
  }

  /** The pins that it has to have, by name; what they have already stays with them. */
  Map<String, PinChange.Pinned> pins(
      Map<String, Root.Pin> now, String owner, Optional<Instant> expires, Instant moment)
      throws CommandFailure {
    Map<String, List<Integer>> lines = new TreeMap<>();
    Map<String, Reference> references = new TreeMap<>();
    wanted()
        .forEach(
            (mention, wanted) -> {
              String pin = pinName(name, wanted);
              references.putIfAbsent(pin, wanted);
              List<Integer> at = lines.computeIfAbsent(pin, any -> new ArrayList<>());
              if (!at.contains(mention.line()) && at.size() < MOST_LINES) {
                at.add(mention.line());
              }
            });
    Map<String, PinChange.Pinned> pins = new TreeMap<>();
    for (Map.Entry<String, Reference> each : references.entrySet()) {
      PinChange.Pinned pin =
          pin(
              each.getKey(),
              each.getValue(),
              lines.getOrDefault(each.getKey(), List.of()),
              now,
              owner,
              expires,
              moment);
      pins.put(pin.name(), pin);
      source(pin).ifPresent(source -> pins.put(source.name(), source));
    }
    return pins;
  }

  /** The pin of the generation that an image was packed from. */
  private Optional<PinChange.Pinned> source(PinChange.Pinned pin) {
    return verdicts.values().stream()
        .filter(SpecMeaning.Image.class::isInstance)
        .map(SpecMeaning.Image.class::cast)
        .filter(each -> each.image().equals(pin.image()) && !each.source().equals(each.image()))
        .map(each -> SourcePin.of(pin, each.source()))
        .findFirst();
  }

  private PinChange.Pinned pin(
      String pin,
      Reference reference,
      List<Integer> lines,
      Map<String, Root.Pin> now,
      String owner,
      Optional<Instant> expires,
      Instant moment)
      throws CommandFailure {
    Optional<Root.Spec> before = Optional.ofNullable(now.get(pin)).flatMap(Root.Pin::spec);
    String whose = before.map(Root.Spec::owner).orElse(ownerOf(reference, now));
    try {
      return new PinChange.Pinned(
          pin,
          Digest.parse(reference.digest()),
          new Root.Spec(
              name,
              lines.stream().sorted().toList(),
              reference.at(reference.tag(), "").toString(),
              owner.isEmpty() ? whose : owner,
              expires.isPresent()
                  ? expires
                  : before.flatMap(Root.Spec::expires).filter(moment::isBefore),
              Optional.empty()));
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, file.shown() + ": " + e.getMessage(), e);
    }
  }

  /** Whom the pin belonged to that this one takes the place of. */
  static String ownerOf(Reference reference, Map<String, Root.Pin> now) {
    return now.values().stream()
        .flatMap(pin -> pin.spec().stream())
        .filter(
            each ->
                Reference.parse(each.reference())
                    .filter(other -> other.name().equals(reference.name()))
                    .isPresent())
        .map(Root.Spec::owner)
        .filter(each -> !each.isEmpty())
        .findFirst()
        .orElse("");
  }

  /** The pins of its images whose time is over, so that nothing keeps what the file says. */
  List<Mistake> over(Map<String, Root.Pin> now, Instant moment) {
    List<Mistake> over = new ArrayList<>();
    wanted()
        .forEach(
            (mention, wanted) -> {
              Root.Pin pin = now.get(pinName(name, wanted));
              if (pin != null && pin.isOver(moment)) {
                String end = pin.spec().flatMap(Root.Spec::expires).orElseThrow().toString();
                over.add(mistake(mention, ExitCode.FOUND, "its pin expired at " + end));
              }
            });
    return over;
  }

  /** What the file says and a collection took the pin of, so that nothing keeps it. */
  List<Mistake> ended(Map<String, Root.Pin> now, PinEnds ends) {
    List<Mistake> ended = new ArrayList<>();
    wanted()
        .forEach(
            (mention, wanted) -> {
              String pin = pinName(name, wanted);
              boolean said = mention.reference().digest().equals(wanted.digest());
              if (said && !now.containsKey(pin)) {
                ends.of(pin)
                    .map(
                        when ->
                            "nothing keeps it: its pin expired, and was taken away at "
                                + when
                                + "; run imgstore pin")
                    .ifPresent(text -> ended.add(mistake(mention, ExitCode.FOUND, text)));
              }
            });
    return ended;
  }

  /** What a pin is called: file, image and the beginning of the digest. */
  static String pinName(String file, Reference reference) {
    int colon = reference.digest().indexOf(':') + 1;
    return file + "#" + reference.name() + "@" + reference.digest().substring(colon, colon + HEX);
  }
}
