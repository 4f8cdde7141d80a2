package dev.imgstore.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A file, link or directory in memory that remembers what of it was synced. */
sealed interface MemoryInode {
  /** Bytes, how many of them were synced, and what a cut took away without a sync. */
  final class File implements MemoryInode {
    byte[] bytes = new byte[0];
    int size;
    boolean readOnly;
    private int synced;

    /** What a power cut may bring back: the synced bytes, if a cut went below them. */
    private byte @Nullable [] cut;

    void append(byte[] source, int offset, int length) {
      if (size + length > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(size + length, 2 * bytes.length));
      }
      System.arraycopy(source, offset, bytes, size, length);
      size += length;
    }

    /** Makes a fresh array, so that readers of the old one are not disturbed. */
    void truncate(int to) {
      if (to < synced) {
        cut = cut == null ? Arrays.copyOf(bytes, synced) : cut;
        synced = to;
      }
      bytes = Arrays.copyOf(bytes, Math.min(to, size));
      bytes = Arrays.copyOf(bytes, to);
      size = to;
    }

    void sync() {
      synced = size;
      cut = null;
    }

    private File copy() {
      File copy = new File();
      copy.bytes = Arrays.copyOf(bytes, size);
      copy.size = size;
      copy.synced = synced;
      copy.cut = cut;
      copy.readOnly = readOnly;
      return copy;
    }

    private File afterPowerCut(RandomGenerator random) {
      byte[] kept =
          cut != null && random.nextBoolean()
              ? cut.clone()
              : tail(Arrays.copyOf(bytes, size), random);
      File file = new File();
      file.bytes = kept;
      file.size = kept.length;
      file.readOnly = readOnly;
      file.sync();
      return file;
    }

    /** The synced bytes and a random remainder of those that were not. */
    private byte[] tail(byte[] all, RandomGenerator random) {
      int loose = size - synced;
      int from = synced + (loose == 0 ? 0 : random.nextInt(loose + 1));
      int choice = random.nextInt(6);
      if (choice == 0) {
        return Arrays.copyOf(all, synced);
      }
      if (choice == 1) {
        return Arrays.copyOf(all, from);
      }
      // zeros or rubbish to the end, or a hole that later bytes have overtaken
      int to = choice == 4 ? from + random.nextInt(size - from + 1) : size;
      for (int i = from; i < to && choice < 5; i++) {
        all[i] = choice == 3 ? (byte) random.nextInt(256) : 0;
      }
      return all;
    }
  }

  /** What a name stands for instead of another. It is made whole, as a name is. */
  record Link(String target) implements MemoryInode {}

  /** Names as they are, names as they were synced, and what happened between. */
  final class Directory implements MemoryInode {
    final Map<String, MemoryInode> names = new TreeMap<>();
    private final Map<String, MemoryInode> synced = new TreeMap<>();
    private final List<Change> loose = new ArrayList<>();

    /** Sets {@code put} and removes {@code remove} in one step. */
    private record Change(@Nullable String remove, @Nullable String put, MemoryInode inode) {
      void apply(Map<String, MemoryInode> to) {
        if (remove != null) {
          to.remove(remove);
        }
        if (put != null) {
          to.put(put, inode);
        }
      }
    }

    void link(String name, MemoryInode inode) {
      change(new Change(null, name, inode));
    }

    void unlink(String name, MemoryInode inode) {
      change(new Change(name, null, inode));
    }

    void rename(String from, String to, MemoryInode inode) {
      change(new Change(from, to, inode));
    }

    private void change(Change change) {
      change.apply(names);
      loose.add(change);
    }

    void sync() {
      synced.clear();
      synced.putAll(names);
      loose.clear();
    }

    /** All that was done is there, and still as loose as it was. */
    Directory afterKill() {
      return (Directory) copy(this, new IdentityHashMap<>());
    }

    private static MemoryInode copy(MemoryInode inode, Map<MemoryInode, MemoryInode> done) {
      MemoryInode known = done.get(inode);
      if (known != null) {
        return known;
      }
      if (inode instanceof File file) {
        File copy = file.copy();
        done.put(inode, copy);
        return copy;
      }
      if (inode instanceof Link) {
        return inode;
      }
      Directory directory = (Directory) inode;
      Directory copy = new Directory();
      done.put(inode, copy);
      directory.names.forEach((name, child) -> copy.names.put(name, copy(child, done)));
      directory.synced.forEach((name, child) -> copy.synced.put(name, copy(child, done)));
      for (Change change : directory.loose) {
        copy.loose.add(new Change(change.remove, change.put, copy(change.inode, done)));
      }
      return copy;
    }

    /** All that was synced is there, and each other change by chance. */
    Directory afterPowerCut(RandomGenerator random) {
      return (Directory) afterPowerCut(this, random, new IdentityHashMap<>());
    }

    private static MemoryInode afterPowerCut(
        MemoryInode inode, RandomGenerator random, Map<MemoryInode, MemoryInode> done) {
      MemoryInode known = done.get(inode);
      if (known != null) {
        return known;
      }
      if (inode instanceof File file) {
        File survivor = file.afterPowerCut(random);
        done.put(inode, survivor);
        return survivor;
      }
      if (inode instanceof Link) {
        return inode;
      }
      Directory directory = (Directory) inode;
      Directory survivor = new Directory();
      done.put(inode, survivor);
      Map<String, MemoryInode> left = new TreeMap<>(directory.synced);
      for (Change change : directory.loose) {
        if (random.nextBoolean()) {
          change.apply(left);
        }
      }
      left.forEach((name, child) -> survivor.names.put(name, afterPowerCut(child, random, done)));
      survivor.sync();
      return survivor;
    }
  }
}
