package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.store.Roots;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Names of generations beside their numbers. */
@Command(
    name = "tag",
    mixinStandardHelpOptions = true,
    description = {
      "Give a generation a name, so that REF can say it: web@v1.2.",
      "Neither delete nor gc removes a tagged generation (gc: unless settings say otherwise).",
      "Without a REF it lists all tags."
    },
    footerHeading = "%nExample:%n",
    footer = {"  imgstore tag web@42 v1.2 -m 'released'", "  imgstore tag --remove web@v1.2"})
final class TagCommand extends ChangeCommand {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "REF",
      defaultValue = "",
      description = "Which generation.")
  String ref;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "TAG",
      defaultValue = "",
      description = "Its name: letters, digits, '.', '_', '-', a letter first.")
  String tag;

  @Option(names = "--remove", description = "Take the tag away that REF says, as in web@v1.2.")
  boolean remove;

  @Option(
      names = "--move",
      description = "Also if another generation has this tag, which loses it.")
  boolean move;

  @Override
  ExitCode run(Store store) throws IOException {
    if (ref.isEmpty()) {
      refuse(remove || move, "which tag? name it, as in web@v1.2");
      return list(store);
    }
    if (remove) {
      refuse(!tag.isEmpty() || move, "--remove takes one tag, as in web@v1.2");
      return remove(store);
    }
    refuse(tag.isEmpty(), "which tag does " + ref + " get? as in imgstore tag web@42 v1.2");
    refuse(!Roots.isTag(tag), "not a tag: " + tag + "; " + Roots.TAG_RULE);
    Ref found = find(store, ref);
    int number = found.generation().number();
    Integer other = tags(store, found.profile()).get(tag);
    if (other != null && other != number && !move) {
      throw new CommandFailure(
          ExitCode.FOUND,
          tag + " is " + found.profile() + "@" + other + " already; --move takes it from there");
    }
    store.roots().tag(found.profile(), tag, number, because());
    print(
        object().put("profile", found.profile()).put("tag", tag).put("number", number),
        found.name() + " is " + found.profile() + "@" + tag + "\n");
    return ExitCode.DONE;
  }

  private static void refuse(boolean wrong, String sentence) throws CommandFailure {
    if (wrong) {
      throw new CommandFailure(ExitCode.USAGE, sentence);
    }
  }

  private static SortedMap<String, Integer> tags(Store store, String profile) throws IOException {
    return store.roots().tags().getOrDefault(profile, Collections.emptySortedMap());
  }

  private ExitCode remove(Store store) throws IOException {
    int at = ref.indexOf('@');
    String profile = at < 0 ? ref : ref.substring(0, at);
    String named = at < 0 ? "" : ref.substring(at + 1);
    if (!store.roots().untag(profile, named, because())) {
      throw new CommandFailure(
          ExitCode.UNKNOWN, "there is no tag " + ref + "; imgstore tag lists what there is");
    }
    print(
        object().put("profile", profile).put("tag", named).put("removed", true),
        "removed " + ref + "\n");
    return ExitCode.DONE;
  }

  private ExitCode list(Store store) throws IOException {
    ObjectNode json = object();
    ArrayNode list = json.putArray("tags");
    Table table = new Table("TAG", "GENERATION");
    SortedMap<String, SortedMap<String, Integer>> all = store.roots().tags();
    for (Map.Entry<String, SortedMap<String, Integer>> profile : all.entrySet()) {
      for (Map.Entry<String, Integer> each : profile.getValue().entrySet()) {
        table.row(profile.getKey() + "@" + each.getKey(), profile.getKey() + "@" + each.getValue());
        list.addObject()
            .put("profile", profile.getKey())
            .put("tag", each.getKey())
            .put("number", each.getValue().intValue());
      }
    }
    print(json, all.isEmpty() ? "there are no tags\n" : table.toString());
    return ExitCode.DONE;
  }
}
