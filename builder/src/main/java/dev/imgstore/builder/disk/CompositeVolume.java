package dev.imgstore.builder.disk;

import java.io.IOException;
import java.util.List;

/** A volume of volumes, each at its place; zero between them. */
public final class CompositeVolume implements Volume {
  private final long size;
  private final List<Part> parts;

  private CompositeVolume(long size, List<Part> parts) {
    this.size = size;
    this.parts = parts;
  }

  /** A volume and the offset of its first byte in the whole. */
  public record Part(long offset, Volume content) {
    long end() {
      return Math.addExact(offset, content.size());
    }
  }

  /**
   * The whole.
   *
   * @param parts in ascending order
   * @throws IllegalArgumentException if parts overlap, are out of order, or reach over the end
   */
  public static CompositeVolume of(long size, List<Part> parts) {
    long end = 0;
    for (Part part : parts) {
      if (part.offset() < end) {
        throw new IllegalArgumentException(
            "a part at " + part.offset() + " begins before the one before it ends, at " + end);
      }
      end = part.end();
    }
    if (end > size) {
      throw new IllegalArgumentException("parts end at " + end + " of a volume of " + size);
    }
    return new CompositeVolume(size, List.copyOf(parts));
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void writeTo(VolumeSink sink) throws IOException {
    for (Part part : parts) {
      part.content().writeTo(new Shifted(part, sink));
    }
  }

  /** Keeps a part within its bounds and in order, so that a fault in one cannot damage others. */
  private static final class Shifted implements VolumeSink {
    private final Part part;
    private final VolumeSink sink;
    private long next;

    Shifted(Part part, VolumeSink sink) {
      this.part = part;
      this.sink = sink;
    }

    @Override
    public void write(long offset, byte[] bytes, int from, int length) throws IOException {
      if (offset < next || length > part.content().size() - offset) {
        throw new IllegalStateException(
            "a volume of " + part.content().size() + " bytes wrote " + length + " at " + offset);
      }
      next = offset + length;
      sink.write(part.offset() + offset, bytes, from, length);
    }
  }
}
