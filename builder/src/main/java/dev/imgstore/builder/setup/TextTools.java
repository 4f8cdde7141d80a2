package dev.imgstore.builder.setup;

import dev.imgstore.builder.setup.shell.Host;
import dev.imgstore.builder.setup.shell.Host.Answer;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** echo, printf, cat, grep, cut and a few more, as far as scripts use them. */
final class TextTools {
  private final TreeEditor tree;

  TextTools(TreeEditor tree) {
    this.tree = tree;
  }

  void addTo(Map<String, Tool> tools) {
    tools.put("echo", (words, input, variables) -> echo(words));
    tools.put("printf", (words, input, variables) -> printf(words));
    tools.put("cat", (words, input, variables) -> cat(words, input));
    tools.put("grep", (words, input, variables) -> grep(words, input, ""));
    tools.put("fgrep", (words, input, variables) -> grep(words, input, "-F"));
    tools.put("egrep", (words, input, variables) -> grep(words, input, "-E"));
    tools.put("cut", (words, input, variables) -> cut(words, input));
    tools.put("ls", (words, input, variables) -> ls(words));
    tools.put("add-shell", (words, input, variables) -> addShell(words));
    tools.put("update-shells", (words, input, variables) -> updateShells());
    tools.put("basename", (words, input, variables) -> basename(words));
    tools.put("dirname", (words, input, variables) -> dirname(words));
    tools.put("sort", (words, input, variables) -> sort(words, input));
  }

