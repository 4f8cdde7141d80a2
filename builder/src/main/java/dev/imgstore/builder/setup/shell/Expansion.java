package dev.imgstore.builder.setup.shell;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What words become (POSIX shell, 2.6): parameters and substitutions, then fields, then paths. A
 * field is kept as a pattern in which what was quoted is escaped.
 */
final class Expansion {
  private final Interpreter shell;

  Expansion(Interpreter shell) {
    this.shell = shell;
  }

  /** All words as arguments of a command. */
  List<String> fields(List<Word> words) throws IOException {
    List<String> all = new ArrayList<>();
    for (Word word : words) {
      for (String field : split(word)) {
        if (!Globs.isPattern(field) || field.contains(Host.UNKNOWN_TEXT)) {
          all.add(Globs.unescape(field));
          continue;
        }
        List<String> paths = shell.host().glob(field);
        if (paths.isEmpty()) {
          all.add(Globs.unescape(field));
        } else {
          all.addAll(paths);
        }
      }
    }
    return all;
  }

  /** One word as one text, neither split nor a pattern. */
  String text(Word word) throws IOException {
    return Globs.unescape(pattern(word));
  }

  /** One word as a pattern. */
  String pattern(Word word) throws IOException {
    StringBuilder text = new StringBuilder();
    for (Word.Part part : word.parts()) {
      String value = part(part);
      text.append(part.quoted() ? Globs.escape(value) : value);
    }
    return text.toString();
  }

  private List<String> split(Word word) throws IOException {
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    boolean open = false;
    for (Word.Part part : word.parts()) {
      if (part instanceof Word.Parameter all && all.name().equals("@") && all.quoted()) {
        for (int i = 0; i < shell.arguments().size(); i++) {
          if (i > 0) {
            fields.add(field.toString());
            field.setLength(0);
          }
          field.append(Globs.escape(shell.arguments().get(i)));
          open = true;
        }
        continue;
      }
      String value = part(part);
      if (part.quoted() || part instanceof Word.Literal) {
        field.append(part.quoted() ? Globs.escape(value) : value);
        open = true;
        continue;
      }
      for (int i = 0; i < value.length(); i++) {
        char c = value.charAt(i);
        if (c != ' ' && c != '\t' && c != '\n') {
          field.append(c);
          open = true;
        } else if (open) {
          fields.add(field.toString());
          field.setLength(0);
          open = false;
        }
      }
    }
    if (open) {
      fields.add(field.toString());
    }
    return fields;
  }

  private String part(Word.Part part) throws IOException {
    if (part instanceof Word.Literal literal) {
      return literal.text();
    } else if (part instanceof Word.Substitution substitution) {
      return shell.output(substitution.body());
    } else if (part instanceof Word.Parameter parameter) {
      return parameter(parameter);
    }
    return Host.UNKNOWN_TEXT;
  }

  private String parameter(Word.Parameter parameter) throws IOException {
    String value = value(parameter.name());
    boolean set = isSet(parameter.name());
    String operator = parameter.operator();
    boolean usable = operator.startsWith(":") ? set && !value.isEmpty() : set;
    return switch (operator) {
      case "" -> value;
      case "length" -> value.contains(Host.UNKNOWN_TEXT) ? value : "" + value.length();
      case "-", ":-" -> usable ? value : text(parameter.argument());
      case "=", ":=" -> {
        if (!usable) {
          shell.set(parameter.name(), text(parameter.argument()));
        }
        yield value(parameter.name());
      }
      case "+", ":+" -> usable ? text(parameter.argument()) : "";
      case "#", "##" -> cutStart(value, pattern(parameter.argument()), operator.equals("##"));
      case "%", "%%" -> cutEnd(value, pattern(parameter.argument()), operator.equals("%%"));
      default -> usable ? value : Host.UNKNOWN_TEXT;
    };
  }

  private static String cutStart(String value, String glob, boolean longest) {
    Matcher matcher = Globs.compile(glob, longest).matcher(value);
    return matcher.lookingAt() ? value.substring(matcher.end()) : value;
  }

  private static String cutEnd(String value, String glob, boolean longest) {
    Pattern pattern = Globs.compile(glob, true);
    for (int i = 0; i <= value.length(); i++) {
      int at = longest ? i : value.length() - i;
      if (pattern.matcher(value.substring(at)).matches()) {
        return value.substring(0, at);
      }
    }
    return value;
  }

  private boolean isSet(String name) {
    return switch (name) {
      case "@", "*" -> !shell.arguments().isEmpty();
      case "#", "?", "$", "0" -> true;
      default -> isNumber(name) ? at(name) < shell.arguments().size() : shell.isSet(name);
    };
  }

  private String value(String name) {
    return switch (name) {
      case "@", "*" -> String.join(" ", shell.arguments());
      case "#" -> "" + shell.arguments().size();
      case "?" -> shell.status() == Host.UNKNOWN ? Host.UNKNOWN_TEXT : "" + shell.status();
      case "0" -> "sh";
      case "$", "!", "-" -> Host.UNKNOWN_TEXT;
      default -> {
        if (!isNumber(name)) {
          yield shell.variable(name);
        }
        yield at(name) < shell.arguments().size() ? shell.arguments().get(at(name)) : "";
      }
    };
  }

  private static boolean isNumber(String name) {
    return name.matches("[1-9][0-9]{0,2}");
  }

  private static int at(String name) {
    return Integer.parseInt(name) - 1;
  }
}
