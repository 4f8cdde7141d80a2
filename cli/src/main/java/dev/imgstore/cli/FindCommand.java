package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.Store;
import dev.imgstore.store.catalog.Catalog;
import dev.imgstore.store.catalog.FileHit;
import dev.imgstore.store.catalog.FilePattern;
import dev.imgstore.store.catalog.Item;
import dev.imgstore.store.catalog.PackageHit;
import dev.imgstore.store.catalog.Part;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which generations contain a package or a file. */
@Command(
    name = "find",
    mixinStandardHelpOptions = true,
    description = {
      "List the generations that contain a package, or a file, and the pins that keep them.",
      "* marks generations that are current.",
      "PACKAGE is a name, or a name, one of < <= = >= > and a Debian version, in quotes.",
      "A file's PATH begins at the root, links followed; without a / in front it is the end of"
          + " any path."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  imgstore find 'openssl<3.0.17'",
      "  imgstore find --current --check 'openssl<3.0.17'",
      "  imgstore find --file /usr/bin/openssl --profile web",
      "  imgstore find --file nginx/nginx.conf"
    })
final class FindCommand extends StoreCommand {
  @Parameters(
      arity = "0..1",
      paramLabel = "PACKAGE",
      defaultValue = "",
      description = "A package's name, as in openssl or 'openssl<3.0.17'.")
  String wanted;

  @Option(
      names = "--file",
      paramLabel = "PATH",
      defaultValue = "",
      description = "A file, directory or link, instead of a package.")
  String file;

  @Option(
      names = "--profile",
      paramLabel = "NAME",
      defaultValue = "",
      description = "Only this profile's generations.")
  String profile;

  @Option(names = "--current", description = "Only generations that are current.")
  boolean current;

  @Option(names = "--check", description = "Exit with 3 if anything contains it.")
  boolean check;

  private final List<String> gaps = new ArrayList<>();

  @Override
  ExitCode run(Store store) throws IOException {
    if (wanted.isEmpty() == file.isEmpty()) {
      throw new CommandFailure(
          ExitCode.USAGE, "find what? a package, as in 'openssl<3.0.17', or --file PATH");
    }
    if (!profile.isEmpty()) {
      Ref.open(store.profiles(), profile);
    }
    Predicate<Part> scope =
        part ->
            (profile.isEmpty() || part.profile().equals(profile)) && (!current || part.current());
    Catalog catalog = CatalogPlace.open(root(), store, new Said());
    Pins pins = Pins.read(store.roots());
    boolean found =
        file.isEmpty()
            ? packages(catalog, PackagePattern.parse(wanted), scope, pins)
            : files(catalog, pattern(), scope, pins);
    for (String pin : pins.elsewhere(catalog)) {
      root().notice("pin " + pin + " keeps an image that is no generation's: not looked into");
    }
    gaps.forEach(each -> root().context().err().println("imgstore: " + Imgstore.plain(each)));
    return (check && found) || !gaps.isEmpty() ? ExitCode.FOUND : ExitCode.DONE;
  }

  private final class Said implements Catalog.Reports {
    @Override
    public void notice(String sentence) {
      root().notice(sentence);
    }

    @Override
    public void gap(String sentence) {
      gaps.add(sentence);
    }
  }

  private FilePattern pattern() throws CommandFailure {
    try {
      return new FilePattern(TreePath.of(file), !file.startsWith("/"));
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, "--file " + file + ": " + e.getMessage(), e);
    }
  }

  private boolean packages(
      Catalog catalog, PackagePattern pattern, Predicate<Part> scope, Pins pins)
      throws IOException {
    List<PackageHit> hits = catalog.packages(pattern.name(), pattern::covers, scope);
    ObjectNode json = object();
    ArrayNode list = json.putArray("packages");
    json.putArray("files");
    Table table =
        new Table(
            "", "GENERATION", "PACKAGE", "VERSION", "ARCHITECTURE", "PLATFORM", "CREATED", "PINS");
    for (PackageHit each : hits) {
      Part part = each.part();
      table.row(
          mark(part),
          name(part),
          each.installed().name(),
          each.installed().version(),
          each.installed().architecture(),
          part.platform(),
          part.created(),
          String.join(", ", pins.of(part)));
      describe(list.addObject(), part, pins)
          .put("name", each.installed().name())
          .put("version", each.installed().version())
          .put("architecture", each.installed().architecture());
    }
    print(json, hits.isEmpty() ? nothing(wanted) : table.toString());
    return !hits.isEmpty();
  }

  private boolean files(Catalog catalog, FilePattern pattern, Predicate<Part> scope, Pins pins)
      throws IOException {
    List<FileHit> hits = catalog.files(pattern, scope);
    ObjectNode json = object();
    json.putArray("packages");
    ArrayNode list = json.putArray("files");
    Table table = new Table("", "GENERATION", "MODE", "SIZE", "PLATFORM", "PATH", "PINS");
    for (FileHit each : hits) {
      Item item = each.item();
      String target = item.target().text();
      table.row(
          mark(each.part()),
          name(each.part()),
          Integer.toOctalString(item.mode()),
          item.size(),
          each.part().platform(),
          each.path() + (target.isEmpty() ? "" : " -> " + target),
          String.join(", ", pins.of(each.part())));
      describe(list.addObject(), each.part(), pins)
          .put("path", each.path().toString())
          .put("kind", item.kind().name().toLowerCase(java.util.Locale.ROOT))
          .put("mode", Integer.toOctalString(item.mode()))
          .put("uid", item.uid())
          .put("gid", item.gid())
          .put("bytes", item.size())
          .put("digest", item.content())
          .put("target", target);
    }
    print(json, hits.isEmpty() ? nothing(file) : table.toString());
    return !hits.isEmpty();
  }

  private String nothing(String what) {
    String where = current ? "no current generation" : "no generation";
    return where + (profile.isEmpty() ? "" : " of " + profile) + " contains " + what + "\n";
  }

  private static String mark(Part part) {
    return part.current() ? "*" : " ";
  }

  private static String name(Part part) {
    return part.profile() + "@" + part.number();
  }

  private static ObjectNode describe(ObjectNode json, Part part, Pins pins) {
    json.put("profile", part.profile())
        .put("generation", part.number())
        .put("current", part.current())
        .put("created", part.created().toString())
        .put("image", part.image().toString())
        .put("platform", part.platform().toString())
        .put("manifest", part.manifest().toString());
    ArrayNode names = json.putArray("pins");
    pins.of(part).forEach(names::add);
    return json;
  }
}
