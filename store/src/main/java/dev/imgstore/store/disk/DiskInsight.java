package dev.imgstore.store.disk;

import dev.imgstore.model.Digest;
import dev.imgstore.model.RelPath;
import dev.imgstore.store.Insight;
import dev.imgstore.store.Root;
import dev.imgstore.store.Roots;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.Usage;
import dev.imgstore.store.Why;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Answers from the footers of all segments and from what the roots reach. */
final class DiskInsight implements Insight {
  private static final int ATTEMPTS = 8;

  private final Filesystem files;
  private final DiskSegments segments;
  private final Roots roots;

  DiskInsight(Filesystem files, DiskSegments segments, Roots roots) {
    this.files = files;
    this.segments = segments;
    this.roots = roots;
  }

  /** All that is there now; a segment that cannot be read is passed over. */
  private Census census() throws IOException {
    for (int attempt = 1; ; attempt++) {
      Census census = new Census(segments);
      if (addAll(census) || attempt == ATTEMPTS) {
        return census;
      }
    }
  }

  /** False if a collection removed a segment meanwhile: what was needed of it is elsewhere now. */
  private boolean addAll(Census census) throws IOException {
    for (Segment each : segments.refresh()) {
      try {
        census.add(each);
      } catch (NoSuchFileException e) {
        return false;
      } catch (StoreException e) {
        // damaged: verify says so, and it counts with the headers
      }
    }
    return true;
  }

  @Override
  public List<Digest> named(String beginning, int most) throws IOException {
    TreeSet<Digest> found = new TreeSet<>();
    Census census = census();
    for (int spot = 0; spot < census.size(); spot++) {
      if (begins(census, spot, beginning)) {
        found.add(census.located(spot).entry().digest());
      }
    }
    return found.stream().limit(most).toList();
  }

  private static boolean begins(Census census, int spot, String digits) {
    Census.Part part = census.of(spot);
    int from = (spot - part.base()) * Entry.BYTES;
    for (int i = 0; i < digits.length(); i++) {
      int octet = part.footer().entries().get(from + i / 2);
      int digit = i % 2 == 0 ? octet >> 4 & 15 : octet & 15;
      if (digit != Character.digit(digits.charAt(i), 16)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public Usage usage() throws IOException {
    List<Root> named = roots.all(); // first: what is named is there already
    long inSegments = size(Purpose.DIRECTORY);
    long all = size(RelPath.ROOT);
    return new Costs(new Graph(census())).of(named, inSegments, all - inSegments);
  }

  @Override
  public List<Usage.OfPart> parts(List<Labelled> generations) throws IOException {
    List<Root> some = new ArrayList<>();
    generations.forEach(each -> some.add(each.generation()));
    Set<String> labels = new HashSet<>();
    some.forEach(each -> labels.add(each.label()));
    List<Root> others = new ArrayList<>();
    for (Root each : roots.all()) {
      // what pins and holds keep goes as little as a generation's
      if (!(each instanceof Root.OfGeneration) || !labels.contains(each.label())) {
        others.add(each);
      }
    }
    Graph graph = new Graph(census());
    Costs costs = new Costs(graph);
    costs.split(some, others);
    return new Shares(graph).of(generations, costs);
  }

  /** Bytes of all files below a directory. */
  private long size(RelPath directory) throws IOException {
    long size = 0;
    for (RelPath each : files.list(directory)) {
      Optional<Filesystem.Stat> stat = files.stat(each);
      if (stat.isPresent() && stat.get().kind() == Filesystem.Kind.DIRECTORY) {
        size += size(each);
      } else if (stat.isPresent() && stat.get().kind() == Filesystem.Kind.FILE) {
        size += stat.get().size();
      }
    }
    return size;
  }

  @Override
  public Why why(Digest object, int most) throws IOException {
    Census census = census();
    int target = census.first(object);
    if (target == Graph.NONE) {
      throw new StoreException.MissingBlob(object);
    }
    return new Chains(new Graph(census), target, most).from(roots.all());
  }
}
