package scale;

import dev.imgstore.builder.pack.TreeArtifact;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Platform;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.Trees;
import dev.imgstore.store.disk.DiskFilesystem;
import dev.imgstore.store.disk.DiskStore;
import dev.imgstore.store.disk.Filesystem;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Makes stores of made-up content and asks them for digests. Each small build puts a hundred blobs
 * and flushes; a coin says of each whether it lives; ten builds make a generation of what lives in
 * them. So every segment is half dead. Nothing of the making is measured, so it syncs nothing.
 */
public final class Scale {
  private static final int IN_BUILD = 100;
  private static final int BUILDS_IN_GENERATION = 10;

  /** Log-normal: median 2500 bytes, mean 8 KB, so sigma is the root of 2 ln(8192 / 2500). */
  private static final double MEDIAN = 2500;

  private static final double SIGMA = Math.sqrt(2 * Math.log(8192 / MEDIAN));
  private static final int LARGEST = 16 << 20;
  private static final int ASKED = 200_000;
  private static final int ROUNDS = 5;

  private Scale() {}

  /** {@code make STORE BLOBS} or {@code has STORE}. */
  public static void main(String[] args) throws IOException {
    Path home = Path.of(args[1]);
    if (args[0].equals("make")) {
      make(home, Integer.parseInt(args[2]));
    } else {
      has(home);
    }
  }

  private static Path digests(Path home) {
    return home.resolveSibling(home.getFileName() + ".digests");
  }

  private static void make(Path home, int blobs) throws IOException {
    SplittableRandom random = new SplittableRandom(blobs);
    try (Store store = DiskStore.open(withoutSync(home), System.err::println);
        DataOutputStream digests =
            new DataOutputStream(
                new BufferedOutputStream(Files.newOutputStream(digests(home))))) {
      List<Node.File> alive = new ArrayList<>();
      int current = 0;
      for (int build = 0; build < blobs / IN_BUILD; build++) {
        try (Transaction transaction = store.begin()) {
          for (int i = 0; i < IN_BUILD; i++) {
            byte[] content = content(random);
            Digest digest = transaction.put(content);
            digests.write(digest.raw());
            if (random.nextBoolean()) {
              alive.add(new Node.File(digest, content.length, Meta.of(0644, 0, 0)));
            }
          }
          if ((build + 1) % BUILDS_IN_GENERATION == 0) {
            current = commit(store, transaction, alive, current);
            alive.clear();
          } else {
            transaction.flush();
          }
        }
      }
    }
  }

  private static byte[] content(SplittableRandom random) {
    double normal =
        Math.sqrt(-2 * Math.log(1 - random.nextDouble()))
            * Math.cos(2 * Math.PI * random.nextDouble());
    byte[] content = new byte[(int) Math.min(LARGEST, 1 + MEDIAN * Math.exp(SIGMA * normal))];
    random.nextBytes(content);
    return content;
  }

  /** A tree of directories with at most a hundred files each. */
  private static int commit(
      Store store, Transaction transaction, List<Node.File> files, int current)
      throws IOException {
    TreeMap<Name, Node> top = new TreeMap<>();
    for (int from = 0; from < files.size(); from += IN_BUILD) {
      TreeMap<Name, Node> entries = new TreeMap<>();
      for (int i = from; i < Math.min(files.size(), from + IN_BUILD); i++) {
        entries.put(Name.of("f" + i), files.get(i));
      }
      TreeId directory = Trees.put(transaction, new Tree(entries));
      top.put(Name.of("d" + from), new Node.Directory(directory, Meta.of(0755, 0, 0)));
    }
    TreeId tree = Trees.put(transaction, new Tree(top));
    Digest image = TreeArtifact.put(tree, "scale", transaction);
    Digest nothing = transaction.putMetadata(new byte[0]);
    Platform platform = Platform.parse("linux/amd64");
    BuildRecord.Part part =
        new BuildRecord.Part(platform, tree, image, List.of(), List.of());
    Digest record =
        transaction.putMetadata(
            new BuildRecord(
                    image,
                    nothing,
                    Collections.emptySortedMap(),
                    nothing,
                    List.of(),
                    Collections.emptySortedMap(),
                    List.of(part))
                .encode());
    transaction.flush();
    return store
        .profiles()
        .commit(
            "scale",
            current,
            image,
            record,
            new Profiles.Because(Instant.EPOCH.plusSeconds(current), "bench", "made up"))
        .number();
  }

  private static Filesystem withoutSync(Path home) {
    Filesystem disk = new DiskFilesystem(home, Clock.systemUTC());
    return (Filesystem)
        Proxy.newProxyInstance(
            Scale.class.getClassLoader(),
            new Class<?>[] {Filesystem.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("sync")) {
                return null;
              }
              try {
                return method.invoke(disk, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** Prints nanoseconds of a hit and of a miss: the first round, and the best of the next. */
  private static void has(Path home) throws IOException {
    List<Digest> all = new ArrayList<>();
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(digests(home))))) {
      byte[] raw = new byte[Digest.BYTES];
      for (long left = Files.size(digests(home)) / raw.length; left > 0; left--) {
        in.readFully(raw);
        all.add(Digest.fromRaw(raw));
      }
    }
    SplittableRandom random = new SplittableRandom(1);
    List<Digest> hits = new ArrayList<>();
    List<Digest> misses = new ArrayList<>();
    for (int i = 0; i < ASKED; i++) {
      hits.add(all.get(random.nextInt(all.size())));
      byte[] raw = new byte[Digest.BYTES];
      random.nextBytes(raw);
      misses.add(Digest.fromRaw(raw));
    }
    all.clear();
    try (Store store = DiskStore.open(home, Clock.systemUTC(), System.err::println)) {
      BlobReader blobs = store.blobs();
      long firstHit = nanos(blobs, hits, ASKED);
      long firstMiss = nanos(blobs, misses, 0);
      long hit = Long.MAX_VALUE;
      long miss = Long.MAX_VALUE;
      for (int i = 0; i < ROUNDS; i++) {
        hit = Math.min(hit, nanos(blobs, hits, ASKED));
        miss = Math.min(miss, nanos(blobs, misses, 0));
      }
      System.out.println(firstHit + " " + hit + " " + firstMiss + " " + miss);
    }
  }

  private static long nanos(BlobReader blobs, List<Digest> asked, int expected)
      throws IOException {
    int held = 0;
    long start = System.nanoTime();
    for (Digest each : asked) {
      if (blobs.has(each)) {
        held++;
      }
    }
    long end = System.nanoTime();
    if (held != expected) {
      throw new IllegalStateException(held + " held, not " + expected);
    }
    return (end - start) / asked.size();
  }
}
