package dev.imgstore.builder.source.dpkg;

import dev.imgstore.builder.source.deb.UnpackedDeb;
import dev.imgstore.builder.source.debian.Stanza;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobStore;
import dev.imgstore.store.Trees;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The files under {@code /var/lib/dpkg} that tell which packages are in a merged tree. Nothing in
 * them depends on time or order.
 */
public final class DpkgDatabase {
  private static final TreePath HOME = TreePath.of("var/lib/dpkg");
  private static final Meta FILE = Meta.of(0644, 0, 0);
  private static final int LARGEST = 64 << 20;

  private final BlobStore blobs;
  private final List<UnpackedDeb> packages;
  private final MergedTree merged;
  private final TreeEditor tree;

  private DpkgDatabase(BlobStore blobs, List<UnpackedDeb> packages, MergedTree merged) {
    this.blobs = blobs;
    this.packages = packages.stream().sorted(Comparator.comparing(Packages::infoName)).toList();
    this.merged = merged;
    this.tree = TreeEditor.of(blobs, merged.root());
  }

  /**
   * The merged tree as dpkg would have left it after {@code dpkg --unpack} of all: a status file in
   * which every package is unpacked, its control files, the interest in triggers, and every
   * conffile beside its place as {@code .dpkg-new}. What then remains is {@code dpkg --configure}.
   */
  public static TreeId unpacked(BlobStore blobs, List<UnpackedDeb> packages, MergedTree merged)
      throws IOException {
    DpkgDatabase database = new DpkgDatabase(blobs, packages, merged);
    database.writeUnpacked();
    return database.tree.write();
  }

  /**
   * The merged tree with one file for each package in {@code status.d}, where scanners look in
   * images that have no dpkg; nothing is ever configured there.
   */
  public static TreeId statusOnly(BlobStore blobs, List<UnpackedDeb> packages, MergedTree merged)
      throws IOException {
    DpkgDatabase database = new DpkgDatabase(blobs, packages, merged);
    database.writeStatusOnly();
    return database.tree.write();
  }

  private void writeStatusOnly() throws IOException {
    TreePath directory = HOME.child(Name.of("status.d"));
    for (UnpackedDeb deb : packages) {
      boolean alone =
          packages.stream().filter(other -> other.name().equals(deb.name())).count() == 1;
      String name = alone ? deb.name() : Packages.infoName(deb);
      put(directory.child(Name.of(name)), status(deb, "install ok installed", List.of()));
      Map<Name, Node> control = Trees.read(blobs, deb.control()).entries();
      if (control.get(Name.of("md5sums")) instanceof Node.File sums) {
        tree.put(directory.child(Name.of(name + ".md5sums")), sums.withMeta(FILE));
      }
    }
  }

  private void writeUnpacked() throws IOException {
    TreePath info = HOME.child(Name.of("info"));
    StringBuilder status = new StringBuilder();
    for (UnpackedDeb deb : packages) {
      List<String> conffiles = setConffilesAside(deb);
      status.append(status(deb, "install ok unpacked", conffiles)).append('\n');
      for (Map.Entry<Name, Node> entry : Trees.read(blobs, deb.control()).entries().entrySet()) {
        String name = entry.getKey().toString();
        if (!name.equals("control") && entry.getValue() instanceof Node.File) {
          tree.put(info.child(Name.of(Packages.infoName(deb) + "." + name)), entry.getValue());
        }
      }
      putBytes(info.child(Name.of(Packages.infoName(deb) + ".list")), list(deb));
    }
    put(info.child(Name.of("format")), "1\n");
    put(HOME.child(Name.of("status")), status.toString());
    put(HOME.child(Name.of("available")), "");
    tree.makeDirectories(HOME.child(Name.of("updates")));
    tree.makeDirectories(HOME.child(Name.of("parts")));
    writeTriggers();
  }

  private void put(TreePath path, String text) throws IOException {
    putBytes(path, text.getBytes(StandardCharsets.UTF_8));
  }

  private void putBytes(TreePath path, byte[] bytes) throws IOException {
    tree.putFile(path, bytes, FILE);
  }

