package dev.imgstore.store.disk;

import dev.imgstore.model.RelPath;
import dev.imgstore.store.CheckReport.Finding;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.NoSuchFileException;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The structure of one segment: header, footer and its hash, the order of the entries, and that
 * their bodies lie one after the other with nothing between, so that every byte of the file is
 * covered by some hash.
 */
final class SegmentCheck {
  private final Segment segment;
  private final Consumer<Finding> findings;

  SegmentCheck(Segment segment, Consumer<Finding> findings) {
    this.segment = segment;
    this.findings = findings;
  }

  /** Its entries, as far as they can be read; empty if none can. */
  Optional<CheckedSegment> run() throws IOException {
    Segment.Footer footer;
    try {
      footer = segment.footer();
      if (!SegmentFormat.isHeader(segment.raw(0, SegmentFormat.HEADER).array())) {
        find("segment", "it does not start like a segment");
      }
      checkHash(footer);
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (NoSuchFileException e) {
      return Optional.empty(); // a collection has moved what was alive to a segment that is listed
    } catch (IOException e) { // a disk that cannot read this file may still read others
      find("segment", String.valueOf(e.getMessage()));
      return Optional.empty();
    }
    if (footer.trailer().footerOffset() > CheckedSegment.MOST_BYTES) {
      find("segment", "it is longer than any can be");
      return Optional.empty();
    }
    CheckedSegment checked = new CheckedSegment(segment, footer, possible(footer));
    checkTiles(checked, footer.trailer().footerOffset());
    return Optional.of(checked);
  }

  private void checkHash(Segment.Footer footer) throws IOException {
    SegmentFormat.Trailer trailer = footer.trailer();
    int length = trailer.count() * Entry.BYTES + SegmentFormat.TRAILER;
    ByteBuffer bytes = segment.raw(trailer.footerOffset(), length);
    String hash = HexFormat.of().formatHex(SegmentFormat.hash(SegmentFormat.hashedPart(bytes)));
    RelPath file = segment.file();
    if (!hash.equals(trailer.hash())) {
      find("footer", "its hash is another than its trailer says");
    }
    boolean named =
        Purpose.of(file)
            .filter(purpose -> purpose.number() == trailer.purpose())
            .filter(purpose -> purpose.file(trailer.hash()).equals(file))
            .isPresent();
    if (!named) {
      find("footer", "the file's name is not what its trailer says");
    }
  }

  /** The numbers of the entries that can be. */
  private BitSet possible(Segment.Footer footer) {
    BitSet possible = new BitSet();
    ByteBuffer entries = footer.entries();
    int previous = -1;
    for (int i = 0; i < footer.trailer().count(); i++) {
      int at = i * Entry.BYTES;
      if (Entry.isPossible(entries, at, footer.trailer().footerOffset())) {
        if (previous >= 0 && Entry.order(entries, previous, at) >= 0) {
          find("entry " + i, "it is out of order");
        }
        previous = at;
        possible.set(i);
      } else {
        find("entry " + i, fault(footer, i));
      }
    }
    return possible;
  }

  private static String fault(Segment.Footer footer, int index) {
    try {
      return "impossible entry " + footer.entry(index);
    } catch (IllegalArgumentException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private void checkTiles(CheckedSegment checked, long end) {
    long at = SegmentFormat.HEADER;
    for (int i = 0; i < checked.count(); i++) {
      int number = checked.number(i);
      if (checked.offset(number) != at) {
        String digest = checked.located(number).entry().digest().toString();
        find(digest, "its body begins at " + checked.offset(number) + ", not at " + at);
      }
      at = checked.offset(number) + checked.stored(number);
    }
    if (at != end) {
      find("segment", "its bodies end at " + at + ", its footer begins at " + end);
    }
  }

  private void find(String what, String fault) {
    findings.accept(new Finding(segment.file().value(), what, fault));
  }
}
