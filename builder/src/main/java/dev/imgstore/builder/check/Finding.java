package dev.imgstore.builder.check;

import dev.imgstore.model.Platform;
import java.util.Optional;

/**
 * One file that differs.
 *
 * @param grade with which it was found
 * @param action as {@link Rerun#name} says it
 * @param owner the package of the file; empty if none is known
 * @param path with the output before it; empty if the action failed
 * @param what content, mode, owner, target ... or how it failed
 * @param offset of the first differing byte; -1 if it is not the content that differs
 * @param was a few bytes from there in hexadecimal, as recorded
 * @param is the same of the other run
 */
public record Finding(
    Grade grade,
    Platform platform,
    String action,
    String owner,
    String path,
    Kind kind,
    String what,
    long offset,
    String was,
    String is) {
  /** What differs and where it begins to. */
  static Finding of(
      Grade grade,
      Platform platform,
      TreeFindings.Origin origin,
      Kind kind,
      String what,
      Optional<Bodies.At> at) {
    return new Finding(
        grade,
        platform,
        origin.action(),
        origin.owner(),
        origin.path(),
        kind,
        what,
        at.map(Bodies.At::offset).orElse(-1L),
        at.map(Bodies.At::was).orElse(""),
        at.map(Bodies.At::is).orElse(""));
  }

  /** The same, of another kind. */
  public Finding as(Kind other) {
    return new Finding(grade, platform, action, owner, path, other, what, offset, was, is);
  }

  /** One line for people. */
  public String line() {
    StringBuilder line = new StringBuilder(action);
    line.append(owner.isEmpty() ? "" : ": package " + owner);
    line.append(path.isEmpty() ? "" : ": " + path).append(": ").append(kind).append(": ");
    if (offset >= 0) {
      line.append("from byte ").append(offset).append(": ");
      line.append(was.isEmpty() ? "nothing" : was).append(", now ");
      line.append(is.isEmpty() ? "nothing" : is);
    } else {
      line.append(what);
    }
    return line.toString();
  }
}
