package dev.imgstore.builder.setup.shell;

import dev.imgstore.builder.setup.shell.Command.Redirection;
import dev.imgstore.builder.setup.shell.Host.Answer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Runs one script on a {@link Host}. A command that the host does not know makes what depends on it
 * unknown: neither branch of a condition is taken, and nothing that would need its output is run.
 * Each such place is reported once. A failing command never ends a script ({@code set -e} is not
 * obeyed), for what failed is reported too.
 */
public final class Interpreter {
  private static final int MOST_STEPS = 20_000;
  private static final int DEEPEST = 60;
  private static final int LONGEST = 1 << 20;

  /** They only say what they are given, known or not. */
  private static final Set<String> WRITERS = Set.of("echo", "printf", "date");

  private final Host host;
  private final List<String> lines;
  private final Map<String, String> variables;
  private final SortedMap<String, Command> functions = new TreeMap<>();
  private final Set<Complaint> complaints = new TreeSet<>();
  private final Expansion expansion = new Expansion(this);
  private List<String> arguments;
  private StringBuilder out = new StringBuilder();
  private String input = "";
  private int status;
  private int line;
  private int steps;
  private int depth;

  private Interpreter(
      Host host, String script, List<String> arguments, Map<String, String> variables) {
    this.host = host;
    this.lines = script.lines().toList();
    this.arguments = List.copyOf(arguments);
    this.variables = new TreeMap<>(variables);
  }

  /**
   * Runs a script to its end.
   *
   * @param arguments {@code $1} and on
   * @param variables what it finds set
   * @return the lines that could not be carried out, sorted
   * @throws SyntaxFault if it is no shell script this can read; nothing was run
   */
  public static List<Complaint> run(
      Host host, String script, List<String> arguments, Map<String, String> variables)
      throws IOException, SyntaxFault {
    Interpreter interpreter = new Interpreter(host, script, arguments, variables);
    Command all = Parser.parse(script);
    try {
      interpreter.run(all);
    } catch (Leave leave) {
      if (leave.what.equals("limit")) {
        interpreter.complain("(the script takes too long)");
      } else if (leave.what.equals("exit") && leave.status > 0) {
        interpreter.complain("(the script gives up here)");
      }
    }
    return List.copyOf(interpreter.complaints);
  }

  Host host() {
    return host;
  }

  String variable(String name) {
    return variables.getOrDefault(name, "");
  }

  boolean isSet(String name) {
    return variables.containsKey(name);
  }

  void set(String name, String value) {
    variables.put(name, value.length() > LONGEST ? Host.UNKNOWN_TEXT : value);
  }

  List<String> arguments() {
    return arguments;
  }

  int status() {
    return status;
  }

  void complain(String what) {
    String text = line >= 1 && line <= lines.size() ? lines.get(line - 1).strip() : "";
    complaints.add(new Complaint(line, what.isEmpty() ? text : text + " " + what));
  }

  /** Runs commands and gives what they write, without the line breaks at its end. */
  String output(Command body) throws IOException {
    StringBuilder before = out;
    out = new StringBuilder();
    try {
      status = subshell(body);
      String text = out.toString().replaceAll("\\n+$", "");
      return status == Host.UNKNOWN ? Host.UNKNOWN_TEXT : text;
    } finally {
      out = before;
    }
  }

  private int subshell(Command body) throws IOException {
    Map<String, String> before = new TreeMap<>(variables);
    try {
      return run(body);
    } catch (Leave leave) {
      if (!leave.what.equals("exit")) {
        throw leave;
      }
      return leave.status;
    } finally {
      variables.clear();
      variables.putAll(before);
    }
  }

  private int run(Command command) throws IOException {
    if (++steps > MOST_STEPS || depth > DEEPEST) {
      throw new Leave("limit", Host.UNKNOWN);
    }
    depth++;
    try {
      status = dispatch(command);
      return status;
    } finally {
      depth--;
    }
  }

