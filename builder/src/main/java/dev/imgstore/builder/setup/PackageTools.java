package dev.imgstore.builder.setup;

import dev.imgstore.builder.setup.shell.Host;
import dev.imgstore.builder.setup.shell.Host.Answer;
import dev.imgstore.builder.setup.shell.Host.Variables;
import dev.imgstore.builder.source.debian.DebianVersion;
import dev.imgstore.builder.source.dpkg.Diversion;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/** dpkg's own commands, debconf's, ucf, and those that only speak to what is running. */
final class PackageTools {
  /** What these would change is not part of an image, or is made elsewhere. */
  private static final Set<String> HARMLESS =
      Set.of(
          (": true trap umask cd sleep sync systemctl deb-systemd-invoke "
                  + "invoke-rc.d service update-rc.d dpkg-maintscript-helper dpkg-trigger "
                  + "ldconfig systemd-tmpfiles systemd-sysusers systemd-hwdb "
                  + "systemd-machine-id-setup journalctl dbus-uuidgen ucfr py3compile "
                  + "py3clean restorecon udevadm update-icon-caches "
                  + "/lib/runit-helper/runit-helper ss who db_go db_version db_stop db_set "
                  + "db_fset db_settitle db_title db_register db_unregister db_capb "
                  + "db_subst db_reset db_purge db_clear db_x_loadtemplatefile")
              .split(" ", -1));

  private static final List<String> FAILING =
      List.of("false", "pidof", "pgrep", "ischroot", "runlevel", "selinuxenabled");

  /** What is mounted wherever an image runs. */
  private static final Set<String> MOUNTED = Set.of("/proc", "/sys", "/dev");

  private final TreeEditor tree;
  private final Accounts accounts;
  private final List<Diversion> diversions = new ArrayList<>();
  private final Map<String, TreePath> overrides = new HashMap<>();
  private String packageName = "";
  private String architecture = "";
  private Map<String, String> answers = Map.of();

  PackageTools(TreeEditor tree, Accounts accounts) {
    this.tree = tree;
    this.accounts = accounts;
  }

  /** Whose script is run next, and what debconf would answer it. */
  void start(String name, String packageArchitecture, Map<String, String> debconf) {
    packageName = name;
    architecture = packageArchitecture;
    answers = debconf;
  }

  List<Diversion> diversions() {
    return diversions;
  }

  void addTo(Map<String, Tool> tools) {
    HARMLESS.forEach(name -> tools.put(name, (words, input, variables) -> Answer.DONE));
    FAILING.forEach(name -> tools.put(name, (words, input, variables) -> Answer.NO));
    tools.put(
        "mountpoint",
        (words, input, variables) ->
            words.stream().anyMatch(MOUNTED::contains) ? Answer.DONE : Answer.NO);
    tools.put("date", (words, input, variables) -> new Answer(0, Host.UNKNOWN_TEXT));
    tools.put("uname", (words, input, variables) -> uname(words));
    tools.put("db_input", (words, input, variables) -> new Answer(30, ""));
    tools.put("db_get", this::get);
    tools.put(".", (words, input, variables) -> source(words));
    tools.put("dpkg", (words, input, variables) -> dpkg(words));
    tools.put("dpkg-divert", (words, input, variables) -> divert(words));
    tools.put("dpkg-statoverride", (words, input, variables) -> override(words));
    tools.put("ucf", (words, input, variables) -> ucf(words));
  }

  private Answer get(List<String> words, String input, Variables variables) {
    String answer = words.isEmpty() ? null : answers.get(words.get(0));
    variables.set("RET", answer == null ? "" : answer);
    return answer == null ? new Answer(10, "") : Answer.DONE;
  }

  private static Answer uname(List<String> words) {
    return words.isEmpty() || words.equals(List.of("-s"))
        ? new Answer(0, "Linux\n")
        : Answer.NOT_KNOWN;
  }

  private static Answer source(List<String> words) {
    boolean debconf = words.equals(List.of("/usr/share/debconf/confmodule"));
    return debconf ? Answer.DONE : Answer.NOT_KNOWN;
  }

