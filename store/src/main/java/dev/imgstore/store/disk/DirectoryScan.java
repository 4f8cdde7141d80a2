package dev.imgstore.store.disk;

import dev.imgstore.store.Trees;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;

/**
 * Lists a directory and all below it and asks for the state of every name, with several threads; no
 * content is read and no link is followed. What cannot be listed or said in a tree is collected, so
 * that a person hears of all of it at once.
 */
final class DirectoryScan {
  private final HostStat store;
  private final Crew<Found> crew = new Crew<>();
  private final Collection<String> faults = new ConcurrentLinkedQueue<>();
  private final Collection<String> sockets = new ConcurrentLinkedQueue<>();

  /** A scan that refuses to enter the store at {@code home}. */
  DirectoryScan(Path home) throws IOException {
    this.store = HostStat.of(home);
  }

  /** Fills {@code root} and every directory below it with what is in them. */
  void run(Found root, ExecutorService pool, int threads) throws IOException {
    crew.add(root);
    crew.run(pool, threads, this::list);
  }

  /** Why the directory cannot be imported; a sentence for each name. */
  Collection<String> faults() {
    return faults;
  }

  /** Sockets that were left out: they mean nothing without the program that listens. */
  List<String> sockets() {
    return sockets.stream().sorted().toList();
  }

  private void list(Found directory) throws IOException {
    if (directory.path().getNameCount() > Trees.MAX_DEPTH) {
      faults.add(directory.path() + ": nested too deeply");
      return;
    }
    List<Found> children = new ArrayList<>();
    try (DirectoryStream<Path> names = Files.newDirectoryStream(directory.path())) {
      for (Path each : names) {
        look(each, directory, children);
      }
    } catch (DirectoryIteratorException e) {
      faults.add(directory.path() + ": " + e.getMessage());
    } catch (FileSystemException e) {
      faults.add(directory.path() + ": " + reason(e));
    }
    Collections.sort(children);
    directory.setChildren(children);
  }

  private void look(Path path, Found directory, List<Found> children) throws IOException {
    HostStat stat;
    try {
      stat = HostStat.of(path);
    } catch (FileSystemException e) {
      faults.add(path + ": " + reason(e));
      return;
    }
    if (stat.uid() < 0 || stat.gid() < 0) {
      faults.add(path + ": owner above 2147483647");
      return;
    }
    Optional<Found> parent = Optional.of(directory);
    switch (stat.kind()) {
      case SOCKET -> sockets.add(path.toString());
      case OTHER -> faults.add(path + ": neither file, directory, link, device nor pipe");
      case DIRECTORY -> {
        Found below = new Found(path, HostPaths.name(path), stat, parent);
        children.add(below);
        if (stat.device() == store.device() && stat.inode() == store.inode()) {
          faults.add(path + ": this is the store itself; import a directory it is not in");
        } else {
          crew.add(below);
        }
      }
      default -> children.add(new Found(path, HostPaths.name(path), stat, parent));
    }
  }

  /** Why a file cannot be used, in a few words. */
  static String reason(IOException failure) {
    if (failure instanceof AccessDeniedException) {
      return "no permission to read it";
    }
    if (failure instanceof NoSuchFileException) {
      return "removed while it was read";
    }
    String reason = failure instanceof FileSystemException at ? at.getReason() : null;
    return reason != null ? reason : String.valueOf(failure.getMessage());
  }
}
