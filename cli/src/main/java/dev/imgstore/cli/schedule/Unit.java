package dev.imgstore.cli.schedule;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What systemd and cron are to start: {@code LAUNCHER --store DIR gc schedule --run}.
 *
 * @param launcher absolute
 * @param store absolute
 * @param environment of it, what the launcher needs to find Java
 */
public record Unit(String launcher, String store, SortedMap<String, String> environment) {
  /** What every name begins with. */
  public static final String PREFIX = "imgstore-gc-";

  private static final int DIGITS = 8;
  private static final int LONGEST_LINE = 900;

  /** Ends single quotes, and begins them again. */
  private static final String PERCENT = "'\"$(echo x | tr x '\\045')\"'";

  /**
   * Checks it.
   *
   * @throws IllegalArgumentException if there is what no line can say
   */
  public Unit {
    environment = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(environment));
    List<String> all = new ArrayList<>(environment.values());
    all.add(launcher);
    all.add(store);
    for (String each : all) {
      if (each.codePoints().anyMatch(Character::isISOControl)) {
        throw new IllegalArgumentException(
            "neither systemd nor cron can say a path with control characters: "
                + each.replaceAll("\\p{Cntrl}", "?"));
      }
    }
  }

  /** One for each store of a machine. */
  public String name() {
    return PREFIX
        + dev.imgstore.model.Digest.of(store.getBytes(java.nio.charset.StandardCharsets.UTF_8))
            .hex()
            .substring(0, DIGITS);
  }

  /** Spreads over the hour what several stores do. */
  int minute() {
    return Math.floorMod(name().hashCode(), 60);
  }

  /**
   * How often someone looks whether it is due: missed runs wait no longer, nor does a full disk.
   */
  static int minutesBetweenLooks(GcSchedule schedule) {
    return schedule.freeBelow().isPresent() ? 15 : 60;
  }

  private List<String> words() {
    return List.of("--store", store, "--quiet", "gc", "schedule", "--run");
  }

  /** The service, for systemd.service(5). */
  public String service(boolean isOfUser) {
    StringBuilder text = new StringBuilder();
    text.append("# Made by imgstore gc schedule; 'imgstore gc schedule --remove' takes it away.\n")
        .append("[Unit]\n")
        .append("Description=Collect garbage in the image store ")
        .append(store.replace("%", "%%"))
        .append("\nDocumentation=man:systemd.timer(5)\n\n[Service]\nType=oneshot\n")
        // Somebody else collects at this moment.
        .append("SuccessExitStatus=4\n");
    environment.forEach(
        (name, value) ->
            text.append("Environment=").append(quoted(name + "=" + value)).append('\n'));
    text.append("ExecStart=").append(quoted(":" + launcher)); // nothing after a $ is replaced
    words().forEach(word -> text.append(' ').append(quoted(word)));
    text.append("\nNice=10\nIOSchedulingClass=idle\nNoNewPrivileges=yes\nLockPersonality=yes\n");
    if (!isOfUser) {
      text.append("ProtectSystem=full\nReadWritePaths=")
          .append(quoted(store))
          .append("\nProtectKernelTunables=yes\nProtectKernelModules=yes\n")
          .append("ProtectControlGroups=yes\nRestrictRealtime=yes\n");
    }
    return text.toString();
  }

  /** Its timer, for systemd.timer(5). */
  public String timer(GcSchedule schedule) {
    StringBuilder text = new StringBuilder();
    text.append("# Made by imgstore gc schedule; 'imgstore gc schedule --remove' takes it away.\n")
        .append("[Unit]\nDescription=Collect garbage in the image store ")
        .append(store.replace("%", "%%"))
        .append(": ")
        .append(schedule.times().typed().replace("%", "%%"))
        .append("\n\n[Timer]\n");
    schedule
        .times()
        .calendars()
        .forEach(each -> text.append("OnCalendar=").append(each).append('\n'));
    text.append("# A look whether a run was missed")
        .append(
            schedule
                .freeBelow()
                .map(free -> ", or less than " + free.text() + " is free")
                .orElse(""))
        .append("; if not, nothing happens.\nOnCalendar=*-*-* *:")
        .append(looks(schedule))
        .append(":00\nPersistent=true\nAccuracySec=30s\n\n[Install]\nWantedBy=timers.target\n");
    return text.toString();
  }

  /** The minutes at which someone looks. */
  private String looks(GcSchedule schedule) {
    int step = minutesBetweenLooks(schedule);
    List<String> minutes = new ArrayList<>();
    for (int minute = minute() % step; minute < 60; minute += step) {
      minutes.add(minute < 10 ? "0" + minute : String.valueOf(minute));
    }
    return String.join(",", minutes);
  }

  /**
   * Lines for crontab(5).
   *
   * @param user a field of its own in /etc/cron.d; empty in a user's own table
   * @throws IllegalArgumentException if cron takes no line of this length
   */
  public String crontab(GcSchedule schedule, String user) {
    StringBuilder command = new StringBuilder();
    environment.forEach(
        (name, value) -> command.append(name).append('=').append(shell(value)).append(' '));
    command.append(shell(launcher));
    words().forEach(word -> command.append(' ').append(shell(word)));
    int length = command.toString().getBytes(StandardCharsets.UTF_8).length;
    if (length > LONGEST_LINE) {
      throw new IllegalArgumentException(
          "cron takes no line of " + length + " bytes; use shorter paths");
    }
    String tail = (user.isEmpty() ? "" : " " + user) + " " + command + "\n";
    return begin()
        + "\n"
        + schedule.times().expression()
        + tail
        + looks(schedule).replaceAll("(^|,)0", "$1")
        + " * * * *"
        + tail
        + end()
        + "\n";
  }

  /** The line before ours in a table. */
  public String begin() {
    return "# BEGIN " + name() + ": made by imgstore gc schedule, taken away by --remove";
  }

  /** The line after ours in a table. */
  public String end() {
    return "# END " + name();
  }

  /**
   * A table with our lines in the place of those it had, or at its end; without them if there are
   * none. All other bytes stay as they are.
   *
   * @throws IllegalArgumentException if the table has only the first of our lines
   */
  public String in(String table, String lines) {
    int from = line(table, "# BEGIN " + name(), 0);
    if (from < 0) {
      String gap = table.isEmpty() || table.endsWith("\n") || lines.isEmpty() ? "" : "\n";
      return table + gap + lines;
    }
    int end = line(table, end(), from);
    int next = line(table, "# BEGIN ", from + 1);
    if (end < 0 || (next >= 0 && next < end)) {
      throw new IllegalArgumentException(
          "the table has the line '"
              + begin()
              + "' and no line '"
              + end()
              + "' that belongs to it, so which lines are whose cannot be said; take ours away by"
              + " hand (crontab -e), and try again");
    }
    int to = Math.min(table.length(), end + end().length() + 1);
    return table.substring(0, from) + lines + table.substring(to);
  }

  /** Where a line begins so; -1 if none does. */
  private static int line(String table, String beginning, int from) {
    int at = table.indexOf(beginning, from);
    while (at > 0 && table.charAt(at - 1) != '\n') {
      at = table.indexOf(beginning, at + 1);
    }
    return at;
  }

  /** A word of systemd.syntax(7). */
  static String quoted(String word) {
    return '"' + word.replace("\\", "\\\\").replace("\"", "\\\"").replace("%", "%%") + '"';
  }

  /**
   * A word for the shell that cron starts. A percent sign would end the line, and not every cron
   * knows how to say one: the shell makes it, of its number in octal.
   */
  static String shell(String word) {
    return "'" + word.replace("'", "'\\''").replace("%", PERCENT) + "'";
  }
}
