package dev.imgstore.builder.realise;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.pack.CanonicalTar;
import dev.imgstore.builder.recipe.DebianSource;
import dev.imgstore.builder.recipe.PackageRequest;
import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.builder.recipe.SourceSection;
import dev.imgstore.builder.recipe.Step;
import dev.imgstore.builder.source.debian.archive.DebianArchive;
import dev.imgstore.builder.source.debian.archive.Release;
import dev.imgstore.builder.source.debian.resolve.DebianUniverse;
import dev.imgstore.builder.source.debian.resolve.Request;
import dev.imgstore.builder.source.debian.resolve.Resolver;
import dev.imgstore.builder.source.debian.resolve.Result;
import dev.imgstore.builder.source.debian.resolve.Wanted;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.store.FrameStore;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Makes locks: what a recipe's packages mean today, on all its platforms. */
public final class DebianLocker {
  private static final Map<String, String> ARCHITECTURES =
      Map.of(
          "amd64", "amd64",
          "arm64", "arm64",
          "386", "i386",
          "arm", "armhf",
          "ppc64le", "ppc64el",
          "riscv64", "riscv64",
          "s390x", "s390x");

  /** Words for architectures that have no index of their own. */
  private static final Set<String> NO_INDEX = Set.of("all", "any");

  private final DebianArchive archive;
  private final byte[] keyring;
  private final FrameStore store;

  /** What to move in a lock that is there already. */
  public sealed interface Update {
    /** Everything to the newest. */
    record All() implements Update {}

    /** Only these packages, and what they force to move. */
    record Only(Set<String> packages) implements Update {
      /** Copies in. */
      public Only {
        packages = Set.copyOf(packages);
      }
    }
  }

  /** Locks against an archive whose releases these keys sign; indexes go into the store. */
  public DebianLocker(DebianArchive archive, byte[] keyring, FrameStore store) {
    this.archive = archive;
    this.keyring = keyring.clone();
    this.store = store;
  }

  /** Debian's word for a platform's architecture. */
  static String architecture(Platform platform) throws RecipeMismatch {
    String name = ARCHITECTURES.get(platform.architecture());
    boolean old = platform.architecture().equals("arm") && platform.variant().equals("v5");
    if (name == null || !platform.os().equals("linux")) {
      throw new RecipeMismatch("Debian has no packages for the platform " + platform);
    }
    return old ? "armel" : name;
  }

  /** The platform's own, then the foreign ones that packages are asked for of. */
  private static List<String> architectures(Platform platform, Recipe recipe)
      throws RecipeMismatch {
    Set<String> architectures = new LinkedHashSet<>(List.of(architecture(platform)));
    List<PackageRequest> all = new ArrayList<>(recipe.debian().packages());
    recipe.packageRoots().values().forEach(root -> all.addAll(root.packages()));
    for (PackageRequest each : all) {
      if (!each.architecture().isEmpty() && !NO_INDEX.contains(each.architecture())) {
        architectures.add(each.architecture());
      }
    }
    return List.copyOf(architectures);
  }

  /**
   * Resolves. The date of the lock is that of the newest release, so that whoever locks the same
   * recipe against the same archive gets the same lock; without packages it is the constant time of
   * the layers.
   *
   * @param now for expiry of releases and keys
   * @param previous the lock that is there; one without inputs if there is none
   * @throws Unresolved if packages are unknown or cannot be together
   */
  public Lock lock(Recipe recipe, Instant now, Lock previous, Update update) throws IOException {
    DebianSource debian = recipe.debian();
    List<Lock.Input> inputs = new ArrayList<>();
    Instant date = Instant.ofEpochSecond(CanonicalTar.TIME);
    if (recipe.usesPackages()) {
      List<Release> releases = archive.releases(debian.suites(), debian.components(), keyring, now);
      date = releases.stream().map(Release::date).max(Comparator.naturalOrder()).orElse(date);
      for (Platform platform : recipe.platforms()) {
        DebianUniverse universe =
            archive.universe(releases, debian.components(), architectures(platform, recipe), store);
        for (Map.Entry<String, DebianSource> root : roots(recipe).entrySet()) {
          SortedMap<String, String> kept = kept(previous, platform, root.getKey(), update);
          Result result = Resolver.resolve(universe, request(root.getValue(), kept));
          complain(platform, result);
          inputs.addAll(
              result.match(
                  resolved -> inputs(platform, root.getKey(), resolved),
                  unsatisfiable -> List.of(),
                  unknown -> List.of()));
        }
      }
    }
    Lock fresh = new Lock(SourceSection.digest(recipe), date, inputs);
    boolean same = fresh.inputs().equals(previous.inputs());
    return same && fresh.source().equals(previous.source()) ? previous : fresh;
  }

