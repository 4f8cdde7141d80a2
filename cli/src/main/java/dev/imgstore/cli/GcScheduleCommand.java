package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.cli.schedule.FreeBound;
import dev.imgstore.cli.schedule.GcSchedule;
import dev.imgstore.cli.schedule.GcSchedule.Runner;
import dev.imgstore.cli.schedule.Policy;
import dev.imgstore.cli.schedule.Timetable;
import dev.imgstore.store.Schedule;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Collections that nobody types. */
@Command(
    name = "schedule",
    mixinStandardHelpOptions = true,
    description = {
      "Collect garbage by a schedule: by a timer of systemd, by cron, or inside imgstore serve.",
      "WHEN is hourly, 'daily 03:00', 'weekly sun 03:00', 'monthly 1 03:00', 'every 15m', or the",
      "five fields of a line of cron, in local time. What was missed is made up for. Without WHEN",
      "it says what is set."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  imgstore gc schedule 'daily 03:00' --policy 'keep 10, for 90d' --when-free-below 10%%",
      "  imgstore gc schedule --show",
      "  imgstore gc schedule --remove"
    })
final class GcScheduleCommand extends ChangeCommand {
  private static final int SHOWN = 5;

  @Parameters(arity = "0..*", paramLabel = "WHEN", description = "When to collect.")
  List<String> when = List.of();

  @Option(
      names = "--policy",
      paramLabel = "RULES",
      description = "In place of the settings' rules of their kind: 'keep 10, for 90d, max 20G'.")
  String policy = "";

  @Option(
      names = "--when-free-below",
      paramLabel = "FREE",
      description =
          "Collect as well when less of the store's file system is free: 10%%, 20G. It looks four"
              + " times an hour.")
  String freeBelow = "";

  @Option(
      names = "--with",
      paramLabel = "WHO",
      description =
          "Who looks at the clock: systemd, cron or serve (default: the first that runs here).")
  String with = "";

  @Option(
      names = {"-n", "--dry-run"},
      description = "Show what systemd or cron would be told; change nothing.")
  boolean dryRun;

  @Option(names = "--show", description = "Say what is set, the next five times, the last run.")
  boolean show;

  @Option(names = "--remove", description = "End the schedule, and take it from systemd or cron.")
  boolean remove;

  @Option(
      names = "--run",
      description = "Collect now if it is due, and else do nothing: what timers start.")
  boolean run;

  @Override
  boolean makesStore() {
    return !when.isEmpty();
  }

  @Override
  ExitCode run(Store store) throws IOException, InterruptedException {
    boolean sets = !when.isEmpty();
    int asked = (sets ? 1 : 0) + (show ? 1 : 0) + (remove ? 1 : 0) + (run ? 1 : 0);
    refuse(asked > 1, "WHEN, --show, --remove and --run exclude each other");
    boolean more = dryRun || !(policy + freeBelow + with).isEmpty();
    refuse(
        more && !sets,
        "--policy, --when-free-below, --with and --dry-run go with WHEN, as in 'daily 03:00'");
    if (sets) {
      return set(store);
    }
    if (run) {
      return collect(store);
    }
    return remove ? remove(store) : show(store);
  }

  private static void refuse(boolean wrong, String sentence) throws CommandFailure {
    if (wrong) {
      throw new CommandFailure(ExitCode.USAGE, sentence);
    }
  }

