package dev.imgstore.builder.disk.container;

import dev.imgstore.builder.disk.Volume;
import dev.imgstore.model.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.concurrent.Executor;

/**
 * An OVF package as one tar (DMTF DSP0243 1.1, clause 5.3): descriptor, manifest, disk, in this
 * order. The disk is written first, and the descriptor, which says its size, into the room left for
 * it.
 */
final class OvaContainer implements Container {
  private static final long WIDEST = Long.MAX_VALUE;

  private final Digest seed;
  private final Machine machine;
  private final Executor pool;

  OvaContainer(Digest seed, Machine machine, Executor pool) {
    this.seed = seed;
    this.machine = machine;
    this.pool = pool;
  }

  @Override
  public long write(Volume disk, ContainerSink out) throws IOException {
    String descriptorName = machine.name() + ".ovf";
    String diskName = machine.name() + "-disk1.vmdk";
    int room = ovf(diskName, WIDEST, disk.size()).length;
    TarFile tar = new TarFile(out);
    long descriptorAt = tar.reserve(room);
    byte[] nothing = new byte[Digest.BYTES];
    byte[] noManifest = manifest(descriptorName, nothing, diskName, nothing);
    long manifestAt = tar.reserve(noManifest.length);
    MessageDigest hash = Digest.sha256();
    long size = tar.add(diskName, sink -> writeDisk(disk, sink, hash));
    byte[] descriptor = filled(ovf(diskName, size, disk.size()), room);
    byte[] descriptorHash = Digest.sha256().digest(descriptor);
    tar.put(descriptorAt, descriptorName, descriptor);
    tar.put(
        manifestAt,
        machine.name() + ".mf",
        manifest(descriptorName, descriptorHash, diskName, hash.digest()));
    return tar.end();
  }

  /** The document and line ends behind it, which XML allows. */
  static byte[] filled(byte[] document, int room) {
    byte[] filled = Arrays.copyOf(document, room);
    Arrays.fill(filled, document.length, room, (byte) '\n');
    return filled;
  }

  private byte[] ovf(String diskName, long size, long capacity) {
    return OvfDescriptor.of(seed, machine, diskName, size, capacity);
  }

  /**
   * A stream-optimized VMDK is written in order and without gaps, so its hash is made on the way.
   */
  private long writeDisk(Volume disk, ContainerSink sink, MessageDigest hash) throws IOException {
    long[] next = {0};
    return new VmdkContainer(seed, pool)
        .write(
            disk,
            (offset, bytes, from, length) -> {
              if (offset != next[0]) {
                throw new IllegalStateException("a stream that goes back to " + offset);
              }
              next[0] += length;
              hash.update(bytes, from, length);
              sink.write(offset, bytes, from, length);
            });
  }

  /** DSP0243 1.1, clause 5.1: one line for each file. */
  private static byte[] manifest(String descriptor, byte[] its, String disk, byte[] that) {
    String text =
        "SHA256("
            + descriptor
            + ")= "
            + Digest.fromRaw(its).hex()
            + "\n"
            + ("SHA256(" + disk + ")= " + Digest.fromRaw(that).hex() + "\n");
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
