package dev.imgstore.builder.recipe;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads the users and groups of a recipe. */
final class AccountsPart {
  static final String HOME = "/nonexistent";
  static final String SHELL = "/usr/sbin/nologin";

  /** The accounts of one recipe, in the order written; groups that users bring come last. */
  record Accounts(List<Group> groups, List<User> users) {
    /** The primary group of a user the recipe declares. */
    Optional<String> groupOf(String user) {
      return users.stream().filter(u -> u.name().equals(user)).map(User::group).findFirst();
    }
  }

  private final Values values;
  private final Places places;
  private final Map<String, Group> groups = new LinkedHashMap<>();
  private final Map<Integer, String> groupNumbers = new HashMap<>();
  private final Map<String, User> users = new LinkedHashMap<>();
  private final Map<Integer, String> userNumbers = new HashMap<>();

  private AccountsPart(Values values, Places places) {
    this.values = values;
    this.places = places;
  }

  static Accounts read(Section recipe, Places places) {
    AccountsPart part = new AccountsPart(recipe.values(), places);
    for (Yaml item : recipe.list("groups")) {
      Section.of("an entry of `groups`", item, Part.GROUP, part.values).ifPresent(part::group);
    }
    for (Yaml item : recipe.list("users")) {
      Section.of("an entry of `users`", item, Part.USER, part.values).ifPresent(part::user);
    }
    return new Accounts(List.copyOf(part.groups.values()), List.copyOf(part.users.values()));
  }

  private void group(Section section) {
    Optional<String> name = name(section, "a group");
    Optional<Integer> gid = number(section, "gid", "a group");
    if (name.isPresent() && gid.isPresent()) {
      add(section, new Group(name.get(), gid.get()), section.place("name"));
    }
  }

  private void add(Section section, Group group, Place place) {
    if (groups.containsKey(group.name())) {
      section.complain(place, "the group " + Complaints.quote(group.name()) + " is here twice");
      return;
    }
    String other = groupNumbers.putIfAbsent(group.gid(), group.name());
    if (other != null) {
      section.complain(
          place,
          String.format(
              Locale.ROOT,
              "the groups %s and %s have the same number %d",
              Complaints.quote(other),
              Complaints.quote(group.name()),
              group.gid()));
      return;
    }
    groups.put(group.name(), group);
    places.put(group, place);
  }

  private void user(Section section) {
    Optional<String> name = name(section, "a user");
    Optional<Integer> uid = number(section, "uid", "a user");
    Optional<String> group = section.text("group", Rules.ACCOUNT);
    List<String> further = section.distinct("groups", List.of(), Rules.ACCOUNT);
    String home = section.text("home", HOME, Rules.ACCOUNT_PATH);
    String shell = section.text("shell", SHELL, Rules.ACCOUNT_PATH);
    String comment = section.text("comment", "", Rules.COMMENT);
    if (name.isEmpty() || uid.isEmpty()) {
      return;
    }
    Place place = section.place("name");
    if (users.containsKey(name.get())) {
      section.complain(place, "the user " + Complaints.quote(name.get()) + " is here twice");
      return;
    }
    String other = userNumbers.putIfAbsent(uid.get(), name.get());
    if (other != null) {
      section.complain(
          section.place("uid"),
          String.format(
              Locale.ROOT,
              "the users %s and %s have the same number %d",
              Complaints.quote(other),
              Complaints.quote(name.get()),
              uid.get()));
      return;
    }
    if (!section.has("group") && !groups.containsKey(name.get())) {
      add(section, new Group(name.get(), uid.get()), place);
    }
    User user =
        new User(name.get(), uid.get(), group.orElse(name.get()), further, home, shell, comment);
    users.put(user.name(), user);
    places.put(user, place);
  }

  private Optional<String> name(Section section, String what) {
    return section.required("name", what).flatMap(node -> values.text("name", node, Rules.ACCOUNT));
  }

  private Optional<Integer> number(Section section, String key, String what) {
    return section
        .required(key, what)
        .flatMap(node -> values.number(key, node, 0, Integer.MAX_VALUE))
        .map(Math::toIntExact);
  }
}
