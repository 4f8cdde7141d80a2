package dev.imgstore.builder.pack;

import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.store.Actions;
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
}
