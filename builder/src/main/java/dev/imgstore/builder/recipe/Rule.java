package dev.imgstore.builder.recipe;

import java.util.Collection;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a text must be. */
@FunctionalInterface
interface Rule {
  /** What is wrong with the text, in a sentence that names it; empty if nothing is. */
  Optional<String> complaint(String text);

  /** Texts the whole of which fits the pattern. */
  static Rule pattern(String regex, String want) {
    return holds(Pattern.compile(regex).asMatchPredicate(), want);
  }

  /** Texts of which something is true. */
  static Rule holds(Predicate<String> condition, String want) {
    return text ->
        condition.test(text)
            ? Optional.empty()
            : Optional.of(Complaints.quote(text) + " is " + want);
  }

  /** One of these words. */
  static Rule oneOf(Collection<String> words) {
    return text -> {
      if (words.contains(text)) {
        return Optional.empty();
      }
      String all = words.stream().map(w -> "`" + w + "`").collect(Collectors.joining(", "));
      return Optional.of(
          Nearest.of(text, words)
              .map(near -> Complaints.quote(text) + " is unknown; did you mean `" + near + "`?")
              .orElse(Complaints.quote(text) + " is unknown; it can be " + all));
    };
  }

  /** This rule first, then the other. */
  default Rule and(Rule other) {
    return text -> complaint(text).or(() -> other.complaint(text));
  }
}
