package dev.imgstore.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.imgstore.builder.sandbox.HostProgram;
import dev.imgstore.cli.schedule.GcSchedule;
import dev.imgstore.cli.schedule.GcSchedule.Runner;
import dev.imgstore.cli.schedule.Unit;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Where systemd and cron look for what they are to start; nothing else of them is touched. */
final class Timers {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int MAX_TABLE = 1 << 20;
  private static final Path CRON_D = Path.of("/etc/cron.d");
  private static final String USUAL_PATH = "/usr/local/bin:/usr/bin:/bin";

  /** What the launcher and the settings look at. */
  private static final List<String> VARIABLES =
      List.of("HOME", "JAVA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "TZ", "IMGSTORE_ETC");

  private final Context context;
  private final Unit unit;

  /**
   * What a program said.
   *
   * @param out a character for each byte: a table may have lines in any encoding
   */
  private record Said(int code, String out, String complaint) {
    String words() {
      return (new String(out.getBytes(ISO_8859_1), UTF_8) + complaint).strip();
    }
  }

  private Timers(Context context, Unit unit) {
    this.context = context;
    this.unit = unit;
  }

  /** Those of a store, which is there. */
  static Timers of(Imgstore root) throws IOException {
    Context context = root.context();
    SortedMap<String, String> environment = new TreeMap<>();
    environment.put("PATH", path(context));
    for (String each : VARIABLES) {
      if (!context.environment(each).isEmpty()) {
        environment.put(each, context.environment(each));
      }
    }
    try {
      return new Timers(
          context, new Unit(launcher(context), root.home().toRealPath().toString(), environment));
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
    }
  }

  /** The usual folders, and those before them that have what the launcher starts. */
  private static String path(Context context) {
    List<String> folders = new ArrayList<>();
    for (String each : context.environment("PATH").split(":", -1)) {
      boolean isNeeded =
          Stream.of("java", "mvn").anyMatch(name -> Files.isExecutable(Path.of(each, name)));
      if (each.startsWith("/") && isNeeded && !List.of(USUAL_PATH.split(":")).contains(each)) {
        folders.add(each);
      }
    }
    folders.add(USUAL_PATH);
    return String.join(":", folders);
  }

  /** The script that started us says where it is. */
  private static String launcher(Context context) throws CommandFailure {
    String said = context.environment("IMGSTORE_LAUNCHER");
    if (!said.isEmpty() && Files.isExecutable(Path.of(said))) {
      return said;
    }
    for (String folder : context.environment("PATH").split(":", -1)) {
      Path file = Path.of(folder, "imgstore");
      if (file.isAbsolute() && Files.isExecutable(file)) {
        return file.toString();
      }
    }
    throw new CommandFailure(
        ExitCode.FAILED,
        "it cannot be said where imgstore's launcher is; start it by the script imgstore, or use"
            + " --with serve");
  }

  private boolean isRoot() {
    return context.user().equals("root");
  }

  /** Who runs here and can look at the clock: systemd, cron, or else a server. */
  Runner best() throws IOException {
    if (hasSystemd()) {
      return Runner.SYSTEMD;
    }
    return hasCron() ? Runner.CRON : Runner.SERVE;
  }

  private boolean hasSystemd() {
    String ours = context.environment("XDG_RUNTIME_DIR");
    return Files.isDirectory(Path.of("/run/systemd/system"))
        && (isRoot() || (!ours.isEmpty() && Files.exists(Path.of(ours, "systemd", "private"))));
  }

  private static boolean hasCron() throws IOException {
    if (!Files.isDirectory(Path.of("/proc"))) {
      return false;
    }
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      return processes.anyMatch(Timers::isCron);
    }
  }

  private static boolean isCron(Path process) {
    try {
      return process.getFileName().toString().matches("[0-9]+")
          && Files.readString(process.resolve("comm")).matches("(cron|crond)\n?");
    } catch (IOException e) {
      return false; // it has ended, or is nobody's business
    }
  }

  /** What would be written, by file; a table of cron is called {@code crontab}. */
  Map<String, String> texts(GcSchedule schedule) throws CommandFailure {
    Map<String, String> texts = new LinkedHashMap<>();
    try {
      if (schedule.runner() == Runner.SYSTEMD) {
        texts.put(file(".service").toString(), unit.service(!isRoot()));
        texts.put(file(".timer").toString(), unit.timer(schedule));
      } else if (schedule.runner() == Runner.CRON) {
        texts.put(where(Runner.CRON), unit.crontab(schedule, isOfMachine() ? "root" : ""));
      }
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
    }
    return texts;
  }

  /** Where it is, for people. */
  String where(Runner runner) {
    return switch (runner) {
      case SYSTEMD -> file(".timer").toString();
      case CRON -> isOfMachine() ? CRON_D.resolve(unit.name()).toString() : "crontab";
      case SERVE -> "imgstore serve";
    };
  }

  private boolean isOfMachine() {
    return isRoot() && Files.isDirectory(CRON_D);
  }

  private Path file(String suffix) {
    Path folder = Path.of("/etc/systemd/system");
    if (!isRoot()) {
      String set = context.environment("XDG_CONFIG_HOME");
      Path configuration =
          set.isEmpty() ? Path.of(context.environment("HOME"), ".config") : Path.of(set);
      folder = configuration.resolve("systemd").resolve("user");
    }
    return folder.resolve(unit.name() + suffix);
  }

