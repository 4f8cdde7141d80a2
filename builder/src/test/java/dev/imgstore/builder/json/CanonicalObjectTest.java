package dev.imgstore.builder.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class CanonicalObjectTest {
  @Test
  void fieldsStayInTheOrderTheyWereAdded() {
    CanonicalObject object =
        new CanonicalObject()
            .text("z", "1")
            .number("a", -5)
            .flag("b", true)
            .texts("list", List.of("x", "y"))
            .map("map", new TreeMap<>(Map.of("k", "v")))
            .objects("objects", List.of(new CanonicalObject(), new CanonicalObject().text("i", "")))
            .object("object", new CanonicalObject().number("n", 0));
    assertEquals(
        "{\"z\": \"1\", \"a\": -5, \"b\": true, \"list\": [\"x\", \"y\"], \"map\": {\"k\": \"v\"},"
            + " \"objects\": [{}, {\"i\": \"\"}], \"object\": {\"n\": 0}}",
        object.toString());
  }

  @Test
  void escapesAreFewAndFixed() {
    assertEquals(
        "\"\\\"\\\\\\n\\r\\t\\u0000\\u001f\\u007f\\u0085\\u2028\\ufeff/é漢\"",
        CanonicalObject.quote("\"\\\n\r\t\0\u001f\u007f\u0085\u2028\ufeff/é漢"));
    assertEquals("\"\\ud83d\"", CanonicalObject.quote("\ud83d"));
    assertEquals("\"😀\"", CanonicalObject.quote("😀"));
  }

  @Property(tries = 500)
  void anyTextIsReadBackByAnotherReader(@ForAll String text) throws IOException {
    assertEquals(text, new ObjectMapper().readValue(CanonicalObject.quote(text), String.class));
    assertTrue(CanonicalObject.quote(text).lines().count() == 1);
  }
}
