package dev.imgstore.builder.spec;

import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * A deploy spec, read: Kubernetes, Kustomize, the values of a Helm chart, Compose, Nomad,
 * Terraform, workflows of forges, Dockerfiles. Immutable.
 *
 * @param format what it was read as, for people
 * @param mentions the images it names, in their order
 * @param left what may name an image and cannot be changed, such as a variable
 * @param idle paths that lead to nothing here
 * @param wrong why the file, or a part of it, cannot be read; then nothing may be written
 */
public record DeploySpec(
    String format, List<Mention> mentions, List<Note> left, List<Note> wrong, List<SpecPath> idle) {
  /** Largest file that is read. */
  public static final int LARGEST = 16 << 20;

  /** Copies in. */
  public DeploySpec {
    mentions = List.copyOf(mentions);
    left = List.copyOf(left);
    wrong = List.copyOf(wrong);
    idle = List.copyOf(idle);
  }

  /**
   * Reads a file.
   *
   * @param name its path; what it is called decides how it is read
   * @param paths where it names images beside the known places
   */
  public static DeploySpec read(String name, byte[] bytes, List<SpecPath> paths) {
    if (bytes.length > LARGEST) {
      return refused("is larger than " + (LARGEST >> 20) + " MiB, which no deploy spec is");
    }
    SpecText text;
    try {
      text = new SpecText(bytes);
    } catch (CharacterCodingException e) {
      return refused("is no text in UTF-8");
    }
    Findings findings = new Findings(text);
    Formats formats = new Formats(findings, paths);
    String format = formats.read(name);
    Comparator<Note> order = Comparator.comparingInt(Note::line).thenComparingInt(Note::column);
    List<Mention> mentions = new ArrayList<>(findings.mentions());
    mentions.sort(Comparator.comparingInt(mention -> mention.slot().from()));
    findings.left().sort(order);
    findings.wrong().sort(order);
    return new DeploySpec(format, mentions, findings.left(), findings.wrong(), formats.idle());
  }

  private static DeploySpec refused(String why) {
    List<Note> wrong = List.of(new Note(1, 1, "the file " + why, List.of()));
    return new DeploySpec("unknown", List.of(), List.of(), wrong, List.of());
  }

  /**
   * The file's bytes once mentions say what they should; all other bytes are as they were.
   *
   * @param bytes those that were read
   * @param wanted for each mention that is to change, the tag and the digest
   */
  public static byte[] rewrite(byte[] bytes, Map<Mention, Reference> wanted) {
    List<Edit> edits = new ArrayList<>();
    wanted.forEach((mention, to) -> edits.addAll(mention.edits(to.tag(), to.digest())));
    return Edit.apply(bytes, edits);
  }
}
