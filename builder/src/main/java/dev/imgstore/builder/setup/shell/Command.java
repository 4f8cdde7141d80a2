package dev.imgstore.builder.setup.shell;

import java.util.List;

/** A command as it is written (POSIX shell, 2.9). */
sealed interface Command {
  /** Assignments, then words, with redirections. */
  record Simple(
      int line, List<Assignment> assignments, List<Word> words, List<Redirection> redirections)
      implements Command {
    public Simple {
      assignments = List.copyOf(assignments);
      words = List.copyOf(words);
      redirections = List.copyOf(redirections);
    }
  }

  /** {@code name=value}. */
  record Assignment(String name, Word value) {}

  /**
   * Where a stream goes.
   *
   * @param operator {@code >}, {@code >>}, {@code <}, {@code <<}, {@code >&} or {@code <&}
   * @param target for {@code <<} the text itself
   */
  record Redirection(int stream, String operator, Word target) {}

  /** Commands that read each other's output; with {@code !} the answer is turned round. */
  record Pipeline(boolean negated, List<Command> parts) implements Command {
    public Pipeline {
      parts = List.copyOf(parts);
    }
  }

  /** The second is run only if the first succeeds ({@code and}) or fails. */
  record Both(boolean and, Command left, Command right) implements Command {}

  /** One after the other. */
  record Sequence(List<Command> parts) implements Command {
    public Sequence {
      parts = List.copyOf(parts);
    }
  }

  /** A condition and what is done if it holds. */
  record Branch(Command condition, Command body) {}

  /** The first branch whose condition holds, or the last part. */
  record If(List<Branch> branches, Command otherwise) implements Command {
    public If {
      branches = List.copyOf(branches);
    }
  }

  /** What is done for a pattern. */
  record Item(List<Word> patterns, Command body) {
    public Item {
      patterns = List.copyOf(patterns);
    }
  }

  /** The first item whose pattern fits. */
  record Case(int line, Word subject, List<Item> items) implements Command {
    public Case {
      items = List.copyOf(items);
    }
  }

  /** Once for each word. */
  record For(int line, String name, List<Word> words, Command body) implements Command {
    public For {
      words = List.copyOf(words);
    }
  }

  /** As long as the condition gives {@code wanted}. */
  record While(int line, boolean wanted, Command condition, Command body) implements Command {}

  /** Names a body. */
  record Function(String name, Command body) implements Command {}

  /** Braces or parentheses, with redirections. */
  record Group(boolean subshell, Command body, List<Redirection> redirections) implements Command {
    public Group {
      redirections = List.copyOf(redirections);
    }
  }
}
