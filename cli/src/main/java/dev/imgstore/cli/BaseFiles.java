package dev.imgstore.cli;

import dev.imgstore.builder.recipe.BaseTexts;
import dev.imgstore.model.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * The recipes that one extends, as files; remembers what it read, to show mistakes in it. They may
 * be anywhere: a recipe is its owner's own, and so is what it names. For one thread.
 */
final class BaseFiles implements BaseTexts {
  private final Path directory;
  private final Path shown;
  private final Map<String, Bytes> texts = new TreeMap<>();

  /**
   * For one recipe.
   *
   * @param file where it is
   * @param shown its name for people
   */
  BaseFiles(Path file, String shown, byte[] text) {
    this.directory = file.toAbsolutePath().resolveSibling("").normalize();
    this.shown = Path.of(shown).resolveSibling("");
    texts.put(shown, Bytes.of(text));
  }

  /** The text of each file that was read, by its name for people. */
  Map<String, Bytes> texts() {
    return texts;
  }

  @Override
  public Base read(String path) {
    try {
      Path file = directory.resolve(path).normalize();
      if (Files.isSymbolicLink(file)) {
        return new Refused("is a link; name the file it leads to");
      }
      if (Files.isDirectory(file)) {
        return new Refused("is a directory; name the recipe in it");
      }
      if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        return new Refused("is not there");
      }
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        return new Refused("is no file");
      }
      if (Files.size(file) > RecipeFile.MAX_RECIPE) {
        return new Refused("is larger than a recipe can be (1 MiB)");
      }
      Bytes text = Bytes.of(Files.readAllBytes(file));
      String name = shown.resolve(path).normalize().toString();
      texts.put(name, text);
      return new Text(name, text);
    } catch (InvalidPathException e) {
      return new Refused("is no path");
    } catch (IOException e) {
      return new Refused("cannot be read: " + e.getMessage());
    }
  }
}
