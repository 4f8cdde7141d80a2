package dev.imgstore.cli;

import dev.imgstore.builder.source.oci.ImageBlobs;
import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.sync.Manifest;
import dev.imgstore.sync.Registry;
import dev.imgstore.sync.RegistryException;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/**
 * What a builder fetches of images, from one repository of a registry. For one thread.
 *
 * @param reference what the recipe names there
 */
record ImagesOfRegistry(Registry registry, String reference) implements ImageBlobs, Closeable {
  /** What the reference stands for now. */
  Digest digest() throws IOException {
    return manifest(reference).digest();
  }

  private Manifest manifest(String wanted) throws IOException {
    return registry
        .manifest(wanted)
        .orElseThrow(
            () ->
                new RegistryException(
                    RegistryException.Kind.UNKNOWN, registry.name() + " has no image " + wanted));
  }

  @Override
  public InputStream open(Digest blob) throws IOException {
    return document(blob);
  }

  @Override
  public InputStream document(Digest blob) throws IOException {
    return new ByteArrayInputStream(manifest(blob.toString()).bytes());
  }

  @Override
  public InputStream layer(Digest blob, long size) throws IOException {
    return registry.open(new Descriptor("application/octet-stream", blob, size));
  }

  @Override
  public void close() throws IOException {
    registry.close();
  }
}
