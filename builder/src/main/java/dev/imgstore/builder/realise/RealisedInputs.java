package dev.imgstore.builder.realise;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.results.Kind;
import dev.imgstore.builder.results.Results;
import dev.imgstore.builder.source.git.GitCommit;
import dev.imgstore.builder.source.maven.MavenTree;
import dev.imgstore.builder.source.npm.NpmTree;
import dev.imgstore.builder.source.oci.BaseImage;
import dev.imgstore.builder.source.url.UrlTree;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Platform;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Makes trees of what is locked and of what lies beside the recipe; each once. */
final class RealisedInputs implements InputTrees {
  private final ImageBuilder.Request request;
  private final Platform platform;
  private final SortedMap<String, TreeId> locals;
  private final Results results;
  private final Transaction store;
  private final SortedMap<ActionKey, Digest> fresh;
  private final Progress progress;
  private final Map<String, TreeId> made = new HashMap<>();

  /**
   * Of one build. All that is locked is in the store.
   *
   * @param fresh gets the actions that ran
   * @param progress is told of what is made and what was known
   */
  RealisedInputs(
      ImageBuilder.Request request,
      Platform platform,
      SortedMap<String, TreeId> locals,
      Results results,
      Transaction store,
      SortedMap<ActionKey, Digest> fresh,
      Progress progress) {
    this.progress = progress;
    this.request = request;
    this.platform = platform;
    this.locals = locals;
    this.results = results;
    this.store = store;
    this.fresh = fresh;
  }

  @Override
  public synchronized TreeId tree(String name) throws IOException {
    TreeId known = made.get(name);
    if (known == null) {
      InputSource source = request.recipe().inputs().get(name);
      if (source == null) {
        throw new IllegalArgumentException("the recipe has no input " + name);
      }
      known = source instanceof InputSource.Local local ? local(local) : fetched(name, source);
      made.put(name, known);
    }
    return known;
  }

  private TreeId local(InputSource.Local local) throws IOException {
    TreeId taken = locals.get(local.path());
    if (taken == null) {
      throw new AssertionError("not taken in: " + local.path());
    }
    Node node = Trees.read(store, taken).entries().get(LocalTrees.ENTRY);
    if (node instanceof Node.Directory directory) {
      return directory.tree();
    }
    SortedMap<Name, Node> one = new TreeMap<>();
    if (node != null) {
      String path = local.path();
      one.put(Name.of(path.substring(path.lastIndexOf('/') + 1)), node);
    }
    return Trees.put(store, new Tree(one));
  }

  private TreeId fetched(String name, InputSource source) throws IOException {
    List<Lock.Fetched> files = request.lock().of(name);
    if (files.isEmpty()) {
      throw new RecipeMismatch("the lock has no input " + name + "; run imgstore lock");
    }
    ActionKey key = Keys.input(source, files, platform);
    Optional<TreeId> known = find(key, name);
    if (known.isPresent()) {
      progress.reused("unpacking inputs");
      return known.get();
    }
    progress.ran("unpacking inputs");
    TreeId tree = make(name, source, files);
    synchronized (fresh) {
      fresh.put(key, tree.digest());
    }
    results.made(key, tree.digest());
    return tree;
  }

  private Optional<TreeId> find(ActionKey key, String name) throws IOException {
    try {
      String called = Names.input(request.recipe(), platform, name);
      return results
          .find(key, Kind.INPUT, called, result -> whole(result, store))
          .map(Results.Found::value);
    } catch (InterruptedException e) {
      throw Results.interrupted(e);
    }
  }

  /** A tree, if all of it is there. */
  static Optional<TreeId> whole(Digest result, BlobReader blobs) throws IOException {
    TreeId tree = new TreeId(result);
    return blobs.has(result) && Trees.isComplete(blobs, tree)
        ? Optional.of(tree)
        : Optional.empty();
  }

  private TreeId make(String name, InputSource source, List<Lock.Fetched> files)
      throws IOException {
    if (source instanceof InputSource.Url url) {
      return UrlTree.make(name, url, files.get(0), store);
    }
    if (source instanceof InputSource.Maven maven) {
      return MavenTree.make(name, maven, files, store);
    }
    if (source instanceof InputSource.Npm npm) {
      return NpmTree.make(name, npm, files, platform, store);
    }
    if (source instanceof InputSource.Git) {
      return GitCommit.make(name, files.get(0), store);
    }
    if (source instanceof InputSource.Oci oci) {
      return BaseImage.make(name, oci.digest(), platform, store);
    }
    if (source instanceof InputSource.Image) {
      return BaseImage.make(name, BaseImage.locked(name, files), platform, store);
    }
    throw new AssertionError(source);
  }
}
