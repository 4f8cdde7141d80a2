package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.store.Reindexed;
import dev.imgstore.store.Store;
import java.io.IOException;
import picocli.CommandLine.Command;

/** Makes anew what is derived. */
@Command(
    name = "reindex",
    mixinStandardHelpOptions = true,
    description = {
      "Make anew every file that is derived from segments and journal:",
      "the index of blobs, and the state of profiles, pins and holds.",
      "The catalog is removed; the next imgstore find makes it anew."
    },
    footerHeading = "%nExample:%n",
    footer = "  imgstore reindex && imgstore verify")
final class ReindexCommand extends StoreCommand {
  @Override
  ExitCode run(Store store) throws IOException {
    Reindexed made = store.reindex();
    CatalogPlace.discard(root(), store);
    ObjectNode json =
        object()
            .put("segments", made.segments())
            .put("blobs", made.blobs())
            .put("unread", made.unread())
            .put("profiles", made.profiles());
    String text =
        "reindexed %d segments with %d blobs, %d profiles; the next find makes the catalog anew%n"
            .formatted(made.segments(), made.blobs(), made.profiles());
    boolean whole = made.unread() == 0;
    if (!whole) {
      text += "something could not be read; imgstore verify names it\n";
    }
    print(json, text);
    return whole ? ExitCode.DONE : ExitCode.FOUND;
  }
}
