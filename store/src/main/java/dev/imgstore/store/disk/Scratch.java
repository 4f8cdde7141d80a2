package dev.imgstore.store.disk;

import dev.imgstore.model.RelPath;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The directory below {@code tmp/} for what this open store writes and has not published. It is
 * made when first needed. Its {@code owner} file is locked as long as the store is open, so a
 * directory whose owner lock is free was left by a process that died; the next writer removes it.
 * Making, probing and removing happen under the lock {@code tmp/lock}, so that no directory is
 * taken for dead before its owner has locked it.
 */
final class Scratch implements Closeable {
  private static final RelPath TMP = RelPath.of("tmp");
  private static final RelPath GATE = TMP.child("lock");
  private static final String PREFIX = "w";
  private static final String OWNER = "owner";

  private final Filesystem files;
  private @Nullable RelPath directory;
  private Filesystem.@Nullable Lock owner;
  private long next;
  private boolean closed;

  Scratch(Filesystem files) {
    this.files = files;
  }

  /** A name for a new file. */
  synchronized RelPath newFile() throws IOException {
    return file("f" + next++);
  }

  /** The file of this name in the directory, which is made if there is none. */
  synchronized RelPath file(String name) throws IOException {
    if (closed) {
      throw new IOException("the store is closed");
    }
    RelPath mine = directory;
    if (mine == null) {
      mine = open();
      directory = mine;
    }
    return mine.child(name);
  }

  private RelPath open() throws IOException {
    files.makeDirectories(TMP);
    try (Filesystem.Lock gate = files.lock(GATE)) {
      Set<RelPath> taken = removeDead();
      int number = 1;
      while (taken.contains(TMP.child(PREFIX + number))) {
        number++;
      }
      RelPath mine = TMP.child(PREFIX + number);
      files.makeDirectoriesLoosely(mine); // a power cut may take it: all in it is half done
      owner = files.lock(mine.child(OWNER));
      return mine;
    }
  }

  /** True if a name in {@code tmp/} is that of a directory made here; nothing else is removed. */
  static boolean isOne(RelPath file) {
    String name = file.name();
    return name.startsWith(PREFIX)
        && name.length() > PREFIX.length()
        && name.chars().skip(PREFIX.length()).allMatch(c -> c >= '0' && c <= '9');
  }

  /** The directories of all open stores, of this process and of others. */
  static List<RelPath> living(Filesystem files) throws IOException {
    List<RelPath> living = new ArrayList<>();
    files.makeDirectories(TMP);
    try (Filesystem.Lock gate = files.lock(GATE)) { // nobody is between making and locking one
      for (RelPath each : files.list(TMP)) {
        if (isOne(each) && isLocked(files, each.child(OWNER))) {
          living.add(each);
        }
      }
    }
    return living;
  }

  private static boolean isLocked(Filesystem files, RelPath owner) throws IOException {
    if (files.stat(owner).isEmpty()) {
      return false;
    }
    Optional<Filesystem.Lock> free = files.tryLock(owner);
    if (free.isPresent()) {
      free.get().close();
    }
    return free.isEmpty();
  }

  /** Those that are in use, or cannot be removed, for instance because they are another user's. */
  private Set<RelPath> removeDead() throws IOException {
    Set<RelPath> taken = new HashSet<>();
    for (RelPath each : files.list(TMP)) {
      if (isOne(each) && !isRemoved(each)) {
        taken.add(each);
      }
    }
    return taken;
  }

  private boolean isRemoved(RelPath candidate) {
    try {
      return removeIfDead(candidate);
    } catch (IOException e) {
      return false; // what a dead process left must not keep a living one from writing
    }
  }

  private boolean removeIfDead(RelPath candidate) throws IOException {
    RelPath probe = candidate.child(OWNER);
    if (files.stat(probe).isEmpty()) {
      remove(candidate); // died before it locked, or while it was being removed
      return true;
    }
    var lock = files.tryLock(probe);
    if (lock.isEmpty()) {
      return false;
    }
    try (Filesystem.Lock held = lock.get()) {
      remove(candidate);
      return true;
    }
  }

  private void remove(RelPath dead) throws IOException {
    for (RelPath each : files.list(dead)) {
      if (!each.name().equals(OWNER)) {
        files.delete(each);
      }
    }
    if (files.stat(dead.child(OWNER)).isPresent()) {
      files.delete(dead.child(OWNER));
    }
    files.delete(dead);
  }

  /** Removes the directory and what is left in it. */
  @Override
  public synchronized void close() throws IOException {
    closed = true;
    RelPath mine = directory;
    directory = null;
    if (mine == null) {
      return;
    }
    try (Filesystem.Lock gate = files.lock(GATE);
        Filesystem.Lock held = owner) {
      remove(mine);
    }
  }
}
