package dev.imgstore.builder.setup;

import dev.imgstore.builder.recipe.Group;
import dev.imgstore.builder.recipe.User;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Meta;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The users and groups of an image: passwd(5), group(5), shadow(5), gshadow(5). Numbers for those
 * that ask for none are given in order of names, so that they do not depend on who asked first.
 */
final class Accounts {
  static final int NOGROUP = 65534;
  private static final int FIRST_SYSTEM = 100;
  private static final int LAST_SYSTEM = 999;
  private static final int SECONDS_PER_DAY = 86_400;
  private static final int LARGEST = 1 << 20;

  /** One line of passwd. */
  record Entry(String name, int uid, int gid, String comment, String home, String shell) {}

  private final SortedMap<String, Entry> users = new TreeMap<>();
  private final SortedMap<String, Integer> groups = new TreeMap<>();
  private final SortedMap<String, SortedSet<String>> members = new TreeMap<>();
  private final SortedSet<String> asked = new TreeSet<>();
  private final Map<String, Integer> given;

  private Accounts(Map<String, Integer> given) {
    this.given = given;
  }

  /**
   * Begins with Debian's own, from the masters in the tree, else the few that programs rely on.
   *
   * @param given numbers settled beforehand for names that ask for none
   */
  static Accounts base(TreeEditor tree, Map<String, Integer> given) throws IOException {
    Accounts accounts = new Accounts(given);
    TreePath passwd = TreePath.of("usr/share/base-passwd/passwd.master");
    TreePath group = TreePath.of("usr/share/base-passwd/group.master");
    if (tree.exists(passwd) && tree.exists(group)) {
      accounts.readGroups(text(tree, group));
      accounts.readUsers(text(tree, passwd));
    } else {
      accounts.readGroups(BaseAccounts.GROUPS);
      accounts.readUsers(BaseAccounts.USERS);
    }
    return accounts;
  }

  private static String text(TreeEditor tree, TreePath path) throws IOException {
    return new String(tree.read(path, LARGEST), StandardCharsets.UTF_8);
  }

  private void readGroups(String text) {
    for (String line : text.lines().toList()) {
      String[] fields = line.split(":", -1);
      if (fields.length >= 4 && isNumber(fields[2])) {
        groups.put(fields[0], Integer.parseInt(fields[2]));
        for (String member : fields[3].split(",", -1)) {
          addMember(fields[0], member);
        }
      }
    }
  }

  private void readUsers(String text) {
    for (String line : text.lines().toList()) {
      String[] f = line.split(":", -1);
      if (f.length >= 7 && isNumber(f[2]) && isNumber(f[3])) {
        int uid = Integer.parseInt(f[2]);
        users.put(f[0], new Entry(f[0], uid, Integer.parseInt(f[3]), f[4], f[5], f[6]));
      }
    }
  }

  static boolean isNumber(String text) {
    return text.matches("[0-9]{1,9}");
  }

  boolean hasUser(String name) {
    return users.containsKey(name);
  }

  boolean hasGroup(String name) {
    return groups.containsKey(name);
  }

  /** A user's entry as passwd has it; empty if there is none. */
  String passwdLine(String name) {
    Entry user = users.get(name);
    return user == null ? "" : line(user);
  }

  private static String line(Entry u) {
    return String.join(
        ":", u.name(), "x", "" + u.uid(), "" + u.gid(), u.comment(), u.home(), u.shell());
  }

  /** A group's entry as group has it; empty if there is none. */
  String groupLine(String name) {
    Integer gid = groups.get(name);
    return gid == null ? "" : name + ":x:" + gid + ":" + String.join(",", membersOf(name));
  }

  private SortedSet<String> membersOf(String group) {
    return members.getOrDefault(group, new TreeSet<>());
  }

  /** A name or a number as a uid. */
  OptionalInt uid(String user) {
    Entry entry = users.get(user);
    return entry != null ? OptionalInt.of(entry.uid()) : number(user);
  }

  /** A name or a number as a gid. */
  OptionalInt gid(String group) {
    Integer gid = groups.get(group);
    return gid != null ? OptionalInt.of(gid) : number(group);
  }

  /** The primary group of a user. */
  OptionalInt primaryGroup(String user) {
    Entry entry = users.get(user);
    return entry == null ? OptionalInt.empty() : OptionalInt.of(entry.gid());
  }

  private static OptionalInt number(String text) {
    return isNumber(text) ? OptionalInt.of(Integer.parseInt(text)) : OptionalInt.empty();
  }

  /** Adds a group unless there is one; a number of -1 asks for any. */
  void addGroup(String name, int gid) {
    if (!groups.containsKey(name)) {
      groups.put(name, gid >= 0 ? gid : any(name));
    }
  }

