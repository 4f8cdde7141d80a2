package dev.imgstore.cli;

import com.fasterxml.jackson.databind.util.RawValue;
import dev.imgstore.builder.recipe.RecipeSchema;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** Prints the schema of recipes. */
@Command(
    name = "schema",
    mixinStandardHelpOptions = true,
    description = "Print the JSON Schema of recipes, for editors.",
    footerHeading = "%nExample:%n",
    footer = "  imgstore schema > recipe.schema.json")
final class SchemaCommand implements Callable<Integer> {
  @ParentCommand Imgstore root;

  @Override
  public Integer call() {
    String schema = RecipeSchema.text();
    root.context()
        .out()
        .print(
            root.json
                ? StoreCommand.object().putRawValue("schema", new RawValue(schema.strip())) + "\n"
                : schema);
    return ExitCode.DONE.number();
  }
}
