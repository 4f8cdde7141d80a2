package dev.imgstore.cli;

import dev.imgstore.builder.spec.Mention;
import dev.imgstore.builder.spec.Reference;
import dev.imgstore.builder.spec.SpecPath;
import dev.imgstore.store.Retention;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Exact digests into deploy specs; what is written there is kept. */
@Command(
    name = "pin",
    mixinStandardHelpOptions = true,
    description = {
      "Write into deploy specs exactly which images they mean, and keep those images.",
      "Read are Kubernetes, Kustomize, values of Helm charts, Compose, Nomad, Terraform, workflows"
          + " and Dockerfiles. Only the references change."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  imgstore pin deploy/web.yaml compose.yaml",
      "  imgstore pin --map registry.example.org/shop/web=web@42 deploy/*.yaml",
      "  imgstore pin --check deploy/*.yaml --ignore 'images.example.com/*'"
    })
final class PinCommand extends ChangeCommand {
  @Parameters(arity = "1..*", paramLabel = "FILE", description = "Deploy specs.")
  List<String> files = new ArrayList<>();

  @Option(
      names = "--map",
      paramLabel = "IMAGE=REF",
      description =
          "What an image is: its name, or NAME:TAG, as in the file. Else it is the profile that was"
              + " pushed there, or that is called like the name's last part.")
  List<String> maps = new ArrayList<>();

  @Option(
      names = "--path",
      paramLabel = "PATH",
      description = "Where else files name images: spec.servers[].image, * for any key.")
  List<String> paths = new ArrayList<>();

  @Option(
      names = "--ignore",
      paramLabel = "GLOB",
      description = "Images that are not ours; * stands for anything.")
  List<String> ignore = new ArrayList<>();

  @Option(
      names = "--check",
      description = "Change nothing; exit code 3 if something is not pinned, or not rightly.")
  boolean check;

  @Option(
      names = "--strict",
      description =
          "With --check: also what is left as it is counts; else that is only told, and may name an"
              + " image that is not pinned.")
  boolean strict;

  @Option(names = "--update", description = "Pin what is current now, whatever was pinned before.")
  boolean update;

  @Option(names = "--dry-run", description = "Change nothing; say what would change.")
  boolean dryRun;

  @Option(names = "--print-env", description = "Print WEB_IMAGE=... lines, for shells.")
  boolean printEnv;

  @Option(names = "--tfvars", description = "Print web_image = \"...\" lines, for Terraform.")
  boolean tfvars;

  @Option(names = "--owner", paramLabel = "WHO", description = "Whom to ask about these pins.")
  String owner = "";

  @Option(
      names = "--expires",
      paramLabel = "TIME",
      description = "Keep the images only so long: 12h, 90d, 8w.")
  String expires = "";

  @Option(
      names = "--as",
      paramLabel = "NAME",
      description = "What the pins call the file, in place of its path, which may change.")
  String as = "";

  @Option(
      names = "--platform-child",
      description = "Let the image of one platform stand where an index is meant.")
  boolean platformChild;

  private List<SpecPath> ways = List.of();

  @Override
  ExitCode run(Store store) throws IOException {
    usage();
    SpecChoices choices = choices(store);
    if (check || dryRun) {
      return look(store, choices);
    }
    try (PinLock lock = PinLock.take(root().home())) {
      return pin(store, read(store, choices));
    }
  }