  /** Adds a user unless there is one; a number of -1 asks for any. */
  void addUser(String name, int uid, int gid, String comment, String home, String shell) {
    if (!users.containsKey(name)) {
      int number = uid >= 0 ? uid : any(name);
      users.put(name, new Entry(name, number, gid, comment, home, shell));
    }
  }

  /** Changes a user that is there. */
  void replaceUser(Entry entry) {
    users.put(entry.name(), entry);
  }

  Entry user(String name) {
    Entry entry = users.get(name);
    if (entry == null) {
      throw new IllegalArgumentException("no user " + name);
    }
    return entry;
  }

  void addMember(String group, String user) {
    if (!user.isBlank()) {
      members.computeIfAbsent(group, key -> new TreeSet<>()).add(user);
    }
  }

  private int any(String name) {
    asked.add(name);
    return given.getOrDefault(name, NOGROUP - 1);
  }

  /** Takes a recipe's users and groups over whatever has their names. */
  void add(List<Group> recipeGroups, List<User> recipeUsers) {
    recipeGroups.forEach(group -> groups.put(group.name(), group.gid()));
    for (User user : recipeUsers) {
      String group = user.group().isEmpty() ? user.name() : user.group();
      groups.putIfAbsent(group, user.uid());
      int gid = groups.getOrDefault(group, user.uid());
      users.put(
          user.name(),
          new Entry(user.name(), user.uid(), gid, user.comment(), user.home(), user.shell()));
      user.groups().forEach(one -> addMember(one, user.name()));
    }
  }

  /**
   * Numbers for all names that asked for any, from 100 up in order of names, past those in use.
   *
   * @throws IOException if there are more than numbers
   */
  SortedMap<String, Integer> settle(Set<Integer> taken) throws IOException {
    Set<Integer> used = new TreeSet<>(taken);
    users.values().stream().filter(u -> !asked.contains(u.name())).forEach(u -> used.add(u.uid()));
    groups.forEach(
        (name, gid) -> {
          if (!asked.contains(name)) {
            used.add(gid);
          }
        });
    SortedMap<String, Integer> settled = new TreeMap<>();
    int next = FIRST_SYSTEM;
    for (String name : asked) {
      while (used.contains(next)) {
        next++;
      }
      if (next > LAST_SYSTEM) {
        throw new IOException("the packages want more than 900 system users");
      }
      settled.put(name, next++);
    }
    return settled;
  }

  /** Writes the four files; the day of the last change of a password is that of {@code epoch}. */
  void write(TreeEditor tree, long epoch) throws IOException {
    StringBuilder passwd = new StringBuilder();
    StringBuilder shadow = new StringBuilder();
    StringBuilder group = new StringBuilder();
    StringBuilder gshadow = new StringBuilder();
    List<Entry> byNumber = new ArrayList<>(users.values());
    byNumber.sort(Comparator.comparing(Entry::uid).thenComparing(Entry::name));
    for (Entry user : byNumber) {
      passwd.append(line(user)).append('\n');
      String lock = user.uid() < FIRST_SYSTEM || user.uid() == NOGROUP ? "*" : "!";
      shadow.append(user.name()).append(':').append(lock).append(':');
      shadow.append(epoch / SECONDS_PER_DAY).append(":0:99999:7:::\n");
    }
    List<String> names = new ArrayList<>(groups.keySet());
    names.sort(Comparator.comparing((String name) -> groups.getOrDefault(name, 0)));
    for (String name : names) {
      group.append(groupLine(name)).append('\n');
      gshadow.append(name).append(":*::").append(String.join(",", membersOf(name))).append('\n');
    }
    int shadowGroup = gid("shadow").orElse(0);
    put(tree, "etc/passwd", passwd, Meta.of(0644, 0, 0));
    put(tree, "etc/group", group, Meta.of(0644, 0, 0));
    put(tree, "etc/shadow", shadow, Meta.of(0640, 0, shadowGroup));
    put(tree, "etc/gshadow", gshadow, Meta.of(0640, 0, shadowGroup));
  }

  /** Makes the home directories of a recipe's users where they are missing. */
  static void makeHomes(TreeEditor tree, List<User> recipeUsers, Accounts accounts)
      throws IOException {
    for (User user : recipeUsers) {
      TreePath home = tree.resolve(TreePath.of(user.home()));
      if (!user.home().startsWith("/nonexistent") && !tree.exists(home)) {
        int gid = accounts.primaryGroup(user.name()).orElse(user.uid());
        tree.putDirectory(home, Meta.of(0755, user.uid(), gid));
      }
    }
  }

  private static void put(TreeEditor tree, String path, StringBuilder text, Meta meta)
      throws IOException {
    tree.putFile(TreePath.of(path), text.toString().getBytes(StandardCharsets.UTF_8), meta);
  }
}
