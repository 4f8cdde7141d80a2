package dev.imgstore.builder.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Archives that would fill the memory are refused by a process that has 64 MiB of it. */
final class BombsTest {
  private static final Map<String, String> EXPECTED = new LinkedHashMap<>();

  static {
    EXPECTED.put("gzip", "times its size");
    EXPECTED.put("xz", "times its size");
    EXPECTED.put("zstd", "times its size");
    EXPECTED.put("bzip2", "times its size");
    EXPECTED.put("xz-dictionary", "of memory would be needed");
    EXPECTED.put("xz-large-dictionary", "of memory would be needed");
    EXPECTED.put("gzip-name", "ends too early");
    EXPECTED.put("tar-entries", "more entries than there is memory for");
    EXPECTED.put("tar-directories", "more entries than there is memory for");
    EXPECTED.put("tar-attributes", "more entries than there is memory for");
    EXPECTED.put("tar-headers", "read");
    EXPECTED.put("tar-long-path", "more entries than there is memory for");
    EXPECTED.put("zip-entries", "its directory is larger than");
    EXPECTED.put("zip-bomb", "times its size");
  }

  @Test
  @Timeout(240)
  void littleMemoryIsEnoughToRefuseThem() throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-Xss4m",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            Bombs.class.getName());
    Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    List<String> said = process.inputReader(UTF_8).lines().toList();
    assertEquals(0, process.waitFor(), said::toString);
    assertEquals(EXPECTED.size(), said.size(), said::toString);
    int at = 0;
    for (Map.Entry<String, String> each : EXPECTED.entrySet()) {
      String line = said.get(at++);
      assertTrue(line.startsWith(each.getKey() + ": "), line);
      assertTrue(line.contains(each.getValue()), line);
    }
  }
}
