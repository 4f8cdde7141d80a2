package dev.imgstore.store.disk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
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

/** Real processes on a real disk, killed with {@code kill -9} while they commit. */
final class ProcessesTest {
  private static final int PROCESSES = 8;
  private static final int KILLS = 8;
  private static final int PROMISES = 150;

  @TempDir Path home;
  private final BlockingQueue<String> promises = new LinkedBlockingQueue<>();
  private final List<Process> alive = new ArrayList<>();
  private final List<Thread> readers = new ArrayList<>();

  @Test
  @Timeout(180)
  void noPromisedGenerationIsLostWhoeverIsKilled() throws Exception {
    Random random = new Random(8);
    Map<Integer, String> promised = new TreeMap<>();
    try {
      for (int i = 0; i < PROCESSES; i++) {
        start("worker" + i);
      }
      for (int kills = 0; promised.size() < PROMISES || kills < KILLS; ) {
        keep(promised, promises.poll(60, TimeUnit.SECONDS));
        if (kills < KILLS && random.nextInt(15) == 0) {
          Process victim = alive.remove(random.nextInt(alive.size()));
          assertTrue(victim.isAlive(), "a worker ended by itself");
          victim.destroyForcibly();
          kills++;
          start("successor" + kills);
        }
      }
    } finally {
      alive.forEach(Process::destroyForcibly);
    }
    for (Thread reader : readers) {
      reader.join();
    }
    for (String left; (left = promises.poll()) != null; ) {
      keep(promised, left);
    }
    check(promised);
  }

  private static void keep(Map<Integer, String> promised, String promise) {
    int space = promise.indexOf(' ');
    Integer number = Integer.valueOf(promise.substring(0, space));
    String before = promised.put(number, promise.substring(space + 1));
    assertEquals(null, before, "number " + number + " was promised twice");
  }

  private void check(Map<Integer, String> promised) throws IOException {
    DiskFilesystem files = new DiskFilesystem(home);
    DiskJournal journal = new DiskJournal(files, notice -> {});
    DiskProfiles profiles = new DiskProfiles(files, journal, notice -> {});
    assertEquals(List.of(), journal.check());
    assertEquals(List.of(), profiles.check());
    Profile web = profiles.open("web").orElseThrow();
    for (Map.Entry<Integer, String> each : promised.entrySet()) {
      assertEquals(
          new Digest(each.getValue()), web.generation(each.getKey()).orElseThrow().image());
    }
    for (int i = 0; i < web.generations().size(); i++) {
      assertEquals(i + 1, web.generations().get(i).number());
      assertEquals(i, web.history().get(i).from());
    }
    int killedBeforeTheyCouldSay = web.generations().size() - promised.size();
    assertTrue(killedBeforeTheyCouldSay <= KILLS + PROCESSES, killedBeforeTheyCouldSay + " more");
  }

  private void start(String name) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                CommittingProcess.class.getName(),
                home.toString(),
                name)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    alive.add(process);
    Thread reader = new Thread(() -> read(process));
    reader.start();
    readers.add(reader);
  }

  /** A line that a kill cut short was not said. */
  private void read(Process process) {
    try (BufferedReader lines = process.inputReader(UTF_8)) {
      for (String line; (line = lines.readLine()) != null; ) {
        if (line.matches("[0-9]+ [0-9a-f]{64}")) {
          promises.add(line);
        }
      }
    } catch (IOException e) {
      // the stream of a process that was killed
    }
  }
}
