package dev.imgstore.builder.realise;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BuildRecord.InstalledPackage;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What installing a platform's packages gave, before the recipe's own users and files; kept so that
 * it is done once. A hint: what cannot be read is a miss.
 *
 * @param merged the packages' trees in one, as they were brought
 * @param tree the same, set up
 * @param owners the package of each path of {@code merged}
 * @param unhandled what maintainer scripts would have done and nothing did
 */
record BaseRecord(
    TreeId merged,
    TreeId tree,
    SortedMap<TreePath, String> owners,
    List<InstalledPackage> packages,
    List<String> unhandled) {
  /** Largest record that is read. */
  static final int MAX_BYTES = 512 << 20;

  private static final byte[] MAGIC = {'i', 'm', 'g', 'b', 'a', 's', 'e', 1};

  BaseRecord {
    owners = Collections.unmodifiableSortedMap(new TreeMap<>(owners));
    packages = packages.stream().sorted().toList();
    unhandled = List.copyOf(unhandled);
  }

  byte[] encode() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(MAGIC);
    out.writeBytes(merged.digest().raw());
    out.writeBytes(tree.digest().raw());
    write(out, packages.size());
    for (InstalledPackage each : packages) {
      write(out, each.name());
      write(out, each.version());
      write(out, each.architecture());
    }
    write(out, unhandled.size());
    unhandled.forEach(line -> write(out, line));
    write(out, owners.size());
    owners.forEach(
        (path, owner) -> {
          write(out, path.bytes().toArray());
          write(out, owner);
        });
    return out.toByteArray();
  }

  private static void write(ByteArrayOutputStream out, int number) {
    out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
  }

  private static void write(ByteArrayOutputStream out, String text) {
    write(out, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void write(ByteArrayOutputStream out, byte[] bytes) {
    write(out, bytes.length);
    out.writeBytes(bytes);
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws RuntimeException if it is not that
   */
  static BaseRecord decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    byte[] magic = new byte[MAGIC.length];
    in.get(magic);
    if (!Bytes.of(magic).equals(Bytes.of(MAGIC))) {
      throw new IllegalArgumentException("not a record of installed packages");
    }
    TreeId merged = tree(in);
    TreeId tree = tree(in);
    List<InstalledPackage> packages = new ArrayList<>();
    for (int left = in.getInt(); left > 0; left--) {
      packages.add(new InstalledPackage(text(in), text(in), text(in)));
    }
    List<String> unhandled = new ArrayList<>();
    for (int left = in.getInt(); left > 0; left--) {
      unhandled.add(text(in));
    }
    SortedMap<TreePath, String> owners = new TreeMap<>();
    for (int left = in.getInt(); left > 0; left--) {
      TreePath path = TreePath.parse(Bytes.of(array(in)));
      owners.put(path, text(in));
    }
    return new BaseRecord(merged, tree, owners, packages, unhandled);
  }

  private static TreeId tree(ByteBuffer in) {
    byte[] raw = new byte[Digest.BYTES];
    in.get(raw);
    return new TreeId(Digest.fromRaw(raw));
  }

  private static byte[] array(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException("a record of installed packages is cut off");
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  private static String text(ByteBuffer in) {
    return new String(array(in), StandardCharsets.UTF_8);
  }
}
