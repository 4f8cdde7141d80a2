package dev.imgstore.builder.setup;

import dev.imgstore.builder.setup.shell.Interpreter;
import dev.imgstore.builder.setup.shell.SyntaxFault;
import dev.imgstore.builder.source.deb.UnpackedDeb;
import dev.imgstore.builder.source.debian.ControlFile;
import dev.imgstore.builder.source.debian.DebianException;
import dev.imgstore.builder.source.debian.Relation;
import dev.imgstore.builder.source.debian.Relations;
import dev.imgstore.builder.source.debian.Stanza;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The maintainer scripts of packages, and in which order they come. */
final class Scripts {
  private static final int LARGEST = 1 << 20;
  private static final Pattern SHELL = Pattern.compile("#! ?/(usr/)?bin/(sh|bash|dash)\\b.*");
  private static final List<String> FIRST = List.of("base-passwd", "base-files");

  /** Packages whose scripts are not read, because we do what they do, or it is not needed. */
  private static final Set<String> DONE_OTHERWISE =
      Set.of(
          "base-passwd",
          "ca-certificates",
          "dash",
          "debconf",
          "dpkg",
          "libc-bin",
          "libc6",
          "libpam-runtime",
          "libpam0g",
          "passwd",
          "ucf",
          "usr-is-merged",
          "usrmerge");

  private final BlobReader blobs;
  private final List<UnpackedDeb> ordered;
  private final List<Unhandled> unhandled = new ArrayList<>();

  Scripts(BlobReader blobs, List<UnpackedDeb> packages) throws IOException {
    this.blobs = blobs;
    this.ordered = order(packages);
  }

  List<Unhandled> unhandled() {
    return unhandled;
  }

  /** Each package after those it depends on; else by name. */
  private static List<UnpackedDeb> order(List<UnpackedDeb> packages) throws IOException {
    SortedMap<String, List<UnpackedDeb>> byName = new TreeMap<>();
    for (UnpackedDeb deb : packages) {
      byName.computeIfAbsent(deb.name(), key -> new ArrayList<>()).add(deb);
    }
    Set<String> seen = new HashSet<>();
    List<UnpackedDeb> ordered = new ArrayList<>();
    for (String name : FIRST) {
      visit(name, byName, seen, ordered);
    }
    for (String name : byName.keySet()) {
      visit(name, byName, seen, ordered);
    }
    return ordered;
  }

  private static void visit(
      String name,
      SortedMap<String, List<UnpackedDeb>> byName,
      Set<String> seen,
      List<UnpackedDeb> ordered)
      throws IOException {
    List<UnpackedDeb> here = byName.getOrDefault(name, List.of());
    if (here.isEmpty() || !seen.add(name)) {
      return;
    }
    for (UnpackedDeb deb : here) {
      for (String field : List.of("Pre-Depends", "Depends")) {
        Relations relations = Relations.read(field + " of " + name, deb.field(field));
        for (List<Relation> clause : relations.clauses()) {
          for (Relation relation : clause) {
            visit(relation.name(), byName, seen, ordered);
          }
        }
      }
    }
    ordered.addAll(here);
  }

  /** Reads one script of every package that has it. */
  void run(String script, List<String> arguments, ScriptHost host) throws IOException {
    for (UnpackedDeb deb : ordered) {
      SortedMap<Name, Node> control = Trees.read(blobs, deb.control()).entries();
      if (!DONE_OTHERWISE.contains(deb.name())
          && control.get(Name.of(script)) instanceof Node.File file) {
        host.packages().start(deb.name(), deb.architecture(), defaults(control));
        run(deb, script, text(file), arguments, host);
      }
    }
  }

  private void run(
      UnpackedDeb deb, String script, String text, List<String> arguments, ScriptHost host)
      throws IOException {
    String first = text.lines().findFirst().orElse("");
    if (!SHELL.matcher(first).matches()) {
      unhandled.add(new Unhandled(deb.name(), script, 0, "is no shell script: " + first));
      return;
    }
    Map<String, String> variables = new TreeMap<>();
    variables.put("DPKG_MAINTSCRIPT_PACKAGE", deb.name());
    variables.put("DPKG_MAINTSCRIPT_NAME", script);
    variables.put("DPKG_MAINTSCRIPT_ARCH", deb.architecture());
    variables.put("DPKG_ROOT", "");
    variables.put("DEBIAN_FRONTEND", "noninteractive");
    variables.put("HOME", "/root");
    variables.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    try {
      Interpreter.run(host, text, arguments, variables)
          .forEach(
              complaint ->
                  unhandled.add(
                      new Unhandled(deb.name(), script, complaint.line(), complaint.text())));
    } catch (SyntaxFault e) {
      String why = "cannot be read: " + e.getMessage();
      unhandled.add(new Unhandled(deb.name(), script, e.line(), why));
    }
  }

  /** What debconf answers when nobody is asked: the defaults of the package's own questions. */
  private Map<String, String> defaults(SortedMap<Name, Node> control) throws IOException {
    Map<String, String> defaults = new TreeMap<>();
    if (control.get(Name.of("templates")) instanceof Node.File file) {
      try {
        for (Stanza stanza : ControlFile.read("templates", text(file))) {
          String answer = stanza.get("Default").orElse("");
          stanza.get("Template").ifPresent(name -> defaults.put(name, answer));
        }
      } catch (DebianException.Malformed e) {
        return defaults; // questions that cannot be read have no answers
      }
    }
    return defaults;
  }

  private String text(Node.File file) throws IOException {
    return new String(blobs.read(file.content(), LARGEST), StandardCharsets.UTF_8);
  }
}
