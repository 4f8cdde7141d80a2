package dev.imgstore.builder.source.scripts;

import dev.imgstore.builder.pack.CanonicalTar;
import dev.imgstore.builder.pack.LayerContent;
import dev.imgstore.builder.pack.LayerSplit;
import dev.imgstore.builder.sandbox.Cell;
import dev.imgstore.builder.sandbox.IdRange;
import dev.imgstore.builder.sandbox.Sandbox;
import dev.imgstore.builder.sandbox.Surroundings;
import dev.imgstore.builder.source.deb.UnpackedDeb;
import dev.imgstore.builder.source.debian.ControlFile;
import dev.imgstore.builder.source.debian.Stanza;
import dev.imgstore.builder.source.dpkg.DpkgDatabase;
import dev.imgstore.builder.source.dpkg.MergedTree;
import dev.imgstore.builder.source.dpkg.Packages;
import dev.imgstore.builder.tar.TarReader;
import dev.imgstore.builder.tar.TarTree;
import dev.imgstore.builder.tar.UnpackLimits;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Configures packages with their own scripts. Essential packages and those without a preinst are
 * unpacked first; then each remaining one, in the order of needs, has its preinst run before its
 * files appear; then dpkg configures all. Without network, in one sandbox.
 */
public final class ScriptedSetup {
  /** Part of every key that names configured trees. */
  public static final int VERSION = 4;

  private static final String ROOT = "root";
  private static final TreePath DPKG = TreePath.of("var/lib/dpkg");
  private static final TreePath STATUS = DPKG.child(Name.of("status"));
  private static final TreePath INFO = DPKG.child(Name.of("info"));
  private static final TreePath LATE = TreePath.of("var/lib/dpkg/imgstore-late");
  private static final TreePath POLICY = TreePath.of("usr/sbin/policy-rc.d");
  private static final String DPKG_PROGRAM = "/usr/bin/dpkg";
  private static final String AUDIT =
      "left=$(/usr/bin/dpkg --audit) && echo \"$left\" && test -z \"$left\"";
  private static final Duration LIMIT = Duration.ofMinutes(30);
  private static final int MAX_LOG = 4 << 20;
  private static final int MAX_STATUS = 64 << 20;
  private static final long SPARE_BYTES = 2L << 30;

  private final BlobStore blobs;
  private final List<UnpackedDeb> packages;
  private final InstallOrder order;
  private final Sandbox sandbox;
  private final long epoch;
  private final Surroundings surroundings;

  private ScriptedSetup(
      BlobStore blobs,
      List<UnpackedDeb> packages,
      Sandbox sandbox,
      long epoch,
      Surroundings surroundings)
      throws IOException {
    this.blobs = blobs;
    this.packages = packages;
    this.order = new InstallOrder(packages);
    this.sandbox = sandbox;
    this.epoch = epoch;
    this.surroundings = surroundings;
  }

  /**
   * Configures merged packages.
   *
   * @param epoch what scripts see as SOURCE_DATE_EPOCH
   * @return the configured tree, without what differs between runs
   * @throws ScriptFailure if a script or dpkg fails
   * @throws dev.imgstore.builder.sandbox.SandboxException if this machine gives no sandbox
   */
  public static TreeId configure(
      BlobStore blobs, List<UnpackedDeb> packages, MergedTree merged, IdRange ids, long epoch)
      throws IOException, InterruptedException {
    return configure(blobs, packages, merged, ids, epoch, Surroundings.FIXED);
  }

  /** The same in other surroundings. */
  public static TreeId configure(
      BlobStore blobs,
      List<UnpackedDeb> packages,
      MergedTree merged,
      IdRange ids,
      long epoch,
      Surroundings surroundings)
      throws IOException, InterruptedException {
    TreeId unpacked = DpkgDatabase.unpacked(blobs, packages, merged);
    SortedMap<TreePath, Node> all = LayerSplit.entries(blobs, unpacked);
    long bytes = SPARE_BYTES + 2 * LayerContent.of(ROOT, all).fileBytes();
    TreeId configured;
    try (Sandbox sandbox = Sandbox.open(ids, bytes)) {
      configured =
          new ScriptedSetup(blobs, packages, sandbox, epoch, surroundings).run(all, merged);
    }
    return Scrub.of(blobs, configured, merged.root(), epoch);
  }