  private Answer dpkg(List<String> words) {
    if (words.equals(List.of("--print-architecture"))) {
      return new Answer(0, architecture + "\n");
    }
    if (words.size() == 4 && words.get(0).equals("--compare-versions")) {
      int order = DebianVersion.compare(words.get(1), words.get(3));
      String relation = words.get(2);
      boolean none = words.get(1).isEmpty();
      if (none && relation.endsWith("-nl")) {
        return relation.startsWith("g") ? Answer.DONE : Answer.NO;
      }
      if (none) {
        return relation.startsWith("l") ? Answer.DONE : Answer.NO;
      }
      boolean holds =
          switch (relation.replace("-nl", "")) {
            case "lt", "<<" -> order < 0;
            case "le", "<=", "<" -> order <= 0;
            case "eq", "=" -> order == 0;
            case "ne" -> order != 0;
            case "ge", ">=", ">" -> order >= 0;
            case "gt", ">>" -> order > 0;
            default -> false;
          };
      return holds ? Answer.DONE : Answer.NO;
    }
    return Answer.NOT_KNOWN;
  }

  private Answer divert(List<String> words) throws IOException {
    Arguments args =
        Arguments.read(words, "--package --divert --admindir --truename --listpackage");
    if (args.has("--truename")) {
      return new Answer(0, args.value("", "--truename") + "\n");
    }
    if (args.has("--list", "--remove", "--listpackage")) {
      return Answer.DONE;
    }
    if (args.operands().size() != 1) {
      return Answer.NOT_KNOWN;
    }
    String from = args.operands().get(0);
    String owner = args.has("--local") ? "" : args.value(packageName, "--package");
    String to = args.value(from + ".distrib", "--divert");
    Diversion diversion = new Diversion(owner, Place.at(from), Place.at(to));
    if (!diversions.contains(diversion)) {
      diversions.add(diversion);
    }
    return Answer.DONE;
  }

  private Answer override(List<String> words) throws IOException {
    Arguments args = Arguments.read(words, "--admindir");
    List<String> operands = args.operands();
    if (args.has("--list")) {
      return operands.size() == 1 && overrides.containsKey(operands.get(0))
          ? Answer.DONE
          : Answer.NO;
    }
    if (args.has("--remove")) {
      return Answer.DONE;
    }
    if (!args.has("--add") || operands.size() != 4) {
      return Answer.NOT_KNOWN;
    }
    OptionalInt uid = accounts.uid(operands.get(0).replace("#", ""));
    OptionalInt gid = accounts.gid(operands.get(1).replace("#", ""));
    OptionalInt mode = Modes.change(operands.get(2), 0, false);
    if (uid.isEmpty() || gid.isEmpty() || mode.isEmpty()) {
      return Answer.NOT_KNOWN;
    }
    TreePath path = Place.real(tree, operands.get(3));
    overrides.put(operands.get(3), path);
    if (args.has("--update") && tree.exists(path)) {
      Meta old = tree.meta(path).orElseThrow();
      tree.setMeta(path, new Meta(mode.getAsInt(), uid.getAsInt(), gid.getAsInt(), old.xattrs()));
    }
    return Answer.DONE;
  }

  /** On a first installation ucf(1) copies what is not there yet. */
  private Answer ucf(List<String> words) throws IOException {
    Arguments args = Arguments.read(words, "--sum-file --src-dir --state-dir");
    if (args.has("--purge", "-p")) {
      return Answer.DONE;
    }
    if (args.operands().size() != 2) {
      return Answer.NOT_KNOWN;
    }
    TreePath from = Place.real(tree, args.operands().get(0));
    TreePath to = Place.real(tree, args.operands().get(1));
    if (!tree.exists(to) && tree.leaf(from).orElse(null) instanceof Node.File file) {
      tree.put(to, new Node.File(file.content(), file.size(), Meta.of(0644, 0, 0)));
    }
    return Answer.DONE;
  }
}
