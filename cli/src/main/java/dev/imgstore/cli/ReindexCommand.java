package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.store.Reindexed;
import dev.imgstore.store.Store;
import dev.imgstore.store.catalog.Catalog;
import java.io.IOException;
import picocli.CommandLine.Command;

/** Makes anew what is derived. */
@Command(
    name = "reindex",
    mixinStandardHelpOptions = true,
    description = {
      "Make anew every file that is derived from segments and journal:",
      "the index of blobs, the state of profiles, pins and holds, and the catalog."
    },
    footerHeading = "%nExample:%n",
    footer = "  imgstore reindex && imgstore verify")
final class ReindexCommand extends StoreCommand implements Catalog.Reports {
  private int gaps;

  @Override
  ExitCode run(Store store) throws IOException {
    Reindexed made = store.reindex();
    CatalogPlace.open(root(), store, this).rebuild();
    ObjectNode json =
        object()
            .put("segments", made.segments())
            .put("blobs", made.blobs())
            .put("unread", made.unread())
            .put("profiles", made.profiles());
    String text =
        "reindexed %d segments with %d blobs, %d profiles, and the catalog%n"
            .formatted(made.segments(), made.blobs(), made.profiles());
    boolean whole = made.unread() == 0 && gaps == 0;
    if (!whole) {
      text += "something could not be read; imgstore verify names it\n";
    }
    print(json, text);
    return whole ? ExitCode.DONE : ExitCode.FOUND;
  }

  @Override
  public void notice(String sentence) {
    root().notice(sentence);
  }

  @Override
  public void gap(String sentence) {
    gaps++;
    root().notice(sentence);
  }
}
