package dev.imgstore.builder.pack.deflate;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.ToLongFunction;
import java.util.zip.Deflater;

/**
 * Compresses one file in one thread, by us and by the JDK's levels 1 and 6 in turn, and prints MB/s
 * of CPU time and the ratio. Arguments: the file, and how many rounds.
 */
final class DeflateBench {
  private DeflateBench() {}

  public static void main(String[] args) throws IOException {
    byte[] input = Files.readAllBytes(Path.of(args[0]));
    for (int round = Integer.parseInt(args[1]); round > 0; round--) {
      measure(System.out, "ours", input, DeflateBench::ours);
      measure(System.out, "JDK level 1", input, bytes -> usual(bytes, 1));
      measure(System.out, "JDK level 6", input, bytes -> usual(bytes, 6));
    }
  }

  private static void measure(
      PrintStream out, String name, byte[] input, ToLongFunction<byte[]> compress) {
    long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    long size = compress.applyAsLong(input);
    long nanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
    double speed = input.length * 1e3 / nanos;
    double ratio = (double) input.length / size;
    out.printf(Locale.ROOT, "%-12s %6.1f MB/s  ratio %.3f  %d bytes%n", name, speed, ratio, size);
  }

  private static long ours(byte[] input) {
    long[] size = new long[1];
    OutputStream counter =
        new OutputStream() {
          @Override
          public void write(int value) {
            size[0]++;
          }

          @Override
          public void write(byte[] bytes, int offset, int count) {
            size[0] += count;
          }
        };
    try (ParallelGzip gzip = new ParallelGzip(counter, Runnable::run, 1)) {
      gzip.write(input);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return size[0];
  }

  private static long usual(byte[] input, int level) {
    Deflater deflater = new Deflater(level, true);
    byte[] out = new byte[1 << 18];
    deflater.setInput(input);
    deflater.finish();
    long size = 0;
    while (!deflater.finished()) {
      size += deflater.deflate(out);
    }
    deflater.end();
    return size;
  }
}
