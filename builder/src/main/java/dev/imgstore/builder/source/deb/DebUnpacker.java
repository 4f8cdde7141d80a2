package dev.imgstore.builder.source.deb;

import dev.imgstore.builder.source.debian.ControlFile;
import dev.imgstore.builder.source.debian.DebianException;
import dev.imgstore.builder.source.debian.DebianVersion;
import dev.imgstore.builder.source.debian.Stanza;
import dev.imgstore.builder.tar.Decompression;
import dev.imgstore.builder.tar.HostileArchive;
import dev.imgstore.builder.tar.TarReader;
import dev.imgstore.builder.tar.TarTree;
import dev.imgstore.builder.tar.UnpackLimits;
import dev.imgstore.builder.tar.UnpackLimits.Devices;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobStore;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Reads a .deb (deb(5)): an ar archive of {@code debian-binary}, {@code control.tar} and {@code
 * data.tar}, the last two compressed with gzip, xz, zstd, bzip2, lzma or not at all.
 *
 * <p>Nothing is believed: damage, bombs, devices and names that would lead out of a directory are a
 * {@link HostileArchive}. Several threads may unpack different packages at once into one store.
 */
public final class DebUnpacker {
  /** Part of every key that names unpacked packages; a change of what comes out gets a new one. */
  public static final int UNPACKER_VERSION = 1;

  private static final Decompression.Bounds CONTROL_BOUNDS =
      new Decompression.Bounds(256L << 20, 1000, 16L << 20);
  private static final Decompression.Bounds FILES_BOUNDS =
      new Decompression.Bounds(16L << 30, 1000, 512L << 20);
  private static final UnpackLimits CONTROL_LIMITS = new UnpackLimits(Devices.REFUSED, 10_000);
  private static final UnpackLimits FILES_LIMITS =
      new UnpackLimits(Devices.REFUSED, UnpackLimits.MOST_ENTRIES);
  private static final Pattern PACKAGE_NAME = Pattern.compile("[a-z0-9][a-z0-9+.-]+");
  private static final Pattern ARCHITECTURE = Pattern.compile("[a-z0-9][a-z0-9-]*");

  private final String archive;
  private final ArReader ar;
  private final BlobStore blobs;

  private DebUnpacker(String archive, ArReader ar, BlobStore blobs) {
    this.archive = archive;
    this.ar = ar;
    this.blobs = blobs;
  }

  /**
   * Unpacks one package into the store.
   *
   * @param archive its name as a person knows it, for complaints
   * @param deb read once from start to end of the data; the caller closes it and has checked its
   *     hash
   * @throws HostileArchive if it is not a sound package
   */
  public static UnpackedDeb unpack(String archive, InputStream deb, BlobStore blobs)
      throws IOException {
    return new DebUnpacker(archive, new ArReader(archive, deb), blobs).unpack();
  }

  private UnpackedDeb unpack() throws IOException {
    ArReader.Member first = member("debian-binary");
    byte[] version = ar.content().readNBytes(64);
    if (!first.name().equals("debian-binary")
        || !new String(version, StandardCharsets.ISO_8859_1).startsWith("2.")) {
      throw new HostileArchive(archive, first.name(), "it is no .deb of format 2");
    }
    TreeId control = tar("control.tar", CONTROL_BOUNDS, CONTROL_LIMITS);
    Stanza stanza = stanza(control);
    TreeId files = tar("data.tar", FILES_BOUNDS, FILES_LIMITS);
    return UnpackedDeb.of(blobs, files, control, stanza);
  }

  /** The next member; those whose names start with an underscore are for others. */
  private ArReader.Member member(String wanted) throws IOException {
    while (true) {
      ArReader.Member member =
          ar.next()
              .orElseThrow(() -> new HostileArchive(archive, "", "it has no member " + wanted));
      if (!member.name().startsWith("_")) {
        return member;
      }
    }
  }

  private TreeId tar(String wanted, Decompression.Bounds bounds, UnpackLimits limits)
      throws IOException {
    String name = member(wanted).name();
    if (!name.startsWith(wanted)) {
      throw new HostileArchive(archive, name, "it stands where " + wanted + " must be");
    }
    try (TarReader tar =
        new TarReader(
            archive + ", " + wanted, Decompression.open(archive, name, ar.content(), bounds))) {
      return TarTree.unpack(tar, blobs, limits);
    }
  }

  private Stanza stanza(TreeId control) throws IOException {
    if (!(Trees.read(blobs, control).entries().get(Name.of("control")) instanceof Node.File file)) {
      throw new HostileArchive(archive, "control.tar", "it has no file named control");
    }
    if (file.size() > UnpackedDeb.LARGEST_CONTROL) {
      throw new HostileArchive(archive, "control.tar", "its control file is too large");
    }
    try {
      byte[] text = blobs.read(file.content(), UnpackedDeb.LARGEST_CONTROL);
      Stanza stanza = ControlFile.readOne("control", text);
      require(stanza, "Package", PACKAGE_NAME);
      require(stanza, "Architecture", ARCHITECTURE);
      String version = stanza.get("Version").orElse("");
      if (!DebianVersion.fault(version).isEmpty()) {
        throw new HostileArchive(
            archive, "control", "the Version is wrong: " + DebianVersion.fault(version));
      }
      return stanza;
    } catch (DebianException.Malformed e) {
      throw new HostileArchive(archive, "control.tar", String.valueOf(e.getMessage()));
    }
  }

  private void require(Stanza stanza, String field, Pattern form) throws HostileArchive {
    if (!form.matcher(stanza.get(field).orElse("")).matches()) {
      throw new HostileArchive(archive, "control", "the field " + field + " is missing or wrong");
    }
  }
}
