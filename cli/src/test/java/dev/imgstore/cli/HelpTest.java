package dev.imgstore.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Every command helps: what it does, each option, and an example. */
final class HelpTest {
  @TempDir static Path directory;

  /** The words of every command, of the commands under them too. */
  static List<List<String>> commands() throws IOException {
    return commands(new Desk(directory));
  }

  /** As {@link #commands()}, for other tests. */
  static List<List<String>> commands(Desk desk) {
    List<List<String>> all = new ArrayList<>();
    add(desk.parser(), List.of(), all);
    assertTrue(all.size() > 14, all::toString);
    return all;
  }

  private static void add(CommandLine line, List<String> words, List<List<String>> all) {
    all.add(words);
    line.getSubcommands()
        .forEach(
            (name, command) -> {
              List<String> longer = new ArrayList<>(words);
              longer.add(name);
              add(command, List.copyOf(longer), all);
            });
  }

  @Test
  void onlyTheCommandThatIsNamedIsRead() throws IOException {
    Desk desk = new Desk(directory);
    for (List<String> words :
        List.of(List.of("ls"), List.of("-q", "--store", "dir", "ls"), List.of("--json", "ls"))) {
      List<String> read = List.copyOf(desk.parser(words).getSubcommands().keySet());
      assertTrue(read.contains("ls") && read.size() <= words.size(), words + ": " + read);
    }
    assertTrue(desk.parser(List.of("--store", "ls")).getSubcommands().size() > 14);
  }

  @Test
  void aStoreMayBeCalledAsACommandIs() throws IOException {
    Desk desk = new Desk(directory);
    desk.run("--store", "copy", "ls").with(5).complains("there is no store in");
    desk.run("--store", "ls", "ls").with(5).complains("there is no store in");
  }

  @ParameterizedTest
  @MethodSource("commands")
  void saysWhatItDoesWithAnExample(List<String> words) throws IOException {
    List<String> args = new ArrayList<>(words);
    args.add("--help");
    String help = new Desk(directory).run(args.toArray(String[]::new)).with(0).out();
    String typed = ("imgstore " + String.join(" ", words)).strip();
    int usage = help.indexOf(typed);
    assertTrue(usage >= 0, help);
    String rest = help.substring(usage + typed.length());
    assertTrue(rest.lines().anyMatch(line -> line.matches("  .*\\b" + typed + "\\b.*")), help);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void describesEveryOptionAndParameter(List<String> words) throws IOException {
    CommandLine line = new Desk(directory).parser();
    for (String word : words) {
      line = Objects.requireNonNull(line.getSubcommands().get(word), word);
    }
    for (var option : line.getCommandSpec().options()) {
      assertFalse(String.join("", option.description()).isBlank(), option::longestName);
    }
    for (var parameter : line.getCommandSpec().positionalParameters()) {
      assertFalse(String.join("", parameter.description()).isBlank(), parameter::paramLabel);
    }
  }

  @Test
  void asksForACommand() throws IOException {
    Desk.Said said = new Desk(directory).run().with(2);
    assertTrue(said.err().contains("imgstore --help"), said::err);
  }

  @Test
  void saysItsVersion() throws IOException {
    assertTrue(new Desk(directory).run("--version").with(0).out().startsWith("imgstore "));
  }
}
