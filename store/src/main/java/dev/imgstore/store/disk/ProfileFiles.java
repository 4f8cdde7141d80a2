package dev.imgstore.store.disk;

import dev.imgstore.model.Profile;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.CheckReport.Finding;
import dev.imgstore.store.Journal;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.disk.JournalText.Run;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The files of {@code states/}, beside the journal that they follow. Safe for many threads and
 * processes; whoever writes one holds the journal's lock.
 */
final class ProfileFiles {
  private final Filesystem files;
  private final DiskJournal journal;
  private final Consumer<String> notices;

  /**
   * What was read last: a command reads one file several times, which is long after 1,000 builds.
   */
  private volatile Decoded last = new Decoded(new byte[0], ProfileState.empty("none"));

  /** What a file said, byte for byte. */
  private static final class Decoded {
    private final byte[] bytes;
    private final ProfileState state;

    Decoded(byte[] bytes, ProfileState state) {
      this.bytes = bytes;
      this.state = state;
    }

    boolean isOf(String name, byte[] other) {
      return state.profile().name().equals(name) && Arrays.equals(bytes, other);
    }
  }

  ProfileFiles(Filesystem files, DiskJournal journal, Consumer<String> notices) {
    this.files = files;
    this.journal = journal;
    this.notices = notices;
  }

  /** The state as the journal has it; under its lock it stays so. */
  ProfileState now(String name) throws IOException {
    ProfileState stored = stored(name);
    Run run = journal.since(stored.mark());
    return stored.after(run.entries(), run.end());
  }

  /**
   * As {@link #now}; writes the file if many entries came since, for nobody else does so for a
   * profile that nothing changes, and every reader reads them all.
   */
  ProfileState caughtUp(String name) throws IOException {
    ProfileState stored = stored(name);
    Run run = journal.since(stored.mark());
    ProfileState now = stored.after(run.entries(), run.end());
    if (run.entries().size() > StateFile.MOST_BEHIND && now.profile().next() > 1) {
      journal.settle();
      try {
        write(now);
      } catch (IOException e) {
        notices.accept(
            file(name)
                + " could not be written: "
                + e.getMessage()
                + "; reading "
                + name
                + " takes longer until it is");
      }
    }
    return now;
  }

  static RelPath file(String name) {
    return StateFile.DIRECTORY.child(name);
  }

  /** What the file says; a lost or damaged one says nothing, and the journal says all. */
  ProfileState stored(String name) throws IOException {
    Optional<byte[]> bytes = StateFile.readOfProfile(files, name);
    if (bytes.isEmpty()) {
      return ProfileState.empty(name);
    }
    Decoded known = last;
    if (known.isOf(name, bytes.get())) {
      return known.state;
    }
    try {
      ProfileState state = ProfileText.decode(name, bytes.get());
      last = new Decoded(bytes.get(), state);
      return state;
    } catch (StateFile.Later e) {
      return ProfileState.empty(name); // the journal says the same, and takes longer
    } catch (IllegalArgumentException e) {
      notices.accept(
          file(name)
              + " is damaged ("
              + e.getMessage()
              + "): used the journal instead; the next change of "
              + name
              + " writes it anew");
      return ProfileState.empty(name);
    }
  }

  /** Replaces the file; on return the new one survives a power cut. */
  void write(ProfileState state) throws IOException {
    StateFile.replace(files, file(state.profile().name()), ProfileText.encode(state));
  }

  /** Compares every file with the journal. One that is only behind is fine; changes nothing. */
  List<Finding> check() throws IOException {
    Map<RelPath, byte[]> stored = new TreeMap<>();
    for (RelPath file : StateFile.ofProfiles(files)) {
      StateFile.read(files, file).ifPresent(bytes -> stored.put(file, bytes));
    }
    // read after the files, the journal is at least as new as they are
    Optional<List<Journal.Entry>> entries = readable();
    List<Finding> findings = new ArrayList<>();
    for (Map.Entry<RelPath, byte[]> each : stored.entrySet()) {
      String name = each.getKey().name();
      fault(name, each.getValue(), entries)
          .ifPresent(fault -> findings.add(new Finding(each.getKey().value(), name, fault)));
    }
    return findings;
  }

  /** The entries; empty if the journal is damaged, which its own check says. */
  private Optional<List<Journal.Entry>> readable() throws IOException {
    try {
      return Optional.of(journal.list());
    } catch (StoreException e) {
      return Optional.empty();
    }
  }

  private Optional<String> fault(String name, byte[] bytes, Optional<List<Journal.Entry>> readable)
      throws IOException {
    if (!Profile.isName(name)) {
      return Optional.of("it is no file of ours");
    }
    try {
      ProfileState stored = ProfileText.decode(name, bytes);
      if (readable.isEmpty()) {
        return Optional.empty();
      }
      List<Journal.Entry> entries = readable.get();
      journal.since(stored.mark());
      int reflected = (int) Math.min(entries.size(), stored.mark().sequence());
      ProfileState replayed =
          ProfileState.empty(name).after(entries.subList(0, reflected), stored.mark());
      return Arrays.equals(ProfileText.encode(replayed), ProfileText.encode(stored))
          ? Optional.empty()
          : Optional.of("it says otherwise than the journal");
    } catch (StateFile.Later e) {
      return Optional.empty();
    } catch (IllegalArgumentException | StoreException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Writes the files anew that are damaged, from the journal.
   *
   * @return the files
   * @throws StoreException.Corrupt if the journal itself cannot be believed
   */
  List<RelPath> repair() throws IOException {
    List<RelPath> written = new ArrayList<>();
    if (check().isEmpty()) {
      return written;
    }
    try (DiskJournal.Writer writer = journal.write()) {
      Run run = journal.whole().run();
      journal.settle();
      for (Finding each : check()) {
        if (Profile.isName(each.what())) {
          ProfileState state = ProfileState.empty(each.what()).after(run.entries(), writer.head());
          write(state);
          written.add(file(each.what()));
        }
      }
    }
    return written;
  }
}
