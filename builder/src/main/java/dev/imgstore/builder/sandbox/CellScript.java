package dev.imgstore.builder.sandbox;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What the launcher of a step does once the cell's files are there. */
final class CellScript {
  private CellScript() {}

  /**
   * What of {@code /proc} tells of the machine what no step needs: keys that whoever builds holds,
   * and its clock.
   */
  private static final String HIDE =
      """
      hide=
      for each in acpi asound driver scsi; do
        [ ! -d /proc/$each ] || hide="$hide --ro-bind $cell/root/proc /proc/$each"
      done
      for each in keys key-users; do
        [ ! -e /proc/$each ] || hide="$hide --ro-bind $cell/nothing /proc/$each"
      done
      """;

  private static final String TAR =
      "tar --create --numeric-owner --xattrs '--xattrs-include=*' --sort=name --format=posix"
          + " --file=- --directory=\"$cell";

  /** What tar leaves out is a socket, and what it complains of must not pass in silence. */
  private static final String TAR_OUTPUTS =
      TAR
          + """
          /outputs" . 2>"$cell.said"
          code=$?
          if [ -s "$cell.said" ]; then
            echo "imgstore: not all of the outputs can be kept:"
            cat "$cell.said"
            exit 1
          fi >&2
          exit $code
          """;

  /** Runs the step with its log on the error stream, then packs its outputs. */
  static String of(StepCell cell, Surroundings surroundings) {
    String kept = TAR + "\" --warning=no-file-ignored build outputs tmp shm; exit $code";
    return HIDE
        + "set +e\n"
        + ("(umask " + surroundings.umask() + "; exec ")
        + command(cell, surroundings, " --new-session")
        + ") </dev/null >&2\n"
        + "code=$?\n"
        + ("if [ $code -ne 0 ]; then " + (cell.keeps() ? kept : "exit $code") + "; fi\n")
        + TAR_OUTPUTS;
  }

  /** Runs its command alone. */
  static String visit(StepCell cell) {
    return HIDE + "exec " + command(cell, Surroundings.FIXED, " --new-session") + " </dev/null\n";
  }

  /** Runs its command on the terminal there is. */
  static String shell(StepCell cell) {
    return HIDE + "exec " + command(cell, Surroundings.FIXED, "") + "\n";
  }

  /** Words for a shell that knows {@code $cell}. */
  private static String command(StepCell cell, Surroundings surroundings, String session) {
    ShellText text = new ShellText();
    limits(text, cell.limits(), surroundings);
    text.raw(
        " bwrap --seccomp 9 --unshare-pid --unshare-net --unshare-ipc --unshare-uts --unshare-cgroup-try");
    text.raw(" --die-with-parent --clearenv" + session);
    text.words("--hostname", surroundings.hostName());
    text.raw(" --ro-bind \"$cell/root\" /");
    for (StepCell.Mount mount : cell.mounts()) {
      String path = mount.path().isRoot() ? "" : "/" + mount.path().bytes().text();
      text.words("--ro-bind", "/tmp/tree-" + mount.tree() + path, "/" + mount.at().bytes().text());
    }
    text.raw(" --proc /proc --ro-bind \"$cell/uptime\" /proc/uptime");
    text.raw(" --ro-bind \"$cell/stat\" /proc/stat");
    // The first process is bwrap's own and has no filter, so its memory must not be reached.
    text.raw(" --ro-bind \"$cell/root/proc\" /proc/1 $hide");
    text.raw(" --dev /dev --bind \"$cell/shm\" /dev/shm --remount-ro /dev");
    text.raw(" --bind \"$cell/build\"")
        .words(surroundings.build())
        .raw(" --bind \"$cell/tmp\" /tmp");
    text.raw(" --bind \"$cell/outputs\" /outputs --chdir")
        .words(surroundings.build())
        .raw(" --cap-drop ALL");
    Sandbox.CAPABILITIES.forEach(each -> text.words("--cap-add", each));
    if (!surroundings.preload().isEmpty()) {
      text.words("--ro-bind", surroundings.preload(), Surroundings.PRELOADED);
    }
    for (Map.Entry<String, String> variable : cell.environment().entrySet()) {
      text.words("--setenv", variable.getKey(), variable.getValue());
    }
    text.raw(" --");
    if (surroundings.user() != 0) {
      // Its root must have coreutils: no program of the machine is seen inside.
      String who = surroundings.user() + ":" + surroundings.user();
      text.words("chroot", "--userspec=" + who, "--groups=" + surroundings.user());
      text.words("--skip-chdir", "/");
    }
    return text.words(cell.command()).raw(" 9<" + Sandbox.FILTER).toString();
  }

  private static void limits(ShellText text, StepCell.Limits limits, Surroundings surroundings) {
    List<Integer> cpus = surroundings.processors() > 0 ? surroundings.cpus() : limits.cpus();
    long processes = (long) limits.processes() * limits.beside();
    text.raw("prlimit --core=0:0 --nproc=" + processes + ":" + processes);
    if (limits.memory() > 0) {
      text.raw(" --data=" + limits.memory() + ":" + limits.memory());
    }
    if (!cpus.isEmpty()) {
      text.raw(" taskset --cpu-list ");
      text.raw(cpus.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }
  }
}
