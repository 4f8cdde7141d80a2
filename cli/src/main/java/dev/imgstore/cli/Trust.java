package dev.imgstore.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether others could have written what is read here: the file, a link that leads to it, or a
 * folder in which one of them could be put in its place.
 *
 * @param user who runs imgstore
 */
record Trust(String user) {
  private static final int STICKY = 01000;
  private static final int MOST_LINKS = 40;

  /** Why a file or directory may be somebody else's word; empty if it may not. */
  String doubt(Path path) throws IOException {
    Path file = path.toRealPath();
    String doubt = doubt(file, "it", true);
    for (Path folder : folders(path.toAbsolutePath())) {
      if (doubt.isEmpty()) {
        doubt = doubt(folder, "the folder " + folder, false);
      }
    }
    return doubt;
  }

  /** All above it, and above each link on the way to it. */
  private static List<Path> folders(Path path) throws IOException {
    List<Path> folders = new ArrayList<>();
    Path next = path;
    for (int links = 0; links < MOST_LINKS; links++) {
      Path above = next.getParent();
      if (above == null) {
        break;
      }
      for (Path each = above.toRealPath(); each != null; each = each.getParent()) {
        folders.add(each);
      }
      if (!Files.isSymbolicLink(next)) {
        break;
      }
      next = above.resolve(Files.readSymbolicLink(next));
    }
    return folders;
  }

  private String doubt(Path path, String name, boolean isItself) throws IOException {
    PosixFileAttributes found =
        Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    String owner = found.owner().getName();
    boolean asRoot = user.equals("root");
    boolean ours =
        owner.equals("root")
            || owner.equals(user)
            || (!asRoot && owner.equals(System.getProperty("user.name")));
    if (!ours && (isItself || asRoot)) {
      return name + " is not yours, but " + owner + "'s";
    }
    if (!isItself && isSticky(path)) {
      return ""; // there nobody replaces what is another's
    }
    if (found.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
      return name + " is writable by everybody";
    }
    String group = found.group().getName();
    boolean forGroup = found.permissions().contains(PosixFilePermission.GROUP_WRITE);
    return asRoot && forGroup && !group.equals("root")
        ? name + " is writable by the group " + group
        : "";
  }

  private static boolean isSticky(Path folder) throws IOException {
    return Files.getAttribute(folder, "unix:mode") instanceof Integer mode && (mode & STICKY) != 0;
  }
}
