package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.Store;
import dev.imgstore.store.disk.CheckedOut;
import dev.imgstore.store.disk.CheckoutRequest;
import dev.imgstore.store.disk.CheckoutRequest.Owners;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The files of an image in a directory. */
@Command(
    name = "checkout",
    mixinStandardHelpOptions = true,
    description = {
      "Write the files of an image to a directory, which must be new or empty.",
      "It appears when all is written. Every file has the time 1980-01-01. Owners need root;",
      "devices and pipes are left out, and attributes other than user.*."
    },
    footerHeading = "%nExample:%n",
    footer = "  imgstore checkout web@41 ./rootfs")
final class CheckoutCommand extends ImageCommand {
  @Parameters(index = "1", paramLabel = "DIR", description = "Where to; new or empty.")
  String directory;

  @Override
  ExitCode run(Store store) throws IOException {
    Held held = held(store);
    Revoked.tell(this, store, held.ref());
    BuildRecord.Part part = held.part(platform);
    Path target = root().context().path(directory);
    boolean root = root().context().user().equals("root");
    CheckedOut out =
        write((DiskStore) store, part, target, root ? Owners.OF_THE_TREE : Owners.OURS);
    tell(out);
    ObjectNode json =
        object()
            .put("ref", held.ref().name())
            .put("image", held.ref().generation().image().toString())
            .put("tree", part.tree().toString())
            .put("destination", directory)
            .put("files", out.files())
            .put("otherOwners", out.owners())
            .put("attributesLeftOut", out.attributes());
    ArrayNode leftOut = json.putArray("leftOut");
    out.leftOut().forEach(leftOut::add);
    print(json, held.ref().name() + " " + part.tree() + " in " + directory + "\n");
    return ExitCode.DONE;
  }

  private CheckedOut write(DiskStore store, BuildRecord.Part part, Path target, Owners owners)
      throws IOException {
    int threads = Runtime.getRuntime().availableProcessors();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    boolean show = root().context().terminal() && !root().quiet;
    try (ProgressLine line = new ProgressLine(root().context().err())) {
      CheckoutRequest.Watcher watcher =
          show
              ? (done, total) -> line.at("writing files", done, total)
              : CheckoutRequest.Watcher.NONE;
      return store.checkOut(
          new CheckoutRequest(part.tree(), target, owners, pool, threads, watcher));
    } finally {
      pool.shutdownNow();
    }
  }

  private void tell(CheckedOut out) {
    if (out.owners() > 0) {
      root()
          .notice(
              Counted.of(out.owners(), "name is", "names are")
                  + " yours instead of their owner's in the image; only root can give files away");
    }
    if (!out.leftOut().isEmpty()) {
      root()
          .notice(
              Counted.of(out.leftOut().size(), "name was", "names were")
                  + " left out, since Java cannot make devices and pipes: "
                  + Counted.some(out.leftOut()));
    }
    if (out.attributes() > 0) {
      root()
          .notice(
              Counted.of(out.attributes(), "extended attribute was", "extended attributes were")
                  + " not written: only those of user.* can be");
    }
  }
}
