package dev.imgstore.cli;

import picocli.CommandLine.Parameters;

/** A command about one run of a step. */
abstract class RunCommand extends StoreCommand {
  @Parameters(
      index = "0",
      paramLabel = "ACTION|RECIPE",
      description = "The key of an action or its beginning, or a recipe's file.")
  String typed;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "STEP",
      defaultValue = "",
      description = "After a recipe: which step.")
  String step;
}
