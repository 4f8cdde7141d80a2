package dev.imgstore.store.disk;

import dev.imgstore.model.RelPath;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The only way in which segments leave the store; the caller holds {@code collect.lock}.
 *
 * <p>Law 3: what goes is chosen with the gate closed, when everybody's leases can be read and
 * nobody gets another. Law 4: segments of which one may name what is in another go together ({@link
 * #together}): the list of them is durable before the first is moved, so that whoever finds some of
 * them gone takes the rest away before he looks at anything ({@link RemovalLog}). Files are moved
 * with the gate closed, which takes no time, and deleted after that is durable; a crash leaves them
 * in {@code tmp/}, where the next writer removes them.
 */
final class Removal {
  private final Filesystem files;
  private final Scratch scratch;
  private final Gate gate;
  private final DiskSegments segments;

  Removal(Filesystem files, Scratch scratch, Gate gate, DiskSegments segments) {
    this.files = files;
    this.scratch = scratch;
    this.gate = gate;
    this.segments = segments;
  }

  /** Asked once, with the gate closed: reads leases and roots again, and says what may go. */
  interface Choice {
    Set<RelPath> now() throws IOException;
  }

  /**
   * Removes segments, all or none of them.
   *
   * @param likely what the choice will be unless something happens meanwhile
   * @return those that are gone, durably
   */
  Set<RelPath> together(Set<RelPath> likely, Choice choice) throws IOException {
    if (likely.isEmpty()) {
      return Set.of();
    }
    RelPath prepared = write(likely); // with the gate open, since it waits for the disk
    settle();
    Map<RelPath, RelPath> moved =
        gate.closedFor(
            () -> {
              Set<RelPath> going = choice.now();
              if (going.isEmpty()) {
                return Map.of();
              }
              RelPath log = going.equals(likely) ? prepared : write(going);
              files.moveAtomically(log, RemovalLog.FILE);
              files.sync(RelPath.ROOT);
              return moveOrPutBack(going);
            });
    Set<RelPath> gone = end(moved);
    if (files.stat(prepared).isPresent()) {
      files.delete(prepared);
    }
    return gone;
  }

  /**
   * Removes segments that name nothing, and of which nothing is named that stays.
   *
   * @return those that are gone, durably
   */
  Set<RelPath> oneByOne(Choice choice) throws IOException {
    settle();
    return end(
        gate.closedFor(
            () -> {
              Map<RelPath, RelPath> moves = moves(choice.now());
              move(moves);
              return moves;
            }));
  }

  /**
   * What was found in place of what goes may be there since a crash only by a name that nobody made
   * durable: then a power cut could bring back neither.
   */
  private void settle() throws IOException {
    files.sync(Purpose.DIRECTORY);
  }

  private RelPath write(Collection<RelPath> going) throws IOException {
    RelPath log = scratch.newFile();
    try (OutputStream out = files.create(log)) {
      out.write(RemovalLog.encode(going));
    }
    files.sync(log);
    return log;
  }

  private Map<RelPath, RelPath> moves(Set<RelPath> going) throws IOException {
    Map<RelPath, RelPath> moves = new LinkedHashMap<>();
    for (RelPath each : new TreeSet<>(going)) {
      moves.put(each, scratch.newFile());
    }
    return moves;
  }

  private void move(Map<RelPath, RelPath> moves) throws IOException {
    for (Map.Entry<RelPath, RelPath> each : moves.entrySet()) {
      files.moveAtomically(each.getKey(), each.getValue());
    }
  }

  private Map<RelPath, RelPath> moveOrPutBack(Set<RelPath> going) throws IOException {
    Map<RelPath, RelPath> moves = moves(going);
    try {
      move(moves);
      return moves;
    } catch (IOException e) {
      try {
        putBack(moves);
      } catch (IOException again) {
        e.addSuppressed(again); // the log stays, the gate too: who comes next ends it
      }
      throw e;
    }
  }

  private void putBack(Map<RelPath, RelPath> moves) throws IOException {
    for (Map.Entry<RelPath, RelPath> each : moves.entrySet()) {
      if (files.stat(each.getValue()).isPresent()) {
        files.moveAtomically(each.getValue(), each.getKey());
      }
    }
    files.sync(Purpose.DIRECTORY);
    RemovalLog.revoke(files);
  }

  private Set<RelPath> end(Map<RelPath, RelPath> moved) throws IOException {
    if (moved.isEmpty()) {
      return Set.of();
    }
    files.sync(Purpose.DIRECTORY); // before anything goes that these refer to
    RemovalLog.forget(files);
    segments.refresh();
    for (RelPath each : List.copyOf(moved.values())) {
      files.delete(each);
    }
    return Set.copyOf(moved.keySet());
  }
}