  private void usage() throws CommandFailure {
    refuse(
        check && (update || dryRun), "--check changes nothing; leave out --update and --dry-run");
    refuse(strict && !check, "--strict is of --check");
    refuse(!as.equals(Imgstore.line(as)), "--as is one line of text, without control characters");
    refuse(printEnv && tfvars, "--print-env or --tfvars? choose one");
    refuse(check && (printEnv || tfvars), "--check prints what it finds; leave out the other");
    refuse(!as.isEmpty() && files.size() > 1, "--as names one file; pin them one by one");
    refuse(as.startsWith("/"), "--as is a name and no path: it may not begin with /");
    try {
      ways = paths.stream().map(SpecPath::parse).toList();
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, "--path: " + e.getMessage(), e);
    }
  }

  private static void refuse(boolean wrong, String sentence) throws CommandFailure {
    if (wrong) {
      throw new CommandFailure(ExitCode.USAGE, sentence);
    }
  }

  private SpecChoices choices(Store store) throws IOException {
    Map<String, Ref> map = new TreeMap<>();
    for (String each : maps) {
      int equals = each.indexOf('=');
      refuse(equals < 1, "--map takes IMAGE=REF, not " + each);
      map.put(each.substring(0, equals), find(store, each.substring(equals + 1)));
    }
    return new SpecChoices(
        map,
        ignore.stream().map(SpecChoices::glob).toList(),
        update,
        platformChild,
        !check && !dryRun);
  }

  /** All files, or all that is wrong with what they are called. */
  private List<PinnedSpec> read(Store store, SpecChoices choices) throws IOException {
    SpecMeaning meaning = new SpecMeaning(store, choices);
    Map<String, PinnedSpec> read = new LinkedHashMap<>();
    List<CommandFailure> unread = new ArrayList<>();
    for (String typed : files) {
      try {
        SpecFile file = SpecFile.read(root().context(), typed);
        String name = as.isEmpty() ? SpecPlaces.name(root().context(), typed) : as;
        if (!read.containsKey(file.file().toString())) {
          read.put(file.file().toString(), PinnedSpec.read(name, file, ways, meaning));
        }
      } catch (CommandFailure e) {
        unread.add(e);
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    }
    if (!unread.isEmpty()) {
      String all = unread.stream().map(Throwable::getMessage).collect(Collectors.joining("\n"));
      throw new CommandFailure(unread.get(0).code(), all);
    }
    List<PinnedSpec> specs = List.copyOf(read.values());
    requireUse(specs, choices);
    return specs;
  }

  /** What was typed and leads to nothing is a mistake. */
  private void requireUse(List<PinnedSpec> specs, SpecChoices choices) throws CommandFailure {
    List<Reference> references =
        specs.stream().flatMap(s -> s.spec().mentions().stream()).map(Mention::reference).toList();
    Set<String> idle = choices.idle(references);
    boolean readable = specs.stream().allMatch(each -> each.spec().wrong().isEmpty());
    refuse(readable && !idle.isEmpty(), "--map: no file names " + String.join(", ", idle));
    for (int i = 0; i < ways.size(); i++) {
      SpecPath way = ways.get(i);
      refuse(
          readable && specs.stream().allMatch(each -> each.spec().idle().contains(way)),
          "--path " + paths.get(i) + " leads to nothing in these files");
    }
  }

  /** Without a change. */
  private ExitCode look(Store store, SpecChoices choices) throws IOException {
    List<PinnedSpec> specs = read(store, choices);
    if (!check) {
      orThrow(specs, "nothing was written");
      report(specs, List.of(), false);
      return ExitCode.DONE;
    }
    PinEnds ends = PinEnds.read(store.journal().list());
    List<PinnedSpec.Mistake> findings = new ArrayList<>();
    for (PinnedSpec each : specs) {
      List<PinnedSpec.Mistake> its = new ArrayList<>(each.findings());
      its.addAll(over(store, each));
      its.addAll(each.ended(SpecPins.of(store, each.name()), ends));
      if (strict) {
        its.addAll(each.leftovers());
      }
      its.sort(PinnedSpec.IN_ORDER);
      findings.addAll(its);
    }
    report(specs, findings, false);
    boolean unreadable = specs.stream().anyMatch(each -> !each.spec().wrong().isEmpty());
    return findings.isEmpty() ? ExitCode.DONE : unreadable ? ExitCode.USAGE : ExitCode.FOUND;
  }

  private static void orThrow(List<PinnedSpec> specs, String consequence) throws CommandFailure {
    List<PinnedSpec.Mistake> all =
        specs.stream().flatMap(each -> each.mistakes().stream()).toList();
    if (all.isEmpty()) {
      return;
    }
    ExitCode code = all.stream().map(PinnedSpec.Mistake::code).min(PinCommand::worse).orElseThrow();
    String lines =
        all.stream().map(PinnedSpec.Mistake::toString).collect(Collectors.joining("\n  "));
    throw new CommandFailure(
        code,
        (all.size() == 1 ? "one mistake" : all.size() + " mistakes")
            + ", "
            + consequence
            + ":\n  "
            + lines);
  }

  /** What cannot be read comes before what is unknown, and that before what must not be used. */
  private static int worse(ExitCode one, ExitCode other) {
    List<ExitCode> order = List.of(ExitCode.USAGE, ExitCode.UNKNOWN, ExitCode.FOUND);
    return Integer.compare(order.indexOf(one), order.indexOf(other));
  }

  private ExitCode pin(Store store, List<PinnedSpec> specs) throws IOException {
    orThrow(specs, "nothing was written");
    Optional<Instant> end = end();
    SpecPins pins = new SpecPins(store, ways, because());
    if (end.isEmpty()) {
      for (PinnedSpec each : specs) {
        over(store, each)
            .forEach(past -> root().notice(past + "; it is kept again, without an end"));
      }
    }
    pins.pin(specs, owner, end, grace()).forEach(root()::notice);
    report(specs, List.of(), true);
    return ExitCode.DONE;
  }

  private List<PinnedSpec.Mistake> over(Store store, PinnedSpec spec) throws IOException {
    return spec.over(SpecPins.of(store, spec.name()), root().context().clock().instant());
  }

  private Duration grace() throws IOException {
    return SettingsFiles.read(root()).pinGrace();
  }

  private Optional<Instant> end() throws CommandFailure {
    if (expires.isEmpty()) {
      return Optional.empty();
    }
    try {
      Instant now = root().context().clock().instant();
      return Optional.of(now.plus(Retention.parse(expires)).truncatedTo(ChronoUnit.SECONDS));
    } catch (IllegalArgumentException | ArithmeticException | java.time.DateTimeException e) {
      throw new CommandFailure(ExitCode.USAGE, "--expires " + expires + ": " + e.getMessage(), e);
    }
  }

  private void report(List<PinnedSpec> specs, List<PinnedSpec.Mistake> findings, boolean written)
      throws CommandFailure {
    PinReport report = new PinReport(object().put("written", written));
    specs.forEach(report::add);
    findings.forEach(report::find);
    report.notices().forEach(root()::notice);
    String people =
        printEnv
            ? PinReport.variables(
                specs, (name, value) -> name.toUpperCase(Locale.ROOT) + "=" + value + "\n")
            : tfvars
                ? PinReport.variables(specs, (name, value) -> name + " = \"" + value + "\"\n")
                : check ? report.findings() : report.references();
    print(report.json(), people);
  }
}
