package dev.imgstore.builder.pack;

import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.store.Actions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

final class MemoryActions implements Actions {
  private final Map<ActionKey, Digest> results = new ConcurrentHashMap<>();

  @Override
  public Optional<Digest> find(ActionKey key) {
    return Optional.ofNullable(results.get(key));
  }

  @Override
  public void record(ActionKey key, Digest result) {
    results.putIfAbsent(key, result);
  }

  @Override
  public List<Digest> results(ActionKey key) {
    return find(key).stream().toList();
  }

  @Override
  public void remember(ActionKey key, Digest newest) {
    results.put(key, newest);
  }

  @Override
  public List<ActionKey> startingWith(String hex) {
    return results.keySet().stream()
        .filter(key -> key.digest().hex().startsWith(hex))
        .sorted()
        .toList();
  }
}