  private int dispatch(Command command) throws IOException {
    if (command instanceof Command.Simple simple) {
      return simple(simple);
    } else if (command instanceof Command.Sequence sequence) {
      int last = 0;
      for (Command part : sequence.parts()) {
        last = run(part);
      }
      return last;
    } else if (command instanceof Command.Both both) {
      int left = run(both.left());
      boolean goOn = both.and() ? left == 0 : left > 0;
      return goOn ? run(both.right()) : left;
    } else if (command instanceof Command.Pipeline pipeline) {
      return pipeline(pipeline);
    } else if (command instanceof Command.If conditional) {
      return conditional(conditional);
    } else if (command instanceof Command.Case choice) {
      return choice(choice);
    } else if (command instanceof Command.For loop) {
      return loop(loop);
    } else if (command instanceof Command.While loop) {
      return repeat(loop);
    } else if (command instanceof Command.Function function) {
      functions.put(function.name(), function.body());
      return 0;
    } else if (command instanceof Command.Group group) {
      return redirected(
          group.redirections(),
          () -> group.subshell() ? subshell(group.body()) : run(group.body()));
    }
    throw new AssertionError(command);
  }

  private int pipeline(Command.Pipeline pipeline) throws IOException {
    String before = input;
    StringBuilder outside = out;
    int last = 0;
    try {
      for (int i = 0; i < pipeline.parts().size(); i++) {
        boolean end = i == pipeline.parts().size() - 1;
        out = end ? outside : new StringBuilder();
        last = run(pipeline.parts().get(i));
        input = last == Host.UNKNOWN ? Host.UNKNOWN_TEXT : out.toString();
      }
    } finally {
      input = before;
      out = outside;
    }
    return pipeline.negated() && last != Host.UNKNOWN ? (last == 0 ? 1 : 0) : last;
  }

  private int conditional(Command.If conditional) throws IOException {
    for (Command.Branch branch : conditional.branches()) {
      int answer = run(branch.condition());
      if (answer == Host.UNKNOWN) {
        complain("");
        return 0;
      }
      if (answer == 0) {
        return run(branch.body());
      }
    }
    return run(conditional.otherwise());
  }

  private int choice(Command.Case choice) throws IOException {
    String subject = expansion.text(choice.subject());
    if (subject.contains(Host.UNKNOWN_TEXT)) {
      line = choice.line();
      complain("");
      return 0;
    }
    for (Command.Item item : choice.items()) {
      for (Word pattern : item.patterns()) {
        if (Globs.matches(expansion.pattern(pattern), subject)) {
          return run(item.body());
        }
      }
    }
    return 0;
  }

  private int loop(Command.For loop) throws IOException {
    int last = 0;
    for (String value : expansion.fields(loop.words())) {
      if (value.contains(Host.UNKNOWN_TEXT)) {
        line = loop.line();
        complain("");
        return 0;
      }
      set(loop.name(), value);
      try {
        last = run(loop.body());
      } catch (Leave leave) {
        if (leave.what.equals("break")) {
          break;
        } else if (!leave.what.equals("continue")) {
          throw leave;
        }
      }
    }
    return last;
  }

  private int repeat(Command.While loop) throws IOException {
    int last = 0;
    while (true) {
      int answer = run(loop.condition());
      if (answer == Host.UNKNOWN) {
        line = loop.line();
        complain("");
        return 0;
      }
      if ((answer == 0) != loop.wanted()) {
        return last;
      }
      try {
        last = run(loop.body());
      } catch (Leave leave) {
        if (leave.what.equals("break")) {
          return last;
        } else if (!leave.what.equals("continue")) {
          throw leave;
        }
      }
    }
  }

  private int simple(Command.Simple simple) throws IOException {
    line = simple.line();
    List<String> words = expansion.fields(simple.words());
    Map<String, String> before =
        simple.assignments().isEmpty() ? Map.of() : new TreeMap<>(variables);
    for (Command.Assignment assignment : simple.assignments()) {
      set(assignment.name(), expansion.text(assignment.value()));
    }
    line = simple.line();
    if (words.isEmpty()) {
      boolean bare = simple.words().isEmpty() && status != Host.UNKNOWN;
      return redirected(simple.redirections(), () -> bare ? status : 0);
    }
    try {
      return redirected(simple.redirections(), () -> call(words));
    } finally {
      // Assignments before a command are for that command alone.
      for (Command.Assignment one : simple.assignments()) {
        variables.remove(one.name());
        if (before.containsKey(one.name())) {
          variables.put(one.name(), before.getOrDefault(one.name(), ""));
        }
      }
    }
  }

