package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Store;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists what a profile can go back to. */
@Command(
    name = "generations",
    mixinStandardHelpOptions = true,
    description = "List the generations of a profile; * marks the current one.",
    footerHeading = "%nExample:%n",
    footer = "  imgstore generations web")
final class GenerationsCommand extends StoreCommand {
  @Parameters(paramLabel = "PROFILE", description = "The profile's name.")
  String profile;

  @Override
  ExitCode run(Store store) throws IOException {
    Profile found = Ref.open(store.profiles(), profile);
    Activating.tell(this, (DiskStore) store, found);
    ObjectNode json = object().put("profile", profile).put("current", found.current());
    ArrayNode list = json.putArray("generations");
    Table table = new Table("", "GENERATION", "CREATED", "TOOK", "BY", "GIT", "IMAGE", "MESSAGE");
    for (Generation generation : found.generations()) {
      String git = generation.notes().getOrDefault(Profiles.GIT, "");
      table.row(
          generation.number() == found.current() ? "*" : " ",
          profile + "@" + generation.number(),
          generation.created(),
          Took.text(generation.took()),
          generation.author(),
          RecipeCommit.brief(git),
          generation.image(),
          generation.message());
      list.addObject()
          .put("number", generation.number())
          .put("image", generation.image().toString())
          .put("record", generation.record().toString())
          .put("created", generation.created().toString())
          .put("author", generation.author())
          .put("message", generation.message())
          .put("git", git)
          .put("milliseconds", generation.took().toMillis());
    }
    print(json, table.toString());
    return ExitCode.DONE;
  }
}
