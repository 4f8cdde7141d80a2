package dev.imgstore.builder.sandbox;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A command line of the person whose machine this is: what makes an image work here, or says that
 * it does. Runs through {@code /bin/sh}, outside the sandbox, in a session of its own. When its
 * time is over, or this process ends in whatever way, all that it started in that session is
 * killed; what it left running when it ended well goes on.
 */
public final class HostCommand {
  private static final int TAIL = 2000;
  private static final int BUFFER = 8192;
  private static final int KILLED = 137;
  private static final long PATIENCE_MILLIS = 2000;

  /** How much is read before the clock is looked at again: more than a pipe holds. */
  private static final int MOST_READS = 64;

  /**
   * Waits for the end of its input, which comes when the process that started this is gone or wants
   * it so, and then kills the session; unless the command ended first. What has a process group of
   * its own is in the session all the same. The shell that waits for the command goes last: when it
   * is gone, all is.
   */
  private static final String WATCHED =
      """
      exec 3<&0 </dev/null
      {
        while read -r line <&3; do :; done
        kill -STOP $$
        turn=0
        while [ -r /proc/self/stat ] && [ $turn -lt 200 ]; do
          read -r me rest </proc/self/stat
          left=
          for each in /proc/[0-9]*/stat; do
            read -r line <"$each" || continue
            set -- ${line##*) }
            [ "$4" = $$ ] && [ "$1" != Z ] && [ "$1" != X ] || continue
            pid=${each#/proc/}
            pid=${pid%/stat}
            [ "$pid" = $$ ] || [ "$pid" = "$me" ] || { kill -KILL "$pid"; left=1; }
          done
          [ -n "$left" ] || break
          turn=$((turn + 1))
        done
        [ -r /proc/self/stat ] || pkill -KILL -s $$
        kill -KILL 0
      } >/dev/null 2>&1 &
      watcher=$!
      exec 3<&-
      /bin/sh -c "$1"
      code=$?
      kill -KILL $watcher 2>/dev/null
      exit $code
      """;

  /**
   * How it ended.
   *
   * @param code its exit status; 137 if it was killed
   * @param late whether it was killed because its time was over
   * @param output the end of what it said
   */
  public record Ended(int code, boolean late, String output) {
    /** Whether it says that all is well. */
    public boolean isWell() {
      return code == 0 && !late;
    }
  }

  private final Process process;
  private final boolean watched;
  private final OutputStream heard;
  private final ByteArrayOutputStream tail = new ByteArrayOutputStream();

  private HostCommand(Process process, boolean watched, OutputStream heard) {
    this.process = process;
    this.watched = watched;
    this.heard = heard;
  }

  /**
   * Runs a command to its end.
   *
   * @param environment all that it gets
   * @param directory where it runs
   * @param most how long it may take
   * @param heard gets what it says, as it says it
   * @param nanos a clock that only goes forward
   * @throws InterruptedException if this thread was interrupted; the command was killed
   */
  public static Ended run(
      String command,
      Map<String, String> environment,
      File directory,
      Duration most,
      OutputStream heard,
      LongSupplier nanos)
      throws IOException, InterruptedException {
    return run("setsid", new Line(command, environment, directory), most, heard, nanos);
  }

  /** A command, all that it gets, and where it runs. */
  record Line(String command, Map<String, String> environment, File directory) {}

  /** The same with another program in the place of {@code setsid}. */
  static Ended run(String setsid, Line line, Duration most, OutputStream heard, LongSupplier nanos)
      throws IOException, InterruptedException {
    HostCommand started = start(setsid, line, heard);
    try {
      return started.await(most, nanos);
    } finally {
      started.end();
    }
  }

  private static HostCommand start(String setsid, Line line, OutputStream heard)
      throws IOException {
    List<String> argv = List.of("/bin/sh", "-c", WATCHED, "sh", line.command());
    List<String> session = new ArrayList<>(List.of(setsid));
    session.addAll(argv);
    try {
      return new HostCommand(builder(session, line).start(), true, heard);
    } catch (IOException e) {
      // no setsid here, and so no session that could be killed: the descendants that are known
      List<String> plain = List.of("/bin/sh", "-c", line.command());
      return new HostCommand(builder(plain, line).start(), false, heard);
    }
  }

  private static ProcessBuilder builder(List<String> argv, Line line) {
    ProcessBuilder builder =
        new ProcessBuilder(argv).directory(line.directory()).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(line.environment());
    return builder;
  }

  private Ended await(Duration most, LongSupplier nanos) throws IOException, InterruptedException {
    long begun = nanos.getAsLong();
    InputStream said = process.getInputStream();
    for (long millis = 2; !process.waitFor(millis, TimeUnit.MILLISECONDS); ) {
      millis = hear(said) ? 1 : Math.min(50, 2 * millis);
      if (nanos.getAsLong() - begun > most.toNanos()) {
        kill();
        return new Ended(KILLED, true, output());
      }
    }
    hear(said);
    return new Ended(process.exitValue(), false, output());
  }

  /**
   * What is there now, or much of it; one that it left running may go on to write, and nobody waits
   * for that.
   *
   * @return whether there may be more
   */
  private boolean hear(InputStream said) throws IOException {
    byte[] buffer = new byte[BUFFER];
    int reads = 0;
    for (int there = said.available(); there > 0 && reads < MOST_READS; there = said.available()) {
      int got = said.read(buffer, 0, Math.min(there, buffer.length));
      if (got < 0) {
        return false;
      }
      reads++;
      heard.write(buffer, 0, got);
      tail.write(buffer, 0, got);
      if (tail.size() > 4 * TAIL) {
        byte[] all = tail.toByteArray();
        tail.reset();
        tail.write(all, all.length - TAIL, TAIL);
      }
    }
    heard.flush();
    return reads == MOST_READS;
  }

  private String output() {
    byte[] all = tail.toByteArray();
    int from = Math.max(0, all.length - TAIL);
    return new String(all, from, all.length - from, StandardCharsets.UTF_8).strip();
  }

  /** Ends it and what it started, and hears its last words: who cannot write cannot end either. */
  private void kill() throws InterruptedException {
    close();
    if (watched && isGone(PATIENCE_MILLIS)) {
      return;
    }
    List<ProcessHandle> all = new ArrayList<>(List.of(process.toHandle()));
    process.descendants().forEach(all::add);
    // not by Process, which would close the pipe with its last words in it
    all.forEach(ProcessHandle::destroyForcibly);
    while (!isGone(PATIENCE_MILLIS)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
    }
  }

  private boolean isGone(long millis) throws InterruptedException {
    boolean gone = false;
    for (long turn = 0; turn < millis && !gone; turn += 10) {
      gone = process.waitFor(10, TimeUnit.MILLISECONDS);
      try {
        hear(process.getInputStream());
      } catch (IOException e) {
        // the end of what it said
      }
    }
    return gone;
  }

  /** The end of its input is what the watcher waits for. */
  private void close() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // nobody reads it any more
    }
  }

  private void end() throws InterruptedException {
    if (process.isAlive()) {
      kill();
    }
    close();
  }
}
