package dev.imgstore.builder.sandbox;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A program of this machine that is asked something: outside the sandbox, for what it knows of the
 * machine, and never for the work of a step. No shell is between; the environment is what the
 * caller says. Closing ends it. One thread at a time.
 */
public final class HostProgram implements Closeable {
  private static final int LONGEST_COMPLAINT = 2000;

  private final String name;
  private final Process process;

  /**
   * Starts a program.
   *
   * @param argv its name, looked for on the PATH of this process, and its arguments
   * @param environment all that it gets
   * @param directory where it runs
   * @throws IOException if there is no such program
   */
  public HostProgram(List<String> argv, Map<String, String> environment, File directory)
      throws IOException {
    this.name = argv.get(0);
    ProcessBuilder builder = new ProcessBuilder(argv).directory(directory);
    builder.environment().clear();
    builder.environment().putAll(environment);
    try {
      this.process = builder.start();
    } catch (IOException e) {
      throw new IOException(name + " cannot be started; is it installed?", e);
    }
  }

  /** What it writes. */
  public InputStream output() {
    return process.getInputStream();
  }

  /** What it reads. */
  public OutputStream input() {
    return process.getOutputStream();
  }

  /** What it complained of, once it has ended or will say no more on its output. */
  public String complaint() throws IOException {
    byte[] text = process.getErrorStream().readNBytes(LONGEST_COMPLAINT);
    String said = new String(text, StandardCharsets.UTF_8).strip();
    return said.isEmpty() ? name + " ended without a word" : said;
  }

  /**
   * Waits until it has ended; all that it reads must have been given, and what it writes be little
   * or read.
   *
   * @return how it ended; 0 is well
   * @throws IOException if it takes longer than this; then it is ended
   */
  public int end(Duration most) throws IOException, InterruptedException {
    process.getOutputStream().close();
    if (!process.waitFor(most.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
      throw new IOException(name + " did not end within " + most.toSeconds() + " s");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
