package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.store.Store;
import java.io.IOException;
import picocli.CommandLine.Command;

/** Lists the profiles. */
@Command(
    name = "ls",
    mixinStandardHelpOptions = true,
    description = "List all profiles and what is current in each.",
    footerHeading = "%nExample:%n",
    footer = "  imgstore ls --json")
final class LsCommand extends StoreCommand {
  @Override
  ExitCode run(Store store) throws IOException {
    ObjectNode json = object();
    ArrayNode list = json.putArray("profiles");
    Table table = new Table("PROFILE", "CURRENT", "GENERATIONS", "CREATED", "IMAGE");
    for (String name : store.profiles().names()) {
      Profile profile = Ref.open(store.profiles(), name);
      Generation current = Ref.number(profile, profile.current()).generation();
      table.row(
          name,
          profile.current(),
          profile.generations().size(),
          current.created(),
          current.image());
      list.addObject()
          .put("name", name)
          .put("current", profile.current())
          .put("generations", profile.generations().size())
          .put("created", current.created().toString())
          .put("image", current.image().toString());
    }
    print(json, table.toString());
    return ExitCode.DONE;
  }
}
