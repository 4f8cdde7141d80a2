package dev.imgstore.cli;

import dev.imgstore.builder.sandbox.HostCommand;
import dev.imgstore.model.Generation;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The commands of a profile's settings, run after its current generation has changed. */
final class ActivationSteps {
  private static final Duration BETWEEN = Duration.ofSeconds(1);
  private static final int NOT_RUN = 126;

  private final ChangeCommand command;
  private final DiskStore store;
  private final String profile;
  private final Hooks hooks;

  /** What did not work: which command, why, and what it said last. */
  record Failed(String step, String why, String output) {
    String sentence() {
      return step + ": " + why + (output.isEmpty() ? "" : ": " + last(output));
    }

    private static String last(String output) {
      return output.substring(output.lastIndexOf('\n') + 1);
    }
  }

  ActivationSteps(ChangeCommand command, DiskStore store, String profile, Hooks hooks) {
    this.command = command;
    this.store = store;
    this.profile = profile;
    this.hooks = hooks;
  }

  /** Runs {@code activate}, if there is one; what did not work, if anything. */
  Optional<Failed> activate(Optional<Generation> old, Optional<Generation> now)
      throws IOException, InterruptedException {
    if (hooks.activate().isEmpty()) {
      return Optional.empty();
    }
    HostCommand.Ended ended = run("activate", hooks.activate(), hooks.timeout(), old, now);
    return ended.isWell() ? Optional.empty() : Optional.of(failed("activate", ended));
  }

  private Failed failed(String step, HostCommand.Ended ended) {
    String why =
        ended.late()
            ? "not done after " + hooks.timeout().toSeconds() + " s, and killed"
            : ended.code() > 128
                ? "killed by signal " + (ended.code() - 128)
                : "ended with " + ended.code();
    return new Failed(step, why, ended.output());
  }

  /**
   * Runs {@code health}, tried again until the time is over: what was just started may need a
   * moment.
   */
  Optional<Failed> health(Optional<Generation> old, Generation to)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + hooks.timeout().toNanos();
    while (true) {
      Duration left = Duration.ofNanos(end - System.nanoTime());
      HostCommand.Ended ended = run("health", hooks.health(), left, old, Optional.of(to));
      if (ended.isWell()) {
        return Optional.empty();
      }
      if (ended.late() || System.nanoTime() + BETWEEN.toNanos() >= end) {
        Failed failed = failed("health", ended);
        String late = ended.late() ? "" : ", until " + hooks.timeout().toSeconds() + " s were over";
        return Optional.of(new Failed("health", failed.why() + late, failed.output()));
      }
      Thread.sleep(BETWEEN.toMillis());
    }
  }

  private HostCommand.Ended run(
      String step, String line, Duration most, Optional<Generation> old, Optional<Generation> now)
      throws IOException, InterruptedException {
    Imgstore root = command.root();
    Map<String, String> environment = new TreeMap<>(root.context().environment());
    environment.put("IMGSTORE_HOME", root.home().toAbsolutePath().toString());
    environment.put("IMGSTORE_PROFILE", profile);
    environment.put("IMGSTORE_STEP", step);
    about("OLD", old, environment);
    about("NEW", now, environment);
    root.context().err().flush();
    try {
      return HostCommand.run(
          line,
          environment,
          root.context().workingDirectory().toFile(),
          most.isNegative() ? Duration.ZERO : most,
          root.context().err(),
          System::nanoTime);
    } catch (IOException e) { // its story is told like that of any other that failed
      return new HostCommand.Ended(NOT_RUN, false, "it could not be run: " + Imgstore.sentence(e));
    }
  }

  private void about(String which, Optional<Generation> generation, Map<String, String> to)
      throws IOException {
    String prefix = "IMGSTORE_" + which + "_";
    String path = "";
    if (generation.isPresent()) {
      path = store.activations().find(profile, generation.get()).map(this::path).orElse("");
    }
    to.put(prefix + "REF", generation.map(it -> profile + "@" + it.number()).orElse(""));
    to.put(prefix + "DIGEST", generation.map(it -> it.image().toString()).orElse(""));
    to.put(prefix + "PATH", path);
  }

  private String path(RelPath directory) {
    return command.root().home().toAbsolutePath().resolve(directory.value()).toString();
  }
}
