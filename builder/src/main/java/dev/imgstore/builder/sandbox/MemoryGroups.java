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
 * Control groups that bound the memory of all processes of a step together (cgroups(7), version 2
 * or 1), where this user may make them: root, outside a container. A process of the host keeps them
 * and removes them when this one ends, however that happens. Safe for many threads.
 */
final class MemoryGroups implements Closeable {
  private static final String KEEPER =
      """
      trap '' INT TERM HUP
      two=/sys/fs/cgroup
      one=/sys/fs/cgroup/memory
      if [ -w $two/cgroup.procs ] && grep -qw memory $two/cgroup.subtree_control 2>/dev/null; then
        base=$two/imgstore-$1 limit=memory.max
      elif [ -w $one/cgroup.procs ]; then
        base=$one/imgstore-$1 limit=memory.limit_in_bytes
      fi
      [ -n "$base" ] && mkdir "$base" 2>/dev/null || exit 0
      [ $limit != memory.max ] || echo +memory > "$base/cgroup.subtree_control"
      echo "$base"
      while read -r name bytes; do
        mkdir "$base/$name" && echo "$bytes" > "$base/$name/$limit" && echo made || echo failed
      done
      for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        rmdir "$base"/*/ "$base" 2>/dev/null
        [ -d "$base" ] || exit 0
        sleep 0.1
      done
      """;

  private final Process keeper;
  private final BufferedReader said;
  private final String base;

  private MemoryGroups(Process keeper, BufferedReader said, String base) {
    this.keeper = keeper;
    this.said = said;
    this.base = base;
  }

  /**
   * Makes a group of groups.
   *
   * @param name one word, another than any other's
   * @return empty where this user may make none
   */
  static Optional<MemoryGroups> open(String name) throws IOException {
    Process keeper = Spawn.start(List.of("sh", "-c", KEEPER, "imgstore-memory", name));
    BufferedReader said =
        new BufferedReader(new InputStreamReader(keeper.getInputStream(), StandardCharsets.UTF_8));
    String base = said.readLine();
    return base == null ? Optional.empty() : Optional.of(new MemoryGroups(keeper, said, base));
  }

  /**
   * Makes a group.
   *
   * @return words to put before a command, which is in the group then with all it starts
   */
  synchronized List<String> entering(String name, long bytes) throws IOException {
    OutputStream in = keeper.getOutputStream();
    in.write((name + " " + bytes + "\n").getBytes(StandardCharsets.UTF_8));
    in.flush();
    if (!"made".equals(said.readLine())) {
      throw new SandboxException(
          "the control group " + base + "/" + name + " cannot be made, so memory is not bounded",
          null);
    }
    return List.of(
        "sh",
        "-c",
        "echo $$ > \"$1\" || exit 125; shift; exec \"$@\"",
        "imgstore-step",
        base + "/" + name + "/cgroup.procs");
  }

  /** The groups are removed once nothing runs in them. */
  @Override
  public void close() throws IOException {
    keeper.getOutputStream().close();
  }
}
