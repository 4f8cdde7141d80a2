package dev.imgstore.cli;

import dev.imgstore.builder.recipe.Settings;
import dev.imgstore.cli.schedule.Due;
import dev.imgstore.cli.schedule.FreeBound;
import dev.imgstore.cli.schedule.GcSchedule;
import dev.imgstore.store.CheckReport;
import dev.imgstore.store.CollectPlan;
import dev.imgstore.store.CollectReport;
import dev.imgstore.store.Collector;
import dev.imgstore.store.Journal;
import dev.imgstore.store.Profiles.Because;
import dev.imgstore.store.Schedule;
import dev.imgstore.store.Store;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Usage;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A collection that nobody types. Whoever wakes it, and however often: it looks whether it is due,
 * and if so collects by the schedule's rules, never more, and leaves a record in the journal, also
 * of what failed.
 */
final class ScheduledRun {
  private static final int MOST_OWNERS = 3;

  private final Imgstore root;
  private final Store store;
  private final String who;
  private final Runs runs;

  /**
   * When the scheduled collections were, by the journal, which is read again only if it has grown.
   * For one thread.
   */
  static final class Runs {
    private Journal.Point head = new Journal.Point(0, "");
    private List<Instant> whens = List.of();

    List<Instant> of(Journal journal) throws IOException {
      Journal.Point now = journal.head();
      if (!now.equals(head)) {
        List<Instant> found = new ArrayList<>();
        for (Journal.Entry each : journal.list()) {
          if (ScheduleRecord.isOf(each)) {
            found.add(each.when());
          }
        }
        whens = List.copyOf(found);
        head = now; // what came since is read again, which does no harm
      }
      return whens;
    }
  }

  /**
   * What became of it.
   *
   * @param freed bytes
   * @param sentence for people
   */
  record Ran(Due.Kind kind, long freed, ExitCode code, String sentence) {
    static Ran not(String sentence) {
      return new Ran(Due.Kind.NOT, 0, ExitCode.DONE, sentence);
    }
  }

  /** What a collection was told, when it began, and what was free then. */
  private record Task(GcSchedule schedule, Due due, Instant begun, FreeBound.Space before) {
    SortedMap<String, String> facts() {
      SortedMap<String, String> facts = new TreeMap<>();
      facts.put(ScheduleRecord.TRIGGER, due.kind().word());
      facts.put(ScheduleRecord.PLANNED, due.planned().truncatedTo(ChronoUnit.SECONDS).toString());
      return facts;
    }
  }

  /**
   * One run.
   *
   * @param who in whose name
   */
  ScheduledRun(Imgstore root, Store store, String who) {
    this(root, store, who, new Runs());
  }

  /** One of many that look. */
  ScheduledRun(Imgstore root, Store store, String who, Runs runs) {
    this.runs = runs;
    this.root = root;
    this.store = store;
    this.who = who;
  }

  /**
   * Looks, and collects if it is due.
   *
   * @throws StoreException.Locked if somebody else collects meanwhile; nothing is recorded then,
   *     and the next look makes up for it
   */
  Ran run() throws IOException {
    Optional<Schedule> kept = store.roots().schedule();
    if (kept.isEmpty()) {
      return Ran.not("this store has no schedule");
    }
    GcSchedule schedule = read(kept.get());
    if (due(schedule, kept.get()).kind() == Due.Kind.NOT) {
      return Ran.not("nothing is due");
    }
    return Collecting.run(
        store,
        root::notice,
        (collector, last) -> {
          Due due = due(schedule, kept.get()); // another one may have run until a moment ago
          return due.kind() == Due.Kind.NOT
              ? Ran.not("another run was faster")
              : collect(collector, new Task(schedule, due, now(), space(root)), last);
        });
  }

