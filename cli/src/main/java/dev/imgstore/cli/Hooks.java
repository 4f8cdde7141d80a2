package dev.imgstore.cli;

import dev.imgstore.builder.recipe.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;

/**
 * What is done when another generation of a profile becomes current.
 *
 * @param activate the command that makes it work here; empty for none
 * @param health the command that says whether it works; empty for none
 * @param timeout how long each may take
 * @param form what other programs find of it; empty for the manifest only
 */
record Hooks(String activate, String health, Duration timeout, String form) {
  /** Those of the settings. */
  static Hooks of(Imgstore root, String profile) throws IOException {
    Settings settings = SettingsFiles.read(root);
    String prefix = "profiles." + profile + ".";
    for (String key : new String[] {"activate", "health"}) {
      Settings.Setting set = settings.values().get(prefix + key);
      if (set != null) {
        requireOurs(root, key, Path.of(set.origin()));
      }
    }
    return new Hooks(
        settings.activate(profile),
        settings.health(profile),
        settings.timeout(profile),
        settings.form(profile));
  }

  /** Nothing runs; what other programs find is as the settings say. */
  static Hooks quiet(Imgstore root, String profile) throws IOException {
    return new Hooks("", "", Duration.ZERO, SettingsFiles.read(root).form(profile));
  }

  /** These, or what was typed. */
  Hooks with(String typedHealth, String typedTimeout) throws CommandFailure {
    try {
      return new Hooks(
          activate,
          typedHealth.isEmpty() ? health : typedHealth,
          typedTimeout.isEmpty() ? timeout : Settings.duration(typedTimeout),
          form);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, "--timeout: " + e.getMessage(), e);
    }
  }

  /** Whether a command runs. */
  boolean any() {
    return !activate.isEmpty() || !health.isEmpty();
  }

  /** A store may be somebody else's: what its owner writes into its settings is not run by root. */
  private static void requireOurs(Imgstore root, String key, Path file) throws IOException {
    PosixFileAttributes found =
        Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    String owner = found.owner().getName();
    boolean ours =
        owner.equals("root")
            || owner.equals(root.context().user())
            || owner.equals(System.getProperty("user.name"));
    if (!ours || found.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "the command "
              + key
              + ": in "
              + file
              + " is not run: the file is "
              + (ours ? "writable by everybody" : "not yours, but " + owner + "'s")
              + "; write it to /etc/imgstore/config.yaml, or use --no-activate");
    }
  }
}
