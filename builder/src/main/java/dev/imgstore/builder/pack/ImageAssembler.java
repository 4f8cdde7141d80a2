package dev.imgstore.builder.pack;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.imgstore.builder.recipe.RunConfig;
import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Image;
import dev.imgstore.model.Platform;
import dev.imgstore.store.BlobStore;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes an image's configuration and manifest, and the index of several platforms (OCI image-spec
 * 1.1, "Image Configuration", "Image Manifest", "Image Index"). A function of its arguments: the
 * same ones give the same bytes, and no time comes from a clock.
 */
public final class ImageAssembler {
  private static final String CREATED = "org.opencontainers.image.created";
  private static final String TITLE = "org.opencontainers.image.title";

  /**
   * What an image is made of.
   *
   * @param created shown in the configuration and annotations, to the second
   * @param layers in the order they are applied, already stored
   * @param title the image's name for people
   * @param annotations more of the manifest; they win over the created and title written here
   */
  public record Request(
      Platform platform,
      RunConfig run,
      Instant created,
      List<LayerRecord> layers,
      String title,
      SortedMap<String, String> annotations) {
    /** Copies in; cuts the time to seconds. */
    public Request {
      Objects.requireNonNull(platform);
      Objects.requireNonNull(run);
      created = created.truncatedTo(ChronoUnit.SECONDS);
      layers = List.copyOf(layers);
      Objects.requireNonNull(title);
      annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
    }
  }

  private ImageAssembler() {}

  /** Stores configuration and manifest; durable when the caller flushes. */
  public static Image assemble(Request request, BlobStore blobs) throws IOException {
    Descriptor config = put(MediaTypes.CONFIG, config(request), blobs);
    Descriptor manifest = put(MediaTypes.MANIFEST, manifest(request, config), blobs);
    return new Image(manifest, config, request.layers().stream().map(LayerRecord::layer).toList());
  }

  /**
   * Stores the index of these images, in order of their platforms.
   *
   * @param annotations of the index, beside created and title
   */
  public static Descriptor index(
      SortedMap<Platform, Image> images,
      Instant created,
      String title,
      SortedMap<String, String> annotations,
      BlobStore blobs)
      throws IOException {
    byte[] bytes =
        Json.write(
            json -> {
              json.writeStartObject();
              json.writeNumberField("schemaVersion", 2);
              json.writeStringField("mediaType", MediaTypes.INDEX);
              json.writeArrayFieldStart("manifests");
              for (Map.Entry<Platform, Image> image : images.entrySet()) {
                json.writeStartObject();
                descriptor(json, image.getValue().manifest());
                json.writeObjectFieldStart("platform");
                platform(json, image.getKey());
                json.writeEndObject();
                json.writeEndObject();
              }
              json.writeEndArray();
              annotations(json, created.truncatedTo(ChronoUnit.SECONDS), title, annotations);
              json.writeEndObject();
            });
    return put(MediaTypes.INDEX, bytes, blobs);
  }

  private static Descriptor put(String mediaType, byte[] bytes, BlobStore blobs)
      throws IOException {
    Digest digest = blobs.putMetadata(bytes);
    return new Descriptor(mediaType, digest, bytes.length);
  }

  private static byte[] manifest(Request request, Descriptor config) {
    return Json.write(
        json -> {
          json.writeStartObject();
          json.writeNumberField("schemaVersion", 2);
          json.writeStringField("mediaType", MediaTypes.MANIFEST);
          json.writeObjectFieldStart("config");
          descriptor(json, config);
          json.writeEndObject();
          json.writeArrayFieldStart("layers");
          for (LayerRecord layer : request.layers()) {
            json.writeStartObject();
            descriptor(json, layer.layer().blob());
            json.writeEndObject();
          }
          json.writeEndArray();
          annotations(json, request.created(), request.title(), request.annotations());
          json.writeEndObject();
        });
  }

