package dev.imgstore.builder.sandbox;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Control groups that bound the memory and the number of all processes of a step together
 * (cgroups(7), version 2 or 1), below a group this process is in, so that what bounds us bounds
 * them: where this user may make them. A process of the host keeps them and removes them when this
 * one ends, however that happens. Safe for many threads.
 */
final class StepGroups implements Closeable {
  /** Of a step, beside its own processes: what starts it and takes its outputs. */
  private static final int OURS = 8;

  /**
   * Arguments: our name, where groups are mounted, the file that says in which we are. With version
   * 2, groups are made where the limits are on for what is below, and where we may move processes:
   * in the nearest group above us that is so.
   */
  private static final String KEEPER =
      """
      trap '' INT TERM HUP
      own() {
        while IFS=: read -r id names path; do
          case ",$names," in $1) echo "$path"; return;; esac
        done < "$own"
      }
      name=imgstore-$1 top=$2 own=$3
      memory= processes=
      if [ -f "$top/cgroup.controllers" ]; then
        path=$(own ',,')
        at=$top${path%/}
        while :; do
          if [ -w "$at/cgroup.procs" ] && grep -qw memory "$at/cgroup.subtree_control" && mkdir "$at/$name"; then
            memory=$at/$name
            echo +memory > "$memory/cgroup.subtree_control"
            echo +pids > "$memory/cgroup.subtree_control" && processes=$memory
            break
          fi
          [ "$at" != "$top" ] || break
          at=${at%/*}
        done
      else
        for each in memory pids; do
          path=$(own "*,$each,*")
          at=$top/$each${path%/}
          [ -d "$at" ] || at=$top/$each
          if [ -w "$at/cgroup.procs" ] && mkdir "$at/$name"; then
            case $each in memory) memory=$at/$name;; *) processes=$at/$name;; esac
          fi
        done
      fi
      if [ -n "$memory" ]; then
        echo "$memory"
        echo "$processes"
        while read -r step bytes most; do
          made=made
          mkdir "$memory/$step" || made=failed
          if [ "$bytes" = 0 ]; then :
          elif [ "$memory" = "$processes" ]; then
            echo "$bytes" > "$memory/$step/memory.max" || made=failed
            echo 0 > "$memory/$step/memory.swap.max"
            echo 1 > "$memory/$step/memory.oom.group"
          else
            echo "$bytes" > "$memory/$step/memory.limit_in_bytes" || made=failed
            echo "$bytes" > "$memory/$step/memory.memsw.limit_in_bytes"
          fi
          if [ -n "$processes" ]; then
            [ "$memory" = "$processes" ] || mkdir "$processes/$step" || made=failed
            echo "$most" > "$processes/$step/pids.max" || made=failed
          fi
          echo $made
        done
      fi
      for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        for each in "$memory" "$processes"; do
          [ -z "$each" ] || rmdir "$each"/*/ "$each"
        done
        [ -d "$memory" ] || [ -d "$processes" ] || exit 0
        sleep 0.1
      done
      """;

  /** Arguments: a file to enter by, one more or an empty word, a command. */
  private static final String ENTER =
      """
      echo $$ > "$1" || exit 125
      [ -z "$2" ] || [ "$1" = "$2" ] || echo $$ > "$2" || exit 125
      shift 2
      exec "$@"
      """;

  private final Process keeper;
  private final BufferedReader said;
  private final String memory;
  private final String processes;

  private StepGroups(Process keeper, BufferedReader said, String memory, String processes) {
    this.keeper = keeper;
    this.said = said;
    this.memory = memory;
    this.processes = processes;
  }

  /**
   * Makes a group of groups.
   *
   * @param name one word, another than any other's
   * @return empty where this user may make none
   */
  static Optional<StepGroups> open(String name) throws IOException {
    return open(name, "/sys/fs/cgroup", "/proc/self/cgroup");
  }

  static Optional<StepGroups> open(String name, String mounted, String own) throws IOException {
    String quiet = "exec 2>/dev/null\n" + KEEPER;
    Process keeper = Spawn.start(List.of("sh", "-c", quiet, "imgstore-groups", name, mounted, own));
    BufferedReader said =
        new BufferedReader(new InputStreamReader(keeper.getInputStream(), StandardCharsets.UTF_8));
    String memory = said.readLine();
    String processes = memory == null ? null : said.readLine();
    return memory == null || processes == null
        ? Optional.empty()
        : Optional.of(new StepGroups(keeper, said, memory, processes));
  }

  /**
   * Makes a group. What the step writes lies in memory, and is counted with it.
   *
   * @return words to put before a command, which is in the group then with all it starts
   */
  synchronized List<String> entering(String name, StepCell.Limits limits) throws IOException {
    long bytes = limits.memory() == 0 ? 0 : limits.memory() + limits.written();
    OutputStream in = keeper.getOutputStream();
    String line = name + " " + bytes + " " + (limits.processes() + OURS) + "\n";
    in.write(line.getBytes(StandardCharsets.UTF_8));
    in.flush();
    if (!"made".equals(said.readLine())) {
      throw new SandboxException(
          "the control group " + memory + "/" + name + " cannot be made, so memory is not bounded",
          null);
    }
    String second = processes.isEmpty() ? "" : processes + "/" + name + "/cgroup.procs";
    return List.of(
        "sh", "-c", ENTER, "imgstore-step", memory + "/" + name + "/cgroup.procs", second);
  }

  /** The groups are removed once nothing runs in them. */
  @Override
  public void close() throws IOException {
    keeper.getOutputStream().close();
  }
}
