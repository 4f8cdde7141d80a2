package dev.imgstore.cli;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Store;
import dev.imgstore.store.StoreException;
import dev.imgstore.sync.ImageName;
import dev.imgstore.sync.Push;
import dev.imgstore.sync.Registry;
import dev.imgstore.sync.client.RegistryClients;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** An image leaving for a registry. */
@Command(
    name = "push",
    mixinStandardHelpOptions = true,
    description = {
      "Send an image to a registry; only what is missing there travels.",
      "The same image has the same digest there. Credentials are those of docker or podman login."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  imgstore push web registry.example.org/shop/web:prod",
      "  imgstore push web@41 registry.example.org/shop/web:prod -m 'back to 41'"
    })
final class PushCommand extends ChangeCommand {
  private static final int AT_ONCE = 4;

  @Parameters(index = "0", paramLabel = "REF", description = "Which image.")
  String ref;

  @Parameters(
      index = "1",
      paramLabel = "HOST/REPOSITORY:TAG",
      description = "Where to; without a tag it is latest, with @DIGEST none.")
  String target;

  @Option(
      names = "--insecure-registry",
      paramLabel = "HOST",
      description = "A host, with its port, that may be asked without TLS; this machine may.")
  List<String> insecure = new ArrayList<>();

  @Option(
      names = "--mount-from",
      paramLabel = "REPOSITORY",
      description = "Another repository of that registry that may have some of the layers.")
  List<String> mounts = new ArrayList<>();

  @Option(
      names = "--force",
      description =
          "Ask for every layer, even if the registry has the image; send what it has lost.")
  boolean force;

  @Override
  ExitCode run(Store store) throws IOException {
    ImageName to = Registries.name(target);
    mounts.forEach(each -> new ImageName(to.host(), each, "", to.digest()));
    Ref found = find(store, ref);
    Digest image = ExportCommand.Oci.image(store, found);
    if (to.digest().isPresent() && !to.digest().get().equals(image)) {
      throw new CommandFailure(
          ExitCode.USAGE, found.name() + " is " + image + ", which " + target + " is not");
    }
    requireUsable(store, found, image);
    boolean bare = to.digest().isPresent() && to.tag().isEmpty();
    String tag = bare ? "" : to.withTag(to.tag()).reference();
    Push.Report report = push(store, image, to, tag, () -> requireUsable(store, found, image));
    if (report.fresh()) {
      store.pushed(found.profile(), found.generation(), to.toString(), because());
      requireStillUsable(store, found, image, to);
    }
    print(
        object()
            .put("ref", found.name())
            .put("image", image.toString())
            .put("destination", to.toString())
            .put("fresh", report.fresh())
            .put("blobs", report.blobs())
            .put("mounted", report.mounted())
            .put("manifests", report.manifests())
            .put("bytes", report.bytes()),
        to
            + (report.fresh() ? " is now " : " was and is ")
            + found.name()
            + " "
            + image
            + (report.fresh() ? " (sent " + Table.bytes(report.bytes()) + ")" : "")
            + "\n");
    return ExitCode.DONE;
  }

  /**
   * Of an imported generation what is packed has another digest than what others revoke by name.
   */
  private static void requireUsable(Store store, Ref found, Digest image) throws IOException {
    store.roots().requireUsable(found.generation().image());
    store.roots().requireUsable(image);
  }

  /** Whoever revokes it from here on finds in the journal that it was pushed. */
  private static void requireStillUsable(Store store, Ref found, Digest image, ImageName to)
      throws IOException {
    try {
      requireUsable(store, found, image);
    } catch (StoreException.Revoked e) {
      throw new CommandFailure(
          ExitCode.FOUND,
          to + " is " + found.name() + " now, and while it was pushed " + e.getMessage(),
          e);
    }
  }

  private Push.Report push(
      Store store, Digest image, ImageName to, String tag, Push.Permission permission)
      throws IOException {
    Context context = root().context();
    ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE);
    try (Registry registry = RegistryClients.writing(to, Registries.settings(root(), insecure));
        TransferLine line = new TransferLine("sent", context.err(), System::nanoTime)) {
      boolean shown = context.terminal() && !root().quiet;
      Push.Progress progress = shown ? line::at : Push.Progress.NONE;
      Push.Trust trust = force ? Push.Trust.NOTHING : Push.Trust.MANIFESTS;
      return new Push(store.blobs(), registry, mounts, trust, progress)
          .run(image, tag, permission, pool);
    } finally {
      pool.shutdownNow();
    }
  }
}
