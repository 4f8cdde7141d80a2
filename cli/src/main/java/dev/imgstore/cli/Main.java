package dev.imgstore.cli;

import dev.imgstore.builder.export.Unfinished;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/** Where the process starts and ends. */
public final class Main {
  private Main() {}

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] args) {
    PrintStream out = stream(FileDescriptor.out);
    PrintStream err = stream(FileDescriptor.err);
    Context context =
        new Context(
            System.in,
            out,
            err,
            System.getenv(),
            Clock.systemUTC(),
            Path.of("").toAbsolutePath(),
            System.getProperty("user.name", "unknown"),
            Who.host(System.getenv()),
            Boolean.getBoolean("imgstore.terminal"));
    Runtime.getRuntime().addShutdownHook(new Interrupted());
    int code = Imgstore.run(List.of(args), context);
    if (out.checkError() && code == ExitCode.DONE.number()) {
      err.println("imgstore: standard output could not be written to its end");
      code = ExitCode.FAILED.number();
    }
    err.flush();
    // Not System.exit: pools may have idle threads, and nothing is left to run after this.
    Runtime.getRuntime().halt(code);
  }

  /** What a signal leaves time for. */
  private static final class Interrupted extends Thread {
    @Override
    public void run() {
      Unfinished.removeAll();
    }
  }

  /**
   * Runs one command in this process.
   *
   * @return the exit code
   */
  public static int run(
      List<String> args,
      InputStream in,
      PrintStream out,
      PrintStream err,
      Map<String, String> environment,
      Clock clock,
      Path workingDirectory) {
    return Imgstore.run(
        args, new Context(in, out, err, environment, clock, workingDirectory, "tester", "", false));
  }

  /** Buffered and in UTF-8, whatever the locale says. */
  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(
        new java.io.BufferedOutputStream(new FileOutputStream(descriptor), 8192),
        descriptor == FileDescriptor.err,
        StandardCharsets.UTF_8);
  }
}
