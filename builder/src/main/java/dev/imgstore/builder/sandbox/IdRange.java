package dev.imgstore.builder.sandbox;

import java.util.Optional;

/**
 * The ids outside that stand for 0 to 65535 inside.
 *
 * @param privileged whether this process may map any ids itself (it is root); else newuidmap does
 */
public record IdRange(long firstUid, long firstGid, boolean privileged) {
  /** Ids inside a sandbox are below this; Debian's own end at 65534. */
  public static final int COUNT = 65_536;

  /** Ids no system gives to people: root needs no range of its own, only one nobody uses. */
  private static final long UNUSED = 0x7000_0000L;

  /** What root uses. */
  public static IdRange ofRoot() {
    return new IdRange(UNUSED, UNUSED, true);
  }

  /**
   * What a user may use: the first range large enough in subuid(5) and subgid(5).
   *
   * @param subuid text of {@code /etc/subuid}
   * @param subgid text of {@code /etc/subgid}
   * @return empty if the user has none
   */
  public static Optional<IdRange> ofUser(String user, String uid, String subuid, String subgid) {
    Optional<Long> first = first(user, uid, subuid);
    Optional<Long> firstGroup = first(user, uid, subgid);
    return first.isPresent() && firstGroup.isPresent()
        ? Optional.of(new IdRange(first.get(), firstGroup.get(), false))
        : Optional.empty();
  }

  private static Optional<Long> first(String user, String uid, String text) {
    for (String line : text.split("\n", -1)) {
      String[] part = line.strip().split(":", -1);
      if (part.length == 3
          && (part[0].equals(user) || part[0].equals(uid))
          && part[1].matches("[0-9]{1,10}")
          && part[2].matches("[0-9]{1,10}")
          && Long.parseLong(part[2]) >= COUNT) {
        return Optional.of(Long.parseLong(part[1]));
      }
    }
    return Optional.empty();
  }
}
