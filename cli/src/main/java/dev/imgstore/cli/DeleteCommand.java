package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.model.Profile;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Removes generations by hand. */
@Command(
    name = "delete",
    mixinStandardHelpOptions = true,
    description = {
      "Delete generations of a profile, or a profile with all of them.",
      "Their numbers are not used again, and history stays. imgstore gc frees the bytes."
    },
    footerHeading = "%nExample:%n",
    footer = "  imgstore delete web@3 web@5-9 -m 'never shipped'")
final class DeleteCommand extends ChangeCommand {
  private static final Pattern NUMBERS =
      Pattern.compile("(.+)@([0-9]{1,9}(?:-[0-9]{1,9})?(?:,[0-9]{1,9}(?:-[0-9]{1,9})?)*)");

  @Parameters(
      arity = "1..*",
      paramLabel = "PROFILE[@N...]",
      description = "web is the whole profile; web@3, web@3,5 and web@5-9 are generations of it.")
  List<String> words = List.of();

  /** What a person named of one profile; no numbers are all of it. */
  private record Named(Profile profile, Set<Integer> numbers) {
    boolean whole() {
      return numbers.isEmpty();
    }

    String label() {
      return (whole()
              ? profile.generations().stream().map(each -> each.number())
              : numbers.stream())
          .map(number -> profile.name() + "@" + number)
          .collect(Collectors.joining(", "));
    }
  }

  @Override
  ExitCode run(Store store) throws IOException {
    Map<String, Named> all = new TreeMap<>();
    for (String word : words) {
      Named named = named(store, word);
      all.merge(named.profile().name(), named, DeleteCommand::both);
    }
    ObjectNode json = object();
    ArrayNode list = json.putArray("deleted");
    StringBuilder text = new StringBuilder();
    for (Named each : all.values()) {
      Profile before = each.profile();
      Profile after =
          each.whole()
              ? store.profiles().dropAll(before.name(), before.current(), because())
              : store.profiles().drop(before.name(), each.numbers(), because());
      ObjectNode one = list.addObject().put("profile", before.name()).put("whole", each.whole());
      ArrayNode numbers = one.putArray("generations");
      before.generations().stream()
          .filter(generation -> after.generation(generation.number()).isEmpty())
          .forEach(generation -> numbers.add(generation.number()));
      one.put("left", after.generations().size());
      text.append("deleted ").append(each.label());
      text.append(
          each.whole()
              ? ": the whole profile; its history stays, and a build goes on with "
                  + before.name()
                  + "@"
                  + after.next()
              : "");
      text.append('\n');
    }
    text.append("imgstore gc frees the bytes\n");
    print(json, text.toString());
    return ExitCode.DONE;
  }

  private static Named both(Named one, Named other) {
    Set<Integer> numbers = new TreeSet<>(one.numbers());
    numbers.addAll(other.numbers());
    return new Named(one.profile(), one.whole() || other.whole() ? Set.of() : numbers);
  }

  private static Named named(Store store, String word) throws IOException {
    Optional<Profile> whole = store.profiles().open(word).filter(found -> found.current() > 0);
    if (whole.isPresent()) {
      return new Named(whole.get(), Set.of());
    }
    Matcher matcher = NUMBERS.matcher(word);
    if (!matcher.matches()) {
      if (Profile.isName(word)) {
        return new Named(Ref.open(store.profiles(), word), Set.of()); // says what there is instead
      }
      throw new CommandFailure(
          ExitCode.USAGE,
          word + " names no generation; write a profile, or its numbers as in web@3 or web@5-9");
    }
    Profile profile = Ref.open(store.profiles(), matcher.group(1));
    return new Named(profile, numbers(profile, matcher.group(2)));
  }

  /** A single number must be there; of a range those that are, and at least one. */
  private static Set<Integer> numbers(Profile profile, String typed) throws CommandFailure {
    Set<Integer> numbers = new TreeSet<>();
    for (String part : typed.split(",", -1)) {
      int dash = part.indexOf('-');
      if (dash < 0) {
        numbers.add(Ref.number(profile, Integer.parseInt(part)).generation().number());
        continue;
      }
      int from = Integer.parseInt(part.substring(0, dash));
      int to = Integer.parseInt(part.substring(dash + 1));
      List<Integer> between = new ArrayList<>();
      profile.generations().stream()
          .map(each -> each.number())
          .filter(number -> from <= number && number <= to)
          .forEach(between::add);
      if (between.isEmpty()) {
        Ref.number(profile, from); // says that it is not there
      }
      numbers.addAll(between);
    }
    return numbers;
  }
}
