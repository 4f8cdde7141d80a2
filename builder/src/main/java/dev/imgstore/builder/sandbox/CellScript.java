package dev.imgstore.builder.sandbox;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What the launcher of a step does once the cell's files are there. */
final class CellScript {
  private CellScript() {}

  private static final String TAR =
      "tar --create --numeric-owner --xattrs '--xattrs-include=*' --sort=name --format=posix"
          + " --warning=no-file-ignored --file=- --directory=\"$cell";

  /** Runs the step with its log on the error stream, then packs its outputs. */
  static String of(StepCell cell, Surroundings surroundings) {
    String failed = cell.keeps() ? TAR + "\" build outputs tmp shm; exit $code" : "exit $code";
    return "set +e\n"
        + ("(umask " + surroundings.umask() + "; exec ")
        + command(cell, surroundings, " --new-session")
        + ") </dev/null >&2\n"
        + "code=$?\n"
        + ("if [ $code -ne 0 ]; then " + failed + "; fi\n")
        + ("exec " + TAR + "/outputs\" .\n");
  }

  /** Runs its command alone. */
  static String visit(StepCell cell) {
    return "exec " + command(cell, Surroundings.FIXED, " --new-session") + " </dev/null\n";
  }

  /** Runs its command on the terminal there is. */
  static String shell(StepCell cell) {
    return "exec " + command(cell, Surroundings.FIXED, "") + "\n";
  }

  /** Words for a shell that knows {@code $cell}. */
  private static String command(StepCell cell, Surroundings surroundings, String session) {
    ShellText text = new ShellText();
    limits(text, cell.limits(), surroundings);
    text.raw(" bwrap --unshare-pid --unshare-net --unshare-ipc --unshare-uts --unshare-cgroup-try");
    text.raw(" --die-with-parent --clearenv" + session);
    text.words("--hostname", surroundings.hostName());
    text.raw(" --ro-bind \"$cell/root\" /");
    for (StepCell.Mount mount : cell.mounts()) {
      String path = mount.path().isRoot() ? "" : "/" + mount.path().bytes().text();
      text.words("--ro-bind", "/tmp/tree-" + mount.tree() + path, "/" + mount.at().bytes().text());
    }
    text.raw(" --proc /proc --ro-bind \"$cell/uptime\" /proc/uptime");
    text.raw(" --ro-bind \"$cell/stat\" /proc/stat");
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
    return text.raw(" --").words(cell.command()).toString();
  }

  private static void limits(ShellText text, StepCell.Limits limits, Surroundings surroundings) {
    List<Integer> cpus = surroundings.processors() > 0 ? surroundings.cpus() : limits.cpus();
    text.raw("prlimit --core=0:0 --nproc=" + limits.processes() + ":" + limits.processes());
    if (limits.memory() > 0) {
      text.raw(" --data=" + limits.memory() + ":" + limits.memory());
    }
    if (!cpus.isEmpty()) {
      text.raw(" taskset --cpu-list ");
      text.raw(cpus.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }
  }
}
