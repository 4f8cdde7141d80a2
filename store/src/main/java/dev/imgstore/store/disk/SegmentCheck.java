package dev.imgstore.store.disk;

import dev.imgstore.model.RelPath;
import dev.imgstore.store.CheckReport.Finding;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
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

  /** What can be read of its entries, in order of their bodies. */
  List<Entry> run() throws IOException {
    Segment.Footer footer;
    try {
      footer = segment.footer();
      if (!SegmentFormat.isHeader(segment.raw(0, SegmentFormat.HEADER).array())) {
        find("segment", "it does not start like a segment");
      }
      checkHash(footer);
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) { // a disk that cannot read this file may still read others
      find("segment", String.valueOf(e.getMessage()));
      return List.of();
    }
    List<Entry> entries = entries(footer);
    checkTiles(entries, footer.trailer().footerOffset());
    return entries;
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

  private List<Entry> entries(Segment.Footer footer) {
    List<Entry> entries = new ArrayList<>();
    Entry previous = null;
    for (int i = 0; i < footer.trailer().count(); i++) {
      try {
        Entry entry = footer.entry(i);
        if (previous != null && Entry.order(previous, entry) >= 0) {
          find("entry " + i, "it is out of order");
        }
        previous = entry;
        entries.add(entry);
      } catch (IllegalArgumentException e) {
        find("entry " + i, String.valueOf(e.getMessage()));
      }
    }
    entries.sort(Comparator.comparingLong(Entry::offset).thenComparingLong(Entry::stored));
    return entries;
  }

  private void checkTiles(List<Entry> entries, long end) {
    long at = SegmentFormat.HEADER;
    for (Entry each : entries) {
      if (each.offset() != at) {
        find(each.digest().toString(), "its body begins at " + each.offset() + ", not at " + at);
      }
      at = each.offset() + each.stored();
    }
    if (at != end) {
      find("segment", "its bodies end at " + at + ", its footer begins at " + end);
    }
  }

  private void find(String what, String fault) {
    findings.accept(new Finding(segment.file().value(), what, fault));
  }
}
