package dev.imgstore.builder.source.scripts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imgstore.builder.pack.PackException;
import dev.imgstore.builder.sandbox.IdRange;
import dev.imgstore.builder.source.deb.UnpackedDeb;
import dev.imgstore.builder.source.dpkg.DebMaker;
import dev.imgstore.builder.source.dpkg.Merge;
import dev.imgstore.builder.source.dpkg.MergeRules;
import dev.imgstore.builder.source.dpkg.MergedTree;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real sandboxes, whose essential package is busybox and a dpkg of a few lines. */
@Tag("tools")
@Timeout(120)
class ScriptedSetupTest {
  private static final String DPKG =
      """
      #!/bin/sh
      case "$*" in
        *--audit*) cat /broken 2>/dev/null; exit 0 ;;
        *-a) names=/var/lib/dpkg/info/*.postinst ;;
        *) for last; do :; done; names=/var/lib/dpkg/info/${last%:*}.postinst ;;
      esac
      for script in $names; do
        test -e "$script" || continue
        echo "running $script"
        "$script" configure || exit 1
      done
      """;

  private final MemoryBlobStore blobs = new MemoryBlobStore();
  private final List<UnpackedDeb> debs = new ArrayList<>();

  @BeforeEach
  void base() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "the range of ids here is root's");
    Path busybox = Path.of("/bin/busybox");
    assumeTrue(Files.isExecutable(busybox), "needs busybox-static");
    add(
        DebMaker.deb("base")
            .field("Essential", "yes")
            .program("usr/bin/sh", Files.readAllBytes(busybox))
            .program("usr/bin/dpkg", DPKG.getBytes(StandardCharsets.UTF_8))
            .program("usr/bin/dpkg-query", "#!/bin/sh\n".getBytes(StandardCharsets.UTF_8)));
  }

  private void add(DebMaker deb) throws IOException {
    debs.add(deb.unpack(blobs));
  }

  private TreeEditor configured() throws IOException, InterruptedException {
    MergedTree merged =
        Merge.of(blobs, debs, new MergeRules(MergeRules.Layout.MERGED_USR, List.of()));
    return TreeEditor.of(
        blobs, ScriptedSetup.configure(blobs, debs, merged, IdRange.ofRoot(), 86_400));
  }

  private static String text(TreeEditor tree, String path) throws IOException {
    return new String(tree.read(TreePath.of(path), 1 << 20), StandardCharsets.UTF_8);
  }

  @Test
  void whatScriptsMakeIsInTheTree() throws Exception {
    add(
        DebMaker.deb("app")
            .file("usr/share/app", "shipped")
            .control(
                "postinst",
                """
                #!/bin/sh
                set -e
                umask > /srv-umask
                echo "$SOURCE_DATE_EPOCH $DEBIAN_FRONTEND $TZ" > /srv-env
                cat /usr/share/app > /copied
                chown 33:44 /copied
                chmod 4750 /copied
                ln -s copied /link
                mkfifo /pipe
                echo x > /tmp/gone
                echo x > /run/gone
                """));
    TreeEditor tree = configured();
    assertEquals("shipped", text(tree, "copied"));
    assertEquals(Meta.of(04750, 33, 44), tree.leaf(TreePath.of("copied")).orElseThrow().meta());
    assertEquals("0022\n", text(tree, "srv-umask"));
    assertEquals("86400 noninteractive UTC\n", text(tree, "srv-env"));
    assertTrue(tree.leaf(TreePath.of("link")).orElseThrow() instanceof Node.Symlink);
    assertTrue(tree.leaf(TreePath.of("pipe")).orElseThrow() instanceof Node.Fifo);
    assertFalse(tree.exists(TreePath.of("tmp/gone")));
    assertFalse(tree.exists(TreePath.of("run/gone")));
    assertFalse(tree.exists(TreePath.of("usr/sbin/policy-rc.d")));
    assertFalse(tree.exists(TreePath.of("var/lib/dpkg/imgstore-late")));
  }

  @Test
  void aPreinstRunsBeforeItsPackagesFilesAppearAndAfterWhatItNeeds() throws Exception {
    add(
        DebMaker.deb("late")
            .field("Pre-Depends", "early")
            .file("usr/share/late", "")
            .control(
                "preinst",
                """
                #!/bin/sh
                ls /usr/share > /seen
                echo "$1 $DPKG_MAINTSCRIPT_PACKAGE $DPKG_MAINTSCRIPT_NAME" >> /seen
                """));
    add(
        DebMaker.deb("early")
            .file("usr/share/early", "")
            .control("preinst", "#!/bin/sh\ntest ! -e /usr/share/early\n"));
    TreeEditor tree = configured();
    assertEquals("early\ninstall late preinst\n", text(tree, "seen"));
    assertTrue(tree.exists(TreePath.of("usr/share/late")));
    String status = text(tree, "var/lib/dpkg/status");
    assertTrue(status.contains("Package: late\n"), status);
    assertTrue(tree.exists(TreePath.of("var/lib/dpkg/info/late.list")));
  }

  @Test
  void aScriptThatFailsGivesItsLastLines() throws Exception {
    add(
        DebMaker.deb("bad")
            .control(
                "postinst",
                """
                #!/bin/sh
                i=0
                while test $i -lt 300; do echo "line $i"; i=$((i+1)); done
                echo "it broke" >&2
                exit 9
                """));
    ScriptFailure failure = assertThrows(ScriptFailure.class, this::configured);
    String message = String.valueOf(failure.getMessage());
    assertTrue(message.startsWith("configuring the packages failed with exit code 1"), message);
    assertTrue(message.endsWith("  line 299\n  it broke"), message);
    assertFalse(message.contains("line 200\n"), message);
  }

  @Test
  void aPreinstThatFailsIsNamed() throws Exception {
    add(DebMaker.deb("bad").control("preinst", "#!/bin/sh\necho no; exit 3\n"));
    ScriptFailure failure = assertThrows(ScriptFailure.class, this::configured);
    assertEquals(
        "the preinst script of bad failed with exit code 3; the last lines it printed:\n  no",
        failure.getMessage());
  }

  @Test
  void whatTheAuditFindsIsTold() throws Exception {
    add(DebMaker.deb("bad").control("postinst", "#!/bin/sh\necho half installed > /broken\n"));
    ScriptFailure failure = assertThrows(ScriptFailure.class, this::configured);
    assertTrue(String.valueOf(failure.getMessage()).endsWith("\n  half installed"));
  }

  @Test
  void scriptsCannotMakeDevices() throws Exception {
    add(DebMaker.deb("bad").control("postinst", "#!/bin/sh\nmknod /disk b 7 0\n"));
    ScriptFailure failure = assertThrows(ScriptFailure.class, this::configured);
    assertTrue(String.valueOf(failure.getMessage()).contains("not permitted"));
  }

  @Test
  void aNameThatMeansARemovalInALayerIsRefusedByName() throws Exception {
    add(DebMaker.deb("odd").file("usr/share/.wh.odd", ""));
    PackException failure = assertThrows(PackException.class, this::configured);
    assertTrue(String.valueOf(failure.getMessage()).contains("usr/share/.wh.odd"));
  }
}
