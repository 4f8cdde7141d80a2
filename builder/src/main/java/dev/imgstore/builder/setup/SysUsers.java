package dev.imgstore.builder.setup;

import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Name;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The users and groups that packages declare in {@code usr/lib/sysusers.d} (sysusers.d(5)). */
final class SysUsers {
  private static final TreePath DIRECTORY = TreePath.of("usr/lib/sysusers.d");
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

  private SysUsers() {}

  /** Applies all files in order of their names: groups first, then users, then members. */
  static void apply(TreeEditor tree, Accounts accounts) throws IOException {
    if (!tree.isDirectory(DIRECTORY)) {
      return;
    }
    List<List<String>> lines = new ArrayList<>();
    for (Name name : tree.list(DIRECTORY)) {
      if (name.toString().endsWith(".conf")) {
        String text = Place.text(tree, DIRECTORY.child(name).toString()).orElse("");
        text.lines().map(SysUsers::words).filter(words -> words.size() >= 2).forEach(lines::add);
      }
    }
    for (String type : List.of("g", "u", "m")) {
      for (List<String> words : lines) {
        if (words.get(0).replaceAll("[!+-]", "").equals(type)) {
          apply(type, words, accounts);
        }
      }
    }
  }

  private static void apply(String type, List<String> words, Accounts accounts) {
    String name = words.get(1);
    String id = word(words, 2);
    if (type.equals("m")) {
      accounts.addMember(id, name);
    } else if (type.equals("g")) {
      accounts.addGroup(name, Accounts.isNumber(id) ? Integer.parseInt(id) : -1);
    } else if (!accounts.hasUser(name)) {
      String[] ids = id.split(":", 2);
      int uid = Accounts.isNumber(ids[0]) ? Integer.parseInt(ids[0]) : -1;
      int gid;
      if (ids.length > 1) {
        gid = accounts.gid(ids[1]).orElse(Accounts.NOGROUP);
      } else {
        accounts.addGroup(name, uid);
        gid = accounts.gid(name).orElse(Accounts.NOGROUP);
      }
      String home = word(words, 4).isEmpty() ? "/" : word(words, 4);
      String shell = word(words, 5).isEmpty() ? "/usr/sbin/nologin" : word(words, 5);
      accounts.addUser(name, uid, gid, word(words, 3), home, shell);
    }
  }

  private static String word(List<String> words, int at) {
    return at < words.size() && !words.get(at).equals("-") ? words.get(at) : "";
  }

  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    if (line.startsWith("#")) {
      return words;
    }
    Matcher matcher = WORD.matcher(line);
    while (matcher.find()) {
      words.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
    }
    return words;
  }
}
