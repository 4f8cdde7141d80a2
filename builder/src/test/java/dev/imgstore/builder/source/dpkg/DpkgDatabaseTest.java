package dev.imgstore.builder.source.dpkg;

import static dev.imgstore.builder.source.dpkg.DebMaker.deb;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.source.deb.UnpackedDeb;
import dev.imgstore.builder.source.dpkg.MergeRules.Layout;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.TreePath;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class DpkgDatabaseTest {
  private final MemoryBlobStore blobs = new MemoryBlobStore();
  private List<UnpackedDeb> debs = List.of();
  private TreeEditor tree = TreeEditor.empty(blobs);

  @BeforeEach
  void makePackages() throws IOException {
    debs =
        List.of(
            deb("lib")
                .field("Multi-Arch", "same")
                .field("Description", "a library\n with text\n .\n and more")
                .control("triggers", "activate-noawait ldconfig\n")
                .file("usr/lib/l", "L")
                .unpack(blobs),
            deb("daemon")
                .control("conffiles", "/etc/daemon.conf\nremove-on-upgrade /etc/gone\n/etc/lost\n")
                .control("md5sums", "sum  usr/sbin/d\n")
                .control("postinst", "#!/bin/sh\n")
                .control("triggers", "# x\ninterest-noawait /usr/lib\ninterest ldconfig\n")
                .file("etc/daemon.conf", "conf")
                .file("sbin/d", "D")
                .unpack(blobs));
  }

  private MergedTree merged() throws IOException {
    return Merge.of(blobs, debs, new MergeRules(Layout.MERGED_USR, List.of()));
  }

  private String text(String path) throws IOException {
    return new String(tree.read(TreePath.of(path), 10_000), StandardCharsets.UTF_8);
  }

  @Test
  void unpackedPackagesLookAsDpkgLeavesThem() throws IOException {
    tree = TreeEditor.of(blobs, DpkgDatabase.unpacked(blobs, debs, merged()));
    assertEquals(
        """
        Package: daemon
        Status: install ok unpacked
        Version: 1.0
        Architecture: amd64
        Conffiles:
         /etc/daemon.conf newconffile

        Package: lib
        Status: install ok unpacked
        Version: 1.0
        Architecture: amd64
        Multi-Arch: same
        Description: a library
         with text
         .
         and more

        """,
        text("var/lib/dpkg/status"));
    assertEquals("conf", text("etc/daemon.conf.dpkg-new"));
    assertFalse(tree.exists(TreePath.of("etc/daemon.conf")));
    assertEquals(
        "/.\n/etc\n/etc/daemon.conf\n/sbin\n/sbin/d\n", text("var/lib/dpkg/info/daemon.list"));
    assertTrue(tree.exists(TreePath.of("var/lib/dpkg/info/daemon.postinst")));
    assertTrue(tree.exists(TreePath.of("var/lib/dpkg/info/lib:amd64.triggers")));
    assertFalse(tree.exists(TreePath.of("var/lib/dpkg/info/lib:amd64.control")));
    assertEquals("/usr/lib daemon/noawait\n", text("var/lib/dpkg/triggers/File"));
    assertEquals("daemon\n", text("var/lib/dpkg/triggers/ldconfig"));
    assertEquals("1\n", text("var/lib/dpkg/info/format"));
  }

  @Test
  void statusOnlyTellsScannersWhatIsThere() throws IOException {
    tree = TreeEditor.of(blobs, DpkgDatabase.statusOnly(blobs, debs, merged()));
    assertEquals(
        "Package: daemon\nStatus: install ok installed\nVersion: 1.0\nArchitecture: amd64\n",
        text("var/lib/dpkg/status.d/daemon"));
    assertEquals("sum  usr/sbin/d\n", text("var/lib/dpkg/status.d/daemon.md5sums"));
    assertTrue(tree.exists(TreePath.of("var/lib/dpkg/status.d/lib")));
    assertEquals("conf", text("etc/daemon.conf"));
  }
}
