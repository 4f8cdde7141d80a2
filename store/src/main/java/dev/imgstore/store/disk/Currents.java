package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.model.RelPath;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What other programs read of a profile: {@code profiles/NAME/current}, a symbolic link to a
 * directory about the generation that is current, for instance {@code 42} or, with its files in it,
 * {@code 42-tree}. Derived from the journal, and never ahead of it: the link is moved after the
 * entry is durable, under the journal's lock. A directory gets its name when all in it is durable,
 * and the link is moved when that name is, so the link leads to something whole at every instant.
 */
final class Currents {
  static final RelPath DIRECTORY = RelPath.of("profiles");
  private static final String LINK = "current";
  private static final String HALF = "+new";
  private static final String GONE = "+old" + HALF;
  private static final String DIGEST = "digest";
  private static final String GENERATION = "generation";
  private static final String MANIFEST = "manifest.json";

  private final Filesystem files;
  private final Manifests manifests;

  /** The names that were prepared for what becomes current next, by profile. */
  private final Map<String, String> wanted = new ConcurrentHashMap<>();

  /** Where manifests are read. */
  @FunctionalInterface
  interface Manifests {
    /** The bytes; empty if they cannot be read, which keeps nobody from switching. */
    Optional<byte[]> read(Digest image);
  }

  Currents(Filesystem files, Manifests manifests) {
    this.files = files;
    this.manifests = manifests;
  }

  /** What is of a profile here. */
  static RelPath directory(String profile) {
    return DIRECTORY.child(profile);
  }

  /** The link of a profile. */
  static RelPath link(String profile) {
    return directory(profile).child(LINK);
  }

  /** The lock of whoever activates a generation of a profile; others commit without it. */
  static RelPath lock(String profile) {
    return directory(profile).child("lock");
  }

  /**
   * Moves the link to what is current, and leaves the directory of what was current before. The
   * caller holds the journal's lock.
   */
  void point(Profile profile) throws IOException {
    RelPath link = link(profile.name());
    Optional<Generation> now = profile.currentGeneration();
    if (now.isEmpty()) {
      if (files.target(link).isPresent()) {
        files.delete(link);
        files.sync(link.parent());
      }
      removeSmall(profile.name(), Set.of());
      return;
    }
    Optional<String> before = files.target(link);
    String wanted = prepared(profile.name(), now.get());
    if (!before.equals(Optional.of(wanted))) {
      RelPath half = link.parent().child(LINK + HALF);
      if (files.stat(half).isPresent()) {
        files.delete(half);
      }
      files.link(half, wanted);
      files.moveAtomically(half, link);
    }
    files.sync(link.parent());
    Set<String> kept = new HashSet<>(Set.of(wanted));
    before.ifPresent(kept::add);
    removeSmall(profile.name(), kept);
  }

  /** The name of a directory of a generation. */
  static String name(int number, String form) {
    return number + (form.isEmpty() ? "" : "-" + form);
  }

  /** The link is to lead to this directory, rather than to another of its generation. */
  void prefer(String profile, String name) {
    wanted.put(profile, name);
  }

  /** Whether the link leads to something else than what is current, or nowhere. */
  boolean isBehind(Profile profile) throws IOException {
    Optional<Generation> now = profile.currentGeneration();
    Optional<String> target = files.target(link(profile.name()));
    if (now.isEmpty() || target.isEmpty()) {
      return now.isPresent() && hasDirectory(profile.name());
    }
    RelPath there = directory(profile.name()).child(target.get());
    return number(there) != now.get().number() || !isOf(there, now.get());
  }

  /** Whether there is anything of a profile here; in layout 1 the file of its state was. */
  boolean hasDirectory(String profile) throws IOException {
    return files
        .stat(directory(profile))
        .filter(found -> found.kind() == Filesystem.Kind.DIRECTORY)
        .isPresent();
  }

  /** The name of a directory of a generation, whole and durable; one is made if there is none. */
  private String prepared(String profile, Generation generation) throws IOException {
    Map<String, RelPath> there = of(profile, generation.number());
    for (RelPath each : List.copyOf(there.values())) {
      if (!isOf(each, generation)) { // prepared for one that another command came before
        there.remove(each.name());
        if (each.name().equals(Integer.toString(generation.number()))) {
          removeFiles(each);
        }
      }
    }
    String small = name(generation.number(), "");
    Optional<String> prefers =
        Optional.ofNullable(wanted.get(profile))
            .filter(name -> name.equals(small) || there.containsKey(name));
    Optional<String> linked = files.target(link(profile));
    Optional<String> now = prefers.or(() -> linked).filter(there::containsKey);
    if (now.isPresent()) {
      if (!now.equals(linked)) {
        files.sync(directory(profile)); // whoever gave it its name may have died before
      }
      return now.get();
    }
    if (there.isEmpty() || prefers.isPresent()) {
      RelPath half = half(profile, generation, "");
      fill(half, profile, generation);
      return publish(half).name();
    }
    files.sync(directory(profile)); // whoever gave it its name may have died before
    return there.keySet().iterator().next(); // the one with a form, of which there is one
  }

  /** Whether a directory is about this generation, and not another that was to get its number. */
  boolean isOf(RelPath directory, Generation generation) throws IOException {
    Optional<byte[]> digest = StateFile.read(files, directory.child(DIGEST));
    return digest.isPresent()
        && new String(digest.get(), StandardCharsets.UTF_8).equals(generation.image() + "\n");
  }

