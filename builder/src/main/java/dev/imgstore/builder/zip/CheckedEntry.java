package dev.imgstore.builder.zip;

import dev.imgstore.builder.tar.HostileArchive;
import dev.imgstore.store.StoreException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;

/** The bytes of an entry; at their end they are what size and CRC-32 of its headers say. */
final class CheckedEntry extends FilterInputStream {
  private final ZipTree zip;
  private final ZipArchiveEntry entry;
  private final CRC32 crc = new CRC32();
  private long count;

  CheckedEntry(ZipTree zip, ZipArchiveEntry entry, InputStream in) {
    super(in);
    this.zip = zip;
    this.entry = entry;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    int got = got(target, offset, length);
    if (got > 0) {
      crc.update(target, offset, got);
      count += got;
      zip.count(entry, got, count);
    }
    if (got < 0 && count != entry.getSize()) {
      throw zip.fault(entry, "it ends after " + count + " of " + entry.getSize() + " bytes");
    }
    if (got < 0 && entry.getCrc() != crc.getValue()) {
      throw zip.fault(entry, "its content is not what its CRC-32 says");
    }
    return got;
  }

  private int got(byte[] target, int offset, int length) throws IOException {
    try {
      return in.read(target, offset, length);
    } catch (HostileArchive | StoreException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw zip.damage(entry, e);
    }
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
