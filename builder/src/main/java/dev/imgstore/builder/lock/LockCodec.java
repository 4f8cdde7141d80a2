package dev.imgstore.builder.lock;

import dev.imgstore.builder.json.CanonicalObject;
import dev.imgstore.model.Problem;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Locks as text: JSON (RFC 8259) with a format number, sorted, one input on each line so that a
 * difference is one line, with a line break at the end. Writing is canonical: a lock has one text.
 * Format 2 adds what {@code inputs} of a recipe are made of; without such a thing a lock is written
 * in format 1, so that its text, and what was built from it, stays what it was. Reading is strict
 * about what the text says and indifferent to its white space and order.
 */
public final class LockCodec {
  /** The newest format; older ones are read too. */
  public static final int FORMAT = 2;

  /** What is written if nothing but packages is pinned. */
  static final int PACKAGES_ONLY = 1;

  private LockCodec() {}

  /** What became of a text. */
  public sealed interface Result {
    /** Calls one of the two. */
    <T> T match(Function<Read, T> read, Function<Mistakes, T> mistakes);
  }

  /** A lock without mistakes. */
  public record Read(Lock lock) implements Result {
    @Override
    public <T> T match(Function<Read, T> read, Function<Mistakes, T> mistakes) {
      return read.apply(this);
    }
  }

  /** What is wrong, by place; at least one. */
  public record Mistakes(List<Problem> problems) implements Result {
    /** Copies in. */
    public Mistakes {
      problems = List.copyOf(problems);
    }

    @Override
    public <T> T match(Function<Read, T> read, Function<Mistakes, T> mistakes) {
      return mistakes.apply(this);
    }
  }

  /** The lock's one text, in UTF-8. */
  public static byte[] write(Lock lock) {
    String inputs =
        lock.inputs().stream()
            .map(input -> "\n    " + line(input))
            .collect(Collectors.joining(","));
    String fetched =
        lock.fetched().stream().map(one -> "\n    " + line(one)).collect(Collectors.joining(","));
    String text =
        String.format(
            Locale.ROOT,
            """
            {
              "format": %d,
              "source": %s,
              "date": %s,
              "inputs": [%s
              ]%s
            }
            """,
            lock.fetched().isEmpty() ? PACKAGES_ONLY : FORMAT,
            CanonicalObject.quote(lock.source().toString()),
            CanonicalObject.quote(lock.date().toString()),
            inputs,
            fetched.isEmpty() ? "" : ",\n  \"fetched\": [" + fetched + "\n  ]");
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static CanonicalObject line(Lock.Input input) {
    CanonicalObject line =
        new CanonicalObject()
            .text("kind", input.kind())
            .text("platform", input.platform().toString())
            .text("name", input.name())
            .text("version", input.version())
            .text("architecture", input.architecture())
            .text("suite", input.suite())
            .text("component", input.component())
            .text("sha256", input.sha256().hex())
            .number("size", input.size())
            .text("path", input.path())
            .text("reason", input.reason());
    return input.root().isEmpty() ? line : line.text("root", input.root());
  }

  private static CanonicalObject line(Lock.Fetched one) {
    CanonicalObject line =
        new CanonicalObject()
            .text("input", one.input())
            .text("source", one.source())
            .text("kind", one.kind())
            .text("name", one.name())
            .text("version", one.version())
            .text("sha256", one.sha256().hex())
            .number("size", one.size())
            .text("path", one.path())
            .text("reason", one.reason());
    return one.signer().isEmpty() ? line : line.text("signer", one.signer());
  }

  /**
   * Reads a lock, at most 64 MiB. No text makes it throw.
   *
   * @param fileName as the person knows it; used in messages
   */
  public static Result read(String fileName, byte[] json) {
    return LockParser.read(fileName, json);
  }
}
