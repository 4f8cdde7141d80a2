package dev.imgstore.builder.recipe;

import dev.imgstore.builder.json.CanonicalObject;
import java.util.List;

/** Steps as bytes, for keys; reading them gives equal ones. */
final class StepText {
  private StepText() {}

  static CanonicalObject of(List<Step> steps) {
    CanonicalObject all = new CanonicalObject();
    steps.forEach(step -> all.object(step.name(), of(step)));
    return all;
  }

  private static CanonicalObject of(Step step) {
    CanonicalObject text = new CanonicalObject().object("root", root(step.root()));
    if (!step.inputs().isEmpty()) {
      CanonicalObject inputs = new CanonicalObject();
      step.inputs().forEach(input -> inputs.object(input.name(), input(input)));
      text.object("inputs", inputs);
    }
    if (step.run() instanceof Step.Script script) {
      text.text("run", RecipeDigest.literal(script.text()));
    } else if (step.run() instanceof Step.Argv argv) {
      text.texts("run", argv.words().stream().map(RecipeDigest::literal).toList());
    }
    text.map("env", RecipeDigest.literals(step.env())).texts("outputs", step.outputs());
    text.object("limits", limits(step.limits()));
    if (!step.secrets().isEmpty()) {
      CanonicalObject secrets = new CanonicalObject();
      step.secrets().forEach((name, secret) -> secrets.object(name, secret(secret)));
      text.object("secrets", secrets);
    }
    return text.texts("tolerates", step.tolerates().stream().map(RecipeDigest::literal).toList());
  }

  private static CanonicalObject root(Step.Root root) {
    if (root instanceof Step.Packages packages) {
      return new CanonicalObject()
          .texts("packages", packages.packages().stream().map(PackageRequest::toString).toList())
          .flag("essential", packages.essential())
          .flag("recommends", packages.recommends())
          .text("scripts", RecipeDigest.word(packages.scripts()));
    }
    if (root instanceof Step.OfRecipe recipe) {
      return new CanonicalObject().text("recipe", RecipeDigest.literal(recipe.path()));
    }
    if (root instanceof Step.OfTree tree) {
      return new CanonicalObject().text("from", RecipeDigest.literal(tree.source().toString()));
    }
    throw new AssertionError(root);
  }

  private static CanonicalObject input(Step.Input input) {
    return new CanonicalObject()
        .text("from", RecipeDigest.literal(input.source().toString()))
        .text("at", RecipeDigest.literal(input.at()));
  }

  private static CanonicalObject limits(Step.Limits limits) {
    CanonicalObject text = new CanonicalObject().text("time", limits.nanos() / 1_000_000 + "ms");
    if (limits.memory() > 0) {
      text.text("memory", Long.toString(limits.memory()));
    }
    text.text("output", Long.toString(limits.output()));
    if (limits.cpus() > 0) {
      text.number("cpus", limits.cpus());
    }
    return text.number("processes", limits.processes());
  }

  private static CanonicalObject secret(Step.Secret secret) {
    if (secret instanceof Step.FromVariable variable) {
      return new CanonicalObject().text("env", variable.variable());
    }
    if (secret instanceof Step.FromFile file) {
      return new CanonicalObject().text("file", RecipeDigest.literal(file.path()));
    }
    throw new AssertionError(secret);
  }
}