  private static void descriptor(JsonGenerator json, Descriptor descriptor) throws IOException {
    json.writeStringField("mediaType", descriptor.mediaType());
    json.writeStringField("digest", descriptor.digest().toString());
    json.writeNumberField("size", descriptor.size());
  }

  private static void platform(JsonGenerator json, Platform platform) throws IOException {
    json.writeStringField("architecture", platform.architecture());
    json.writeStringField("os", platform.os());
    text(json, "variant", platform.variant());
  }

  private static void annotations(
      JsonGenerator json, Instant created, String title, SortedMap<String, String> more)
      throws IOException {
    SortedMap<String, String> all = new TreeMap<>();
    all.put(CREATED, created.toString());
    all.put(TITLE, title);
    all.putAll(more);
    map(json, "annotations", all);
  }

  private static byte[] config(Request request) {
    return Json.write(
        json -> {
          json.writeStartObject();
          json.writeStringField("created", request.created().toString());
          platform(json, request.platform());
          json.writeObjectFieldStart("config");
          run(json, request.run());
          json.writeEndObject();
          json.writeObjectFieldStart("rootfs");
          json.writeStringField("type", "layers");
          json.writeArrayFieldStart("diff_ids");
          for (LayerRecord layer : request.layers()) {
            json.writeString(layer.layer().diffId().toString());
          }
          json.writeEndArray();
          json.writeEndObject();
          history(json, request);
          json.writeEndObject();
        });
  }

  private static void history(JsonGenerator json, Request request) throws IOException {
    json.writeArrayFieldStart("history");
    for (LayerRecord layer : request.layers()) {
      json.writeStartObject();
      json.writeStringField("created", request.created().toString());
      json.writeStringField("created_by", "imgstore");
      json.writeStringField("comment", layer.name());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void run(JsonGenerator json, RunConfig run) throws IOException {
    text(json, "User", run.user());
    set(json, "ExposedPorts", run.ports());
    list(
        json,
        "Env",
        run.env().entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList());
    list(json, "Entrypoint", run.entrypoint());
    list(json, "Cmd", run.cmd());
    set(json, "Volumes", run.volumes());
    text(json, "WorkingDir", run.workdir());
    map(json, "Labels", run.labels());
    text(json, "StopSignal", run.stopSignal());
    RunConfig.Healthcheck health = run.healthcheck();
    if (!health.equals(RunConfig.Healthcheck.NONE)) {
      json.writeObjectFieldStart("Healthcheck");
      list(json, "Test", health.test());
      number(json, "Interval", health.intervalNanos());
      number(json, "Timeout", health.timeoutNanos());
      number(json, "StartPeriod", health.startPeriodNanos());
      number(json, "Retries", health.retries());
      json.writeEndObject();
    }
  }

  private static void text(JsonGenerator json, String key, String value) throws IOException {
    if (!value.isEmpty()) {
      json.writeStringField(key, value);
    }
  }

  private static void number(JsonGenerator json, String key, long value) throws IOException {
    if (value != 0) {
      json.writeNumberField(key, value);
    }
  }

  private static void list(JsonGenerator json, String key, List<String> values) throws IOException {
    if (values.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart(key);
    for (String value : values) {
      json.writeString(value);
    }
    json.writeEndArray();
  }

  /** A set in the way of the specification: an object whose values are empty objects. */
  private static void set(JsonGenerator json, String key, List<String> values) throws IOException {
    if (values.isEmpty()) {
      return;
    }
    json.writeObjectFieldStart(key);
    for (String value : values) {
      json.writeObjectFieldStart(value);
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private static void map(JsonGenerator json, String key, SortedMap<String, String> values)
      throws IOException {
    if (values.isEmpty()) {
      return;
    }
    json.writeObjectFieldStart(key);
    for (Map.Entry<String, String> value : values.entrySet()) {
      json.writeStringField(value.getKey(), value.getValue());
    }
    json.writeEndObject();
  }
}