  /** What is to be installed: for the image under the empty name, and for each root of steps. */
  private static SortedMap<String, DebianSource> roots(Recipe recipe) {
    SortedMap<String, DebianSource> roots = new TreeMap<>();
    if (!recipe.debian().packages().isEmpty() || recipe.debian().essential()) {
      roots.put("", recipe.debian());
    }
    recipe.packageRoots().forEach((name, root) -> roots.put(name, of(recipe, root)));
    return roots;
  }

  /** The packages of a root as a source of their own. */
  static DebianSource of(Recipe recipe, Step.Packages root) {
    DebianSource debian = recipe.debian();
    return new DebianSource(
        debian.suites(),
        debian.components(),
        debian.keyring(),
        root.essential(),
        root.recommends(),
        root.scripts(),
        root.packages());
  }

  /** A lock before there is one. */
  public static Lock none() {
    return new Lock(Digest.of(new byte[0]), Instant.EPOCH, List.of());
  }

  private static void complain(Platform platform, Result result) throws Unresolved {
    if (result instanceof Result.Unsatisfiable unsatisfiable) {
      throw Unresolved.together(platform, unsatisfiable.chain());
    }
    if (result instanceof Result.Unknown unknown) {
      SortedMap<PackageRequest, String> missing = new TreeMap<>();
      for (Result.Missing each : unknown.missing()) {
        Wanted wanted = each.wanted();
        String instead =
            each.instead().isEmpty() ? "" : "; is it " + String.join(" or ", each.instead()) + "?";
        missing.put(
            new PackageRequest(
                wanted.name(), wanted.architecture(), wanted.version(), wanted.suite()),
            each.reason() + instead);
      }
      throw Unresolved.unknown(platform, missing);
    }
  }

  private static SortedMap<String, String> kept(
      Lock previous, Platform platform, String root, Update update) {
    SortedMap<String, String> kept = new TreeMap<>();
    if (update instanceof Update.Only only) {
      for (Lock.Input input : previous.of(platform, root)) {
        if (!only.packages().contains(input.name())) {
          kept.put(input.name(), input.version());
        }
      }
    }
    return Collections.unmodifiableSortedMap(kept);
  }

  private static Request request(DebianSource debian, SortedMap<String, String> kept) {
    List<Wanted> wanted = new ArrayList<>();
    for (PackageRequest each : debian.packages()) {
      wanted.add(new Wanted(each.name(), each.architecture(), each.version(), each.suite()));
    }
    return new Request(
        wanted,
        debian.essential() ? Request.Base.ESSENTIAL : Request.Base.NONE,
        debian.recommends() ? Request.Recommends.FOLLOW : Request.Recommends.IGNORE,
        kept);
  }

  private static List<Lock.Input> inputs(Platform platform, String root, Result.Resolved resolved) {
    List<Lock.Input> inputs = new ArrayList<>();
    for (Result.Chosen each : resolved.packages()) {
      String reason =
          switch (each.reason().rule()) {
            case "requested" -> "requested";
            case "base" -> "essential";
            default -> each.reason().by();
          };
      inputs.add(
          new Lock.Input(
              "debian",
              platform,
              each.name(),
              each.version(),
              each.architecture(),
              each.suite(),
              each.component(),
              each.digest(),
              each.size(),
              each.path(),
              reason,
              root));
    }
    return inputs;
  }
}
