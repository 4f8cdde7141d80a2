package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.builder.recipe.Settings;
import dev.imgstore.store.CheckReport;
import dev.imgstore.store.CollectPlan;
import dev.imgstore.store.CollectReport;
import dev.imgstore.store.Collector;
import dev.imgstore.store.Retention;
import dev.imgstore.store.Store;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Removes what nothing needs any more. */
@Command(
    name = "gc",
    mixinStandardHelpOptions = true,
    subcommands = GcScheduleCommand.class,
    description = {
      "Collect garbage: drop the generations that no rule keeps, and free what nothing needs.",
      "Rules come from the settings (see imgstore config); without one every generation is kept.",
      "The current generation, the last good one, and what is pinned or held always stay."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  imgstore gc --dry-run --keep 5",
      "  imgstore gc --plan plan.json --keep 5 && imgstore gc --apply plan.json"
    })
final class GcCommand extends ChangeCommand {
  private static final int NOT_GIVEN = Integer.MIN_VALUE;

  private static final CollectReport NOTHING =
      new CollectReport(List.of(), 0, 0, List.of(), 0, 0, 0, List.of());

  @Option(
      names = {"-n", "--dry-run"},
      description = "Say what would go, with the bytes that come back; remove nothing.")
  boolean dryRun;

  @Option(names = "--plan", paramLabel = "FILE", description = "As --dry-run; write the plan.")
  String planFile = "";

  @Option(
      names = "--apply",
      paramLabel = "FILE",
      description = "Do what this plan says, and nothing else, if it still fits.")
  String applyFile = "";

  @Option(
      names = "--keep",
      paramLabel = "N",
      description = "Keep the last N generations of each profile.")
  int keep = NOT_GIVEN;

  @Option(
      names = "--keep-for",
      paramLabel = "TIME",
      description = "Keep what was made or current less than TIME ago: 90m, 12h, 30d, 8w.")
  String keepFor = "";

  @Option(
      names = "--max-size",
      paramLabel = "SIZE",
      description = "Drop the oldest until the store has at most SIZE: 500M, 20G.")
  String maxSize = "";

  @Override
  ExitCode run(Store store) throws IOException {
    ExitCode code = collect(store);
    if (!dryRun && planFile.isEmpty()) {
      for (String name : store.profiles().names()) {
        ((DiskStore) store).activations().tidy(root().home(), name);
      }
    }
    return code;
  }

  private ExitCode collect(Store store) throws IOException {
    if (!applyFile.isEmpty() && (dryRun || !planFile.isEmpty() || hasRules())) {
      throw new CommandFailure(
          ExitCode.USAGE, "--apply does what its plan says; give it no rules, and no --dry-run");
    }
    if (!applyFile.isEmpty()) {
      try (Collector collector = store.collector()) {
        return apply(collector, PlanFile.read(root().context().path(applyFile)));
      }
    }
    return Collecting.run(store, root()::notice, (collector, last) -> plan(store, collector));
  }

  private ExitCode plan(Store store, Collector collector) throws IOException {
    Settings settings = SettingsFiles.read(root());
    KeepRules rules = KeepRules.of(root(), store, settings, over());
    CollectPlan plan = collector.plan(rules, ceiling(settings));
    if (!planFile.isEmpty()) {
      PlanFile.write(root().context().path(planFile), plan);
    }
    if (dryRun || !planFile.isEmpty()) {
      print(
          json(plan, NOTHING), text(plan, "would free ", plan.bytes().freed(), Path.of(planFile)));
      return over(plan);
    }
    ExitCode code = apply(collector, plan);
    return code == ExitCode.DONE ? over(plan) : code;
  }

  private boolean hasRules() {
    return keep != NOT_GIVEN || !keepFor.isEmpty() || !maxSize.isEmpty();
  }

  private Retention over() throws CommandFailure {
    List<Retention.Rule> rules = new ArrayList<>();
    if (keep != NOT_GIVEN) {
      rules.add(typed("--keep", () -> new Retention.KeepLast(keep)));
    }
    if (!keepFor.isEmpty()) {
      rules.add(typed("--keep-for", () -> new Retention.KeepFor(Retention.parse(keepFor))));
    }
    return new Retention(rules);
  }

