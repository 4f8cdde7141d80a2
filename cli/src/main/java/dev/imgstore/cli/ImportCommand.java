package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.builder.pack.TreeArtifact;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Platform;
import dev.imgstore.model.Profile;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.disk.DiskStore;
import dev.imgstore.store.disk.ImportRequest;
import dev.imgstore.store.disk.ImportedTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** From a directory to a generation. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = {
      "Take a directory into the store, as a new generation of a profile.",
      "Modes, owners, links, devices and user.* attributes are kept; times, and attributes of",
      "other kinds (capabilities, ACLs, labels), are not. Unchanged files are not read again."
    },
    footerHeading = "%nExample:%n",
    footer = "  imgstore import ./rootfs --name web -m 'as found on the server'")
final class ImportCommand extends NewCommand {
  @Parameters(paramLabel = "DIR", description = "The directory; a link to one is followed.")
  String directory;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      defaultValue = "",
      description = "The profile to add the generation to (default: the directory's name).")
  String name;

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH",
      defaultValue = "linux/amd64",
      description = "What the files are for (default: linux/amd64).")
  String platform;

  @Override
  boolean makesStore() {
    return true;
  }

  @Override
  ExitCode run(Store store) throws IOException, InterruptedException {
    Path path = root().context().path(directory);
    if (!Files.isDirectory(path)) {
      throw new CommandFailure(
          ExitCode.UNKNOWN,
          Files.exists(path)
              ? directory + " is no directory; put the file into one and import that"
              : "there is no directory " + directory);
    }
    path = path.toRealPath();
    String profile = name.isEmpty() ? String.valueOf(path.getFileName()) : name;
    if (!Profile.isName(profile)) {
      throw new CommandFailure(
          ExitCode.USAGE, profile + " is no name; " + Profile.NAME_RULE + "; choose with --name");
    }
    Platform of = platform(platform);
    Profile before = store.profiles().open(profile).orElse(Profile.empty(profile));
    int threads = Runtime.getRuntime().availableProcessors();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try (Transaction transaction = store.begin();
        Calling calling = new Calling(store, profile, before.currentGeneration())) {
      ImportRequest request =
          new ImportRequest(
              path,
              ImportRequest.Keeps.EVERYTHING,
              root().home(),
              root().context().clock().instant(),
              pool,
              threads,
              calling);
      ImportedTree tree = ((DiskStore) store).importDirectory(request, transaction);
      tellSockets(tree.sockets());
      Optional<Generation> now = before.currentGeneration();
      if (now.isPresent() && calling.isCurrent(tree.tree())) {
        tree.remember();
        return said(tree, profile, now.get(), false);
      }
      Digest image = TreeArtifact.put(tree.tree(), profile, transaction);
      Digest record = transaction.putMetadata(record(image, tree.tree(), of, transaction));
      transaction.flush();
      tree.remember();
      return said(
          tree,
          profile,
          Activating.commit(
              this,
              (DiskStore) store,
              profile,
              before.current(),
              new Activating.Made(image, record, because())),
          true);
    } finally {
      pool.shutdownNow();
    }
  }

  /** A record without recipe and lock: both are empty. */
  private static byte[] record(Digest image, TreeId tree, Platform platform, Transaction blobs)
      throws IOException {
    Digest nothing = blobs.putMetadata(new byte[0]);
    return new BuildRecord(
            image,
            nothing,
            Collections.emptySortedMap(),
            nothing,
            List.of(),
            Collections.emptySortedMap(),
            List.of(new BuildRecord.Part(platform, tree, image, List.of(), List.of())))
        .encode();
  }

  /** Shows how far the import is, and knows which tree is current. */
  private final class Calling implements ImportRequest.Caller, AutoCloseable {
    private final boolean show = root().context().terminal() && !root().quiet;
    private final ProgressLine line = new ProgressLine(root().context().err());
    private final Store store;
    private final String profile;
    private final Optional<Generation> now;

    Calling(Store store, String profile, Optional<Generation> now) {
      this.store = store;
      this.profile = profile;
      this.now = now;
    }

    @Override
    public void at(long done, long total) {
      if (show) {
        line.at("importing MiB", done >> 20, total >> 20);
      }
    }

    @Override
    public boolean isCurrent(TreeId tree) throws IOException {
      return now.isPresent()
          && store.blobs().has(tree.digest())
          && TreeArtifact.digest(tree, profile, store.blobs()).equals(now.get().image());
    }

    /** The lease comes first: what is current after it was not collected before. */
    @Override
    public boolean keeps(TreeId tree) throws IOException {
      return now.isPresent()
          && store.lease(now.get().image())
          && store.profiles().open(profile).flatMap(Profile::currentGeneration).equals(now)
          && isCurrent(tree);
    }

    @Override
    public void close() {
      line.close();
    }
  }

  private void tellSockets(List<String> sockets) {
    if (!sockets.isEmpty()) {
      root()
          .notice(
              Counted.of(sockets.size(), "socket was", "sockets were")
                  + " left out: "
                  + Counted.some(sockets));
    }
  }

  private ExitCode said(ImportedTree tree, String profile, Generation generation, boolean fresh) {
    ObjectNode json =
        object()
            .put("profile", profile)
            .put("generation", generation.number())
            .put("fresh", fresh)
            .put("image", generation.image().toString())
            .put("tree", tree.tree().toString())
            .put("entries", tree.entries())
            .put("bytes", tree.bytes())
            .put("bytesRead", tree.bytesRead());
    ArrayNode sockets = json.putArray("sockets");
    tree.sockets().forEach(sockets::add);
    print(json, profile + "@" + generation.number() + " " + generation.image() + "\n");
    return ExitCode.DONE;
  }
}