  /** Adds a shell to those that users may have (shells(5)). */
  private Answer addShell(List<String> shells) throws IOException {
    TreePath path = TreePath.of("etc/shells");
    StringBuilder text =
        new StringBuilder(Place.text(tree, path.toString()).orElse("# valid login shells\n"));
    for (String shell : shells) {
      if (text.toString().lines().noneMatch(shell::equals)) {
        text.append(shell).append('\n');
      }
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    tree.putFile(path, bytes, Meta.of(0644, 0, 0));
    return Answer.DONE;
  }

  /** Adds the shells that packages declare, under both their names in a merged /usr. */
  private Answer updateShells() throws IOException {
    TreePath directory = TreePath.of("usr/share/debianutils/shells.d");
    List<String> shells = new ArrayList<>();
    if (tree.isDirectory(directory)) {
      for (Name name : tree.list(directory)) {
        for (String line : text(directory.child(name)).lines().toList()) {
          if (line.startsWith("/")) {
            shells.add(line);
            String twin = line.startsWith("/usr/") ? line.substring(4) : "/usr" + line;
            if (tree.exists(Place.real(tree, twin))) {
              shells.add(twin);
            }
          }
        }
      }
    }
    return addShell(shells);
  }

  private String text(TreePath path) throws IOException {
    return Place.text(tree, path.toString()).orElse("");
  }

  /** Only for whether files are there. */
  private Answer ls(List<String> words) throws IOException {
    Arguments args = Arguments.read(words, "");
    for (String operand : args.operands()) {
      TreePath path = Place.real(tree, operand);
      if (!tree.exists(path)) {
        return new Answer(2, "");
      }
      if (tree.isDirectory(path) && !args.has("-d")) {
        return Answer.NOT_KNOWN;
      }
    }
    return args.operands().isEmpty()
        ? Answer.NOT_KNOWN
        : new Answer(0, String.join("\n", args.operands()) + "\n");
  }

  private static Answer echo(List<String> words) {
    boolean open = !words.isEmpty() && words.get(0).equals("-n");
    String text = String.join(" ", open ? words.subList(1, words.size()) : words);
    return new Answer(0, open ? text : text + "\n");
  }

  private static Answer printf(List<String> words) {
    if (words.isEmpty()) {
      return Answer.NOT_KNOWN;
    }
    String format = words.get(0).replace("\\n", "\n").replace("\\t", "\t");
    List<String> values = words.subList(1, words.size());
    if (format.replace("%s", "").replace("%%", "").contains("%") || format.contains("\\")) {
      return Answer.NOT_KNOWN;
    }
    StringBuilder out = new StringBuilder();
    int at = 0;
    do {
      int before = at;
      for (int i = 0; i < format.length(); i++) {
        if (format.startsWith("%%", i)) {
          out.append('%');
          i++;
        } else if (format.startsWith("%s", i)) {
          out.append(at < values.size() ? values.get(at) : "");
          at++;
          i++;
        } else {
          out.append(format.charAt(i));
        }
      }
      if (at == before) {
        break;
      }
    } while (at < values.size());
    return new Answer(0, out.toString());
  }

  /** The text of the named files, or the input; empty if one is missing. */
  private Optional<String> gather(List<String> files, String input) throws IOException {
    if (files.isEmpty()) {
      return Optional.of(input);
    }
    StringBuilder all = new StringBuilder();
    for (String file : files) {
      Optional<String> text = file.equals("-") ? Optional.of(input) : Place.text(tree, file);
      if (text.isEmpty()) {
        return Optional.empty();
      }
      all.append(text.get());
    }
    return Optional.of(all.toString());
  }

  private Answer cat(List<String> words, String input) throws IOException {
    Arguments args = Arguments.read(words, "");
    if (!args.only()) {
      return Answer.NOT_KNOWN;
    }
    return gather(args.operands(), input).map(text -> new Answer(0, text)).orElse(Answer.NO);
  }

  private Answer grep(List<String> words, String input, String kind) throws IOException {
    Arguments args = Arguments.read(words, "-e -m");
    if (!args.only("-q", "-s", "-x", "-v", "-i", "-F", "-E", "-e", "-w", "-l", "--quiet")) {
      return Answer.NOT_KNOWN;
    }
    List<String> operands = new ArrayList<>(args.operands());
    String pattern = args.value("", "-e");
    if (!args.has("-e")) {
      if (operands.isEmpty()) {
        return Answer.NOT_KNOWN;
      }
      pattern = operands.remove(0);
    }
    Optional<String> text = gather(operands, input);
    if (text.isEmpty()) {
      return new Answer(2, "");
    }
    if (text.get().contains(Host.UNKNOWN_TEXT)) {
      return Answer.NOT_KNOWN;
    }
    boolean fixed = args.has("-F") || kind.equals("-F");
    boolean extended = args.has("-E") || kind.equals("-E");
    Optional<Pattern> regex = Expressions.posix(pattern, fixed, extended, args.has("-i"));
    if (regex.isEmpty()) {
      return Answer.NOT_KNOWN;
    }
    StringBuilder out = new StringBuilder();
    for (String line : text.get().lines().toList()) {
      boolean found = Expressions.fits(regex.get(), line, args.has("-x"));
      if (found != args.has("-v")) {
        out.append(line).append('\n');
      }
    }
    int status = out.length() > 0 ? 0 : 1;
    if (args.has("-l")) {
      return new Answer(status, status == 0 ? String.join("\n", operands) + "\n" : "");
    }
    return new Answer(status, args.has("-q", "--quiet") ? "" : out.toString());
  }

  private Answer cut(List<String> words, String input) throws IOException {
    Arguments args = Arguments.read(words, "-d -f -c");
    String field = args.value("", "-f");
    Optional<String> text = gather(args.operands(), input);
    if (!field.matches("[0-9]{1,3}-?") || text.isEmpty()) {
      return Answer.NOT_KNOWN;
    }
    if (text.get().contains(Host.UNKNOWN_TEXT)) {
      return Answer.NOT_KNOWN;
    }
    boolean rest = field.endsWith("-");
    int number = Integer.parseInt(rest ? field.substring(0, field.length() - 1) : field);
    String delimiter = args.value("\t", "-d");
    StringBuilder out = new StringBuilder();
    for (String line : text.get().lines().toList()) {
      String[] fields = line.split(Pattern.quote(delimiter), -1);
      if (fields.length == 1) {
        out.append(line);
      } else if (number >= 1 && number <= fields.length) {
        List<String> all = List.of(fields);
        out.append(
            rest
                ? String.join(delimiter, all.subList(number - 1, all.size()))
                : all.get(number - 1));
      }
      out.append('\n');
    }
    return new Answer(0, out.toString());
  }

  private static Answer basename(List<String> words) {
    if (words.isEmpty()) {
      return Answer.NO;
    }
    String base = Place.base(words.get(0));
    boolean cut = words.size() > 1 && base.endsWith(words.get(1)) && !base.equals(words.get(1));
    return new Answer(
        0, (cut ? base.substring(0, base.length() - words.get(1).length()) : base) + "\n");
  }

  private static Answer dirname(List<String> words) {
    if (words.isEmpty()) {
      return Answer.NO;
    }
    int slash = words.get(0).replaceAll("/+$", "").lastIndexOf('/');
    String parent = slash < 0 ? "." : slash == 0 ? "/" : words.get(0).substring(0, slash);
    return new Answer(0, parent + "\n");
  }

  private Answer sort(List<String> words, String input) throws IOException {
    Arguments args = Arguments.read(words, "");
    Optional<String> text = gather(args.operands(), input);
    if (!args.only("-u", "-r") || text.isEmpty() || text.get().contains(Host.UNKNOWN_TEXT)) {
      return Answer.NOT_KNOWN;
    }
    List<String> lines = new ArrayList<>(text.get().lines().sorted().toList());
    if (args.has("-r")) {
      Collections.reverse(lines);
    }
    List<String> kept = args.has("-u") ? lines.stream().distinct().toList() : lines;
    return new Answer(0, kept.isEmpty() ? "" : String.join("\n", kept) + "\n");
  }
}