  /** The directories of a generation by name, those with a form first. */
  private Map<String, RelPath> of(String profile, int number) throws IOException {
    Map<String, RelPath> found = new TreeMap<>(java.util.Comparator.reverseOrder());
    for (RelPath each : files.list(directory(profile))) {
      if (!each.name().endsWith(HALF) && number(each) == number) {
        found.put(each.name(), each);
      }
    }
    return found;
  }

  /** The number in the name of a directory; 0 if it is none of a generation. */
  static int number(RelPath directory) {
    String digits = directory.name().replaceFirst("[-+].*", "");
    return digits.matches("[1-9][0-9]{0,8}") ? Integer.parseInt(digits) : 0;
  }

  /** An empty directory in which one of a generation is made. */
  RelPath half(String profile, Generation generation, String form) throws IOException {
    RelPath half = directory(profile).child(name(generation.number(), form) + HALF);
    for (RelPath each : files.list(half)) {
      files.delete(each);
    }
    files.makeDirectories(directory(profile));
    files.makeDirectoriesLoosely(half);
    return half;
  }

  /** Writes the small files, durably. */
  void fill(RelPath half, String profile, Generation generation) throws IOException {
    write(half.child(DIGEST), (generation.image() + "\n").getBytes(StandardCharsets.US_ASCII));
    String label = profile + "@" + generation.number() + "\n";
    write(half.child(GENERATION), label.getBytes(StandardCharsets.US_ASCII));
    Optional<byte[]> manifest = manifests.read(generation.image());
    if (manifest.isPresent()) {
      write(half.child(MANIFEST), manifest.get());
    }
    files.sync(half);
  }

  private void write(RelPath file, byte[] bytes) throws IOException {
    try (OutputStream out = files.create(file)) {
      out.write(bytes);
    }
    files.sync(file);
  }

  /** Gives a directory in which all is durable its name, durably. */
  RelPath publish(RelPath half) throws IOException {
    String name = half.name().substring(0, half.name().length() - HALF.length());
    RelPath whole = half.parent().child(name);
    files.moveAtomically(half, whole);
    files.sync(half.parent());
    return whole;
  }

  /** The directory of a generation, if there is one: what the link leads to before others. */
  Optional<RelPath> find(String profile, Generation generation) throws IOException {
    Map<String, RelPath> there = of(profile, generation.number());
    List<RelPath> found = new ArrayList<>(there.values());
    files.target(link(profile)).map(there::get).ifPresent(linked -> found.add(0, linked));
    for (RelPath each : found) {
      if (isOf(each, generation)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  /** Those that lead to a form, and are neither current nor were before. */
  List<RelPath> stale(Profile profile) throws IOException {
    Set<Integer> kept = new HashSet<>(Set.of(profile.current()));
    if (!profile.history().isEmpty()) {
      kept.add(profile.history().get(profile.history().size() - 1).from());
    }
    Optional<String> now = files.target(link(profile.name()));
    List<RelPath> stale = new ArrayList<>();
    for (RelPath each : files.list(directory(profile.name()))) {
      boolean half = each.name().endsWith(HALF) && number(each) > 0;
      boolean old =
          number(each) > 0
              && (!kept.contains(number(each))
                  || (number(each) == profile.current() && now.isPresent()));
      if ((half || old) && !now.equals(Optional.of(each.name()))) {
        stale.add(each);
      }
    }
    return stale;
  }

  /**
   * Takes away their names from those that nothing needs. The caller holds the journal's lock, so
   * nothing comes to need them meanwhile.
   *
   * @return where they are now
   */
  List<RelPath> disown(Profile profile) throws IOException {
    List<RelPath> gone = new ArrayList<>();
    for (RelPath each : stale(profile)) {
      gone.add(disowned(each));
    }
    return gone;
  }

  private RelPath disowned(RelPath each) throws IOException {
    RelPath away = each;
    if (!each.name().endsWith(GONE)) {
      for (int turn = 0; away.equals(each) || files.stat(away).isPresent(); turn++) {
        away = each.parent().child(each.name() + "+" + turn + GONE);
      }
      files.moveAtomically(each, away);
    }
    return away;
  }

  /** The directories of a generation but the one of this name, and what the link leads to. */
  List<RelPath> others(String profile, int number, String name) throws IOException {
    Map<String, RelPath> others = of(profile, number);
    others.remove(name);
    files.target(link(profile)).ifPresent(others::remove);
    return List.copyOf(others.values());
  }

  /**
   * Takes away the names of {@link #others}, so that whoever moves the link finds the one that is
   * wanted, also after who wanted it has died. The caller holds the journal's lock.
   */
  void disownOthers(String profile, int number, String name) throws IOException {
    for (RelPath each : others(profile, number, name)) {
      disowned(each);
    }
    files.sync(directory(profile));
  }

  /** Removes directories that hold three small files; those with a form take longer. */
  private void removeSmall(String profile, Set<String> kept) throws IOException {
    for (RelPath each : files.list(directory(profile))) {
      if (number(each) > 0
          && each.name().equals(Integer.toString(number(each)))
          && !kept.contains(each.name())) {
        removeFiles(each);
      }
    }
  }

  private void removeFiles(RelPath directory) throws IOException {
    for (RelPath file : files.list(directory)) {
      files.delete(file);
    }
    files.delete(directory);
  }
}
