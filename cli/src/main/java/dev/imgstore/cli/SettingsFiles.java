package dev.imgstore.cli;

import dev.imgstore.builder.recipe.Carets;
import dev.imgstore.builder.recipe.Settings;
import dev.imgstore.builder.recipe.SettingsReader;
import dev.imgstore.model.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The settings of this machine, this user and a store; each is stronger than those before. */
final class SettingsFiles {
  private static final int MAX = 1 << 20;

  private SettingsFiles() {}

  /** Where settings are looked for, the weakest first. */
  static List<Path> places(Imgstore root) {
    Context context = root.context();
    List<Path> places = new ArrayList<>();
    String etc = context.environment("IMGSTORE_ETC");
    places.add(
        (etc.isEmpty() ? Path.of("/etc/imgstore") : context.path(etc)).resolve("config.yaml"));
    String configuration = context.environment("XDG_CONFIG_HOME");
    String user = context.environment("HOME");
    if (!configuration.isEmpty()) {
      places.add(Path.of(configuration, "imgstore", "config.yaml"));
    } else if (!user.isEmpty()) {
      places.add(Path.of(user, ".config", "imgstore", "config.yaml"));
    }
    places.add(root.home().resolve("config.yaml"));
    return places;
  }

  /** Reads all there are, or says all that is wrong with the first that has a mistake. */
  static Settings read(Imgstore root) throws IOException {
    Settings settings = Settings.NONE;
    for (Path file : places(root)) {
      if (Files.isRegularFile(file)) {
        settings = read(file).over(settings);
      }
    }
    return settings;
  }

  private static Settings read(Path file) throws IOException {
    if (Files.size(file) > MAX) {
      throw new CommandFailure(ExitCode.USAGE, file + " is larger than settings can be (1 MiB)");
    }
    byte[] text = Files.readAllBytes(file);
    List<Problem> problems = new ArrayList<>();
    Settings settings = SettingsReader.read(file.toString(), text, problems);
    if (!problems.isEmpty()) {
      String rendered = Carets.render(problems, new String(text, StandardCharsets.UTF_8));
      throw new CommandFailure(
          ExitCode.USAGE,
          (problems.size() == 1 ? "one mistake" : problems.size() + " mistakes")
              + ":\n"
              + rendered.stripTrailing());
    }
    return settings;
  }
}
