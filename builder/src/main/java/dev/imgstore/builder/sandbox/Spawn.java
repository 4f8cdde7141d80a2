package dev.imgstore.builder.sandbox;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Processes of the host, started with nothing of our environment, and what they say. */
final class Spawn {
  static final int MAX_COMPLAINT = 16 << 10;

  private Spawn() {}

  static Process start(List<String> command) throws IOException {
    return builder(command).start();
  }

  static ProcessBuilder builder(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(new File("/"));
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    environment.put("LC_ALL", "C");
    environment.put("TZ", "UTC");
    return builder;
  }

  static String complaint(Process process) throws IOException {
    String out = text(process.getInputStream(), MAX_COMPLAINT);
    return (out + text(process.getErrorStream(), MAX_COMPLAINT)).strip();
  }

  /** All of a stream is read, so that nobody blocks; the first {@code most} bytes are kept. */
  static String text(InputStream stream, int most) throws IOException {
    ByteArrayOutputStream kept = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
      kept.write(buffer, 0, Math.min(n, most - kept.size()));
    }
    return kept.toString(StandardCharsets.UTF_8);
  }

  static <T> FutureTask<T> later(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread thread = new Thread(task, "sandbox-output");
    thread.setDaemon(true);
    thread.start();
    return task;
  }

  static <T> T got(FutureTask<T> task) throws IOException, InterruptedException {
    try {
      return task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /**
   * Kills a process; what it printed before can still be read. {@link Process#destroyForcibly}
   * closes the streams under their readers.
   */
  static void kill(Process process) {
    process.toHandle().destroyForcibly();
  }
}
