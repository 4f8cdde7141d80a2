package dev.imgstore.cli;

import dev.imgstore.builder.recipe.Carets;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Problem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** What is wrong with one or several recipes, so that all of it is told at once. */
final class RecipeMistakes {
  private final List<String> rendered = new ArrayList<>();
  private final List<CommandFailure> failures = new ArrayList<>();

  /**
   * Adds the mistakes of one recipe, sorted by file and place.
   *
   * @param texts of the files that they may be in, by name
   */
  void add(List<Problem> problems, Map<String, Bytes> texts) {
    problems.stream()
        .sorted(
            Comparator.comparing((Problem each) -> each.line() > 0 ? each.file() : "")
                .thenComparingInt(Problem::line)
                .thenComparingInt(Problem::column))
        .map(each -> Carets.render(each, text(texts, each.file())).stripTrailing())
        .filter(each -> !rendered.contains(each))
        .forEach(rendered::add);
  }

  private static String text(Map<String, Bytes> texts, String file) {
    Bytes text = texts.get(file);
    return text == null ? "" : new String(text.toArray(), StandardCharsets.UTF_8);
  }

  /** Adds a recipe that could not be read at all. */
  void add(CommandFailure failure) {
    failures.add(failure);
  }

  boolean isEmpty() {
    return rendered.isEmpty() && failures.isEmpty();
  }

  /** Throws what was added, if anything was. */
  void orThrow() throws CommandFailure {
    if (!isEmpty()) {
      throw failure();
    }
  }

  /** What is wrong with one file. */
  static CommandFailure of(List<Problem> problems, Map<String, Bytes> texts) {
    RecipeMistakes mistakes = new RecipeMistakes();
    mistakes.add(problems, texts);
    return mistakes.failure();
  }

  private CommandFailure failure() {
    if (rendered.isEmpty() && failures.size() == 1) {
      return failures.get(0);
    }
    List<String> all = new ArrayList<>(rendered);
    failures.forEach(each -> all.add(String.valueOf(each.getMessage())));
    return new CommandFailure(
        ExitCode.USAGE,
        (all.size() == 1 ? "one mistake" : all.size() + " mistakes")
            + ":\n"
            + String.join("\n", all));
  }
}
