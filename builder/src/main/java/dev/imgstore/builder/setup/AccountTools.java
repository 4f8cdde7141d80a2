package dev.imgstore.builder.setup;

import dev.imgstore.builder.setup.shell.Host.Answer;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Meta;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** adduser, addgroup, useradd, groupadd, usermod, gpasswd, getent and id. */
final class AccountTools {
  private static final String NO_LOGIN = "/usr/sbin/nologin";
  private static final String NOWHERE = "/nonexistent";

  private final TreeEditor tree;
  private final Accounts accounts;

  AccountTools(TreeEditor tree, Accounts accounts) {
    this.tree = tree;
    this.accounts = accounts;
  }

  void addTo(Map<String, Tool> tools) {
    tools.put("adduser", (words, input, variables) -> adduser(words));
    tools.put("addgroup", (words, input, variables) -> addgroup(words));
    tools.put("useradd", (words, input, variables) -> useradd(words));
    tools.put("groupadd", (words, input, variables) -> addgroup(words));
    tools.put("usermod", (words, input, variables) -> usermod(words));
    tools.put("gpasswd", (words, input, variables) -> gpasswd(words));
    tools.put("getent", (words, input, variables) -> getent(words));
    tools.put("id", (words, input, variables) -> id(words));
  }

  private Answer adduser(List<String> words) throws IOException {
    Arguments args =
        Arguments.read(
            words, "--home --shell --uid --gid --ingroup --gecos --comment --firstuid --lastuid");
    if (args.operands().size() == 2) {
      accounts.addMember(args.operands().get(1), args.operands().get(0));
      return Answer.DONE;
    }
    if (args.has("--group") && !args.has("--system") && args.operands().size() == 1) {
      return addgroup(words);
    }
    if (args.operands().size() != 1 || !args.has("--system")) {
      return Answer.NOT_KNOWN;
    }
    String name = args.operands().get(0);
    if (accounts.hasUser(name)) {
      return Answer.DONE;
    }
    OptionalInt gid = OptionalInt.of(Accounts.NOGROUP);
    if (args.has("--ingroup")) {
      gid = accounts.gid(args.value("", "--ingroup"));
    } else if (args.has("--gid")) {
      gid = accounts.gid(args.value("", "--gid"));
    } else if (args.has("--group")) {
      accounts.addGroup(name, number(args.value("", "--uid")));
      gid = accounts.gid(name);
    }
    return add(name, args, gid, args.value(NOWHERE, "--home"), !args.has("--no-create-home"));
  }

  private Answer add(String name, Arguments args, OptionalInt gid, String home, boolean makeHome)
      throws IOException {
    if (gid.isEmpty()) {
      return Answer.NOT_KNOWN;
    }
    accounts.addUser(
        name,
        number(args.value("", "--uid", "-u")),
        gid.getAsInt(),
        args.value("", "--gecos", "--comment", "-c"),
        home,
        args.value(NO_LOGIN, "--shell", "-s"));
    TreePath place = Place.real(tree, home);
    if (makeHome && !home.startsWith(NOWHERE) && !tree.exists(place)) {
      int uid = accounts.uid(name).orElse(0);
      tree.putDirectory(place, Meta.of(0755, uid, gid.getAsInt()));
    }
    return Answer.DONE;
  }

  private static int number(String text) {
    return Accounts.isNumber(text) ? Integer.parseInt(text) : -1;
  }

  private Answer addgroup(List<String> words) {
    Arguments args = Arguments.read(words, "--gid -g -K --firstgid --lastgid");
    if (args.operands().size() == 2) {
      accounts.addMember(args.operands().get(1), args.operands().get(0));
      return Answer.DONE;
    }
    if (args.operands().size() != 1) {
      return Answer.NOT_KNOWN;
    }
    accounts.addGroup(args.operands().get(0), number(args.value("", "--gid", "-g")));
    return Answer.DONE;
  }

  private Answer useradd(List<String> words) throws IOException {
    Arguments args =
        Arguments.read(
            words,
            "-u --uid -g --gid -d --home-dir --home -s --shell -c --comment -G --groups -K -b -e -f"
                + " -p");
    if (args.operands().size() != 1) {
      return Answer.NOT_KNOWN;
    }
    String name = args.operands().get(0);
    if (accounts.hasUser(name)) {
      return new Answer(9, "");
    }
    OptionalInt gid;
    if (args.has("-g", "--gid")) {
      gid = accounts.gid(args.value("", "-g", "--gid"));
    } else {
      accounts.addGroup(name, number(args.value("", "-u", "--uid")));
      gid = accounts.gid(name);
    }
    for (String group : args.value("", "-G", "--groups").split(",", -1)) {
      accounts.addMember(group, name);
    }
    String home = args.value("/home/" + name, "-d", "--home-dir", "--home");
    return add(name, args, gid, home, args.has("-m", "--create-home"));
  }

  private Answer usermod(List<String> words) {
    Arguments args =
        Arguments.read(words, "-G --groups -d --home -s --shell -c --comment -g --gid");
    if (args.operands().size() != 1 || !accounts.hasUser(args.operands().get(0))) {
      return Answer.NOT_KNOWN;
    }
    if (!args.only(
        "-a",
        "--append",
        "-G",
        "--groups",
        "-d",
        "--home",
        "-s",
        "--shell",
        "-c",
        "--comment",
        "-g",
        "--gid")) {
      return Answer.NOT_KNOWN;
    }
    Accounts.Entry old = accounts.user(args.operands().get(0));
    OptionalInt gid = accounts.gid(args.value("" + old.gid(), "-g", "--gid"));
    if (gid.isEmpty()) {
      return Answer.NOT_KNOWN;
    }
    for (String group : args.value("", "-G", "--groups").split(",", -1)) {
      accounts.addMember(group, old.name());
    }
    accounts.replaceUser(
        new Accounts.Entry(
            old.name(),
            old.uid(),
            gid.getAsInt(),
            args.value(old.comment(), "-c", "--comment"),
            args.value(old.home(), "-d", "--home"),
            args.value(old.shell(), "-s", "--shell")));
    return Answer.DONE;
  }

  private Answer gpasswd(List<String> words) {
    if (words.size() == 3 && words.get(0).equals("-a")) {
      accounts.addMember(words.get(2), words.get(1));
      return Answer.DONE;
    }
    return Answer.NOT_KNOWN;
  }

  private Answer getent(List<String> words) {
    if (words.size() != 2) {
      return Answer.NOT_KNOWN;
    }
    String line;
    if (words.get(0).equals("passwd")) {
      line = accounts.passwdLine(words.get(1));
    } else if (words.get(0).equals("group")) {
      line = accounts.groupLine(words.get(1));
    } else {
      return Answer.NOT_KNOWN;
    }
    return line.isEmpty() ? new Answer(2, "") : new Answer(0, line + "\n");
  }

  private Answer id(List<String> words) {
    Arguments args = Arguments.read(words, "");
    if (args.operands().isEmpty()) {
      return args.has("-u", "-g") ? new Answer(0, "0\n") : Answer.NOT_KNOWN;
    }
    String name = args.operands().get(0);
    if (!accounts.hasUser(name)) {
      return Answer.NO;
    }
    if (args.has("-u")) {
      return new Answer(0, accounts.uid(name).orElse(0) + "\n");
    } else if (args.has("-g")) {
      return new Answer(0, accounts.primaryGroup(name).orElse(0) + "\n");
    }
    return new Answer(0, "");
  }
}
