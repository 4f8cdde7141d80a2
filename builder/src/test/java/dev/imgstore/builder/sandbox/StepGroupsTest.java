package dev.imgstore.builder.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Where groups are made and what is written there, on directories that look like those of groups.
 */
@Tag("tools")
class StepGroupsTest {
  private static final StepCell.Limits LIMITS =
      new StepCell.Limits(Duration.ofSeconds(1), 1000, 24, List.of(), 56, 2);

  @TempDir Path temp;

  private Path group(String path, String on) throws Exception {
    Path group = Files.createDirectories(temp.resolve("cgroup" + path));
    Files.writeString(group.resolve("cgroup.procs"), "");
    Files.writeString(group.resolve("cgroup.subtree_control"), on);
    return group;
  }

  private Optional<StepGroups> open(String own) throws Exception {
    Path file = Files.writeString(temp.resolve("own"), own);
    return StepGroups.open("7", temp.resolve("cgroup").toString(), file.toString());
  }

  private static String file(Path group, String name) throws Exception {
    return Files.readString(group.resolve(name)).strip();
  }

  @Test
  void theNearestGroupThatBoundsMemoryBelowIsTaken() throws Exception {
    Path top = group("", "cpu memory pids\n");
    Files.writeString(top.resolve("cgroup.controllers"), "cpu memory pids\n");
    Path slice = group("/user.slice/app.slice", "memory pids\n");
    group("/user.slice/app.slice/run.scope", "");
    group("/user.slice", "memory\n");
    try (StepGroups groups = open("0::/user.slice/app.slice/run.scope\n").orElseThrow()) {
      List<String> words = groups.entering("3", LIMITS);
      Path made = slice.resolve("imgstore-7/3");
      assertEquals("1024", file(made, "memory.max"));
      assertEquals("0", file(made, "memory.swap.max"));
      assertEquals("64", file(made, "pids.max"));
      assertEquals("+pids", file(slice.resolve("imgstore-7"), "cgroup.subtree_control"));
      assertEquals(made + "/cgroup.procs", words.get(words.size() - 2));
      assertFalse(Files.exists(top.resolve("imgstore-7")));
    }
  }

  @Test
  void whereNothingBoundsMemoryBelowThereAreNone() throws Exception {
    Path top = group("", "cpu\n");
    Files.writeString(top.resolve("cgroup.controllers"), "cpu memory pids\n");
    group("/own", "");
    assertEquals(Optional.empty(), open("0::/own\n"));
  }

  @Test
  void ofTheFirstVersionThereAreTwoBelowOurOwn() throws Exception {
    Path memory = group("/memory/ours", "");
    Path pids = group("/pids", "");
    try (StepGroups groups = open("4:memory:/ours\n3:cpu,pids:/gone\n0::/\n").orElseThrow()) {
      List<String> words = groups.entering("1", LIMITS);
      assertEquals("1024", file(memory.resolve("imgstore-7/1"), "memory.limit_in_bytes"));
      assertEquals("64", file(pids.resolve("imgstore-7/1"), "pids.max"));
      assertEquals(
          List.of(
              memory.resolve("imgstore-7/1/cgroup.procs").toString(),
              pids.resolve("imgstore-7/1/cgroup.procs").toString()),
          words.subList(words.size() - 2, words.size()));
    }
  }
}