  private static <T> T typed(String option, Supplier<T> value) throws CommandFailure {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          ExitCode.USAGE, (option.isEmpty() ? "" : option + ": ") + e.getMessage(), e);
    }
  }

  private GcSchedule wanted() throws IOException {
    Timetable times = typed("", () -> Timetable.parse(String.join(" ", when)));
    Policy rules = typed("--policy", () -> Policy.parse(policy));
    Optional<FreeBound> bound = Optional.empty();
    if (!freeBelow.isEmpty()) {
      bound = Optional.of(typed("--when-free-below", () -> new FreeBound(freeBelow)));
    }
    Runner runner =
        with.isEmpty() ? Timers.of(root()).best() : typed("--with", () -> Runner.of(with));
    return new GcSchedule(times, rules, bound.orElse(null), runner);
  }

  private ExitCode set(Store store) throws IOException, InterruptedException {
    GcSchedule schedule = wanted();
    if (dryRun) {
      return printTexts(schedule);
    }
    SettingsFiles.read(root()); // a mistake in them is better known now than at night
    Optional<Schedule> kept = store.roots().schedule();
    Optional<Runner> before = kept.map(GcSchedule::runner);
    String advice = place(schedule, kept);
    // From here on timers find it; until here they find none, and do nothing.
    store.roots().schedule(schedule.times().typed(), schedule.facts(), because());
    if (before.isPresent() && before.get() != schedule.runner()) {
      takeAway(before.get());
    }
    if (!advice.isEmpty()) {
      root().notice(advice);
    }
    return show(store);
  }

  /** What could not be placed whole is taken away again, and what was in its place comes back. */
  private String place(GcSchedule schedule, Optional<Schedule> before)
      throws IOException, InterruptedException {
    if (schedule.runner() == Runner.SERVE) {
      return "it is collected while imgstore serve runs on this store, and not else";
    }
    Timers timers = Timers.of(root());
    try {
      return timers.place(schedule);
    } catch (IOException e) {
      if (before.filter(old -> GcSchedule.runner(old) == schedule.runner()).isEmpty()) {
        timers.forget(schedule.runner());
      } else {
        timers.putBack(ScheduledRun.read(before.get()));
      }
      throw e;
    }
  }

  private ExitCode printTexts(GcSchedule schedule) throws IOException {
    ObjectNode json = object();
    ArrayNode files = json.putArray("files");
    StringBuilder text = new StringBuilder();
    Map<String, String> texts =
        schedule.runner() == Runner.SERVE ? Map.of() : Timers.of(root()).texts(schedule);
    texts.forEach(
        (file, content) -> {
          files.addObject().put("file", file).put("text", content);
          text.append("== ").append(file).append('\n').append(content);
        });
    print(json, text.toString());
    return ExitCode.DONE;
  }

  /** What was never placed need not be looked for, nor a launcher that nobody knows. */
  private void takeAway(Runner runner) throws IOException, InterruptedException {
    if (runner != Runner.SERVE) {
      Timers.of(root()).remove(runner);
    }
  }

  private ExitCode remove(Store store) throws IOException, InterruptedException {
    Optional<Schedule> kept = store.roots().schedule();
    if (kept.isEmpty()) {
      throw new CommandFailure(ExitCode.UNKNOWN, "this store has no schedule");
    }
    takeAway(GcSchedule.runner(kept.get()));
    store.roots().unschedule(because());
    print(
        object().put("removed", kept.get().when()),
        "no longer collected " + kept.get().when() + "\n");
    return ExitCode.DONE;
  }

  private ExitCode collect(Store store) throws IOException {
    ScheduledRun.Ran ran = new ScheduledRun(root(), store, because("").who()).run();
    String said = ran.kind().word();
    if (ran.code() != ExitCode.DONE) {
      root().complain(ran.sentence());
    }
    boolean isSilent = root().quiet && (said.isEmpty() || ran.code() != ExitCode.DONE);
    if (!isSilent || root().json) {
      print(
          object().put("trigger", said).put("freed", ran.freed()).put("text", ran.sentence()),
          (said.isEmpty() ? "" : said + ": ") + ran.sentence() + "\n");
    }
    return ran.code();
  }

  private ExitCode show(Store store) throws IOException, InterruptedException {
    Optional<Schedule> kept = store.roots().schedule();
    ObjectNode json = object();
    if (kept.isEmpty()) {
      json.putNull("schedule").putNull("last").putArray("next");
      print(json, "this store has no schedule; imgstore gc schedule 'daily 03:00' sets one\n");
      return ExitCode.DONE;
    }
    GcSchedule schedule = ScheduledRun.read(kept.get());
    boolean isServe = schedule.runner() == Runner.SERVE;
    String where = isServe ? "imgstore serve" : Timers.of(root()).where(schedule.runner());
    String fault = isServe ? "" : Timers.of(root()).fault(schedule.runner());
    String rules = schedule.policy().toString();
    String free = schedule.freeBelow().map(FreeBound::text).orElse("");
    ZoneId zone = root().context().zone();
    Instant now = root().context().clock().instant();
    boolean isDue =
        !new ScheduledRun(root(), store, "").due(schedule, kept.get()).kind().word().isEmpty();
    StringBuilder text = new StringBuilder();
    text.append("collected ")
        .append(kept.get().when())
        .append(rules.isEmpty() ? ", by the rules of the settings" : ", " + rules)
        .append(free.isEmpty() ? "" : ", and when less than " + free + " is free")
        .append("; by ")
        .append(schedule.runner().word())
        .append(isServe ? "" : ": " + where)
        .append('\n');
    json.putObject("schedule")
        .put("when", kept.get().when())
        .put("cron", schedule.times().expression())
        .put("zone", zone.getId())
        .put("policy", rules)
        .put("freeBelow", free)
        .put("with", schedule.runner().word())
        .put("where", where)
        .put("fault", fault)
        .put("since", kept.get().since().toString())
        .put("who", kept.get().who())
        .put("due", isDue);
    next(schedule, now, json, text);
    last(store, json, text);
    if (isDue) {
      text.append("it is due, and waits for the next look\n");
    }
    print(json, text.toString());
    if (!fault.isEmpty() && show) {
      root().complain(fault);
      return ExitCode.FOUND;
    }
    return ExitCode.DONE;
  }

  private void next(GcSchedule schedule, Instant now, ObjectNode json, StringBuilder text) {
    ZoneId zone = root().context().zone();
    ArrayNode next = json.putArray("next");
    text.append("next:\n");
    for (Instant each : schedule.times().next(now, zone, SHOWN)) {
      next.add(each.toString());
      text.append("  ").append(local(each, zone)).append('\n');
    }
  }

  private static String local(Instant moment, ZoneId zone) {
    return DateTimeFormatter.ofPattern("EEE yyyy-MM-dd HH:mm z", Locale.ENGLISH)
        .format(moment.atZone(zone));
  }

  private void last(Store store, ObjectNode json, StringBuilder text) throws IOException {
    Optional<ScheduleRecord> newest = ScheduleRecord.newest(store);
    json.putNull("last");
    text.append("last run: ");
    if (newest.isEmpty()) {
      text.append("none yet\n");
      return;
    }
    ScheduleRecord record = newest.get();
    json.putObject("last")
        .put("when", record.when().toString())
        .put("trigger", record.trigger())
        .put("freed", record.freed())
        .put("milliseconds", record.took().toMillis())
        .put("failed", record.failure());
    text.append(local(record.when(), root().context().zone()))
        .append(", ")
        .append(record.trigger())
        .append(
            record.failure().isEmpty()
                ? ", freed " + Table.bytes(record.freed())
                : ", FAILED: " + record.failure())
        .append(", took ")
        .append(Took.text(record.took()))
        .append('\n');
  }
}
