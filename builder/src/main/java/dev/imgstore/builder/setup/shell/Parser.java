package dev.imgstore.builder.setup.shell;

import dev.imgstore.builder.setup.shell.Command.Assignment;
import dev.imgstore.builder.setup.shell.Command.Branch;
import dev.imgstore.builder.setup.shell.Command.Item;
import dev.imgstore.builder.setup.shell.Command.Redirection;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the grammar of POSIX shell, 2.10, without aliases, job control and arithmetic. */
final class Parser {
  private static final Command NOTHING = new Command.Sequence(List.of());
  private static final int DEEPEST = 100;
  private static final Set<String> ENDS =
      Set.of("then", "else", "elif", "fi", "do", "done", "esac", "}");
  private static final Pattern ASSIGNMENT = Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)=");
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_-]*");

  private final Words in;
  private int depth;

  private Parser(Words in) {
    this.in = in;
  }

  /** The whole script. */
  static Command parse(String script) throws SyntaxFault {
    Parser parser = new Parser(new Words(script, 1));
    Command all = parser.list();
    if (!parser.in.atEnd()) {
      throw parser.in.fault("unexpected '" + parser.in.peekOperatorOrWord() + "'");
    }
    return all;
  }

  /** A script inside another, for substitutions. */
  static Command parseNested(String script, int line) throws SyntaxFault {
    Parser parser = new Parser(new Words(script, line));
    Command all = parser.list();
    if (!parser.in.atEnd()) {
      throw parser.in.fault("unexpected text in a substitution");
    }
    return all;
  }

  private Command list() throws SyntaxFault {
    if (++depth > DEEPEST) {
      throw in.fault("commands are nested too deep");
    }
    List<Command> parts = new ArrayList<>();
    while (true) {
      in.skipLines();
      if (in.atEnd() || in.at(")") || in.at(";;") || ENDS.contains(in.peekWord())) {
        break;
      }
      parts.add(andOr());
      if (!in.take(";") && !in.take("&")) {
        if (!in.atLineEnd() && !in.at(")") && !in.at(";;")) {
          throw in.fault("unexpected '" + in.peekOperatorOrWord() + "'");
        }
      }
    }
    depth--;
    return parts.size() == 1 ? parts.get(0) : new Command.Sequence(parts);
  }

  private Command andOr() throws SyntaxFault {
    Command left = pipeline();
    while (true) {
      boolean and = in.at("&&");
      if (!and && !in.at("||")) {
        return left;
      }
      in.take(and ? "&&" : "||");
      in.skipLines();
      left = new Command.Both(and, left, pipeline());
    }
  }

  private Command pipeline() throws SyntaxFault {
    boolean negated = false;
    while (in.takeWord("!")) {
      negated = !negated;
    }
    List<Command> parts = new ArrayList<>();
    parts.add(command());
    while (in.at("|") && !in.at("||")) {
      in.take("|");
      in.skipLines();
      parts.add(command());
    }
    return parts.size() == 1 && !negated ? parts.get(0) : new Command.Pipeline(negated, parts);
  }

  private Command command() throws SyntaxFault {
    if (in.take("(")) {
      Command body = list();
      in.expect(")");
      return new Command.Group(true, body, redirections());
    }
    String word = in.peekWord();
    return switch (word) {
      case "if" -> grouped(conditional());
      case "case" -> grouped(choice());
      case "for" -> grouped(loop());
      case "while", "until" -> grouped(repeat(word));
      case "{" -> {
        in.takeWord("{");
        Command body = list();
        expectWord("}");
        yield new Command.Group(false, body, redirections());
      }
      case "function" -> {
        in.takeWord("function");
        String name = in.peekWord();
        in.takeWord(name);
        if (in.take("(")) {
          in.expect(")");
        }
        in.skipLines();
        yield new Command.Function(name, command());
      }
      default -> simpleOrFunction();
    };
  }

  private Command grouped(Command command) throws SyntaxFault {
    List<Redirection> redirections = redirections();
    return redirections.isEmpty() ? command : new Command.Group(false, command, redirections);
  }

  private Command conditional() throws SyntaxFault {
    in.takeWord("if");
    List<Branch> branches = new ArrayList<>();
    do {
      Command condition = list();
      expectWord("then");
      branches.add(new Branch(condition, list()));
    } while (in.takeWord("elif"));
    Command otherwise = in.takeWord("else") ? list() : NOTHING;
    expectWord("fi");
    return new Command.If(branches, otherwise);
  }

  private Command choice() throws SyntaxFault {
    int line = in.line();
    in.takeWord("case");
    Word subject = in.word();
    in.skipLines();
    expectWord("in");
    List<Item> items = new ArrayList<>();
    in.skipLines();
    while (!in.takeWord("esac")) {
      in.take("(");
      List<Word> patterns = new ArrayList<>();
      do {
        patterns.add(in.word());
      } while (in.take("|"));
      in.expect(")");
      items.add(new Item(patterns, list()));
      if (!in.take(";;") && !in.peekWord().equals("esac")) {
        throw in.fault("a case has no ;;");
      }
      in.skipLines();
    }
    return new Command.Case(line, subject, items);
  }

  private Command loop() throws SyntaxFault {
    int line = in.line();
    in.takeWord("for");
    String name = in.word().plain();
    List<Word> words = new ArrayList<>();
    in.skipLines();
    if (in.takeWord("in")) {
      while (!in.atLineEnd() && !in.at(";")) {
        words.add(in.word());
      }
    } else {
      words.add(new Word(List.of(new Word.Parameter("@", "", Word.EMPTY, true))));
    }
    in.take(";");
    in.skipLines();
    expectWord("do");
    Command body = list();
    expectWord("done");
    return new Command.For(line, name, words, body);
  }

  private Command repeat(String word) throws SyntaxFault {
    int line = in.line();
    in.takeWord(word);
    Command condition = list();
    expectWord("do");
    Command body = list();
    expectWord("done");
    return new Command.While(line, word.equals("while"), condition, body);
  }

  private Command simpleOrFunction() throws SyntaxFault {
    int line = in.line();
    List<Assignment> assignments = new ArrayList<>();
    List<Word> words = new ArrayList<>();
    List<Redirection> redirections = new ArrayList<>();
    while (true) {
      if (in.atRedirection()) {
        redirections.add(in.redirection());
      } else if (in.atWord()) {
        Word word = in.word();
        Assignment assignment = words.isEmpty() ? assignment(word) : NO_ASSIGNMENT;
        if (assignment.name().isEmpty()) {
          words.add(word);
        } else {
          assignments.add(assignment);
        }
        if (words.size() == 1 && assignments.isEmpty() && in.at("(")) {
          return function(word.plain());
        }
      } else {
        break;
      }
    }
    if (assignments.isEmpty() && words.isEmpty() && redirections.isEmpty()) {
      throw in.fault("a command is missing before '" + in.peekOperatorOrWord() + "'");
    }
    return new Command.Simple(line, assignments, words, redirections);
  }

  private static final Assignment NO_ASSIGNMENT = new Assignment("", Word.EMPTY);

  private static Assignment assignment(Word word) {
    if (word.parts().isEmpty()
        || !(word.parts().get(0) instanceof Word.Literal start)
        || start.quoted()) {
      return NO_ASSIGNMENT;
    }
    Matcher matcher = ASSIGNMENT.matcher(start.text());
    if (!matcher.lookingAt()) {
      return NO_ASSIGNMENT;
    }
    List<Word.Part> value = new ArrayList<>();
    value.add(new Word.Literal(start.text().substring(matcher.end()), false));
    value.addAll(word.parts().subList(1, word.parts().size()));
    return new Assignment(String.valueOf(matcher.group(1)), new Word(value));
  }

  private Command function(String name) throws SyntaxFault {
    if (!NAME.matcher(name).matches()) {
      throw in.fault("'" + name + "' cannot be the name of a function");
    }
    in.expect("(");
    in.expect(")");
    in.skipLines();
    return new Command.Function(name, command());
  }

  private List<Redirection> redirections() throws SyntaxFault {
    List<Redirection> all = new ArrayList<>();
    while (in.atRedirection()) {
      all.add(in.redirection());
    }
    return all;
  }

  private void expectWord(String word) throws SyntaxFault {
    in.skipLines();
    if (!in.takeWord(word)) {
      throw in.fault("'" + word + "' is missing before '" + in.peekOperatorOrWord() + "'");
    }
  }
}
