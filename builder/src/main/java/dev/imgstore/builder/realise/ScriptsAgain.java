package dev.imgstore.builder.realise;

import dev.imgstore.builder.check.Rerun;
import dev.imgstore.builder.sandbox.Surroundings;
import dev.imgstore.builder.source.scripts.ScriptFailure;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The scripts of packages, to be run again. */
record ScriptsAgain(String name, Platform platform, BaseRecord base, Setup setup) implements Rerun {
  static final String ROOT = "root";

  /** Configures the packages once more. */
  interface Setup {
    TreeId run(Surroundings surroundings) throws IOException, InterruptedException;
  }

  @Override
  public SortedMap<String, TreeId> recorded() {
    return new TreeMap<>(Map.of(ROOT, base.tree()));
  }

  @Override
  public List<String> tolerates() {
    return List.of();
  }

  @Override
  public boolean needsRoot() {
    return true; // dpkg
  }

  @Override
  public Optional<String> owner(TreePath path) {
    return Optional.ofNullable(base.owners().get(path));
  }

  @Override
  public Given run(Surroundings surroundings) throws IOException, InterruptedException {
    try {
      return new Given(new TreeMap<>(Map.of(ROOT, setup.run(surroundings))), "");
    } catch (ScriptFailure e) {
      String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      return new Given(new TreeMap<>(), message);
    }
  }
}
