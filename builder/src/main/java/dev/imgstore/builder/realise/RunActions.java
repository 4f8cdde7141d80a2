package dev.imgstore.builder.realise;

import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.store.Actions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What actions gave in one run, behind what was known before it. What is recorded stays in memory
 * and is believed to be held. Safe for many threads.
 */
final class RunActions implements Actions {
  private final List<Actions> before;
  private final SortedMap<ActionKey, List<Digest>> own = new TreeMap<>();

  /** A run that begins with knowing nothing. */
  RunActions() {
    this.before = List.of();
  }

  private RunActions(Actions before, RunActions run) {
    this.before = List.of(before);
    synchronized (run) {
      run.own.forEach((key, results) -> own.put(key, new ArrayList<>(results)));
    }
  }

  /** What this run gave, where {@code known} has nothing. */
  RunActions behind(Actions known) {
    return new RunActions(known, this);
  }

  @Override
  public Optional<Digest> find(ActionKey key) throws IOException {
    return results(key).stream().findFirst();
  }

  @Override
  public synchronized List<Digest> results(ActionKey key) throws IOException {
    List<Digest> results = new ArrayList<>();
    for (Actions each : before) {
      results.addAll(each.results(key));
    }
    results.addAll(own.getOrDefault(key, List.of()));
    return results;
  }

  @Override
  public synchronized void record(ActionKey key, Digest result) throws IOException {
    if (!results(key).contains(result)) {
      own.computeIfAbsent(key, unused -> new ArrayList<>()).add(result);
    }
  }

  @Override
  public synchronized void remember(ActionKey key, Digest newest) {
    own.computeIfAbsent(key, unused -> new ArrayList<>()).add(0, newest);
  }

  @Override
  public synchronized List<ActionKey> startingWith(String hex) throws IOException {
    List<ActionKey> keys = new ArrayList<>();
    for (Actions each : before) {
      keys.addAll(each.startingWith(hex));
    }
    own.keySet().stream()
        .filter(key -> key.digest().hex().startsWith(hex) && !keys.contains(key))
        .forEach(keys::add);
    keys.sort(null);
    return keys;
  }
}
