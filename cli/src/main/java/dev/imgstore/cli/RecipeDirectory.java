package dev.imgstore.cli;

import dev.imgstore.builder.realise.LocalFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The directory a recipe is in. Links inside it are kept as links and never followed. */
record RecipeDirectory(Path directory) implements LocalFiles {
  @Override
  public Entry look(String path) throws IOException {
    Path file = resolve(path);
    if (Files.isSymbolicLink(file)) {
      return new Entry.Link(Files.readSymbolicLink(file).toString());
    }
    if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
      try (Stream<Path> children = Files.list(file)) {
        List<String> names =
            children.map(child -> child.getFileName().toString()).sorted().toList();
        return new Entry.Directory(names);
      }
    }
    if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      Object mode = Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS);
      return new Entry.File(((Integer) mode & 0100) != 0);
    }
    return new Entry.Absent();
  }

  @Override
  public InputStream open(String path) throws IOException {
    return Files.newInputStream(resolve(path), LinkOption.NOFOLLOW_LINKS);
  }

  private Path resolve(String path) throws IOException {
    Path at = directory;
    for (Path part : Path.of(path)) {
      if (part.toString().equals("..") || (Files.isSymbolicLink(at) && !at.equals(directory))) {
        throw new CommandFailure(
            ExitCode.USAGE, path + " leads out of the recipe's directory; copy it there");
      }
      at = at.resolve(part);
    }
    return at;
  }
}
