package dev.imgstore.builder.realise;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.pack.CanonicalTar;
import dev.imgstore.builder.pack.PackKey;
import dev.imgstore.builder.recipe.DebianSource.Scripts;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.builder.recipe.RecipeDigest;
import dev.imgstore.builder.sandbox.StepSandbox;
import dev.imgstore.builder.setup.StaticSetup;
import dev.imgstore.builder.source.deb.DebUnpacker;
import dev.imgstore.builder.source.scripts.ScriptedSetup;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SortedMap;

/** The keys of a build's actions: each covers everything that can change the result. */
final class Keys {
  /** Raised when a build gives another result from the same inputs. */
  private static final int BUILD = 1;

  /** Raised when what is fetched is unpacked to another tree. */
  private static final int INPUTS = 1;

  private Keys() {}

  /** A whole build, to its record. */
  static ActionKey build(Recipe recipe, Digest lock, SortedMap<String, TreeId> locals) {
    StringBuilder text = new StringBuilder("imgstore build " + BUILD + "\n");
    text.append("unpack ").append(DebUnpacker.UNPACKER_VERSION).append('\n');
    text.append("static ").append(StaticSetup.SETUP_VERSION).append('\n');
    text.append("scripts ").append(ScriptedSetup.VERSION).append('\n');
    text.append("tar ").append(CanonicalTar.FORMAT).append('\n');
    if (!recipe.inputs().isEmpty()) {
      text.append("inputs ").append(INPUTS).append('\n');
    }
    text.append(PackKey.encoder(recipe.image().compression())).append('\n');
    if (!recipe.steps().isEmpty()) {
      text.append("sandbox ").append(StepSandbox.VERSION).append('\n');
    }
    text.append("recipe ").append(RecipeDigest.of(recipe)).append('\n');
    text.append("lock ").append(lock).append('\n');
    locals.forEach((path, tree) -> text.append(tree).append(' ').append(path).append('\n'));
    return key(text.toString());
  }

  /** One package file, to its trees. */
  static ActionKey unpack(Digest deb) {
    return key("imgstore unpack " + DebUnpacker.UNPACKER_VERSION + "\n" + deb + "\n");
  }

  /** All packages of a platform, merged and set up, to a {@link BaseRecord}. */
  static ActionKey base(Recipe recipe, Platform platform, List<Lock.Input> inputs) {
    Scripts scripts = recipe.debian().scripts();
    StringBuilder text = new StringBuilder("imgstore base " + BUILD + "\n");
    text.append(platform).append('\n').append(scripts).append('\n');
    text.append("epoch ").append(recipe.epoch()).append('\n');
    text.append("unpack ").append(DebUnpacker.UNPACKER_VERSION).append('\n');
    if (scripts == Scripts.SANDBOX) {
      text.append("scripts ").append(ScriptedSetup.VERSION).append('\n');
    } else {
      text.append("static ").append(StaticSetup.SETUP_VERSION).append('\n');
      recipe.groups().forEach(group -> text.append(group).append('\n'));
      recipe.users().forEach(user -> text.append(user).append('\n'));
    }
    inputs.stream()
        .map(input -> input.sha256().toString())
        .sorted()
        .forEach(digest -> text.append(digest).append('\n'));
    return key(text.toString());
  }

  /** One entry of {@code inputs}, to its tree. */
  static ActionKey input(InputSource source, List<Lock.Fetched> files, Platform platform) {
    StringBuilder text = new StringBuilder("imgstore input " + INPUTS + "\n");
    text.append(RecipeDigest.canonical(source)).append('\n');
    if (source instanceof InputSource.Npm
        || source instanceof InputSource.Oci
        || source instanceof InputSource.Image) {
      text.append(platform).append('\n');
    }
    files.forEach(file -> text.append(file.sha256()).append(' ').append(file.path()).append('\n'));
    return key(text.toString());
  }

  private static ActionKey key(String text) {
    return new ActionKey(Digest.of(text.getBytes(StandardCharsets.UTF_8)));
  }
}
