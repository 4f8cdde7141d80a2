package dev.imgstore.builder.setup;

import dev.imgstore.builder.source.deb.UnpackedDeb;
import dev.imgstore.builder.source.dpkg.Diversion;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Makes packages work without running anything of them: users, groups, certificates, PAM,
 * alternatives, enabled units, and whatever else their scripts do with plain commands. The result
 * depends on the request alone; scripts see neither clock, machine nor network.
 *
 * <p>There is no {@code ld.so.cache}: the loader finds libraries in its built-in directories, and
 * {@code ld.so.conf} stands ready for whoever runs ldconfig.
 */
public final class StaticSetup {
  /** Part of every key that names a tree made here. */
  public static final int SETUP_VERSION = 2;

  private static final Meta LINK = Meta.of(0777, 0, 0);
  private static final Meta FILE = Meta.of(0644, 0, 0);

  private final BlobStore blobs;
  private final SetupRequest request;

  private StaticSetup(BlobStore blobs, SetupRequest request) {
    this.blobs = blobs;
    this.request = request;
  }

  /** Sets everything up. Users' numbers do not depend on the order of packages. */
  public static SetupResult run(BlobStore blobs, SetupRequest request) throws IOException {
    return new StaticSetup(blobs, request).run();
  }

  /**
   * The diversions that packages' preinst scripts would make, for merging them: nothing is there
   * yet when they run.
   */
  public static List<Diversion> diversions(BlobStore blobs, List<UnpackedDeb> packages)
      throws IOException {
    TreeEditor nothing = TreeEditor.empty(blobs);
    ScriptHost host = new ScriptHost(nothing, Accounts.base(nothing, Map.of()));
    new Scripts(blobs, packages).run("preinst", List.of("install"), host);
    return List.copyOf(host.diversions());
  }

  private SetupResult run() throws IOException {
    Set<Integer> taken = new TreeSet<>();
    Map<String, Integer> given = new TreeMap<>();
    request.groups().forEach(group -> given.put(group.name(), group.gid()));
    request.users().forEach(user -> given.put(user.name(), user.uid()));
    taken.addAll(given.values());
    // Once to learn who asks for numbers, and once with the numbers.
    Accounts asking = Accounts.base(TreeEditor.of(blobs, request.tree()), Map.of());
    attempt(asking);
    asking.settle(taken).forEach(given::putIfAbsent);
    return attempt(Accounts.base(TreeEditor.of(blobs, request.tree()), given));
  }

  private SetupResult attempt(Accounts accounts) throws IOException {
    TreeEditor tree = TreeEditor.of(blobs, request.tree());
    makeBase(tree);
    SysUsers.apply(tree, accounts);
    ScriptHost host = new ScriptHost(tree, accounts);
    Scripts scripts = new Scripts(blobs, request.packages());
    scripts.run("preinst", List.of("install"), host);
    scripts.run("postinst", List.of("configure", ""), host);
    host.finish();
    accounts.add(request.groups(), request.users());
    Accounts.makeHomes(tree, request.users(), accounts);
    accounts.write(tree, request.epoch());
    PamStacks.write(tree);
    for (String bad : CaCertificates.write(tree)) {
      scripts
          .unhandled()
          .add(new Unhandled("ca-certificates", "handler", 0, bad + " is no certificate"));
    }
    return new SetupResult(tree.write(), scripts.unhandled());
  }

  /** What every program may rely on, where no package brings it. */
  private static void makeBase(TreeEditor tree) throws IOException {
    makeDirectory(tree, "tmp", 01777);
    makeDirectory(tree, "run", 0755);
    for (String mount : List.of("dev", "proc", "sys")) {
      makeDirectory(tree, mount, 0755); // a runtime mounts here, also where the root is read-only
    }
    makeDirectory(tree, "root", 0700);
    makeDirectory(tree, "etc", 0755);
    makeDirectory(tree, "var", 0755);
    makeDirectory(tree, "var/tmp", 01777);
    makeLink(tree, "var/run", "/run");
    makeLink(tree, "var/lock", "/run/lock");
    TreePath nsswitch = TreePath.of("etc/nsswitch.conf");
    if (!tree.exists(nsswitch) && !tree.exists(TreePath.of("usr/share/libc-bin/nsswitch.conf"))) {
      tree.putFile(nsswitch, NSSWITCH.getBytes(StandardCharsets.UTF_8), FILE);
    } else if (!tree.exists(nsswitch)) {
      TreePath shipped = TreePath.of("usr/share/libc-bin/nsswitch.conf");
      tree.put(nsswitch, tree.leaf(shipped).orElseThrow());
    }
    TreePath loader = TreePath.of("etc/ld.so.conf");
    if (!tree.exists(loader)) {
      byte[] text = "include /etc/ld.so.conf.d/*.conf\n".getBytes(StandardCharsets.UTF_8);
      tree.putFile(loader, text, FILE);
    }
  }

  private static final String NSSWITCH =
      """
      passwd: files
      group: files
      shadow: files
      hosts: files dns
      networks: files
      protocols: db files
      services: db files
      """;

  private static void makeDirectory(TreeEditor tree, String path, int mode) throws IOException {
    if (!tree.exists(TreePath.of(path))) {
      tree.putDirectory(TreePath.of(path), Meta.of(mode, 0, 0));
    }
  }

  /** An empty directory gives way to the link, as in base-files. */
  private static void makeLink(TreeEditor tree, String path, String target) throws IOException {
    TreePath link = TreePath.of(path);
    boolean empty = tree.isDirectory(link) && tree.list(link).isEmpty();
    if (empty || !tree.exists(link)) {
      tree.put(link, new Node.Symlink(Bytes.utf8(target), LINK));
    }
  }
}
