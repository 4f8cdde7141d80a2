package dev.imgstore.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Package files made for a test, good ones and others. */
final class Deb {
  private Deb() {}

  /** A package of this control file and these files. */
  static byte[] of(String control, byte[] data) throws IOException {
    byte[] controlTar = new Tar().file("./control", control).end();
    return ar(
        member("debian-binary", "2.0\n".getBytes(US_ASCII)),
        member("control.tar.zst", Zstd.compress(controlTar)),
        member("data.tar.zst", Zstd.compress(data)));
  }

  static byte[] ar(byte[]... members) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("!<arch>\n".getBytes(US_ASCII));
    for (byte[] member : members) {
      out.writeBytes(member);
    }
    return out.toByteArray();
  }

  static byte[] member(String name, byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    String head = "%-16s%-12d%-6d%-6d%-8s%-10d`\n".formatted(name, 0, 0, 0, "100644", bytes.length);
    out.writeBytes(head.getBytes(US_ASCII));
    out.writeBytes(bytes);
    if (bytes.length % 2 == 1) {
      out.write('\n');
    }
    return out.toByteArray();
  }

  /** A tar whose names are taken as they are, wherever they lead. */
  static final class Tar {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8");

    Tar file(String name, String text) throws IOException {
      byte[] content = text.getBytes(UTF_8);
      TarArchiveEntry entry = new TarArchiveEntry(name, true);
      entry.setSize(content.length);
      return put(entry, content);
    }

    Tar link(String name, String target) throws IOException {
      TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK, true);
      entry.setLinkName(target);
      return put(entry, new byte[0]);
    }

    Tar hardLink(String name, String target) throws IOException {
      TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_LINK, true);
      entry.setLinkName(target);
      return put(entry, new byte[0]);
    }

    Tar device(String name) throws IOException {
      TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_BLK, true);
      entry.setDevMajor(8);
      return put(entry, new byte[0]);
    }

    private Tar put(TarArchiveEntry entry, byte[] content) throws IOException {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
      return this;
    }

    byte[] end() throws IOException {
      tar.close();
      return bytes.toByteArray();
    }
  }
}
