package dev.imgstore.store.disk;

import dev.imgstore.store.StoreException;
import dev.imgstore.store.disk.JournalText.Line;
import dev.imgstore.store.disk.JournalText.Mark;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Reads a damaged journal past its damage and names every entry that is wrong. If one byte is all
 * that is wrong, the hashes say which and what it was: that is told, and not written, because
 * nothing but {@code append} ever writes the journal.
 */
final class JournalSurvey {
  /** Every byte of more than this is not tried. */
  private static final int TRIED = 2048;

  /** Most bytes rot by one bit, so those are tried first. */
  private static final int[] ONE_BIT = {1, 2, 4, 8, 16, 32, 64, 128};

  private static final int[] ANY_BIT = IntStream.range(1, 256).toArray();

  private final byte[] bytes;
  private final Mark named;
  private final List<Fault> faults = new ArrayList<>();

  private JournalSurvey(byte[] bytes, Mark named) {
    this.bytes = bytes;
    this.named = named;
  }

  /** What is wrong with an entry, in one sentence. */
  record Fault(long sequence, String text) {}

  /** A byte that has to be another one. */
  private record Fix(int at, byte value) {}

  /**
   * Everything that is wrong.
   *
   * @param named the latest entry that a state file names
   */
  static List<Fault> of(byte[] bytes, Mark named) {
    JournalSurvey survey = new JournalSurvey(bytes, named);
    survey.run();
    return survey.faults;
  }

  private void run() {
    Mark mark = JournalText.START;
    int at = 0;
    while (at < bytes.length) {
      Optional<Mark> next = follow(mark, at);
      if (next.isEmpty()) {
        next = Optional.of(resume(mark, at));
      }
      mark = next.get();
      at = (int) mark.end();
      if (JournalText.lastSeal(bytes, bytes.length) <= at) {
        break;
      }
    }
    if (mark.sequence() < named.sequence() && faults.isEmpty()) {
      lostEnd(mark, at);
    }
  }

  /** The place after the entry that begins here, if that is right. */
  private Optional<Mark> follow(Mark before, int at) {
    Optional<Line> found = JournalText.lineAt(bytes, at);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Line line = found.get();
    String hash = JournalText.hash(before.hash(), bytes, at, line.seal() - at);
    if (line.sequence() != before.sequence() + 1
        || !hash.equals(JournalText.sealed(bytes, line.end()))) {
      return Optional.empty();
    }
    Mark mark = new Mark(line.sequence(), hash, line.end());
    try {
      String json =
          new String(bytes, line.json(), line.seal() - line.json(), StandardCharsets.UTF_8);
      JournalText.entry(mark, json);
    } catch (StoreException e) {
      faults.add(new Fault(mark.sequence(), String.valueOf(e.getMessage())));
    }
    return Optional.of(mark);
  }

  /** Says what is wrong from here to where entries follow each other again. */
  private Mark resume(Mark before, int at) {
    Optional<Line> line = JournalText.lineAt(bytes, at);
    String own =
        line.isEmpty()
            ? before.hash()
            : JournalText.hash(before.hash(), bytes, at, line.get().seal() - at);
    for (int end = nextSeal(at); end > 0; end = nextSeal(end)) {
      String sealed = JournalText.sealed(bytes, end);
      Optional<Line> next = JournalText.lineAt(bytes, end);
      boolean last = next.isEmpty() && nextSeal(end) < 0;
      if (last) {
        add(before, at, end, -1);
        return new Mark(before.sequence() + 1, sealed, end);
      }
      if (next.isPresent()) {
        int length = next.get().seal() - end;
        String following = JournalText.sealed(bytes, next.get().end());
        for (String hash : List.of(sealed, own)) {
          if (JournalText.hash(hash, bytes, end, length).equals(following)) {
            add(before, at, end, next.get().sequence());
            return new Mark(next.get().sequence() - 1, hash, end);
          }
        }
      }
    }
    add(before, at, bytes.length, -1);
    return new Mark(before.sequence() + 1, before.hash(), bytes.length);
  }

  private int nextSeal(int after) {
    for (int end = after + JournalText.SEAL; end <= bytes.length; end++) {
      if (bytes[end - 1] == '\n' && JournalText.isSeal(bytes, end - JournalText.SEAL)) {
        return end;
      }
    }
    return -1;
  }

  private void add(Mark before, int from, int to, long next) {
    Optional<Fix> fix = fix(before, from, to, next);
    long first = before.sequence() + 1;
    long last = next < 0 ? first : Math.max(first, next - 1);
    String fault =
        first == last
            ? "entry " + first + " does not match its hash"
            : "entries " + first + " to " + last + " do not match their hashes";
    faults.add(new Fault(first, fault + cure(fix)));
  }

  private void lostEnd(Mark last, int at) {
    Optional<Fix> fix = fix(last, at, bytes.length, named.sequence() + 1);
    faults.add(
        new Fault(
            named.sequence(),
            "it ends after entry "
                + last.sequence()
                + ", but a state file names entry "
                + named.sequence()
                + cure(fix)));
  }

  private String cure(Optional<Fix> fix) {
    if (fix.isEmpty()) {
      return "; put the journal back from a copy of the store: it is never written by a repair,"
          + " and nothing else knows what it said (the state files know entries up to "
          + named.sequence()
          + ")";
    }
    int at = fix.get().at();
    String octal = Integer.toOctalString(0x200 | (fix.get().value() & 0xff)).substring(1);
    return "; one byte is wrong, and the hashes prove what it was: in the store's directory, run"
        + (" printf '\\" + octal + "' | dd of=journal bs=1 seek=" + at + " conv=notrunc");
  }

  /**
   * The one byte that makes all of these entries right.
   *
   * @param next sequence of the entry that follows, if it is known
   */
  private Optional<Fix> fix(Mark before, int from, int to, long next) {
    if (to - from > TRIED) {
      return Optional.empty();
    }
    Optional<Fix> bit = fix(before, from, to, next, ONE_BIT);
    return bit.isPresent() ? bit : fix(before, from, to, next, ANY_BIT);
  }

  private Optional<Fix> fix(Mark before, int from, int to, long next, int[] differences) {
    for (int at = from; at < to; at++) {
      byte was = bytes[at];
      try {
        for (int each : differences) {
          bytes[at] = (byte) (was ^ each);
          if (isRight(before, from, to, next)) {
            return Optional.of(new Fix(at, bytes[at]));
          }
        }
      } finally {
        bytes[at] = was;
      }
    }
    return Optional.empty();
  }

  private boolean isRight(Mark before, int from, int to, long next) {
    Mark mark = before;
    int at = from;
    while (at < to) {
      Optional<Line> found = JournalText.lineAt(bytes, at);
      if (found.isEmpty() || found.get().sequence() != mark.sequence() + 1) {
        return false;
      }
      Line line = found.get();
      String hash = JournalText.hash(mark.hash(), bytes, at, line.seal() - at);
      if (!hash.equals(JournalText.sealed(bytes, line.end()))) {
        return false;
      }
      mark = new Mark(line.sequence(), hash, line.end());
      at = line.end();
    }
    boolean follows = next < 0 || mark.sequence() == next - 1;
    return at == to && follows && (to == bytes.length || joins(mark, to));
  }

  private boolean joins(Mark mark, int at) {
    Optional<Line> line = JournalText.lineAt(bytes, at);
    return line.isEmpty()
        || JournalText.hash(mark.hash(), bytes, at, line.get().seal() - at)
            .equals(JournalText.sealed(bytes, line.get().end()));
  }
}
