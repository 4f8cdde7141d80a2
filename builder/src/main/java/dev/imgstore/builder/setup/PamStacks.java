package dev.imgstore.builder.setup;

import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The files {@code /etc/pam.d/common-*}, made of the templates in {@code /usr/share/pam} and the
 * profiles in {@code /usr/share/pam-configs} that are on by default (pam-auth-update(8)).
 */
final class PamStacks {
  private static final TreePath TEMPLATES = TreePath.of("usr/share/pam");
  private static final TreePath PROFILES = TreePath.of("usr/share/pam-configs");
  private static final String INTERACTIVE_ONLY = "-Interactive-Only";

  /** One profile's fields; lists of modules are one text with line breaks. */
  private record Profile(String name, int priority, Map<String, String> fields) {
    String get(String field) {
      return fields.getOrDefault(field, "");
    }
  }

  private PamStacks() {}

  /** Writes the files that are missing; does nothing where the templates are. */
  static void write(TreeEditor tree) throws IOException {
    if (!tree.isDirectory(TEMPLATES)) {
      return;
    }
    List<Profile> profiles = profiles(tree);
    for (Name name : tree.list(TEMPLATES)) {
      String file = name.toString();
      TreePath target = TreePath.of("etc/pam.d").child(name);
      if (!file.matches("common-[a-z-]+") || tree.exists(target)) {
        continue;
      }
      String text = Place.text(tree, TEMPLATES.child(name).toString()).orElse("");
      byte[] made = stack(file, text, profiles).getBytes(StandardCharsets.UTF_8);
      tree.putFile(target, made, Meta.of(0644, 0, 0));
    }
  }

  private static List<Profile> profiles(TreeEditor tree) throws IOException {
    List<Profile> profiles = new ArrayList<>();
    if (tree.isDirectory(PROFILES)) {
      for (Name name : tree.list(PROFILES)) {
        String text = Place.text(tree, PROFILES.child(name).toString()).orElse("");
        Profile profile = read(name.toString(), text);
        if (profile.get("Default").equals("yes")) {
          profiles.add(profile);
        }
      }
    }
    profiles.sort(Comparator.comparing(Profile::priority).reversed().thenComparing(Profile::name));
    return profiles;
  }

  private static Profile read(String name, String text) {
    Map<String, String> fields = new TreeMap<>();
    String field = "";
    for (String line : text.lines().toList()) {
      int colon = line.indexOf(':');
      if (line.startsWith("\t") || line.startsWith(" ")) {
        fields.merge(field, line.strip(), (a, b) -> a.isEmpty() ? b : a + "\n" + b);
      } else if (colon > 0) {
        field = line.substring(0, colon);
        fields.put(field, line.substring(colon + 1).strip());
      }
    }
    String priority = fields.getOrDefault("Priority", "0");
    return new Profile(
        name, priority.matches("-?[0-9]{1,9}") ? Integer.parseInt(priority) : 0, fields);
  }

  private static String stack(String file, String template, List<Profile> profiles) {
    String type = file.split("-", -1)[1];
    boolean noninteractive = file.endsWith("-noninteractive");
    StringBuilder out = new StringBuilder();
    for (String line : template.lines().toList()) {
      if (line.matches("\\$[a-z_]+_primary")) {
        out.append(block(type, "Primary", noninteractive, profiles));
      } else if (line.matches("\\$[a-z_]+_additional")) {
        out.append(block(type, "Additional", noninteractive, profiles));
      } else {
        out.append(line).append('\n');
      }
    }
    return out.toString();
  }

  private static String block(
      String type, String kind, boolean noninteractive, List<Profile> profiles) {
    String field = Character.toUpperCase(type.charAt(0)) + type.substring(1);
    List<String> modules = new ArrayList<>();
    for (Profile profile : profiles) {
      boolean out = noninteractive && profile.get(field + INTERACTIVE_ONLY).equals("yes");
      if (!profile.get(field + "-Type").equals(kind) || out) {
        continue;
      }
      String lines = profile.get(field);
      if (modules.isEmpty() && !profile.get(field + "-Initial").isEmpty()) {
        lines = profile.get(field + "-Initial");
      } else if (lines.isEmpty()) {
        lines = profile.get(field + "-Final");
      }
      lines.lines().forEach(modules::add);
    }
    if (modules.isEmpty() && kind.equals("Primary")) {
      return type + "\t[default=1]\t\t\tpam_permit.so\n";
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < modules.size(); i++) {
      int rest = modules.size() - i - (kind.equals("Primary") ? 0 : 1);
      text.append(type).append('\t');
      text.append(modules.get(i).replaceFirst("=end\\b", "=" + rest)).append('\n');
    }
    return text.toString();
  }
}