  /** The control file's paragraph with the fields that dpkg adds. */
  private static String status(UnpackedDeb deb, String state, List<String> conffiles) {
    List<Stanza.Field> fields = new ArrayList<>();
    for (Stanza.Field field : deb.stanza().fields()) {
      if (field.name().equalsIgnoreCase("Status") || field.name().equalsIgnoreCase("Conffiles")) {
        continue;
      }
      fields.add(field);
      if (field.name().equalsIgnoreCase("Package")) {
        fields.add(new Stanza.Field("Status", state, 0));
      }
    }
    if (!conffiles.isEmpty()) {
      StringBuilder value = new StringBuilder();
      conffiles.forEach(path -> value.append('\n').append(path).append(" newconffile"));
      fields.add(new Stanza.Field("Conffiles", value.toString(), 0));
    }
    return new Stanza(fields).print();
  }

  /** Moves a package's conffiles to where configuring finds them; returns those it has. */
  private List<String> setConffilesAside(UnpackedDeb deb) throws IOException {
    List<String> paths = new ArrayList<>();
    for (String line : lines(deb, "conffiles")) {
      String path = line.strip();
      if (path.isEmpty() || !path.startsWith("/")) { // "remove-on-upgrade" and a path
        continue;
      }
      TreePath place = tree.resolveParent(conffile(deb, path));
      if (tree.leaf(place).orElse(null) instanceof Node.File file
          && Packages.infoName(deb).equals(merged.owners().get(place))) {
        tree.remove(place);
        tree.put(place.parent().child(Name.of(nameOf(place) + ".dpkg-new")), file);
        paths.add(path);
      }
    }
    return paths;
  }

  private static TreePath conffile(UnpackedDeb deb, String path) throws IOException {
    try {
      return TreePath.of(path);
    } catch (IllegalArgumentException e) {
      throw new IOException(deb.name() + " lists a conffile that cannot be: " + path, e);
    }
  }

  private static String nameOf(TreePath path) {
    return path.last().map(Name::toString).orElse("");
  }

  private byte[] list(UnpackedDeb deb) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {'/', '.', '\n'});
    for (TreePath path : merged.lists().getOrDefault(Packages.infoName(deb), List.of())) {
      Bytes bytes = path.bytes();
      out.write('/');
      out.writeBytes(bytes.toArray());
      out.write('\n');
    }
    return out.toByteArray();
  }

  /** Who wants to be told of which paths and events (deb-triggers(5)). */
  private void writeTriggers() throws IOException {
    TreePath directory = HOME.child(Name.of("triggers"));
    SortedMap<String, Set<String>> named = new TreeMap<>();
    Set<String> files = new LinkedHashSet<>();
    for (UnpackedDeb deb : packages) {
      for (String line : lines(deb, "triggers")) {
        String[] words = line.replaceFirst("#.*", "").strip().split("\\s+", -1);
        if (words.length != 2 || !words[0].startsWith("interest")) {
          continue;
        }
        String who = Packages.infoName(deb) + (words[0].endsWith("-noawait") ? "/noawait" : "");
        if (words[1].startsWith("/")) {
          files.add(words[1] + " " + who + "\n");
        } else {
          named.computeIfAbsent(words[1], key -> new LinkedHashSet<>()).add(who + "\n");
        }
      }
    }
    put(directory.child(Name.of("File")), String.join("", files));
    put(directory.child(Name.of("Unincorp")), "");
    for (Map.Entry<String, Set<String>> entry : named.entrySet()) {
      if (entry.getKey().indexOf('/') < 0 && !entry.getKey().startsWith(".")) {
        put(directory.child(Name.of(entry.getKey())), String.join("", entry.getValue()));
      }
    }
  }

  private List<String> lines(UnpackedDeb deb, String name) throws IOException {
    if (Trees.read(blobs, deb.control()).entries().get(Name.of(name)) instanceof Node.File file) {
      byte[] text = blobs.read(file.content(), LARGEST);
      return new String(text, StandardCharsets.UTF_8).lines().toList();
    }
    return List.of();
  }
}
