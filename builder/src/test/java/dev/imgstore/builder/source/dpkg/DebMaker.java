package dev.imgstore.builder.source.dpkg;

import dev.imgstore.builder.source.deb.DebUnpacker;
import dev.imgstore.builder.source.deb.UnpackedDeb;
import dev.imgstore.builder.tar.TarBytes;
import dev.imgstore.store.BlobStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Makes packages for tests. */
public final class DebMaker {
  private final String name;
  private final StringBuilder control = new StringBuilder();
  private final TarBytes controls = new TarBytes();
  private final TarBytes files = new TarBytes();
  private String architecture = "amd64";

  private DebMaker(String name) {
    this.name = name;
  }

  /** A package of version 1.0 for amd64. */
  public static DebMaker deb(String name) {
    return new DebMaker(name);
  }

  /** Another architecture. */
  public DebMaker architecture(String other) {
    architecture = other;
    return this;
  }

  /** One more field. */
  public DebMaker field(String field, String value) {
    control.append(field).append(": ").append(value).append('\n');
    return this;
  }

  /** One more control file; scripts may be executed. */
  public DebMaker control(String file, String text) {
    if (file.matches("(pre|post)(inst|rm)|config")) {
      program(controls, file, text.getBytes(StandardCharsets.UTF_8));
    } else {
      controls.file("./" + file, text);
    }
    return this;
  }

  /** A file. */
  public DebMaker file(String path, String text) {
    files.file("./" + path, text);
    return this;
  }

  /** An empty file that anyone may execute. */
  public DebMaker executable(String path) {
    byte[] header = TarBytes.header('0', "./" + path, "", 0);
    TarBytes.put(header, 100, "0000755");
    files.raw(TarBytes.sum(header));
    return this;
  }

  /** A program. */
  public DebMaker program(String path, byte[] content) {
    program(files, path, content);
    return this;
  }

  private static void program(TarBytes into, String path, byte[] content) {
    byte[] header = TarBytes.header('0', "./" + path, "", content.length);
    TarBytes.put(header, 100, "0000755");
    into.raw(TarBytes.sum(header)).raw(content);
    into.raw(new byte[Math.floorMod(-content.length, 512)]);
  }

  /** A directory. */
  public DebMaker directory(String path) {
    files.directory("./" + path + "/");
    return this;
  }

  /** A symbolic link. */
  public DebMaker symlink(String path, String target) {
    files.symlink("./" + path, target);
    return this;
  }

  /** A hard link. */
  public DebMaker hardLink(String path, String target) {
    files.hardLink("./" + path, "./" + target);
    return this;
  }

  /** Packs it and unpacks it. */
  public UnpackedDeb unpack(BlobStore blobs) throws IOException {
    return DebUnpacker.unpack(name + ".deb", new ByteArrayInputStream(bytes()), blobs);
  }

  /** Packs it; once. */
  public byte[] bytes() {
    controls.file(
        "./control",
        "Package: " + name + "\nVersion: 1.0\nArchitecture: " + architecture + "\n" + control);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("!<arch>\n".getBytes(StandardCharsets.US_ASCII));
    member(out, "debian-binary", "2.0\n".getBytes(StandardCharsets.US_ASCII));
    member(out, "control.tar", controls.end());
    member(out, "data.tar", files.end());
    return out.toByteArray();
  }

  private static void member(ByteArrayOutputStream out, String name, byte[] bytes) {
    out.writeBytes(
        String.format("%-16s%-12d%-6d%-6d%-8s%-10d`\n", name, 0, 0, 0, "100644", bytes.length)
            .getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(bytes);
  }
}
