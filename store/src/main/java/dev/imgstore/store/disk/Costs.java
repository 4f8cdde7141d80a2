package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.Root;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Usage;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Counts for each object which roots, and which profiles, reach it: none, one, or several. Each
 * root is followed through all it reaches, over objects that are numbers and read once; no set of
 * anything is kept for a root, so a thousand generations cost a few bytes an object.
 */
final class Costs {
  private static final int SEVERAL = -1;

  private final Graph graph;
  private final Census census;
  private final int[] root;
  private final int[] profile;
  private final int[] lastProfile;
  private final int[] met;
  private final int[] walked;
  private final long[] bytes;
  private final List<Root> roots = new ArrayList<>();
  private final List<Long> reached = new ArrayList<>();
  private final Map<String, Integer> profiles = new TreeMap<>();
  private final List<Long> inAll = new ArrayList<>();
  private final Deque<Integer> due = new ArrayDeque<>();
  private int turn;
  private int group;
  private long reach;

  Costs(Graph graph) {
    this.graph = graph;
    this.census = graph.census();
    this.root = new int[census.size()];
    this.profile = new int[census.size()];
    this.lastProfile = new int[census.size()];
    this.met = new int[census.size()];
    this.walked = new int[census.size()];
    this.bytes = new long[census.size()];
  }

  /** Counts; to be called once. */
  Usage of(List<Root> all, long segments, long beside) throws IOException {
    Set<Digest> images = new HashSet<>();
    for (Root each : all) {
      if (each instanceof Root.OfGeneration) {
        images.add(each.image());
      }
    }
    for (Root each : all) {
      if (each instanceof Root.OfGeneration || images.add(each.image())) {
        follow(each);
      }
    }
    return usage(segments, beside);
  }

  /** Counts what some roots reach together, and what all others do; instead of {@link #of}. */
  void split(List<Root> some, List<Root> others) throws IOException {
    turn = 1;
    for (Root each : some) {
      reach(each);
    }
    turn = 2;
    for (Root each : others) {
      reach(each);
    }
  }

  /** After {@link #split}. */
  boolean isReachedByFirst(int spot) {
    return root[spot] == 1 || root[spot] == SEVERAL;
  }

  /** After {@link #split}. */
  boolean isReachedByOthers(int spot) {
    return root[spot] == 2 || root[spot] == SEVERAL;
  }

  private void follow(Root each) throws IOException {
    roots.add(each);
    turn = roots.size();
    String name = each instanceof Root.OfGeneration of ? of.profile() : "";
    if (!profiles.containsKey(name)) {
      profiles.put(name, profiles.size() + 1); // all roots of one profile come in a row
      inAll.add(0L);
    }
    group = profiles.size();
    reach = 0;
    reach(each);
    reached.add(reach);
  }

  private void reach(Root each) throws IOException {
    image(each.image());
    if (each instanceof Root.OfGeneration of) {
      record(of.record());
    }
  }

  /** With all that follows: artifacts of artifacts may have no end. */
  private void image(Digest image) throws IOException {
    due.push(census.first(image));
    while (!due.isEmpty()) {
      int spot = due.pop();
      if (spot != Graph.NONE && walked[spot] != turn) {
        walked[spot] = turn;
        meet(spot);
        named(graph.image(spot));
      }
    }
  }

  private void named(Graph.Names names) throws IOException {
    names.manifests().forEach(due::push);
    for (int each : names.trees()) {
      tree(each);
    }
    for (int each : names.blobs()) {
      blob(each);
    }
    for (int each : names.loose()) { // a manifest with what it names
      if (graph.isList(each)) {
        blob(each);
      } else {
        due.push(each);
      }
    }
  }

