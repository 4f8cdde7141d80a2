package dev.imgstore.builder.recipe;

import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What makes a machine take, at its first start, what its hypervisor has for it. */
final class FirstStart {
  private static final String UNIT = "imgstore-user-data.service";
  private static final String CLOUD_INIT = "cloud-init";

  private FirstStart() {}

  /** Our own way, for images without cloud-init: a script and the unit that runs it. */
  static List<FileEntry> userData() {
    return List.of(
        file("usr/lib/imgstore/user-data", resource("user-data.sh"), 0755),
        file("usr/lib/systemd/system/" + UNIT, resource("user-data.service"), 0644),
        new FileEntry.Unit(UNIT));
  }

  /**
   * With cloud-init among the packages: it looks at disks only, and asks no address on a network
   * that may not be there.
   */
  static List<FileEntry> cloudInit(DebianSource debian) {
    boolean has = debian.packages().stream().anyMatch(each -> each.name().equals(CLOUD_INIT));
    return has
        ? List.of(
            file(
                "etc/cloud/cloud.cfg.d/90-imgstore.cfg",
                "datasource_list: [NoCloud, None]\n",
                0644))
        : List.of();
  }

  private static FileEntry file(String path, String text, int mode) {
    return new FileEntry.Inline(
        TreePath.of(path), text, new FileEntry.Attributes(mode, "root", "root", -1));
  }

  private static String resource(String name) {
    try (InputStream in = FirstStart.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new AssertionError(name + " belongs to this package");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
