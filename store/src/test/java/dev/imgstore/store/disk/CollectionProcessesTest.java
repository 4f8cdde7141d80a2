package dev.imgstore.store.disk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real processes on a real disk: some build, some collect, and some are killed. */
final class CollectionProcessesTest {
  private static final int BUILDERS = 4;
  private static final int COLLECTORS = 2;
  private static final int KILLS = 8;
  private static final int BUILDS = 120;
  private static final int COLLECTIONS = 12;

  @TempDir Path home;
  private final BlockingQueue<String> said = new LinkedBlockingQueue<>();
  private final Map<Process, String> alive = new java.util.HashMap<>();
  private final List<Thread> readers = new ArrayList<>();
  private final Map<String, Integer> promised = new TreeMap<>();
  private int builds;
  private int collections;
  private int segments;

  @Test
  @Timeout(300)
  void buildsAndCollectionsAtOnceLoseNothingWhoeverIsKilled() throws Exception {
    Random random = new Random(3);
    try {
      for (int i = 0; i < BUILDERS; i++) {
        start("build", "builder" + i);
      }
      for (int i = 0; i < COLLECTORS; i++) {
        start("collect", "collector" + i);
      }
      for (int kills = 0; builds < BUILDS || collections < COLLECTIONS || kills < KILLS; ) {
        hear(said.poll(100, TimeUnit.SECONDS));
        for (Process each : alive.keySet()) {
          assertTrue(each.isAlive(), alive.get(each) + " ended by itself");
        }
        if (kills < KILLS && random.nextInt(15) == 0) {
          List<Process> all = new ArrayList<>(alive.keySet());
          Process victim = all.get(random.nextInt(all.size()));
          String work = String.valueOf(alive.remove(victim));
          victim.destroyForcibly();
          kills++;
          start(work, work + "Successor" + kills);
        }
      }
    } finally {
      alive.keySet().forEach(Process::destroyForcibly);
    }
    for (Thread reader : readers) {
      reader.join();
    }
    for (String left; (left = said.poll()) != null; ) {
      hear(left);
    }
    check();
  }

  private void hear(String line) {
    String[] words = line.split(" ", -1);
    if (words[0].equals("made")) {
      builds++;
      promised.merge(words[1], Integer.valueOf(words[2]), Math::max);
    } else {
      int went = Integer.parseInt(words[2]);
      collections += went > 0 ? 1 : 0; // of an empty store there are any number
      segments += went;
    }
  }

  private void check() throws IOException {
    assertTrue(segments >= COLLECTIONS, segments + " segments went");
    try (DiskStore store = DiskStore.open(home, notice -> {})) {
      assertEquals(List.of(), store.check().findings());
      for (Map.Entry<String, Integer> each : promised.entrySet()) {
        Profile profile = store.profiles().open(each.getKey()).orElseThrow();
        Generation current = profile.currentGeneration().orElseThrow();
        assertTrue(current.number() >= each.getValue(), each + " is lost");
      }
    }
  }

  private void start(String work, String name) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                WorkingProcess.class.getName(),
                home.toString(),
                work,
                name)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    alive.put(process, work);
    Thread reader = new Thread(() -> read(process));
    reader.start();
    readers.add(reader);
  }

  /** A line that a kill cut short was not said. */
  private void read(Process process) {
    try (BufferedReader lines = process.inputReader(UTF_8)) {
      for (String line; (line = lines.readLine()) != null; ) {
        if (line.matches("made [A-Za-z0-9]+ [0-9]+|collected [0-9]+ [0-9]+")) {
          said.add(line);
        }
      }
    } catch (IOException e) {
      // the stream of a process that was killed
    }
  }
}
