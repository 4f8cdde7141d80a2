package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.store.CheckReport;
import dev.imgstore.store.CheckReport.Finding;
import dev.imgstore.store.Mender;
import dev.imgstore.store.RepairReport;
import dev.imgstore.store.Store;
import dev.imgstore.store.disk.StoreMender;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Reads every byte of the store, and mends what it can if asked to. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Re-hash everything in the store and name what is wrong, and what needs it.",
      "With --repair, mend it: from what the store still has, from another store, from the",
      "mirrors by hash, from the registries that an image came from or went to, and by building",
      "again what was built."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  imgstore verify && echo all is well",
      "  imgstore verify --repair --from /mnt/backup/imgstore"
    })
final class VerifyCommand extends StoreCommand {
  /** Uses and generations shown of one finding; --json has all. */
  private static final int SHOWN = 5;

  /** Findings that are told in full, where there are more. */
  private static final int TOLD = 20;

  @Option(names = "--repair", description = "Mend what can be mended.")
  boolean repair;

  @Option(
      names = "--from",
      paramLabel = "DIR",
      defaultValue = "",
      description = "With --repair: another store to take lost objects from.")
  String from;

  @Option(names = "--offline", description = "With --repair: touch no network.")
  boolean offline;

  @Override
  ExitCode run(Store store) throws IOException {
    if (!repair && (offline || !from.isEmpty())) {
      throw new CommandFailure(
          ExitCode.USAGE, (offline ? "--offline" : "--from") + " is for verify --repair");
    }
    return repair ? repair(store) : check(store);
  }

  private ExitCode check(Store store) throws IOException {
    CheckReport report = store.check();
    StringBuilder text = new StringBuilder();
    told(text, "", report);
    text.append(summary("verified", report));
    if (!report.findings().isEmpty()) {
      text.append("imgstore verify --repair mends what can be mended\n");
    }
    print(json(report), text.toString());
    return code(report);
  }

  private ExitCode repair(Store store) throws IOException {
    Path other = root().context().path(from);
    try (StoreMender backup = from.isEmpty() ? null : StoreMender.open(other)) {
      List<Mender> menders = new ArrayList<>();
      Optional.ofNullable(backup).ifPresent(menders::add);
      Machine machine = new Machine(root(), root()::notice);
      if (!offline) {
        Universes universes = new Universes(machine);
        menders.add(new MirrorMender(universes, Fetching.mirrors(machine, universes)));
        menders.add(new RegistryMender(store, root()));
      }
      menders.add(new RebuildMender(store, machine));
      return said(store.repair(menders, because("verify --repair")));
    }
  }

  private ExitCode said(RepairReport report) {
    CheckReport after = report.after();
    ObjectNode json = json(report.before());
    ArrayNode mended = json.putArray("mended");
    StringBuilder text = new StringBuilder();
    for (RepairReport.Mended each : report.mended()) {
      mended.addObject().put("file", each.file()).put("what", each.what()).put("how", each.how());
      String what = each.file().endsWith(each.what()) ? "" : ": " + each.what();
      text.append("mended %s%s: %s%n".formatted(each.file(), what, each.how()));
    }
    ArrayNode left = json.putArray("left");
    after.findings().forEach(each -> put(left, each));
    ArrayNode notes = json.putArray("notes");
    report.notes().forEach(notes::add);
    report.notes().forEach(note -> text.append("not tried to the end: ").append(note).append('\n'));
    told(text, "not mended: ", after);
    ArrayNode lost = json.putArray("lost");
    Set<String> hurt = new TreeSet<>();
    after.findings().stream()
        .filter(each -> each.copy().isEmpty())
        .forEach(each -> hurt.addAll(each.neededBy()));
    hurt.forEach(lost::add);
    if (!hurt.isEmpty()) {
      text.append("not whole any more: ").append(String.join(", ", hurt)).append('\n');
    }
    text.append(summary(report.mended().isEmpty() ? "verified" : "verified again", after));
    print(json, text.toString());
    return code(after);
  }

  /** The first findings, and of the others how many they are and what they hurt. */
  private static void told(StringBuilder text, String before, CheckReport report) {
    List<Finding> all = report.findings();
    List<Finding> shown = all.subList(0, Math.min(TOLD, all.size()));
    shown.forEach(each -> text.append(before).append(lines(each, report)));
    List<Finding> rest = all.subList(shown.size(), all.size());
    if (!rest.isEmpty()) {
      Set<String> hurt = new TreeSet<>();
      rest.forEach(each -> hurt.addAll(each.neededBy()));
      String by = hurt.isEmpty() ? unneeded(report) : "needed by " + some(List.copyOf(hurt));
      text.append(before)
          .append(
              "%d more; imgstore verify --json lists them all%n  %s%n".formatted(rest.size(), by));
    }
  }

  private static ExitCode code(CheckReport report) {
    return report.findings().isEmpty() ? ExitCode.DONE : ExitCode.FOUND;
  }

  private static String summary(String verb, CheckReport report) {
    int count = report.findings().size();
    return "%s %d blobs, %s: %s%n"
        .formatted(
            verb,
            report.blobs(),
            Table.bytes(report.bytes()),
            count == 0 ? "all is well" : count + (count == 1 ? " finding" : " findings"));
  }

  private static ObjectNode json(CheckReport report) {
    ObjectNode json = object().put("blobs", report.blobs()).put("bytes", report.bytes());
    ArrayNode list = json.putArray("findings");
    report.findings().forEach(each -> put(list, each));
    return json;
  }

  private static void put(ArrayNode list, Finding finding) {
    ObjectNode one =
        list.addObject()
            .put("file", finding.file())
            .put("what", finding.what())
            .put("fault", finding.fault());
    ArrayNode uses = one.putArray("uses");
    finding.uses().forEach(uses::add);
    ArrayNode by = one.putArray("neededBy");
    finding.neededBy().forEach(by::add);
    one.put("copy", finding.copy());
  }

  /** What is wrong, what that is, and who needs it. */
  private static String lines(Finding finding, CheckReport of) {
    StringBuilder text = new StringBuilder(line(finding)).append('\n');
    if (!finding.uses().isEmpty()) {
      text.append("  it is ").append(some(finding.uses())).append('\n');
    }
    if (finding.what().startsWith("sha256:")) {
      String by =
          finding.neededBy().isEmpty() ? unneeded(of) : "needed by " + some(finding.neededBy());
      text.append("  ").append(by).append('\n');
    }
    if (!finding.copy().isEmpty()) {
      text.append("  nothing is lost: a good copy is in ").append(finding.copy()).append('\n');
    }
    return text.toString();
  }

  /** Nobody knows, if the journal cannot be read. */
  private static String unneeded(CheckReport report) {
    return report.findings().stream().anyMatch(each -> each.what().equals("generations"))
        ? "who needs it cannot be said"
        : "nothing kept needs it";
  }

  private static String some(List<String> all) {
    String shown = String.join(", ", all.subList(0, Math.min(SHOWN, all.size())));
    return all.size() <= SHOWN ? shown : shown + " and " + (all.size() - SHOWN) + " more";
  }

  /** A fault says itself what it is about, mostly, and to run what runs here. */
  private static String line(Finding finding) {
    String fault = finding.fault().replace("; run imgstore verify", "");
    boolean named = finding.file().endsWith(finding.what()) || fault.startsWith(finding.what());
    String what = named ? fault : finding.what() + ": " + fault;
    boolean placed = fault.startsWith(finding.file()) || fault.contains(" in " + finding.file());
    return placed ? what : finding.file() + ": " + what;
  }
}
