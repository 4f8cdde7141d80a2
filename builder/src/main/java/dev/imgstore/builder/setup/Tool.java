package dev.imgstore.builder.setup;

import dev.imgstore.builder.setup.shell.Host.Answer;
import dev.imgstore.builder.setup.shell.Host.Variables;
import java.io.IOException;
import java.util.List;

/** One command that scripts may use. */
interface Tool {
  /**
   * Runs it.
   *
   * @param words its arguments, without its name
   */
  Answer run(List<String> words, String input, Variables variables) throws IOException;
}
