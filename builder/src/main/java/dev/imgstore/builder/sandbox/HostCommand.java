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

  /**
   * Waits for the end of its input, which comes when the process that started this is gone or wants
   * it so, and then kills the session; unless the command ended first.
   */
  private static final String WATCHED =
      """
      exec 3<&0 </dev/null
      { cat <&3; kill -KILL 0; } >/dev/null 2>&1 &
      watcher=$!
      exec 3<&-
      /bin/sh -c "$1"
      code=$?
      kill -KILL $watcher
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
    HostCommand started = start(command, environment, directory, heard);
    try {
      return started.await(most, nanos);
    } finally {
      started.end();
    }
  }

  private static HostCommand start(
      String command, Map<String, String> environment, File directory, OutputStream heard)
      throws IOException {
    List<String> argv = List.of("/bin/sh", "-c", WATCHED, "sh", command);
    List<String> session = new ArrayList<>(List.of("setsid"));
    session.addAll(argv);
    try {
      return new HostCommand(builder(session, environment, directory).start(), true, heard);
    } catch (IOException e) {
      // no setsid here, and so no session that could be killed: the descendants that are known
      List<String> plain = List.of("/bin/sh", "-c", command);
      return new HostCommand(builder(plain, environment, directory).start(), false, heard);
    }
  }

  private static ProcessBuilder builder(
      List<String> argv, Map<String, String> environment, File directory) {
    ProcessBuilder builder =
        new ProcessBuilder(argv).directory(directory).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder;
  }

  private Ended await(Duration most, LongSupplier nanos) throws IOException, InterruptedException {
    long begun = nanos.getAsLong();
    InputStream said = process.getInputStream();
    for (long millis = 2; !process.waitFor(millis, TimeUnit.MILLISECONDS); ) {
      hear(said);
      millis = Math.min(50, 2 * millis);
      if (nanos.getAsLong() - begun > most.toNanos()) {
        kill();
        hear(said);
        return new Ended(KILLED, true, output());
      }
    }
    hear(said);
    return new Ended(process.exitValue(), false, output());
  }

  /** What is there now; one that it left running may go on to write, and nobody waits for that. */
  private void hear(InputStream said) throws IOException {
    byte[] buffer = new byte[BUFFER];
    for (int there = said.available(); there > 0; there = said.available()) {
      int got = said.read(buffer, 0, Math.min(there, buffer.length));
      if (got < 0) {
        return;
      }
      heard.write(buffer, 0, got);
      tail.write(buffer, 0, got);
      if (tail.size() > 4 * TAIL) {
        byte[] all = tail.toByteArray();
        tail.reset();
        tail.write(all, all.length - TAIL, TAIL);
      }
    }
    heard.flush();
  }

  private String output() {
    byte[] all = tail.toByteArray();
    int from = Math.max(0, all.length - TAIL);
    return new String(all, from, all.length - from, StandardCharsets.UTF_8).strip();
  }

  private void kill() throws InterruptedException {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    close();
    if (!watched || !process.waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      process.waitFor();
    }
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
