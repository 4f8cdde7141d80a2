package dev.imgstore.builder.pack;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/**
 * JSON as this room writes it: UTF-8, keys in the order they are written, no white space, no escape
 * that is not needed. The same calls give the same bytes for ever.
 */
public final class Json {
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final JsonMapper READER =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private Json() {}

  /** Writes one document. */
  @FunctionalInterface
  public interface Writer {
    /** Calls the generator, which is closed afterwards. */
    void write(JsonGenerator json) throws IOException;
  }

  /** The bytes of one document. */
  public static byte[] write(Writer document) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = FACTORY.createGenerator(out)) {
      document.write(json);
    } catch (IOException e) {
      throw new IllegalArgumentException("not to be said in JSON: " + e.getMessage(), e);
    }
    return out.toByteArray();
  }

  /**
   * Reads one object.
   *
   * @throws IllegalArgumentException if the bytes are anything else
   */
  public static JsonNode read(byte[] bytes) {
    JsonNode json;
    try {
      json = READER.readTree(bytes);
    } catch (IOException e) {
      throw new IllegalArgumentException("not a JSON object: " + e.getMessage(), e);
    }
    if (json == null || !json.isObject()) {
      throw new IllegalArgumentException("not a JSON object");
    }
    return json;
  }
}