  /** A schedule of the store. */
  static GcSchedule read(Schedule kept) throws CommandFailure {
    try {
      return GcSchedule.of(kept);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          ExitCode.FAILED,
          "the schedule of this store cannot be read ("
              + e.getMessage()
              + "); set it anew with imgstore gc schedule",
          e);
    }
  }

  private Instant now() {
    return root.context().clock().instant();
  }

  /** Whether it is due at this moment. */
  Due due(GcSchedule schedule, Schedule kept) throws IOException {
    return Due.decide(
        schedule,
        kept.since(),
        runs.of(store.journal()),
        now(),
        root.context().zone(),
        space(root));
  }

  /** What the file system of a store has. */
  static FreeBound.Space space(Imgstore root) throws IOException {
    FileStore files = Files.getFileStore(root.home());
    return new FreeBound.Space(files.getUsableSpace(), files.getTotalSpace());
  }

  private Ran collect(Collector collector, Task task, boolean last) throws IOException {
    CollectPlan plan;
    CollectReport report;
    try {
      Settings settings = SettingsFiles.read(root);
      OptionalLong ceiling = task.schedule().policy().ceiling();
      if (ceiling.isEmpty() && settings.maxSize() > 0) {
        ceiling = OptionalLong.of(settings.maxSize());
      }
      KeepRules rules = KeepRules.of(root, store, settings, task.schedule().policy().rules());
      plan = collector.plan(rules, ceiling);
      report = collector.apply(plan, because(task), root.context().clock(), task.facts());
    } catch (IOException | RuntimeException e) {
      if (e instanceof StoreException.Kept && !last) {
        throw e; // it begins again
      }
      try {
        collector.failed(Imgstore.sentence(e), because(task), task.facts());
      } catch (IOException alsoFailed) {
        e.addSuppressed(alsoFailed); // a journal that cannot be written says nothing
      }
      throw e;
    }
    for (String profile : store.profiles().names()) {
      ((DiskStore) store).activations().tidy(root.home(), profile);
    }
    for (CheckReport.Finding each : report.faults()) {
      root.notice(each.file() + ": " + each.what() + ": " + each.fault());
    }
    return ran(task, plan, report);
  }

  private Because because(Task task) {
    Duration took = Duration.between(task.begun(), now());
    return new Because(
        task.begun().truncatedTo(ChronoUnit.SECONDS),
        who,
        task.schedule().times().typed(),
        took.isNegative() ? Duration.ZERO : took);
  }

  private Ran ran(Task task, CollectPlan plan, CollectReport report) throws IOException {
    String sentence =
        "freed "
            + Table.bytes(report.freed())
            + " ("
            + report.freed()
            + " bytes), dropped "
            + Counted.of(report.generations(), "generation", "generations");
    ExitCode code = report.faults().isEmpty() ? ExitCode.DONE : ExitCode.FOUND;
    if (plan.bytes().over() > 0) {
      sentence +=
          "; what must stay is "
              + Table.bytes(plan.bytes().over())
              + " more than the store is to have";
      code = ExitCode.FOUND;
    }
    FreeBound.Space space = space(root).orAtLeast(task.before().free() + report.freed());
    Optional<FreeBound> bound = task.schedule().freeBelow().filter(it -> it.isAbove(space));
    if (bound.isPresent()) {
      sentence += stillLow(bound.get(), space);
      code = ExitCode.FOUND;
    }
    return new Ran(task.due().kind(), report.freed(), code, sentence);
  }

  /** Who keeps what is left, the dearest first. */
  private String stillLow(FreeBound bound, FreeBound.Space space) throws IOException {
    Usage usage = store.insight().usage();
    List<String> owners = new ArrayList<>();
    usage.profiles().stream()
        .sorted(Comparator.comparingLong((Usage.OfProfile each) -> each.cost().alone()).reversed())
        .limit(MOST_OWNERS)
        .forEach(
            each ->
                owners.add(
                    each.profile()
                        + " with "
                        + Counted.of(each.generations(), "generation", "generations")
                        + " "
                        + Table.bytes(each.cost().alone())));
    owners.add("pins and holds " + Table.bytes(usage.pins().alone()));
    return "; only "
        + Table.bytes(space.free())
        + " ("
        + space.share()
        + ") is free, less than "
        + bound.text()
        + ", and the rules keep the rest: "
        + String.join(", ", owners)
        + "; see imgstore du, and give stricter rules or a larger disk";
  }
}