  /** Something that gives a status. */
  private interface Action {
    int run() throws IOException;
  }

  private int redirected(List<Redirection> redirections, Action action) throws IOException {
    StringBuilder outside = out;
    String before = input;
    String target = "";
    boolean append = false;
    boolean known = true;
    try {
      for (Redirection one : redirections) {
        String text = expansion.text(one.target());
        known &= !text.contains(Host.UNKNOWN_TEXT) || one.operator().equals("<<");
        if (one.operator().equals("<<")) {
          input = text;
        } else if (one.operator().equals("<")) {
          input = known ? host.read(text) : Host.UNKNOWN_TEXT;
        } else if (one.stream() == 1) {
          boolean dropped = one.operator().equals(">&") || text.startsWith("/dev/");
          out = new StringBuilder();
          target = dropped ? "" : text;
          append = one.operator().equals(">>");
        }
      }
      int answer = known ? action.run() : Host.UNKNOWN;
      if (!target.isEmpty() && answer != Host.UNKNOWN) {
        boolean written =
            !out.toString().contains(Host.UNKNOWN_TEXT)
                && host.write(target, out.toString(), append);
        if (!written) {
          complain("");
        }
      } else if (!known) {
        complain("");
      }
      return answer;
    } finally {
      out = outside;
      input = before;
    }
  }

  private int call(List<String> words) throws IOException {
    boolean known = words.stream().noneMatch(word -> word.contains(Host.UNKNOWN_TEXT));
    if (!known && !WRITERS.contains(words.get(0))) {
      complain("");
      return Host.UNKNOWN;
    }
    Command function = functions.get(words.get(0));
    if (function != null) {
      return function(function, words.subList(1, words.size()));
    }
    List<String> rest = words.subList(1, words.size());
    switch (words.get(0)) {
      case "exit", "return", "break", "continue" -> {
        int answer = rest.isEmpty() ? status : number(rest.get(0));
        throw new Leave(words.get(0), answer);
      }
      case "shift" -> {
        int count = Math.min(arguments.size(), rest.isEmpty() ? 1 : number(rest.get(0)));
        arguments = List.copyOf(arguments.subList(count, arguments.size()));
        return 0;
      }
      case "set" -> {
        if (rest.contains("--")) {
          arguments = List.copyOf(rest.subList(rest.indexOf("--") + 1, rest.size()));
        }
        return 0;
      }
      case "local", "export", "readonly", "declare" -> {
        for (String word : rest) {
          int equals = word.indexOf('=');
          if (equals > 0) {
            set(word.substring(0, equals), word.substring(equals + 1));
          }
        }
        return 0;
      }
      case "unset" -> {
        rest.forEach(variables::remove);
        return 0;
      }
      default -> {
        return ask(words);
      }
    }
  }

  private int ask(List<String> words) throws IOException {
    Answer answer = host.run(words, input, new ShellVariables());
    out.append(answer.output());
    if (out.length() > LONGEST) {
      throw new Leave("limit", Host.UNKNOWN);
    }
    if (answer.status() == Host.UNKNOWN) {
      complain("");
    }
    return answer.status();
  }

  private int function(Command body, List<String> words) throws IOException {
    List<String> before = arguments;
    arguments = List.copyOf(words);
    try {
      return run(body);
    } catch (Leave leave) {
      if (!leave.what.equals("return")) {
        throw leave;
      }
      return leave.status;
    } finally {
      arguments = before;
    }
  }

  private static int number(String text) {
    return text.matches("[0-9]{1,6}") ? Integer.parseInt(text) : 0;
  }

  /** For commands that answer through a variable. */
  private final class ShellVariables implements Host.Variables {
    @Override
    public String get(String name) {
      return variable(name);
    }

    @Override
    public void set(String name, String value) {
      Interpreter.this.set(name, value);
    }
  }
}
