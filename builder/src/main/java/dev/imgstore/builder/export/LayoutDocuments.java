package dev.imgstore.builder.export;

import dev.imgstore.builder.pack.ImageDocument;
import dev.imgstore.builder.pack.Json;
import dev.imgstore.builder.pack.MediaTypes;
import dev.imgstore.model.Descriptor;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** The two documents of an OCI layout (OCI image-spec 1.1, "Image Layout"). */
final class LayoutDocuments {
  static final String LAYOUT_FILE = "oci-layout";
  static final String INDEX_FILE = "index.json";
  static final String BLOBS = "blobs";
  static final String SHA256 = "sha256";

  /** An annotation of {@link #INDEX_FILE} by which a layout that we may replace is known. */
  static final String MARK = "dev.imgstore.export";

  private static final String REF_NAME = "org.opencontainers.image.ref.name";

  /** "Pre-Defined Annotation Keys", {@code ref.name}. */
  private static final Pattern REF =
      Pattern.compile(
          "[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*(?:/[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*)*");

  private LayoutDocuments() {}

  static byte[] layout() {
    return "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8);
  }

  /** An index that names the image once. */
  static byte[] index(ImageDocument image, String ref) {
    if (!ref.isEmpty() && !REF.matcher(ref).matches()) {
      throw new IllegalArgumentException(
          ref + " is no name for an image in an OCI layout; use one such as web or team/web:42");
    }
    Descriptor root = image.root();
    return Json.write(
        json -> {
          json.writeStartObject();
          json.writeNumberField("schemaVersion", 2);
          json.writeStringField("mediaType", MediaTypes.INDEX);
          json.writeArrayFieldStart("manifests");
          json.writeStartObject();
          json.writeStringField("mediaType", root.mediaType());
          json.writeStringField("digest", root.digest().toString());
          json.writeNumberField("size", root.size());
          if (!ref.isEmpty()) {
            json.writeObjectFieldStart("annotations");
            json.writeStringField(REF_NAME, ref);
            json.writeEndObject();
          }
          json.writeEndObject();
          json.writeEndArray();
          json.writeObjectFieldStart("annotations");
          json.writeStringField(MARK, "1");
          json.writeEndObject();
          json.writeEndObject();
        });
  }
}
