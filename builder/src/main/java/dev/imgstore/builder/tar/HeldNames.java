package dev.imgstore.builder.tar;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Name;
import dev.imgstore.store.Trees;
import java.util.Map;

/**
 * How much memory the names, links and attributes of an archive take while its tree is made. Their
 * number is bounded by the memory of this process, so that an archive of nothing but names is
 * refused before it fills it. One thread at a time.
 */
public final class HeldNames {
  /** What one node takes beside its names, as measured, with a good margin. */
  private static final int NODE = 600;

  /** The part of all memory that one archive may take. */
  private static final int PART = 2;

  private final String archive;
  private long left = Runtime.getRuntime().maxMemory() / PART;

  /**
   * Nothing is held yet.
   *
   * @param archive its name as a person knows it, for complaints
   */
  public HeldNames(String archive) {
    this.archive = archive;
  }

  /** Bytes that an entry takes, at most. */
  public static long bytes(TarEntry entry) {
    long bytes = NODE + 2L * entry.path().length() + entry.target().length();
    for (Map.Entry<Name, Bytes> each : entry.meta().xattrs().entrySet()) {
      bytes += NODE + each.getValue().length();
    }
    return bytes;
  }

  /**
   * Holds one more entry.
   *
   * @param implied directories that come with it and were not told
   * @throws HostileArchive if that is more than there is memory for
   */
  public void add(TarEntry entry, int implied) throws HostileArchive {
    left -= bytes(entry) + NODE * (long) implied;
    if (left < 0) {
      throw new HostileArchive(
          archive,
          "",
          "it has more entries than there is memory for; allow more with"
              + " IMGSTORE_JAVA_OPTS=-Xmx2g");
    }
  }

  /**
   * Refuses what is deeper than any tree may be, before it is taken apart.
   *
   * @throws HostileArchive naming the entry
   */
  public void checkDepth(TarEntry entry, Bytes path) throws HostileArchive {
    int depth = 0;
    for (int i = 0; i < path.length(); i++) {
      boolean begins = path.at(i) != '/' && (i == 0 || path.at(i - 1) == '/');
      depth += begins ? 1 : 0;
    }
    if (depth > Trees.MAX_DEPTH) {
      throw new HostileArchive(
          archive,
          entry.path().text(),
          "it is nested deeper than " + Trees.MAX_DEPTH + " directories");
    }
  }
}
