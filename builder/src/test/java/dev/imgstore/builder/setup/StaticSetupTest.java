package dev.imgstore.builder.setup;

import static dev.imgstore.builder.source.dpkg.DebMaker.deb;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.recipe.Group;
import dev.imgstore.builder.recipe.User;
import dev.imgstore.builder.source.deb.UnpackedDeb;
import dev.imgstore.builder.source.dpkg.DebMaker;
import dev.imgstore.builder.source.dpkg.Diversion;
import dev.imgstore.builder.source.dpkg.Merge;
import dev.imgstore.builder.source.dpkg.MergeRules;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class StaticSetupTest {
  private static final long EPOCH = 315_532_800L;
  private static final MergeRules RULES = new MergeRules(MergeRules.Layout.MERGED_USR, List.of());
  private final MemoryBlobStore blobs = new MemoryBlobStore();
  private List<Unhandled> unhandled = List.of();

  private TreeEditor setUp(List<User> users, List<Group> groups, DebMaker... makers)
      throws IOException {
    List<UnpackedDeb> debs = new ArrayList<>();
    for (DebMaker maker : makers) {
      debs.add(maker.unpack(blobs));
    }
    TreeId merged = Merge.of(blobs, debs, RULES).root();
    SetupResult result =
        StaticSetup.run(blobs, new SetupRequest(merged, debs, users, groups, EPOCH));
    Collections.reverse(debs);
    assertEquals(
        result, StaticSetup.run(blobs, new SetupRequest(merged, debs, users, groups, EPOCH)));
    unhandled = result.unhandled();
    return TreeEditor.of(blobs, result.tree());
  }

  private TreeEditor setUp(DebMaker... makers) throws IOException {
    return setUp(List.of(), List.of(), makers);
  }

  private static String text(TreeEditor tree, String path) throws IOException {
    return new String(tree.read(TreePath.of(path), 100_000), StandardCharsets.UTF_8);
  }

  private static Meta meta(TreeEditor tree, String path) throws IOException {
    return tree.meta(TreePath.of(path)).orElseThrow();
  }

  private static String link(TreeEditor tree, String path) throws IOException {
    return tree.leaf(TreePath.of(path)).orElse(null) instanceof Node.Symlink link
        ? link.target().text()
        : "no link";
  }

  private static DebMaker postinst(String name, String script) {
    return deb(name).control("postinst", "#!/bin/sh\nset -e\n" + script);
  }

  @Test
  void anEmptyImageHasDebiansUsers() throws IOException {
    TreeEditor tree = setUp(deb("empty").file("usr/bin/x", ""));
    assertTrue(text(tree, "etc/passwd").contains("www-data:x:33:33:www-data:/var/www:"));
    assertTrue(text(tree, "etc/group").contains("\nshadow:x:42:\n"));
    assertTrue(text(tree, "etc/shadow").contains("root:*:3652:0:99999:7:::\n"));
    assertEquals(Meta.of(0640, 0, 42), meta(tree, "etc/shadow"));
    assertEquals(01777, meta(tree, "tmp").mode());
    assertEquals("/run", link(tree, "var/run"));
    assertEquals("include /etc/ld.so.conf.d/*.conf\n", text(tree, "etc/ld.so.conf"));
  }

  @Test
  void mastersOfBasePasswdWin() throws IOException {
    TreeEditor tree =
        setUp(
            deb("base-passwd")
                .file("usr/share/base-passwd/passwd.master", "root:*:0:0:me:/root:/bin/sh\n")
                .file("usr/share/base-passwd/group.master", "root:*:0:\nextra:*:7:\n"));
    assertEquals("root:x:0:0:me:/root:/bin/sh\n", text(tree, "etc/passwd"));
    assertEquals("root:x:0:\nextra:x:7:\n", text(tree, "etc/group"));
  }

  @Test
  void systemUsersGetNumbersInOrderOfNames() throws IOException {
    TreeEditor tree =
        setUp(
            List.of(new User("app", 101, "", List.of("zeta"), "/srv/app", "/bin/sh", "The App")),
            List.of(new Group("own", 5000)),
            postinst(
                    "daemon-z",
                    """
                if ! getent passwd zeta >/dev/null; then
                  adduser --quiet --system --group --home /var/lib/zeta zeta
                  install -d -o zeta -g zeta -m 0750 /var/cache/zeta
                  chown zeta: /etc/zeta.conf && chmod u=rw,g=r,o= /etc/zeta.conf
                fi
                """)
                .file("etc/zeta.conf", "z")
                .directory("var/cache"),
            postinst("daemon-a", "useradd -r -g nogroup -d /run/a -s /bin/false alpha\n"),
            deb("daemon-s")
                .file(
                    "usr/lib/sysusers.d/s.conf",
                    "u sysd - \"A B\" /run/s\ng grp 77\nm sysd grp\n"));
    String passwd = text(tree, "etc/passwd");
    assertTrue(passwd.contains("alpha:x:102:65534::/run/a:/bin/false\n"), passwd);
    assertTrue(passwd.contains("app:x:101:101:The App:/srv/app:/bin/sh\n"), passwd);
    assertTrue(passwd.contains("sysd:x:103:103:A B:/run/s:/usr/sbin/nologin\n"), passwd);
    assertTrue(passwd.contains("zeta:x:104:104::/var/lib/zeta:/usr/sbin/nologin\n"), passwd);
    String group = text(tree, "etc/group");
    assertTrue(group.contains("grp:x:77:sysd\n"), group);
    assertTrue(group.contains("zeta:x:104:app\n"), group);
    assertTrue(group.contains("own:x:5000:\n"), group);
    assertEquals(Meta.of(0640, 104, 104), meta(tree, "etc/zeta.conf"));
    assertEquals(Meta.of(0750, 104, 104), meta(tree, "var/cache/zeta"));
    assertEquals(Meta.of(0755, 104, 104), meta(tree, "var/lib/zeta"));
    assertEquals(Meta.of(0755, 101, 101), meta(tree, "srv/app"));
    assertEquals(List.of(), unhandled);
  }

  @Test
  void theHighestAlternativeWinsWithItsSlaves() throws IOException {
    String slave = " --slave /usr/share/man/man1/ed.1 ed.1 /usr/share/man/man1/";
    TreeEditor tree =
        setUp(
            postinst(
                    "low",
                    "update-alternatives --install /usr/bin/ed ed /usr/bin/low 10"
                        + slave
                        + "low.1\n")
                .file("usr/bin/low", "")
                .file("usr/share/man/man1/low.1", ""),
            postinst(
                    "high",
                    "update-alternatives --quiet --install /usr/bin/ed ed /usr/bin/high 20"
                        + slave
                        + "missing.1\n")
                .file("usr/bin/high", ""));
    assertEquals("/etc/alternatives/ed", link(tree, "usr/bin/ed"));
    assertEquals("/usr/bin/high", link(tree, "etc/alternatives/ed"));
    assertFalse(tree.exists(TreePath.of("etc/alternatives/ed.1")));
  }

  @Test
  void certificatesAreBundledAndFoundByHash() throws IOException {
    String pem;
    try (InputStream in = StaticSetupTest.class.getResourceAsStream("example-root.crt")) {
      pem =
          new String(Optional.ofNullable(in).orElseThrow().readAllBytes(), StandardCharsets.UTF_8);
    }
    TreeEditor tree =
        setUp(
            deb("ca-certificates")
                .control("postinst", "#!/bin/sh\nmystery\n")
                .file("usr/share/ca-certificates/x/Example_(1).crt", pem)
                .file("usr/share/ca-certificates/x/bad.crt", "no certificate"));
    assertEquals(pem, text(tree, "etc/ssl/certs/ca-certificates.crt"));
    assertEquals(
        "/usr/share/ca-certificates/x/Example_(1).crt",
        link(tree, "etc/ssl/certs/Example_=1=.pem"));
    assertEquals("Example_=1=.pem", link(tree, "etc/ssl/certs/5e39a8bb.0"));
    assertEquals(
        List.of(
            new Unhandled(
                "ca-certificates",
                "handler",
                0,
                "/usr/share/ca-certificates/x/bad.crt is no certificate")),
        unhandled);
  }

  @Test
  void unitsAreEnabled() throws IOException {
    TreeEditor tree =
        setUp(
            postinst(
                    "web",
                    """
                    if deb-systemd-helper --quiet was-enabled 'web.service'; then
                      deb-systemd-helper enable 'web.service' >/dev/null || true
                    fi
                    if [ -d /run/systemd/system ]; then mystery; fi
                    """)
                .file(
                    "lib/systemd/system/web.service",
                    "[Install]\nWantedBy=multi-user.target\nAlias=www.service\n"));
    String unit = "/lib/systemd/system/web.service";
    assertEquals(unit, link(tree, "etc/systemd/system/multi-user.target.wants/web.service"));
    assertEquals(unit, link(tree, "etc/systemd/system/www.service"));
    assertEquals(List.of(), unhandled);
  }

  @Test
  void debconfAnswersWithDefaultsAndUcfCopies() throws IOException {
    TreeEditor tree =
        setUp(
            postinst(
                    "server",
                    """
                    . /usr/share/debconf/confmodule
                    db_get server/port
                    new="$(mktemp)"
                    echo "port $RET" > "$new"
                    ucf --three-way --debconf-ok "$new" /etc/server.conf
                    rm -f "$new"
                    db_stop
                    """)
                .control("templates", "Template: server/port\nType: string\nDefault: 42\n")
                .directory("etc"));
    assertEquals("port 42\n", text(tree, "etc/server.conf"));
    assertEquals(Meta.of(0644, 0, 0), meta(tree, "etc/server.conf"));
    assertTrue(tree.list(TreePath.of("tmp")).isEmpty());
    assertEquals(List.of(), unhandled);
  }

  @Test
  void capabilitiesAreSetWhereTheToolIs() throws IOException {
    String script =
        "if command -v setcap >/dev/null; then setcap cap_net_raw+ep /bin/ping; chmod u-s"
            + " /bin/ping; else chmod u+s /bin/ping; fi\n";
    TreeEditor without = setUp(postinst("ping", script).file("bin/ping", ""));
    assertEquals(04644, meta(without, "usr/bin/ping").mode());
    TreeEditor with =
        setUp(
            postinst("ping", script).field("Depends", "libcap2-bin").file("bin/ping", ""),
            deb("libcap2-bin").executable("sbin/setcap"));
    assertEquals(0644, meta(with, "usr/bin/ping").mode());
    byte[] value = {1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    assertEquals(
        Bytes.of(value), meta(with, "usr/bin/ping").xattrs().get(Name.of("security.capability")));
  }

  @Test
  void pamIsComposedOfTheProfilesThatAreOn() throws IOException {
    TreeEditor tree =
        setUp(
            deb("libpam-runtime")
                .file(
                    "usr/share/pam/common-auth",
                    """
                    # x
                    $auth_primary
                    auth deny
                    $auth_additional
                    """)
                .file("usr/share/pam-configs/unix", profile("yes", 256, "b.so try", "b.so"))
                .file("usr/share/pam-configs/first", profile("yes", 900, "a.so try", "a.so"))
                .file("usr/share/pam-configs/off", profile("no", 999, "no.so", "no.so")));
    assertEquals(
        """
        # x
        auth\t[success=2 default=ignore]\ta.so
        auth\t[success=1 default=ignore]\tb.so try
        auth deny
        """,
        text(tree, "etc/pam.d/common-auth"));
  }

  private static String profile(String on, int priority, String module, String initial) {
    return String.format(
        """
        Default: %s
        Priority: %d
        Auth-Type: Primary
        Auth:
        \t[success=end default=ignore]\t%s
        Auth-Initial:
        \t[success=end default=ignore]\t%s
        """,
        on, priority, module, initial);
  }

  @Test
  void whatIsNotUnderstoodIsListed() throws IOException {
    setUp(
        postinst("odd", "mystery --now\nln -s a relative\n"),
        deb("perly").control("postinst", "#!/usr/bin/perl\n1;\n"),
        deb("broken").control("preinst", "#!/bin/sh\nif true; then\n"));
    assertEquals(
        List.of(
            new Unhandled(
                "broken", "preinst", 3, "cannot be read: line 3: 'fi' is missing before 'the end'"),
            new Unhandled("odd", "postinst", 3, "mystery --now"),
            new Unhandled("odd", "postinst", 4, "ln -s a relative"),
            new Unhandled("perly", "postinst", 0, "is no shell script: #!/usr/bin/perl")),
        unhandled);
  }

  @Test
  void aScriptThatGivesUpIsListedAndWhatAMachineMountsIsMounted() throws IOException {
    TreeEditor tree =
        setUp(
            postinst("asks", "mountpoint -q /proc || exit 1\necho yes > /etc/asked\n")
                .directory("etc"),
            postinst("ends", "if false; then exit 1; fi\nexit 0\n"),
            postinst("gives-up", "if ! mountpoint -q /mnt; then\n  exit 2\nfi\n"));
    assertEquals("yes\n", text(tree, "etc/asked"));
    assertEquals(
        List.of(new Unhandled("gives-up", "postinst", 4, "exit 2 (the script gives up here)")),
        unhandled);
  }

  @Test
  void scriptsReachNothingOutsideTheTree() throws IOException {
    TreeEditor tree =
        setUp(
            postinst(
                    "evil",
                    """
                    ln -s /../../../../etc/passwd /etc/up
                    cp /etc/up /etc/copy || true
                    echo x > /../../tmp/../evil
                    rm -rf /
                    """)
                .directory("etc"));
    assertFalse(tree.exists(TreePath.of("etc/copy")), "there was no passwd in the tree yet");
    assertEquals("x\n", text(tree, "evil"));
  }

  @Test
  void diversionsOfPreinstsAreFound() throws IOException {
    List<UnpackedDeb> debs =
        List.of(
            deb("mine")
                .control(
                    "preinst",
                    """
                    #!/bin/sh
                    if [ "$1" = install ]; then
                      for f in halt reboot; do
                        dpkg-divert --package mine --divert /sbin/$f.no-mine --rename --add /sbin/$f
                      done
                    fi
                    """)
                .unpack(blobs));
    assertEquals(
        List.of(
            new Diversion("mine", TreePath.of("sbin/halt"), TreePath.of("sbin/halt.no-mine")),
            new Diversion("mine", TreePath.of("sbin/reboot"), TreePath.of("sbin/reboot.no-mine"))),
        StaticSetup.diversions(blobs, debs));
  }

  @Test
  void overridesAreApplied() throws IOException {
    TreeEditor tree =
        setUp(
            postinst(
                    "cron",
                    """
                    addgroup --system crontab
                    if ! dpkg-statoverride --list /usr/bin/crontab >/dev/null; then
                      dpkg-statoverride --update --add root crontab 2755 /usr/bin/crontab
                    fi
                    """)
                .file("usr/bin/crontab", ""));
    assertEquals(Meta.of(02755, 0, 101), meta(tree, "usr/bin/crontab"));
  }
}