  /**
   * Puts it where it is found, in place of what was there before.
   *
   * @return what a person should know; empty if nothing
   */
  String place(GcSchedule schedule) throws IOException, InterruptedException {
    Map<String, String> texts = texts(schedule);
    switch (schedule.runner()) {
      case SYSTEMD -> {
        for (Map.Entry<String, String> each : texts.entrySet()) {
          write(Path.of(each.getKey()), each.getValue());
        }
        systemctl("daemon-reload");
        systemctl("enable", unit.name() + ".timer");
        systemctl("restart", unit.name() + ".timer"); // it may have had other times
      }
      case CRON -> {
        String text = texts.values().iterator().next();
        if (isOfMachine()) {
          write(CRON_D.resolve(unit.name()), text);
        } else {
          table(text);
        }
      }
      case SERVE -> {}
    }
    return advice(schedule.runner());
  }

  private String advice(Runner runner) throws IOException {
    String owner = String.valueOf(Files.getOwner(Path.of(unit.launcher())).getName());
    if (isRoot() && runner != Runner.SERVE && !owner.equals("root")) {
      return unit.launcher()
          + " belongs to "
          + owner
          + ", who can change what root runs from now on; install imgstore as root";
    }
    if (runner == Runner.CRON && !hasCron()) {
      return "no cron runs here: until it does, nothing is collected";
    }
    boolean lingers = Files.exists(Path.of("/var/lib/systemd/linger", context.user()));
    if (runner == Runner.SYSTEMD && !isRoot() && !lingers) {
      return "systemd runs your timers while you are logged in; loginctl enable-linger "
          + context.user()
          + " makes it always";
    }
    return "";
  }

  /** Takes it away, if it is there. */
  void remove(Runner runner) throws IOException, InterruptedException {
    if (runner == Runner.SYSTEMD && Files.exists(file(".timer"))) {
      if (hasSystemd()) {
        systemctl("disable", "--now", unit.name() + ".timer");
      }
      Files.deleteIfExists(file(".timer"));
      Files.deleteIfExists(file(".service"));
      if (hasSystemd()) {
        systemctl("daemon-reload");
      }
    } else if (runner == Runner.CRON && isOfMachine()) {
      Files.deleteIfExists(CRON_D.resolve(unit.name()));
    } else if (runner == Runner.CRON) {
      table("");
    }
  }

  /** Deletes the files that {@link #place} wrote before it failed; tells nobody. */
  void forget(Runner runner) throws IOException {
    if (runner == Runner.SYSTEMD) {
      Files.deleteIfExists(file(".timer"));
      Files.deleteIfExists(file(".service"));
    }
  }

  /** Puts back the files that {@link #place} replaced before it failed; tells nobody. */
  void putBack(GcSchedule before) throws IOException {
    if (before.runner() == Runner.SYSTEMD) {
      for (Map.Entry<String, String> each : texts(before).entrySet()) {
        write(Path.of(each.getKey()), each.getValue());
      }
    }
  }

  /** What is wrong with where it was put; empty if nothing is. */
  String fault(Runner runner) throws IOException, InterruptedException {
    boolean isThere =
        switch (runner) {
          case SYSTEMD -> Files.exists(file(".timer"));
          case CRON ->
              isOfMachine()
                  ? Files.exists(CRON_D.resolve(unit.name()))
                  : table().contains(unit.begin());
          case SERVE -> true;
        };
    if (!isThere) {
      return where(runner) + " does not have it any more; set the schedule again";
    }
    if (runner == Runner.SYSTEMD && hasSystemd()) {
      Said said = ask(control("is-active", unit.name() + ".timer"), "");
      return said.code() == 0 ? "" : unit.name() + ".timer is not active: " + said.words();
    }
    if (runner == Runner.SYSTEMD) {
      return "systemd does not run here";
    }
    return runner == Runner.CRON ? advice(runner) : "";
  }

  private List<String> control(String... words) {
    List<String> command = new ArrayList<>(List.of("systemctl"));
    if (!isRoot()) {
      command.add("--user");
    }
    command.addAll(List.of(words));
    return command;
  }

  private void systemctl(String... words) throws IOException, InterruptedException {
    List<String> command = control(words);
    need(ask(command, ""), String.join(" ", command));
  }

  private static void need(Said said, String what) throws CommandFailure {
    if (said.code() != 0) {
      throw new CommandFailure(ExitCode.FAILED, what + " failed: " + said.words());
    }
  }

  /** The user's table; empty if there is none yet. */
  private String table() throws IOException, InterruptedException {
    Said said = ask(List.of("crontab", "-l"), "");
    if (said.code() != 0 && !said.complaint().contains("no crontab")) {
      need(said, "crontab -l");
    }
    return said.code() == 0 ? said.out() : "";
  }

  private void table(String lines) throws IOException, InterruptedException {
    String before = table();
    String after;
    try {
      after = unit.in(before, new String(lines.getBytes(UTF_8), ISO_8859_1));
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.FAILED, String.valueOf(e.getMessage()), e);
    }
    if (!after.equals(before)) {
      need(ask(List.of("crontab", "-"), after), "crontab -");
    }
  }

  private Said ask(List<String> command, String input) throws IOException, InterruptedException {
    try (HostProgram program =
        new HostProgram(command, context.environment(), context.workingDirectory().toFile())) {
      try (OutputStream to = program.input()) {
        to.write(input.getBytes(ISO_8859_1));
      }
      byte[] out = program.output().readNBytes(MAX_TABLE + 1);
      if (out.length > MAX_TABLE) {
        throw new IOException(command + " says more than 1 MiB");
      }
      String complaint = program.complaint();
      return new Said(program.end(PATIENCE), new String(out, ISO_8859_1), complaint);
    }
  }

  /** Whole or not at all; cron passes over names with a dot. */
  private static void write(Path file, String text) throws IOException {
    Path beside = file.resolveSibling("." + file.getFileName() + ".new");
    Path folder = file.getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Files.writeString(beside, text);
    Files.setPosixFilePermissions(beside, PosixFilePermissions.fromString("rw-r--r--"));
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