  private OptionalLong ceiling(Settings settings) throws CommandFailure {
    long most =
        maxSize.isEmpty() ? settings.maxSize() : typed("--max-size", () -> Settings.bytes(maxSize));
    return most == 0 ? OptionalLong.empty() : OptionalLong.of(most);
  }

  private static <T> T typed(String option, Supplier<T> value) throws CommandFailure {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, option + ": " + e.getMessage(), e);
    }
  }

  /** The ceiling cannot be kept. */
  private ExitCode over(CollectPlan plan) {
    if (plan.bytes().over() == 0) {
      return ExitCode.DONE;
    }
    root()
        .notice(
            "what must stay is "
                + Table.bytes(plan.bytes().over())
                + " more than the store is to have: current, good, pinned and held images, what"
                + " running commands use; imgstore du says whose it is");
    return ExitCode.FOUND;
  }

  private ExitCode apply(Collector collector, CollectPlan plan) throws IOException {
    CollectReport report = collector.apply(plan, because(), root().context().clock());
    if (!report.changes().isEmpty()) {
      throw new CommandFailure(
          ExitCode.FOUND,
          applyFile
              + " does not fit any more, nothing was removed: "
              + Counted.some(report.changes())
              + "; make a new plan");
    }
    for (CheckReport.Finding each : report.faults()) {
      root().notice(each.file() + ": " + each.what() + ": " + each.fault());
    }
    String stayed =
        report.kept().isEmpty()
            ? ""
            : Counted.of(report.kept().size(), "segment", "segments")
                + " stayed: damaged, or something in it is used by a running command\n";
    print(json(plan, report), text(plan, "freed ", report.freed(), Path.of("")) + stayed);
    return report.faults().isEmpty() ? ExitCode.DONE : ExitCode.FOUND;
  }

  /** The plan, and what was done of it. */
  private static ObjectNode json(CollectPlan plan, CollectReport report) {
    ObjectNode json = PlanFile.encode(plan);
    ArrayNode kept =
        json.putObject("done")
            .put("freed", report.freed())
            .put("written", report.written())
            .put("generations", report.generations())
            .put("segments", report.segments())
            .put("records", report.records())
            .putArray("kept");
    report.kept().forEach(kept::add);
    return json;
  }

  private static String text(CollectPlan plan, String verb, long freed, Path written) {
    if (plan.isEmpty()) {
      return "nothing to collect\n";
    }
    StringBuilder text = new StringBuilder();
    text.append(pins(plan)).append(generations(plan));
    Map<CollectPlan.Fate, Long> fates = new TreeMap<>();
    plan.segments().forEach(each -> fates.merge(each.fate(), 1L, Long::sum));
    List<String> parts = new ArrayList<>();
    fates.forEach((fate, count) -> parts.add(count + " " + word(fate)));
    CollectPlan.Bytes bytes = plan.bytes();
    text.append(verb)
        .append(Table.bytes(freed))
        .append(" (")
        .append(freed)
        .append(" bytes) of ")
        .append(Table.bytes(bytes.before()))
        .append(": ")
        .append(Counted.of(plan.drops().size(), "generation", "generations"))
        .append(", ")
        .append(Counted.of(plan.blobs(), "blob", "blobs"))
        .append("; segments: ")
        .append(parts.isEmpty() ? "none" : String.join(", ", parts))
        .append('\n');
    if (bytes.sources() > 0) {
      text.append(Table.bytes(bytes.sources()))
          .append(" of what stays are fetched inputs, kept to build again offline\n");
    }
    if (!written.toString().isEmpty()) {
      text.append("imgstore gc --apply ").append(written).append(" does it\n");
    }
    return text.toString();
  }

  private static String word(CollectPlan.Fate fate) {
    return switch (fate) {
      case DEAD -> "removed";
      case REWRITTEN -> "written anew";
      case MERGED -> "merged";
    };
  }

  private static String pins(CollectPlan plan) {
    Table table = new Table("PIN", "ITS TIME WAS OVER", "IMAGE");
    for (CollectPlan.Over each : plan.pins()) {
      table.row(each.name(), each.expired(), each.image());
    }
    return table.toString();
  }

  private static String generations(CollectPlan plan) {
    Table table = new Table("GENERATION", "CREATED", "WHY IT GOES");
    for (CollectPlan.Drop each : plan.drops()) {
      table.row(each.profile() + "@" + each.number(), each.created(), each.reason());
    }
    return table.toString();
  }
}