  private TreeId run(SortedMap<TreePath, Node> all, MergedTree merged)
      throws IOException, InterruptedException {
    Set<UnpackedDeb> base = order.base();
    List<UnpackedDeb> late = new ArrayList<>();
    for (UnpackedDeb deb : order.sorted()) {
      if (!base.contains(deb) && script(deb, all)) {
        late.add(deb);
      }
    }
    SortedMap<String, SortedSet<TreePath>> parts = parts(late, all, merged);
    SortedMap<TreePath, Node> first = new TreeMap<>(all);
    parts.values().forEach(first.keySet()::removeAll);
    dropEmpty(first, parts);
    Map<String, String> stanzas = stanzas(all);
    first.put(STATUS, text(status(stanzas, late), 0644));
    first.put(POLICY, text("#!/bin/sh\nexit 101\n", 0755));
    parents(first, all);
    sandbox.makeDirectory(ROOT);
    extract(first);
    if (surroundings.order() == Surroundings.Order.REVERSED) {
      sandbox.reverse(ROOT);
    }
    must(
        "configuring base-passwd",
        packages.stream().anyMatch(deb -> deb.name().equals("base-passwd"))
            ? List.of(DPKG_PROGRAM, "--force-depends", "--configure", "base-passwd")
            : List.of("true"));
    for (UnpackedDeb deb : order.sorted()) {
      if (base.contains(deb) && script(deb, all)) {
        preinst(deb, INFO.child(Name.of(Packages.infoName(deb) + ".preinst")));
      }
    }
    for (UnpackedDeb deb : late) {
      unpackLate(deb, all, parts.getOrDefault(Packages.infoName(deb), new TreeSet<>()), stanzas);
    }
    must("configuring the packages", List.of(DPKG_PROGRAM, "--force-confnew", "--configure", "-a"));
    must("checking the package database", List.of("sh", "-c", AUDIT));
    must("cleaning up", List.of("rm", "-f", "/" + POLICY.bytes().text()));
    return sandbox.archive(
        ROOT,
        in ->
            TarTree.unpack(
                new TarReader("the configured image", in),
                blobs,
                new UnpackLimits(UnpackLimits.Devices.REFUSED, UnpackLimits.MOST_ENTRIES)));
  }

  private static boolean script(UnpackedDeb deb, SortedMap<TreePath, Node> all) {
    return all.containsKey(INFO.child(Name.of(Packages.infoName(deb) + ".preinst")));
  }

  /** What each late package brings, by the name dpkg knows it under; no directories of others. */
  private static SortedMap<String, SortedSet<TreePath>> parts(
      List<UnpackedDeb> late, SortedMap<TreePath, Node> all, MergedTree merged) {
    SortedMap<String, SortedSet<TreePath>> parts = new TreeMap<>();
    late.forEach(deb -> parts.put(Packages.infoName(deb), new TreeSet<>()));
    merged
        .owners()
        .forEach(
            (path, owner) -> {
              SortedSet<TreePath> part = parts.get(owner);
              if (part != null && !path.isRoot()) {
                TreePath aside =
                    path.parent()
                        .child(conffile(path.last().orElseThrow()).orElse(path.last().get()));
                part.add(all.containsKey(path) ? path : aside);
              }
            });
    parts.forEach(
        (name, part) -> {
          part.retainAll(all.keySet());
          byte[] prefix = (name + ".").getBytes(StandardCharsets.UTF_8);
          for (TreePath path : all.tailMap(INFO).keySet()) {
            if (!path.startsWith(INFO)) {
              break;
            }
            if (path.parent().equals(INFO)
                && startsWith(path.last().orElseThrow().bytes(), prefix)) {
              part.add(path);
            }
          }
        });
    return parts;
  }

