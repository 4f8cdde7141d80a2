package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.NoSuchFileException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One search for a blob, which looks at no index and no segment twice. It finds only what is in a
 * file that is there at that moment. For one thread.
 */
final class Search {
  private final SegmentDirectory directory;
  private final ByteBuffer digest;
  private final Wanted wanted;
  private final Set<Segment> searched = new HashSet<>();
  private @Nullable BlobIndex asked;
  private @Nullable Located hit;
  private boolean lost;

  Search(SegmentDirectory directory, Digest blob, Wanted wanted) {
    this.directory = directory;
    this.digest = ByteBuffer.wrap(blob.raw());
    this.wanted = wanted;
  }

  /** Searches what is new in {@code view} since the last time. */
  Optional<Located> in(SegmentDirectory.View view) throws IOException {
    if (view.index().isPresent() && view.index().get() != asked) {
      asked = view.index().get();
      ask(view.index().get());
    }
    if (hit == null) {
      in(view.loose());
    }
    return Optional.ofNullable(hit);
  }

  /** Searches all these footers, whatever the index says of them. */
  Optional<Located> inAll(List<Segment> segments) throws IOException {
    in(segments);
    return Optional.ofNullable(hit);
  }

  private void ask(BlobIndex index) throws IOException {
    try {
      index.find(
          BlobIndex.prefix(digest),
          (prefix, number, entry) -> {
            Segment segment = index.segment(number, directory::segment);
            in(segment, () -> segment.at(entry, digest, wanted));
            return hit == null;
          });
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      directory.distrust(index); // damaged, or replaced and closed: all is in the footers too
      lost = true;
    }
  }

  private void in(List<Segment> segments) throws IOException {
    for (Segment each : segments) {
      if (searched.isEmpty() || !searched.contains(each)) {
        in(each, () -> each.find(digest, wanted));
        if (hit != null) {
          return;
        }
      }
    }
    searched.addAll(segments);
  }

  /** How a segment is asked. */
  private interface Question {
    Optional<Located> ask() throws IOException;
  }

  private void in(Segment segment, Question question) throws IOException {
    try {
      Optional<Located> found = question.ask();
      if (found.isEmpty()) {
        return;
      }
      if (segment.isThere()) {
        hit = found.get();
      } else {
        lost = true; // a collection has removed it, and moved what was alive elsewhere
      }
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (NoSuchFileException e) {
      lost = true;
    } catch (IOException e) {
      return; // another may hold it; if none does, absent() says what is damaged
    }
  }

  /** True if something searched was gone since this was asked last. */
  boolean lost() {
    boolean was = lost;
    lost = false;
    return was;
  }
}
