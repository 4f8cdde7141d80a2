package dev.imgstore.sync.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is remembered of a manifest is what is counted, and no more. */
final class DocumentTest {
  private static final byte[] CONFIG = "{}".getBytes(UTF_8);

  private static byte[] with(String annotations) {
    return Shop.manifest(
        Shop.descriptor(Shop.CONFIG, CONFIG), "", ",\"annotations\":" + annotations);
  }

  @Test
  void onlyAnnotationsThatAreTextAreRemembered() {
    byte[] mixed = with("{\"a\":\"text\",\"b\":[[],[],[]],\"c\":1,\"d\":null,\"e\":{\"f\":\"g\"}}");
    assertEquals(Map.of("a", "text"), Document.parse(mixed).annotations());
    assertEquals(Map.of(), Document.parse(with("[1,2]")).annotations());
    assertEquals(Map.of("a", "text"), Document.parsePushed(with("{\"a\":\"text\"}")).annotations());
    assertEquals(Map.of(), Document.parsePushed(with("null")).annotations());
  }

  @Test
  void aPushOfAnnotationsThatAreNoTextIsRefused() {
    for (String each : List.of("[]", "\"a\"", "{\"a\":1}", "{\"a\":[]}", "{\"a\":null}")) {
      assertThrows(IllegalArgumentException.class, () -> Document.parsePushed(with(each)), each);
    }
  }

  /** Short annotations take far more room than their text has bytes. */
  @Test
  void manySmallThingsWeighMoreThanTheirText() {
    StringBuilder many = new StringBuilder("{\"a\":\"\"");
    for (int i = 0; i < 1000; i++) {
      many.append(",\"").append(i).append("\":\"\"");
    }
    byte[] bytes = with(many + "}");
    assertTrue(Document.parse(bytes).weight() > 100_000 + bytes.length);
  }
}
