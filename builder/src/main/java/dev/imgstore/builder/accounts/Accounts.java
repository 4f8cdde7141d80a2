package dev.imgstore.builder.accounts;

import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The users and groups of a tree (passwd(5), group(5), shadow(5), gshadow(5)). Lines that are there
 * stay as they are; new ones go to the end. Not for several threads.
 */
public final class Accounts {
  private static final int LARGEST = 16 << 20;
  private static final int FIRST_SYSTEM = 100;
  private static final int LAST_SYSTEM = 999;

  /** The day of 1980-01-01, which new lines of shadow give as that of the last change. */
  private static final String DAY = "3652";

  private static final Meta PUBLIC = Meta.of(0644, 0, 0);
  private final Table passwd;
  private final Table group;
  private final Table shadow;
  private final Table gshadow;

  private Accounts(Table passwd, Table group, Table shadow, Table gshadow) {
    this.passwd = passwd;
    this.group = group;
    this.shadow = shadow;
    this.gshadow = gshadow;
  }

  /** One of the files: its lines, split at colons. */
  private record Table(TreePath path, boolean present, List<String[]> rows) {
    static Table read(TreeEditor tree, String path) throws IOException {
      TreePath place = TreePath.of(path);
      List<String[]> rows = new ArrayList<>();
      boolean present = tree.leaf(place).orElse(null) instanceof Node.File;
      if (present) {
        String text = new String(tree.read(place, LARGEST), StandardCharsets.UTF_8);
        text.lines().filter(line -> !line.isBlank()).forEach(line -> rows.add(split(line)));
      }
      return new Table(place, present, rows);
    }

    private static String[] split(String line) {
      return line.split(":", -1);
    }

    Optional<String[]> find(String name) {
      return rows.stream().filter(row -> row[0].equals(name)).findFirst();
    }

    boolean hasNumber(int number) {
      String wanted = Integer.toString(number);
      return rows.stream().anyMatch(row -> row.length > 2 && row[2].equals(wanted));
    }

    void write(TreeEditor tree, Meta meta) throws IOException {
      StringBuilder text = new StringBuilder();
      rows.forEach(row -> text.append(String.join(":", row)).append('\n'));
      Meta kept = tree.meta(path).orElse(meta);
      tree.makeDirectories(path.parent());
      tree.putFile(path, text.toString().getBytes(StandardCharsets.UTF_8), kept);
    }
  }

  /** Those of a tree; empty where it has no such files. */
  public static Accounts read(TreeEditor tree) throws IOException {
    return new Accounts(
        Table.read(tree, "etc/passwd"),
        Table.read(tree, "etc/group"),
        Table.read(tree, "etc/shadow"),
        Table.read(tree, "etc/gshadow"));
  }

  /** Writes them back: passwd and group always, the shadow files where there are such. */
  public void write(TreeEditor tree) throws IOException {
    passwd.write(tree, PUBLIC);
    group.write(tree, PUBLIC);
    Meta secret = Meta.of(0640, 0, number(group, "shadow").orElse(0));
    if (shadow.present()) {
      shadow.write(tree, secret);
    }
    if (gshadow.present()) {
      gshadow.write(tree, secret);
    }
  }

  /** Whether there is a user of this name. */
  public boolean hasUser(String name) {
    return passwd.find(name).isPresent();
  }

  /** Whether there is a group of this name. */
  public boolean hasGroup(String name) {
    return group.find(name).isPresent();
  }

  /** Adds a group, or gives the one of this name its number. */
  public void addGroup(String name, int gid) {
    Optional<String[]> row = group.find(name);
    if (row.isPresent()) {
      row.get()[2] = Integer.toString(gid);
      return;
    }
    group.rows().add(new String[] {name, "x", Integer.toString(gid), ""});
    gshadow.rows().add(new String[] {name, "!", "", ""});
  }

  /** Adds a user that cannot log in with a password, or changes the one of this name. */
  public void addUser(String name, int uid, int gid, String home, String shell, String comment) {
    String[] row = {name, "x", Integer.toString(uid), Integer.toString(gid), comment, home, shell};
    for (int i = 0; i < passwd.rows().size(); i++) {
      if (passwd.rows().get(i)[0].equals(name)) {
        passwd.rows().set(i, row);
        return;
      }
    }
    passwd.rows().add(row);
    shadow.rows().add(new String[] {name, "!", DAY, "0", "99999", "7", "", "", ""});
  }

  /** Makes a user a member of a group that is there. */
  public void addMember(String groupName, String user) {
    for (Table table : List.of(group, gshadow)) {
      table
          .find(groupName)
          .filter(row -> row.length == 4)
          .ifPresent(
              row -> {
                List<String> members =
                    new ArrayList<>(
                        Arrays.asList(row[3].isEmpty() ? new String[0] : row[3].split(",", -1)));
                if (!members.contains(user)) {
                  members.add(user);
                }
                row[3] = String.join(",", members);
              });
    }
  }

  /** The lowest number from 100 that no system user has. */
  public int freeSystemUid() {
    return free(passwd);
  }

  /** The lowest number from 100 that no system group has. */
  public int freeSystemGid() {
    return free(group);
  }

  private static int free(Table table) {
    for (int number = FIRST_SYSTEM; number <= LAST_SYSTEM; number++) {
      if (!table.hasNumber(number)) {
        return number;
      }
    }
    throw new IllegalStateException("all numbers from 100 to 999 are taken");
  }

  /** A user's number, by name or as a number; root is known without any file. */
  public Optional<Integer> uid(String nameOrNumber) {
    return number(passwd, nameOrNumber);
  }

  /** A group's number, by name or as a number; root is known without any file. */
  public Optional<Integer> gid(String nameOrNumber) {
    return number(group, nameOrNumber);
  }

  /** A user's primary group. */
  public Optional<Integer> primaryGid(String user) {
    return passwd.find(user).filter(row -> row.length > 3).map(row -> Integer.parseInt(row[3]));
  }

  private static Optional<Integer> number(Table table, String nameOrNumber) {
    if (nameOrNumber.matches("[0-9]{1,9}")) {
      return Optional.of(Integer.parseInt(nameOrNumber));
    }
    Optional<Integer> found =
        table
            .find(nameOrNumber)
            .filter(row -> row.length > 2 && row[2].matches("[0-9]{1,9}"))
            .map(row -> Integer.parseInt(row[2]));
    return found.isEmpty() && nameOrNumber.equals("root") ? Optional.of(0) : found;
  }
}
