package dev.imgstore.builder.recipe;

import dev.imgstore.builder.json.CanonicalObject;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;

/**
 * The part of a recipe that decides which inputs are fetched. A lock remembers its digest; as long
 * as it is the same the lock is fresh, whatever else of the recipe changes. Files, users, image
 * settings, the epoch and the way scripts are treated are not in it. (Scripts in the sandbox add
 * the essential packages unless the recipe says otherwise; that is in it, by its result.)
 */
public final class SourceSection {
  private SourceSection() {}

  /** SHA-256 of {@link #canonical}. */
  public static Digest digest(Recipe recipe) {
    return Digest.of(canonical(recipe).getBytes(StandardCharsets.UTF_8));
  }

  /** One line of JSON, always the same for the same section; packages and platforms sorted. */
  public static String canonical(Recipe recipe) {
    DebianSource debian = recipe.debian();
    CanonicalObject section =
        new CanonicalObject()
            .number("format", 1)
            .texts("platforms", recipe.platforms().stream().map(Platform::toString).toList())
            .object(
                "debian",
                new CanonicalObject()
                    .texts("suites", debian.suites())
                    .texts("components", debian.components())
                    .text("keyring", debian.keyring())
                    .flag("essential", debian.essential())
                    .flag("recommends", debian.recommends())
                    .texts(
                        "packages",
                        debian.packages().stream()
                            .sorted()
                            .map(PackageRequest::toString)
                            .toList()));
    CanonicalObject inputs = new CanonicalObject();
    boolean any = false;
    for (Map.Entry<String, InputSource> input : recipe.inputs().entrySet()) {
      if (isFetched(input.getValue())) {
        inputs.object(input.getKey(), fetched(input.getValue()));
        any = true;
      }
    }
    if (any) {
      section.object("inputs", inputs);
    }
    SortedMap<String, Step.Packages> roots = recipe.packageRoots();
    if (!roots.isEmpty()) {
      CanonicalObject all = new CanonicalObject();
      roots.forEach((name, root) -> all.object(name, root(root)));
      section.object("roots", all);
    }
    return section.toString();
  }

  /** Whether what an input is made of is fetched and pinned, rather than taken when building. */
  public static boolean isFetched(InputSource source) {
    return !(source instanceof InputSource.Local);
  }

  /** The beginning of the digest of what decides about fetching one input: 16 digits. */
  public static String mark(InputSource source) {
    byte[] text = fetched(source).toString().getBytes(StandardCharsets.UTF_8);
    return Digest.of(text).hex().substring(0, 16);
  }

  /** What decides about fetching; what becomes of it afterwards is not in it. */
  private static CanonicalObject fetched(InputSource source) {
    if (source instanceof InputSource.Url url) {
      return new CanonicalObject().texts("urls", url.urls()).text("sha256", url.sha256());
    }
    if (source instanceof InputSource.Maven maven) {
      return keys(
          new CanonicalObject()
              .texts("maven", maven.artifacts())
              .flag("repository", maven.layout() == InputSource.Layout.REPOSITORY),
          source);
    }
    if (source instanceof InputSource.Npm npm) {
      return new CanonicalObject().text("npm", npm.lockFile()).flag("dev", npm.dev());
    }
    if (source instanceof InputSource.Git git) {
      return keys(new CanonicalObject().text("commit", git.commit()), source);
    }
    if (source instanceof InputSource.Oci oci) {
      return new CanonicalObject().text("image", oci.digest().toString());
    }
    if (source instanceof InputSource.Image image) {
      return new CanonicalObject().text("registryImage", image.image());
    }
    throw new AssertionError(source);
  }

  private static CanonicalObject keys(CanonicalObject input, InputSource source) {
    return source.keys().isEmpty() ? input : input.texts("keys", source.keys());
  }

  private static CanonicalObject root(Step.Packages root) {
    return new CanonicalObject()
        .flag("essential", root.essential())
        .flag("recommends", root.recommends())
        .texts("packages", root.packages().stream().map(PackageRequest::toString).toList());
  }
}
