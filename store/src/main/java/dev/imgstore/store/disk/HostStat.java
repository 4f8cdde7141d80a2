package dev.imgstore.store.disk;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;

/**
 * What lstat(2) says of one name. Times are nanoseconds since 1970; whatever changes a file's
 * content or mode sets {@code ctime}, which nobody can choose.
 */
record HostStat(
    long device,
    long inode,
    int mode,
    int uid,
    int gid,
    int links,
    long rdev,
    long size,
    long mtime,
    long ctime) {
  private static final String WANTED =
      "unix:dev,ino,mode,uid,gid,nlink,rdev,size,lastModifiedTime,ctime";
  private static final int TYPE = 0170000;
  private static final int REGULAR = 0100000;
  private static final int DIRECTORY = 0040000;
  private static final int LINK = 0120000;
  private static final int CHARACTERS = 0020000;
  private static final int BLOCKS = 0060000;
  private static final int PIPE = 0010000;
  private static final int SOCKET = 0140000;

  /** Kinds of names; anything that no tree can say is OTHER. */
  enum Kind {
    FILE,
    DIRECTORY,
    LINK,
    CHARACTER_DEVICE,
    BLOCK_DEVICE,
    FIFO,
    SOCKET,
    OTHER
  }

  static HostStat of(Path path) throws IOException {
    Map<String, Object> all = Files.readAttributes(path, WANTED, LinkOption.NOFOLLOW_LINKS);
    return new HostStat(
        number(all, "dev"),
        number(all, "ino"),
        (int) number(all, "mode"),
        (int) number(all, "uid"),
        (int) number(all, "gid"),
        (int) number(all, "nlink"),
        number(all, "rdev"),
        number(all, "size"),
        time(all, "lastModifiedTime"),
        time(all, "ctime"));
  }

  private static long number(Map<String, Object> all, String name) {
    return all.get(name) instanceof Number number ? number.longValue() : 0;
  }

  private static long time(Map<String, Object> all, String name) {
    return all.get(name) instanceof FileTime time ? time.to(TimeUnit.NANOSECONDS) : 0;
  }

  Kind kind() {
    return switch (mode & TYPE) {
      case REGULAR -> Kind.FILE;
      case DIRECTORY -> Kind.DIRECTORY;
      case LINK -> Kind.LINK;
      case CHARACTERS -> Kind.CHARACTER_DEVICE;
      case BLOCKS -> Kind.BLOCK_DEVICE;
      case PIPE -> Kind.FIFO;
      case SOCKET -> Kind.SOCKET;
      default -> Kind.OTHER;
    };
  }

  /** Mode and owner. */
  Meta meta() {
    return Meta.of(mode & Meta.MODE_MASK, uid, gid);
  }

  /** Mode and owner, with these attributes. */
  Meta meta(SortedMap<Name, Bytes> attributes) {
    return new Meta(mode & Meta.MODE_MASK, uid, gid, attributes);
  }

  /** The two parts of {@code rdev} as Linux packs them (makedev(3)). */
  int major() {
    return (int) (((rdev >>> 8) & 0xfff) | ((rdev >>> 32) & ~0xfff));
  }

  int minor() {
    return (int) ((rdev & 0xff) | ((rdev >>> 12) & ~0xff));
  }

  /** True if both are the same file, and nothing was written to it between. */
  boolean isUnchangedIn(HostStat later) {
    return device == later.device
        && inode == later.inode
        && mode == later.mode
        && size == later.size
        && mtime == later.mtime
        && ctime == later.ctime;
  }
}
