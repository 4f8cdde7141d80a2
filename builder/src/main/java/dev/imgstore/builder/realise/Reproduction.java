package dev.imgstore.builder.realise;

import dev.imgstore.builder.check.Finding;
import dev.imgstore.builder.check.Grade;
import dev.imgstore.builder.check.RebuildCheck;
import dev.imgstore.builder.check.RebuildReport;
import dev.imgstore.builder.check.TreeFindings;
import dev.imgstore.builder.recipe.DebianSource.Scripts;
import dev.imgstore.builder.results.Results;
import dev.imgstore.builder.sandbox.Surroundings;
import dev.imgstore.builder.steps.StepsBuild;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Builds again what was built, as if nothing but its recipe, lock and inputs were known, and says
 * whether the same image comes of it; if not, where the difference comes from. Nothing is recorded
 * or kept, and no profile is touched. One thread calls.
 */
public final class Reproduction {
  /** Of the packages of an image whose scripts run, as {@code build --check} says it. */
  static final String SCRIPTS = "package scripts";

  private final Store store;
  private final ImageBuilder.Ports ports;
  private final RebuildCheck.Machine machine;

  /**
   * What came of it.
   *
   * @param was the digest that was to come out
   * @param is the one that did
   * @param actions how many ran again, whatever was recorded of them
   * @param steps how many of them are steps of the recipe
   * @param findings where it differs; empty if it does not
   */
  public record Result(Digest was, Digest is, int actions, int steps, List<Finding> findings) {
    /** Copies in. */
    public Result {
      findings = List.copyOf(findings);
    }

    /** Whether it is the same image. */
    public boolean same() {
      return was.equals(is);
    }
  }

  /**
   * In a store.
   *
   * @param machine to find out about a difference
   */
  public Reproduction(Store store, ImageBuilder.Ports ports, RebuildCheck.Machine machine) {
    this.store = store;
    this.ports = ports;
    this.machine = machine;
  }

  /**
   * Builds it again.
   *
   * @param request what was built, for all of its platforms or one of them
   * @param record what came of it then
   * @throws IOException if it cannot be built at all
   */
  public Result run(ImageBuilder.Request request, BuildRecord record)
      throws IOException, InterruptedException {
    RunActions actions = new RunActions();
    long from = machine.seconds();
    try (Transaction transaction = store.begin();
        BuildRun run = new BuildRun(store, new Results(actions), ports, transaction)) {
      SortedMap<String, TreeId> locals =
          ImageBuilder.locals(request, ports.steps().recipes(), transaction);
      Digest is = run.run(request, locals).image();
      long to = machine.seconds();
      Digest was = expected(request, record);
      if (was.equals(is)) {
        return new Result(was, is, run.actionsRan(), run.stepsRan(), List.of());
      }
      int all = run.actionsRan();
      int steps = run.stepsRan();
      run.record();
      List<Finding> findings = new ArrayList<>(actions(request, locals, actions, transaction));
      List<Finding> image = new ArrayList<>();
      for (BuildRecord.Part part : record.parts()) {
        PlatformBuild.Made made = run.made().get(part.platform());
        if (made != null) {
          image.addAll(image(request, part, made, transaction, from, to));
        }
      }
      return new Result(was, is, all, steps, Culprits.of(request.recipe(), findings, image));
    }
  }

  /** The digest of what the request is for. */
  private static Digest expected(ImageBuilder.Request request, BuildRecord record) {
    List<Platform> platforms = request.recipe().platforms();
    if (platforms.size() == record.parts().size()) {
      return record.image();
    }
    return record.parts().stream()
        .filter(part -> platforms.equals(List.of(part.platform())))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("not all platforms, and not one"))
        .manifest();
  }

  /**
   * What gives something else when it runs once more, as in any build: compared with what is
   * recorded, or else with what it has just given.
   */
  private List<Finding> actions(
      ImageBuilder.Request request,
      SortedMap<String, TreeId> locals,
      RunActions run,
      Transaction transaction)
      throws IOException, InterruptedException {
    RunActions known = run.behind(store.actions());
    try (StepsBuild steps = BuildRun.steps(store, new Results(known), ports, transaction);
        Reruns reruns = new Reruns(store, known, transaction, ports, Surroundings.Order.SORTED)) {
      SortedMap<ActionKey, Digest> unused = new TreeMap<>();
      for (Platform platform : request.recipe().platforms()) {
        reruns.add(request, platform, locals, unused, steps);
      }
      RebuildReport report =
          new RebuildCheck(transaction, Grade.VARIES, machine, Surroundings.FIXED)
              .check(reruns.all(), (done, total) -> ports.progress().at("comparing", done, total));
      return report.findings();
    }
  }

  /** What differs in the image of a platform, with who made it. */
  private static List<Finding> image(
      ImageBuilder.Request request,
      BuildRecord.Part was,
      PlatformBuild.Made is,
      BlobReader blobs,
      long from,
      long to)
      throws IOException {
    TreeFindings compare = new TreeFindings(blobs, was.platform(), from, to);
    boolean scripts = request.recipe().debian().scripts() == Scripts.SANDBOX;
    FileOrigins origins =
        new FileOrigins(request.recipe(), is.base().owners(), scripts ? SCRIPTS : "packages");
    List<Finding> findings =
        new ArrayList<>(compare.between(was.tree(), is.part().tree(), origins));
    if (findings.isEmpty()) {
      findings.addAll(documents(compare, was.manifest(), is.part().manifest(), blobs));
    }
    return findings;
  }

  /** The same files, and yet another image. */
  private static List<Finding> documents(
      TreeFindings compare, Digest was, Digest is, BlobReader blobs) throws IOException {
    List<Finding> findings = new ArrayList<>();
    if (ImageManifest.read(blobs, was) instanceof ImageManifest.Single before
        && ImageManifest.read(blobs, is) instanceof ImageManifest.Single after) {
      findings.addAll(compare.between(before.config(), after.config(), "configuration"));
      int layers = Math.min(before.layers().size(), after.layers().size());
      for (int i = 0; i < layers; i++) {
        Descriptor one = before.layers().get(i);
        findings.addAll(compare.between(one, after.layers().get(i), "layer " + (i + 1)));
      }
    }
    if (findings.isEmpty() && !was.equals(is)) {
      findings.addAll(compare.between(manifest(was, blobs), manifest(is, blobs), "manifest"));
    }
    return findings;
  }

  private static Descriptor manifest(Digest digest, BlobReader blobs) throws IOException {
    return new Descriptor("application/octet-stream", digest, blobs.size(digest));
  }
}
