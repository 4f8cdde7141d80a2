package dev.imgstore.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class JsonTreeTest {
  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void readsWhatTheObjectMapperReads() throws Exception {
    ObjectMapper mapper = new ObjectMapper();
    for (String text :
        List.of(
            "{}",
            "[]",
            " [1, -2, 3000000000, 123456789012345678901234567890, true, false, null] ",
            "{\"a\": {\"b\": [{\"c\": \"d\\u00e4\\n\"}, [], \"\"]}, \"e\": 0}",
            "\"x\"")) {
      assertEquals(mapper.readTree(utf8(text)), JsonTree.read(utf8(text)), text);
    }
  }

  @Test
  void refusesWhatIsNotOneDocument() {
    for (String text :
        List.of("", " ", "{", "[1,", "{\"a\"}", "{} {}", "[] x", "nul", "{\"a\":1,}", "]")) {
      assertThrows(JsonProcessingException.class, () -> JsonTree.read(utf8(text)), text);
    }
  }

  @Test
  void refusesWhatIsNestedWithoutEnd() {
    assertThrows(JsonProcessingException.class, () -> JsonTree.read(utf8("[".repeat(100_000))));
  }

  @Test
  void writesWhatJacksonWrites() throws JsonProcessingException {
    String text =
        """
        {"a": [1, -2, 9007199254740993, true, false, null, {}, []], "é \\u2028 \\u0001 \\" /": "\\n\\ud83d\\ude00"}
        """;
    JsonNode node = JsonTree.read(text.getBytes(StandardCharsets.UTF_8));
    assertEquals(node.toString(), JsonTree.text(node));
  }
}
