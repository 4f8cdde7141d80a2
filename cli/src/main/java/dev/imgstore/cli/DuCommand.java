package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Profile;
import dev.imgstore.store.Insight;
import dev.imgstore.store.Store;
import dev.imgstore.store.Usage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Where the space is. */
@Command(
    name = "du",
    mixinStandardHelpOptions = true,
    description = {
      "Show what profiles and generations cost in bytes on disk: alone, which comes back when they",
      "go, and shared with others. With a profile or REF: of its generations."
    },
    footerHeading = "%nExample:%n",
    footer = {"  imgstore du", "  imgstore du web", "  imgstore du --packages web@42"})
final class DuCommand extends StoreCommand {
  @Parameters(
      arity = "0..*",
      paramLabel = "REF",
      description = "A profile with its generations, or a generation as in web@42.")
  List<String> refs = List.of();

  @Option(
      names = "--packages",
      description = "Show the packages of the named generations (default: of all current ones).")
  boolean packages;

  @Override
  ExitCode run(Store store) throws IOException {
    List<Usage.OfGeneration> wanted = new ArrayList<>();
    List<Ref> generations = new ArrayList<>();
    List<String> profiles = new ArrayList<>();
    for (String each : refs) {
      if (Profile.isName(each) && store.profiles().names().contains(each)) {
        profiles.add(each);
      } else {
        generations.add(find(store, each));
      }
    }
    Usage usage = store.insight().usage();
    for (Usage.OfGeneration each : usage.generations()) {
      if (refs.isEmpty()
          || profiles.contains(each.generation().profile())
          || generations.stream().anyMatch(ref -> ref.name().equals(each.generation().label()))) {
        wanted.add(each);
      }
    }
    List<Usage.OfPart> parts = packages ? parts(store, wanted) : List.of();
    String people = refs.isEmpty() ? profiles(usage) + totals(usage) : generations(wanted);
    print(json(usage, wanted, parts), packages ? parts(parts) : people);
    return ExitCode.DONE;
  }

  private List<Usage.OfPart> parts(Store store, List<Usage.OfGeneration> wanted)
      throws IOException {
    Inputs inputs = new Inputs(store.blobs());
    List<Insight.Labelled> labelled = new ArrayList<>();
    for (Usage.OfGeneration each : wanted) {
      if (!refs.isEmpty() || each.generation().isCurrent()) {
        Map<Digest, String> names = new HashMap<>();
        inputs.of(each.generation().record()).forEach((input, is) -> names.put(input, is.name()));
        labelled.add(
            new Insight.Labelled(
                each.generation(), names, Owners.of(store.blobs(), each.generation().record())));
      }
    }
    return store.insight().parts(labelled);
  }

  /** The dearest first. */
  private static String parts(List<Usage.OfPart> parts) {
    Table table = new Table("PACKAGE", "ALONE", "SHARED");
    parts.stream()
        .sorted(
            Comparator.comparingLong((Usage.OfPart each) -> each.cost().alone())
                .thenComparingLong(each -> each.cost().shared())
                .reversed())
        .forEach(
            each ->
                table.row(
                    each.label().isEmpty() ? "trees, records, manifests" : each.label(),
                    Table.bytes(each.cost().alone()),
                    Table.bytes(each.cost().shared())));
    return table.toString();
  }

  private static String profiles(Usage usage) {
    Table table = new Table("PROFILE", "GENERATIONS", "ALONE", "SHARED");
    for (Usage.OfProfile each : usage.profiles()) {
      table.row(
          each.profile(),
          each.generations(),
          Table.bytes(each.cost().alone()),
          Table.bytes(each.cost().shared()));
    }
    return table.toString();
  }

  private static String totals(Usage usage) {
    Table table = new Table("BYTES", "OF");
    long alone = usage.profiles().stream().mapToLong(each -> each.cost().alone()).sum();
    table.row(Table.bytes(alone), "profiles alone");
    table.row(Table.bytes(usage.between()), "shared between profiles");
    table.row(Table.bytes(usage.pins().alone()), "pins and holds alone");
    table.row(
        Table.bytes(usage.unkept()),
        "nothing keeps it; imgstore gc frees it where it is a quarter of a file or more");
    table.row(Table.bytes(usage.headers()), "headers of segments");
    table.row(Table.bytes(usage.beside()), "journal, catalog and other files");
    table.row(Table.bytes(usage.total()), "the whole store");
    return table.toString();
  }

  private static String generations(List<Usage.OfGeneration> wanted) {
    Table table = new Table("", "GENERATION", "ALONE", "SHARED", "CREATED", "MESSAGE");
    for (Usage.OfGeneration each : wanted) {
      table.row(
          each.generation().isCurrent() ? "*" : " ",
          each.generation().label(),
          Table.bytes(each.cost().alone()),
          Table.bytes(each.cost().shared()),
          each.generation().generation().created(),
          each.generation().generation().message());
    }
    return table.toString();
  }

  private static ObjectNode json(
      Usage usage, List<Usage.OfGeneration> wanted, List<Usage.OfPart> parts) {
    ObjectNode json = object();
    ArrayNode profiles = json.putArray("profiles");
    for (Usage.OfProfile each : usage.profiles()) {
      cost(profiles.addObject().put("profile", each.profile()), each.cost())
          .put("generations", each.generations());
    }
    ArrayNode generations = json.putArray("generations");
    for (Usage.OfGeneration each : wanted) {
      ObjectNode one =
          generations
              .addObject()
              .put("profile", each.generation().profile())
              .put("number", each.generation().number())
              .put("current", each.generation().isCurrent());
      cost(one, each.cost());
    }
    ArrayNode packages = json.putArray("packages");
    for (Usage.OfPart each : parts) {
      cost(packages.addObject().put("package", each.label()), each.cost());
    }
    cost(json.putObject("pins"), usage.pins());
    return json.put("between", usage.between())
        .put("unkept", usage.unkept())
        .put("headers", usage.headers())
        .put("beside", usage.beside())
        .put("total", usage.total());
  }

  private static ObjectNode cost(ObjectNode json, Usage.Cost cost) {
    return json.put("alone", cost.alone()).put("shared", cost.shared());
  }
}