  private void record(Digest digest) throws IOException {
    if (!meet(census.first(digest))) {
      return;
    }
    try {
      BuildRecord record = BuildRecord.decode(digest, graph.reader().read(digest, Graph.MAX));
      blob(record.recipe());
      blob(record.lock());
      for (Digest source : record.sources()) {
        blob(source);
      }
      for (TreeId local : record.locals().values()) {
        tree(local.digest());
      }
      for (BuildRecord.Part part : record.parts()) {
        tree(part.tree().digest());
      }
    } catch (StoreException e) {
      // as above
    }
  }

  private void tree(Digest tree) throws IOException {
    tree(census.first(tree));
  }

  private void tree(int spot) throws IOException {
    if (spot == Graph.NONE || walked[spot] == turn) {
      return;
    }
    walked[spot] = turn;
    meet(spot);
    Graph.Entries entries = graph.tree(spot);
    for (int file : entries.files()) {
      blob(file);
    }
    for (int directory : entries.directories()) {
      tree(directory);
    }
  }

  private void blob(Digest blob) throws IOException {
    blob(census.first(blob));
  }

  private void blob(int spot) throws IOException {
    if (meet(spot)) {
      for (int part : graph.parts(spot)) {
        meet(part);
      }
    }
  }

  /** True if this root reaches it for the first time. */
  private boolean meet(int spot) {
    if (spot == Graph.NONE || met[spot] == turn) {
      return false;
    }
    met[spot] = turn;
    if (bytes[spot] == 0) {
      bytes[spot] = graph.stored(spot);
    }
    reach += bytes[spot];
    root[spot] = root[spot] == 0 ? turn : SEVERAL;
    if (group > 0 && lastProfile[spot] != group) {
      profile[spot] = lastProfile[spot] == 0 ? group : SEVERAL;
      lastProfile[spot] = group;
      inAll.set(group - 1, inAll.get(group - 1) + bytes[spot]);
    }
    return true;
  }

  /** Every object once, by whom it is reached. */
  private Usage usage(long segments, long beside) {
    long kept = 0;
    long[] alone = new long[roots.size() + 1];
    long[] inProfile = new long[profiles.size() + 1];
    for (int spot = 0; spot < root.length; spot++) {
      kept += root[spot] == 0 ? 0 : bytes[spot];
      if (root[spot] > 0) {
        alone[root[spot]] += bytes[spot];
      }
      if (profile[spot] > 0) {
        inProfile[profile[spot]] += bytes[spot];
      }
    }
    List<Usage.OfGeneration> generations = new ArrayList<>();
    Map<Integer, Integer> counts = new HashMap<>();
    for (int i = 0; i < roots.size(); i++) {
      if (roots.get(i) instanceof Root.OfGeneration of) {
        Usage.Cost cost = new Usage.Cost(alone[i + 1], reached.get(i) - alone[i + 1]);
        generations.add(new Usage.OfGeneration(of, cost));
        counts.merge(profiles.getOrDefault(of.profile(), 0), 1, Integer::sum);
      }
    }
    List<Usage.OfProfile> byProfile = new ArrayList<>();
    Usage.Cost pins = new Usage.Cost(0, 0);
    for (Map.Entry<String, Integer> each : profiles.entrySet()) {
      int number = each.getValue();
      Usage.Cost cost =
          new Usage.Cost(inProfile[number], inAll.get(number - 1) - inProfile[number]);
      if (each.getKey().isEmpty()) {
        pins = cost;
      } else {
        int count = counts.getOrDefault(number, 0);
        byProfile.add(new Usage.OfProfile(each.getKey(), count, cost));
      }
    }
    long bodies = bodies();
    return new Usage(byProfile, generations, pins, kept, bodies - kept, segments - bodies, beside);
  }

  /** Bytes of all bodies and entries. */
  private long bodies() {
    long bodies = 0;
    for (Census.Part part : census.parts()) {
      bodies += part.footer().trailer().footerOffset() - SegmentFormat.HEADER;
      bodies += (long) part.count() * Entry.BYTES;
    }
    return bodies;
  }
}