  private static boolean startsWith(Bytes name, byte[] prefix) {
    byte[] all = name.toArray();
    return all.length > prefix.length
        && Arrays.equals(all, 0, prefix.length, prefix, 0, prefix.length);
  }

  private static java.util.Optional<Name> conffile(Name name) {
    String aside = name + ".dpkg-new";
    return aside.length() <= Name.MAX_LENGTH
        ? java.util.Optional.of(Name.of(aside))
        : java.util.Optional.empty();
  }

  /** Directories of late packages in which nothing is left wait with them; others stay. */
  private static void dropEmpty(
      SortedMap<TreePath, Node> first, SortedMap<String, SortedSet<TreePath>> parts) {
    // Entries of others below a removed directory bring it back through parents().
    parts.values().forEach(part -> part.removeIf(path -> first.containsKey(path)));
  }

  /** Adds the directories above every entry. */
  private static void parents(SortedMap<TreePath, Node> some, SortedMap<TreePath, Node> all) {
    for (TreePath path : List.copyOf(some.keySet())) {
      for (TreePath above = path.parent(); !above.isRoot(); above = above.parent()) {
        Node node = all.get(above);
        if (node == null || some.putIfAbsent(above, node) != null) {
          break;
        }
      }
    }
  }

  private Map<String, String> stanzas(SortedMap<TreePath, Node> all) throws IOException {
    Map<String, String> stanzas = new TreeMap<>();
    if (all.get(STATUS) instanceof Node.File status) {
      byte[] bytes = blobs.read(status.content(), MAX_STATUS);
      for (Stanza stanza : ControlFile.read("/var/lib/dpkg/status", bytes)) {
        String key = stanza.get("Package").orElse("") + ":" + stanza.get("Architecture").orElse("");
        stanzas.put(key, stanza.print());
      }
    }
    return stanzas;
  }

  private static String key(UnpackedDeb deb) {
    return deb.name() + ":" + deb.architecture();
  }

  private static String status(Map<String, String> stanzas, List<UnpackedDeb> without) {
    Map<String, String> kept = new TreeMap<>(stanzas);
    without.forEach(deb -> kept.remove(key(deb)));
    StringBuilder text = new StringBuilder();
    kept.values().forEach(stanza -> text.append(stanza).append('\n'));
    return text.toString();
  }

