package dev.imgstore.cli;

import dev.imgstore.builder.recipe.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What is done when another generation of a profile becomes current.
 *
 * @param activate the command that makes it work here; empty for none
 * @param health the command that says whether it works; empty for none
 * @param timeout how long each may take
 * @param form what other programs find of it; empty for the manifest only
 * @param always whether the commands run for what was seen to work already, too
 */
record Hooks(String activate, String health, Duration timeout, String form, boolean always) {
  /** They run for what was not seen to work yet. */
  Hooks(String activate, String health, Duration timeout, String form) {
    this(activate, health, timeout, form, false);
  }

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
        form(root, settings, profile));
  }

  /** Nothing runs; what other programs find is as the settings say. */
  static Hooks quiet(Imgstore root, String profile) throws IOException {
    return new Hooks("", "", Duration.ZERO, form(root, SettingsFiles.read(root), profile));
  }

  /** These, or what was typed. */
  Hooks with(String typedHealth, String typedTimeout) throws CommandFailure {
    try {
      return new Hooks(
          activate,
          typedHealth.isEmpty() ? health : typedHealth,
          typedTimeout.isEmpty() ? timeout : Settings.duration(typedTimeout),
          form,
          !typedHealth.isEmpty());
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
    String doubt = new Trust(root.context().user()).doubt(file);
    if (!doubt.isEmpty()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "the command "
              + key
              + ": in "
              + file
              + " is not run: "
              + doubt
              + "; write it to /etc/imgstore/config.yaml, or use --no-activate");
    }
  }

  /** Nor does root lay out files where or because somebody else says so. */
  private static String form(Imgstore root, Settings settings, String profile) throws IOException {
    String form = settings.form(profile);
    if (form.isEmpty() || !root.context().user().equals("root")) {
      return form;
    }
    Trust trust = new Trust("root");
    Settings.Setting set = settings.values().get("profiles." + profile + ".form");
    String doubt = set == null ? "" : trust.doubt(Path.of(set.origin()));
    if (doubt.isEmpty()) {
      doubt = trust.doubt(root.home());
    }
    if (doubt.isEmpty()) {
      return form;
    }
    root.notice("form: " + form + " is not followed by root: " + doubt);
    return "";
  }
}
