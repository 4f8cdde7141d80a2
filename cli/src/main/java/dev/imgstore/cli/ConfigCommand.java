package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.builder.recipe.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** What is set, and where. */
@Command(
    name = "config",
    mixinStandardHelpOptions = true,
    description = "Show each setting and the file it comes from.",
    footerHeading = "%nExample:%n",
    footer = "  imgstore config --show")
final class ConfigCommand implements Callable<Integer> {
  @ParentCommand Imgstore root;

  @Option(names = "--show", description = "Show them; this is all there is to do so far.")
  boolean show;

  @Override
  public Integer call() throws IOException {
    Settings settings = SettingsFiles.read(root);
    ObjectNode json = StoreCommand.object();
    ArrayNode list = json.putArray("settings");
    Table table = new Table("SETTING", "VALUE", "FROM");
    for (Map.Entry<String, Settings.Setting> each : settings.values().entrySet()) {
      table.row(each.getKey(), each.getValue().shown(), each.getValue().origin());
      list.addObject()
          .put("key", each.getKey())
          .put("value", each.getValue().shown())
          .put("from", each.getValue().origin());
    }
    ArrayNode files = json.putArray("files");
    StringBuilder text = new StringBuilder(table.toString());
    for (Path file : SettingsFiles.places(root)) {
      boolean there = Files.isRegularFile(file);
      files.addObject().put("file", file.toString()).put("there", there);
      text.append(there ? "read " : "no   ").append(file).append('\n');
    }
    root.context().out().print(root.json ? json + "\n" : Imgstore.plain(text.toString()));
    return ExitCode.DONE.number();
  }
}