  private Node.File text(String text, int mode) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Digest content = blobs.put(bytes);
    return new Node.File(content, bytes.length, Meta.of(mode, 0, 0));
  }

  /** One package whose preinst may look at a system without it. */
  private void unpackLate(
      UnpackedDeb deb,
      SortedMap<TreePath, Node> all,
      SortedSet<TreePath> part,
      Map<String, String> stanzas)
      throws IOException, InterruptedException {
    List<String> needed = new ArrayList<>();
    for (UnpackedDeb each : order.needs(deb, "Pre-Depends")) {
      needed.add(key(each).replace(":all", ""));
    }
    if (!needed.isEmpty()) {
      List<String> command = new ArrayList<>(List.of(DPKG_PROGRAM, "--force-depends"));
      command.addAll(List.of("--force-confnew", "--configure"));
      command.addAll(notConfigured(needed));
      if (command.size() > 4) {
        must("configuring what " + deb.name() + " needs first", command);
      }
    }
    String preinst = Packages.infoName(deb) + ".preinst";
    SortedMap<TreePath, Node> early = new TreeMap<>();
    early.put(LATE.child(Name.of("preinst")), all.get(INFO.child(Name.of(preinst))));
    early.put(LATE, directory(all));
    parents(early, all);
    extract(early);
    preinst(deb, LATE.child(Name.of("preinst")));
    SortedMap<TreePath, Node> files = new TreeMap<>();
    part.forEach(path -> files.put(path, all.get(path)));
    files.put(LATE.child(Name.of("stanza")), text(stanzas.get(key(deb)) + "\n", 0644));
    files.put(LATE, directory(all));
    parents(files, all);
    extract(files);
    String late = "/" + LATE.bytes().text();
    must(
        "recording " + deb.name(),
        List.of("sh", "-c", "cat " + late + "/stanza >> /var/lib/dpkg/status && rm -r " + late));
  }

  private static Node directory(SortedMap<TreePath, Node> all) {
    return java.util.Objects.requireNonNull(all.get(DPKG)).withMeta(Meta.of(0755, 0, 0));
  }

  private List<String> notConfigured(List<String> names) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("/usr/bin/dpkg-query", "-W", "-f"));
    command.add("${db:Status-Status} ${Package} ${Package}:${Architecture}\\n");
    Cell.Ended ended = in(command);
    return names.stream()
        .filter(
            name ->
                ended
                    .output()
                    .lines()
                    .anyMatch(
                        line ->
                            line.startsWith("unpacked ")
                                && Arrays.asList(line.split(" ", -1)).contains(name)))
        .toList();
  }

  private void preinst(UnpackedDeb deb, TreePath script) throws IOException, InterruptedException {
    String path = "/" + script.bytes().text();
    SortedMap<String, String> environment = environment();
    environment.put("DPKG_MAINTSCRIPT_PACKAGE", deb.name());
    environment.put("DPKG_MAINTSCRIPT_ARCH", deb.architecture());
    environment.put("DPKG_MAINTSCRIPT_NAME", "preinst");
    environment.put("DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT", "1");
    environment.put("DPKG_RUNNING_VERSION", dpkgVersion());
    environment.put("DPKG_ADMINDIR", "/var/lib/dpkg");
    environment.put("DPKG_ROOT", "");
    Cell.Ended ended =
        sandbox.run(
            new Cell(ROOT, List.of(path, "install"), environment, LIMIT, MAX_LOG), surroundings);
    check("the preinst script of " + deb.name(), ended);
  }

  private String dpkgVersion() {
    return packages.stream()
        .filter(deb -> deb.name().equals("dpkg"))
        .map(UnpackedDeb::version)
        .findFirst()
        .orElse("");
  }

  private void must(String what, List<String> command) throws IOException, InterruptedException {
    check(what, in(command));
  }

  private Cell.Ended in(List<String> command) throws IOException, InterruptedException {
    return sandbox.run(new Cell(ROOT, command, environment(), LIMIT, MAX_LOG), surroundings);
  }

  private static void check(String what, Cell.Ended ended) throws ScriptFailure {
    if (ended.timedOut()) {
      throw new ScriptFailure(
          what + " took longer than " + LIMIT.toMinutes() + " minutes", ended.output());
    }
    if (ended.exitCode() != 0) {
      throw new ScriptFailure(what + " failed with exit code " + ended.exitCode(), ended.output());
    }
  }

  private SortedMap<String, String> environment() {
    SortedMap<String, String> environment = new TreeMap<>();
    environment.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    environment.put("HOME", "/nonexistent");
    environment.put("LC_ALL", "C.UTF-8");
    environment.put("TZ", "UTC");
    environment.put("SOURCE_DATE_EPOCH", Long.toString(epoch));
    environment.put("DEBIAN_FRONTEND", "noninteractive");
    environment.put("DEBCONF_NONINTERACTIVE_SEEN", "true");
    environment.put("DEBCONF_NOWARNINGS", "yes");
    environment.putAll(surroundings.environment());
    return environment;
  }

  private void extract(SortedMap<TreePath, Node> entries) throws IOException, InterruptedException {
    try (InputStream tar = CanonicalTar.open(LayerContent.of(ROOT, entries), blobs)) {
      sandbox.extract(ROOT, tar::transferTo);
    }
  }
}
