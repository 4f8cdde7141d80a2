package dev.imgstore.cli;

import dev.imgstore.builder.recipe.Settings;
import dev.imgstore.store.Store;
import dev.imgstore.sync.ImageName;
import dev.imgstore.sync.Registry;
import dev.imgstore.sync.cache.CacheSettings;
import dev.imgstore.sync.cache.SharedCache;
import dev.imgstore.sync.cache.Trust;
import dev.imgstore.sync.client.Patience;
import dev.imgstore.sync.client.RegistryClients;
import dev.imgstore.sync.keys.PublicKey;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which shared caches there are, and whose word counts, as the settings say.
 *
 * @param settings of this machine, user and store
 */
record CachePlaces(Imgstore root, Settings settings) {
  static CachePlaces read(Imgstore root) throws IOException {
    return new CachePlaces(root, SettingsFiles.read(root));
  }

  /** The caches, in the order in which they are asked. */
  List<String> names() {
    return settings.caches();
  }

  /**
   * The cache that is meant.
   *
   * @param option with which another is named
   * @param typed after it; empty for the only one of the settings
   */
  String one(String option, String typed) throws CommandFailure {
    if (!typed.isEmpty()) {
      return typed;
    }
    if (names().size() == 1) {
      return names().get(0);
    }
    throw new CommandFailure(
        ExitCode.USAGE,
        names().isEmpty()
            ? "no cache is set; name one with "
                + option
                + " HOST/REPOSITORY, or under caches: in the settings"
            : "there are "
                + names().size()
                + " caches; choose one of "
                + String.join(", ", names())
                + " with "
                + option);
  }

  /** For fetching; a registry that does not answer costs seconds if the patience is brief. */
  SharedCache reading(String name, Store store, Patience patience, CacheSettings how)
      throws IOException {
    ImageName at = repository(name);
    return open(
        RegistryClients.reading(at, Registries.settings(root, List.of(), patience)), store, how);
  }

  /** For sending and removing. */
  SharedCache writing(String name, Store store, CacheSettings how) throws IOException {
    ImageName at = repository(name);
    return open(RegistryClients.writing(at, Registries.settings(root, List.of())), store, how);
  }

  private static SharedCache open(Registry registry, Store store, CacheSettings how) {
    return new SharedCache(registry, store, how);
  }

  private static ImageName repository(String typed) throws CommandFailure {
    ImageName name = Registries.name(typed);
    if (!name.tag().isEmpty() || name.digest().isPresent()) {
      throw new CommandFailure(
          ExitCode.USAGE, typed + ": a cache is a repository, HOST/REPOSITORY without a tag");
    }
    return name;
  }

  /** Whose word counts: the keys of the settings, and the store's own. */
  Trust trust() throws IOException {
    SortedMap<String, PublicKey> keys = new TreeMap<>();
    for (Map.Entry<String, String> each : settings.trustedKeys().entrySet()) {
      keys.put(each.getKey(), key(each.getKey(), each.getValue()));
    }
    for (Map.Entry<String, PublicKey> own : new KeyFiles(root.home()).publicKeys().entrySet()) {
      if (!keys.containsValue(own.getValue())) {
        boolean free = !keys.containsKey(own.getKey());
        keys.put(free ? own.getKey() : own.getKey() + " of this store", own.getValue());
      }
    }
    try {
      return keys.isEmpty() ? Trust.nobody() : new Trust(settings.trustNeed(), keys);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, "trust: in the settings: " + e.getMessage(), e);
    }
  }

  private static PublicKey key(String name, String text) throws CommandFailure {
    try {
      return PublicKey.parse(text);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          ExitCode.USAGE, "trust: keys: " + name + ": in the settings: " + e.getMessage(), e);
    }
  }
}
