package dev.imgstore.store.disk;

import dev.imgstore.model.RelPath;
import dev.imgstore.store.CheckReport.Finding;
import dev.imgstore.store.Journal;
import dev.imgstore.store.Profiles.Because;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.disk.JournalText.Draft;
import dev.imgstore.store.disk.JournalText.Mark;
import dev.imgstore.store.disk.JournalText.Run;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The journal as one append-only file of readable lines; {@link JournalText} says which. Safe for
 * many threads and processes; reading takes no lock and changes nothing.
 *
 * <p>Law 6 is kept by {@link Writer#append}: it returns after the entry is durable. Law 2 is the
 * caller's: what an entry names is durable before.
 */
public final class DiskJournal implements Journal {
  static final RelPath FILE = new RelPath("journal");
  private static final RelPath LOCK = new RelPath("journal.lock");

  private final Filesystem files;
  private final Consumer<String> notices;

  /** True once it is known that the name of the file survives a power cut. */
  private volatile boolean named;

  /** Why nothing more is written or promised; empty while all is well. */
  private volatile String broken = "";

  /**
   * The journal of a store, which may have none yet.
   *
   * @param notices gets a sentence when something was put right that a crash had left
   */
  public DiskJournal(Filesystem files, Consumer<String> notices) {
    this.files = files;
    this.notices = notices;
  }

  /**
   * How the journal ends: the same as long as nothing is added, for the last bytes are a hash of
   * all before.
   */
  record Tail(long size, String seal) {}

  /** Reads one block. */
  static Tail tail(Filesystem files) throws IOException {
    try (Filesystem.Window window = files.open(FILE)) {
      long size = window.size();
      byte[] seal = bytes(window, Math.max(0, size - JournalText.SEAL), size);
      return new Tail(size, new String(seal, StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException e) {
      return new Tail(0, "");
    }
  }

  @Override
  public List<Entry> list() throws IOException {
    return since(JournalText.START).entries();
  }

  /**
   * As {@link #list}, for whoever must not miss one: refused if a state file names a later entry.
   *
   * @throws StoreException.Corrupt if the journal has lost its end, or all
   */
  Whole whole() throws IOException {
    long highest = highestNamed(); // before the journal, which is then at least as new
    Run run = since(JournalText.START);
    requireUpTo(highest, run.end());
    return new Whole(run, run.end().sequence() == highest);
  }

  /**
   * All entries.
   *
   * @param isNamed whether a state file names the last one, which is durable then
   */
  record Whole(Run run, boolean isNamed) {}

  private static void requireUpTo(long highest, Mark end) throws StoreException.Corrupt {
    if (end.sequence() < highest) {
      throw new StoreException.Corrupt("journal", endsTooEarly(end.sequence(), highest));
    }
  }

  /** What reading every entry finds wrong. An entry that a crash left half written is not. */
  public List<Finding> check() throws IOException {
    Mark highest = highestMark();
    try {
      long last = since(JournalText.START).end().sequence();
      if (last >= highest.sequence()) {
        return List.of();
      }
    } catch (StoreException.UnknownFormat e) {
      return List.of(new Finding(FILE.value(), "journal", String.valueOf(e.getMessage())));
    } catch (StoreException e) {
      // said entry by entry below
    }
    List<Finding> findings = new ArrayList<>();
    byte[] bytes = StateFile.read(files, FILE).orElse(new byte[0]);
    for (JournalSurvey.Fault each : JournalSurvey.of(bytes, highest)) {
      findings.add(new Finding(FILE.value(), "entry " + each.sequence(), each.text()));
    }
    return findings;
  }

  @Override
  public Point head() throws IOException {
    try (Filesystem.Window window = files.open(FILE)) {
      long size = window.size();
      long from = Math.max(0, size - 3L * JournalText.MAX_LINE);
      Mark head = JournalText.last(bytes(window, from, size), from);
      return new Point(head.sequence(), head.sequence() == 0 ? "" : head.hash());
    } catch (NoSuchFileException e) {
      return new Point(0, "");
    }
  }

  /** {@inheritDoc} What a writer is about to write is waited for. */
  @Override
  public Verified verify(List<Witness> witnesses) throws IOException {
    Verified first = prove(witnesses);
    if (first.findings().isEmpty()) {
      return first;
    }
    Filesystem.Lock lock;
    try {
      lock = files.lock(LOCK);
    } catch (IOException e) {
      return first; // a store that one may only read
    }
    try {
      return prove(witnesses);
    } finally {
      lock.close();
    }
  }

  private Verified prove(List<Witness> witnesses) throws IOException {
    Mark highest = highestMark(); // before the journal, which is then at least as new
    return JournalProof.of(StateFile.read(files, FILE).orElse(new byte[0]), highest, witnesses);
  }

  private static String endsTooEarly(long last, long highest) {
    return "it ends after entry " + last + ", but a state file names entry " + highest;
  }

  /**
   * Takes {@code journal.lock}, and cuts what a crash left after the last entry.
   *
   * @throws StoreException.Corrupt if what is there cannot have been left by a crash
   * @throws StoreException.UnknownFormat if the store got another layout since it was opened
   */
  public Writer write() throws IOException {
    requireWhole();
    Filesystem.Lock lock = files.lock(LOCK);
    boolean ready = false;
    try {
      StoreFormat.settle(files);
      Writer writer = new Writer(lock, settledHead());
      ready = true;
      return writer;
    } finally {
      if (!ready) {
        lock.close();
      }
    }
  }

  /** The entries after a place that a state file named; reads no more than them. */
  Run since(Mark from) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return read(from);
      } catch (EOFException e) {
        // a writer has cut the end that was being read; a second look finds it gone
        if (attempt == 8) {
          throw e;
        }
      }
    }
  }

  private Run read(Mark from) throws IOException {
    try (Filesystem.Window window = files.open(FILE)) {
      long size = window.size();
      if (from.sequence() == 0) {
        return JournalText.read(from, bytes(window, 0, size));
      }
      boolean there =
          from.end() >= JournalText.SEAL
              && size >= from.end()
              && new String(
                      bytes(window, from.end() - JournalText.SEAL, from.end()),
                      StandardCharsets.US_ASCII)
                  .equals(" " + from.hash() + "\n");
      if (!there) {
        throw new StoreException.Corrupt(
            "journal", "it has no entry " + from.sequence() + " as a state file names it");
      }
      named = true; // whoever wrote the state file had synced the name before
      return JournalText.read(from, bytes(window, from.end(), size));
    } catch (NoSuchFileException e) {
      if (from.sequence() > 0) {
        throw new StoreException.Corrupt("journal", "it is gone");
      }
      return new Run(List.of(), from, 0);
    }
  }

  private static byte[] bytes(Filesystem.Window window, long from, long to) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(to - from));
    window.read(from, buffer);
    return buffer.array();
  }

  /** Makes durable what was read, so that it may be acknowledged again. */
  void settle() throws IOException {
    requireWhole();
    if (files.stat(FILE).isEmpty()) {
      return; // nothing was read
    }
    syncOnce(FILE);
    syncOnce(RelPath.ROOT);
    named = true;
  }

  /**
   * A sync that failed must not be tried again: the system may have given up the bytes and would
   * say yes. So this process neither writes nor promises anything after one.
   */
  private void syncOnce(RelPath fileOrDirectory) throws IOException {
    try {
      files.sync(fileOrDirectory);
    } catch (ClosedByInterruptException e) {
      throw e; // nothing was tried
    } catch (IOException e) {
      broken = String.valueOf(e.getMessage());
      throw e;
    }
  }

  private void requireWhole() throws IOException {
    if (!broken.isEmpty()) {
      throw new IOException(
          "the journal could not be made durable before ("
              + broken
              + "), so nothing more is recorded by this process; see that the disk is well, and run"
              + " imgstore verify");
    }
  }

  private Mark settledHead() throws IOException {
    Mark head;
    long size;
    try (Filesystem.Window window = files.open(FILE)) {
      size = window.size();
      long from = Math.max(0, size - 3L * JournalText.MAX_LINE);
      head = JournalText.last(bytes(window, from, size), from);
    } catch (NoSuchFileException e) {
      head = JournalText.START;
      size = 0;
    }
    if (size > head.end() || head.sequence() == 0) {
      requireUpTo(highestNamed(), head); // a journal that is gone must not begin anew either
    }
    if (size > head.end()) {
      cut(head, size - head.end());
    }
    return head;
  }

  private void cut(Mark head, long loose) throws IOException {
    files.truncate(FILE, head.end());
    files.sync(FILE);
    notices.accept(
        "the journal ended in "
            + loose
            + " bytes of an entry that a crash had cut short and nobody was told of; removed them");
  }

  private long highestNamed() throws IOException {
    return highestMark().sequence();
  }

  /** The latest entry that a state file names. */
  private Mark highestMark() throws IOException {
    Mark highest = named(RootFile.FILE);
    for (RelPath file : StateFile.ofProfiles(files)) {
      Mark mark = named(file);
      highest = mark.sequence() > highest.sequence() ? mark : highest;
    }
    return highest;
  }

  private Mark named(RelPath file) throws IOException {
    try {
      Map<String, Object> object =
          StateFile.decode(StateFile.read(files, file).orElse(new byte[0]));
      return new Mark(
          Json.number(object, "sequence"), Json.text(object, "hash"), Json.number(object, "end"));
    } catch (IllegalArgumentException e) {
      return JournalText.START; // damaged: its own check names it
    }
  }

  /** The journal under its lock, for one change or several. Not for several threads. */
  public final class Writer implements Closeable {
    private final Filesystem.Lock lock;
    private Mark head;
    private boolean failed;

    private Writer(Filesystem.Lock lock, Mark head) {
      this.lock = lock;
      this.head = head;
    }

    /** The last entry. */
    Mark head() {
      return head;
    }

    /**
     * Adds an entry. On return it is durable, and with it every entry before.
     *
     * @param kind one word, for instance {@code pin}
     * @param facts strings, whole numbers, truth values, lists and maps of them; kept in order
     * @throws IllegalArgumentException if all together is longer than an entry may be
     */
    public Entry append(Because because, String kind, String subject, Map<String, ?> facts)
        throws IOException {
      long sequence = head.sequence() + 1;
      byte[] line =
          JournalText.line(
              sequence,
              new Draft(because.when(), because.who(), because.why(), kind, subject, facts));
      byte[] seal = JournalText.seal(JournalText.hash(head.hash(), line, 0, line.length));
      if (failed) {
        throw new IllegalStateException("an entry failed under this lock; take it again");
      }
      failed = true;
      write(line, seal);
      failed = false;
      byte[] whole = Arrays.copyOf(line, line.length + seal.length);
      System.arraycopy(seal, 0, whole, line.length, seal.length);
      Run stored = JournalText.read(head, whole);
      head = stored.end();
      return stored.entries().get(0);
    }

    /**
     * The line first, and its seal once the line is durable: a seal proves its line. If this fails,
     * an entry with a whole seal stays, for someone may have read it.
     */
    private void write(byte[] line, byte[] seal) throws IOException {
      if (files.stat(FILE).isEmpty()) {
        files.create(FILE).close();
      }
      try (OutputStream out = files.append(FILE)) {
        try {
          out.write(line);
          files.sync(FILE);
        } catch (IOException e) {
          takeBack(e);
          throw e;
        }
        out.write(seal);
        syncOnce(FILE);
      }
      if (!named) {
        syncOnce(RelPath.ROOT);
        named = true;
      }
    }

    /** For a full disk: the next writer would cut the line as well, and give notice of a crash. */
    private void takeBack(IOException why) {
      try {
        files.truncate(FILE, head.end());
        files.sync(FILE);
      } catch (IOException e) {
        why.addSuppressed(e);
      }
    }

    @Override
    public void close() throws IOException {
      lock.close();
    }
  }
}
