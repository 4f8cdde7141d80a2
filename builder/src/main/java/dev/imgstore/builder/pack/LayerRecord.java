package dev.imgstore.builder.pack;

import com.fasterxml.jackson.databind.JsonNode;
import dev.imgstore.model.Descriptor;
import dev.imgstore.model.DiffId;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Layer;
import java.util.Arrays;
import java.util.Objects;

/**
 * What packing a layer gave, kept as a small blob so that an unchanged layer is looked up.
 *
 * @param name the layer's, for the image's history
 */
public record LayerRecord(String name, Layer layer) {
  /** Most bytes of an encoded record that are read. */
  public static final int MAX_BYTES = 1 << 16;

  private static final int FORMAT = 1;

  /** Refuses null. */
  public LayerRecord {
    Objects.requireNonNull(name);
    Objects.requireNonNull(layer);
  }

  /** One record has one encoding: JSON, fixed keys, no white space. */
  public byte[] encode() {
    return Json.write(
        json -> {
          json.writeStartObject();
          json.writeNumberField("format", FORMAT);
          json.writeStringField("name", name);
          json.writeStringField("mediaType", layer.blob().mediaType());
          json.writeStringField("digest", layer.blob().digest().toString());
          json.writeNumberField("size", layer.blob().size());
          json.writeStringField("diffId", layer.diffId().toString());
          json.writeEndObject();
        });
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IllegalArgumentException if the bytes are no record in exactly that spelling
   */
  public static LayerRecord decode(byte[] bytes) {
    JsonNode json = Json.read(bytes);
    LayerRecord read =
        new LayerRecord(
            json.path("name").asText(),
            new Layer(
                new Descriptor(
                    json.path("mediaType").asText(),
                    Digest.parse(json.path("digest").asText()),
                    json.path("size").asLong(-1)),
                new DiffId(Digest.parse(json.path("diffId").asText()))));
    if (!Arrays.equals(read.encode(), bytes)) {
      throw new IllegalArgumentException("not a layer record of format " + FORMAT);
    }
    return read;
  }
}
