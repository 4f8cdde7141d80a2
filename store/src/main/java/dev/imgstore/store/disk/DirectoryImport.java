package dev.imgstore.store.disk;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.LinkGroups;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobStore;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A directory of the host as a tree of the store: modes, owners, links, names of one inode, devices
 * and pipes, and the extended attributes that Java can read ({@code user.*}). First everything is
 * listed, then the files are read, several at a time, in order of their paths. A file that changes
 * meanwhile, or cannot be read, is a fault; all faults are told together and no tree is made.
 */
final class DirectoryImport {
  private static final long NANOS = 1_000_000_000L;

  private final ImportRequest request;
  private final BlobStore blobs;
  private final StatCache cache;
  private final DirectoryScan scan;
  private final Collection<StatCache.Seen> seen = new ConcurrentLinkedQueue<>();
  private final AtomicLong read = new AtomicLong();
  private final AtomicLong done = new AtomicLong();
  private final List<Found> links = new ArrayList<>();
  private long total;

  /** Something a thread does next. */
  private interface Piece {
    void run() throws IOException;
  }

  private DirectoryImport(
      ImportRequest request, BlobStore blobs, StatCache cache, DirectoryScan scan) {
    this.request = request;
    this.blobs = blobs;
    this.cache = cache;
    this.scan = scan;
  }

  /** Imports into {@code blobs}; durable when the caller flushes them. */
  static ImportedTree run(ImportRequest request, Filesystem store, BlobStore blobs)
      throws IOException {
    Path directory = request.directory().toAbsolutePath();
    return of(request, directory, store, blobs).run(directory);
  }

  /**
   * Imports what has this name, which may be a file or a link.
   *
   * @param entry the one name in the tree that is made
   */
  static ImportedTree single(ImportRequest request, Name entry, Filesystem store, BlobStore blobs)
      throws IOException {
    Path path = request.directory().toAbsolutePath();
    HostStat stat = HostStat.of(path);
    Found holder = new Found(path, entry, stat, Optional.empty());
    Found only = new Found(path, entry, stat, Optional.of(holder));
    holder.setChildren(List.of(only));
    DirectoryImport importing = of(request, path, store, blobs);
    if (stat.kind() == HostStat.Kind.DIRECTORY) {
      importing.scan.run(only, request.pool(), request.threads());
    }
    ImportedTree taken = importing.read(holder, new ImportSurvey(importing.cache, blobs, false));
    taken.remember();
    return taken;
  }

  private static DirectoryImport of(
      ImportRequest request, Path path, Filesystem store, BlobStore blobs) throws IOException {
    StatCache cache = StatCache.open(store, path, request.keeps(), nanos(request.now()));
    return new DirectoryImport(request, blobs, cache, new DirectoryScan(request.store()));
  }

  private static long nanos(Instant at) {
    return at.getEpochSecond() * NANOS + at.getNano();
  }

  private ImportedTree run(Path directory) throws IOException {
    HostStat stat = HostStat.of(directory);
    Found root = new Found(directory, Name.of("root"), stat, Optional.empty());
    scan.run(root, request.pool(), request.threads());
    Optional<TreeId> last = cache.last(stat).map(TreeId::new);
    boolean current = last.isPresent() && request.caller().isCurrent(last.get());
    ImportSurvey survey = new ImportSurvey(cache, blobs, current);
    if (survey.isUnchanged(root) && scan.faults().isEmpty()) {
      return imported(last.orElseThrow(), survey, Optional.empty());
    }
    if (current && !request.caller().keeps(last.orElseThrow())) {
      // another generation has come, and the old one may be collected: nothing is known
      DirectoryScan again = new DirectoryScan(request.store());
      return new DirectoryImport(request, blobs, cache.forgotten(), again).run(directory);
    }
    return read(root, survey);
  }

  /** Reads what is not known, below a directory that was looked at or has one name only. */
  private ImportedTree read(Found root, ImportSurvey survey) throws IOException {
    total = survey.bytes();
    List<ImportSurvey.Inode> unread = new ArrayList<>();
    expect(root, survey);
    for (ImportSurvey.Inode inode : survey.inodes(root)) {
      if (inode.known().isPresent()) {
        HostStat file = inode.first().stat();
        seen.add(new StatCache.Seen(file, file.size(), inode.known().get()));
        done.addAndGet(file.size());
        finish(inode, inode.known().get(), Collections.emptySortedMap());
      } else {
        unread.add(inode);
      }
    }
    arrived(root);
    readAll(unread);
    if (!scan.faults().isEmpty()) {
      throw new DirectoryFault("cannot import " + root.path(), scan.faults());
    }
    return imported(root.tree(), survey, Optional.of(seen));
  }

  /** The result; where nothing has changed, what is remembered stays. */
  private ImportedTree imported(
      TreeId tree, ImportSurvey survey, Optional<Collection<StatCache.Seen>> fresh) {
    return new ImportedTree(
        tree,
        new ImportedTree.Counts(survey.entries(), survey.bytes(), read.get()),
        scan.sockets(),
        cache,
        fresh);
  }

  /**
   * Counts for each directory the names whose nodes are to come, and makes those that are known.
   * One more is counted for the root, so that it is not made before all is said.
   */
  private void expect(Found directory, ImportSurvey survey) throws IOException {
    directory.expect();
    for (Found each : directory.children()) {
      HostStat stat = each.stat();
      switch (stat.kind()) {
        case FILE -> directory.expect();
        case DIRECTORY -> {
          if (each.known().isPresent()) {
            survey.remember(each, seen::add);
            each.setTree(each.known().get());
          } else {
            directory.expect();
            expect(each, survey);
            arrived(each);
          }
        }
        case LINK -> {
          directory.expect();
          links.add(each);
        }
        default -> special(each, stat);
      }
    }
  }

  private void special(Found each, HostStat stat) {
    if (request.keeps() == ImportRequest.Keeps.CONTENT) {
      scan.faults().add(each.path() + ": neither file, directory nor link");
    } else if (stat.kind() == HostStat.Kind.FIFO) {
      each.setNode(new Node.Fifo(stat.meta()));
    } else {
      boolean block = stat.kind() == HostStat.Kind.BLOCK_DEVICE;
      each.setNode(new Node.Device(stat.major(), stat.minor(), block, stat.meta()));
    }
  }

  private Meta meta(HostStat stat, SortedMap<Name, Bytes> attributes) {
    if (request.keeps() == ImportRequest.Keeps.EVERYTHING) {
      return stat.meta(attributes);
    }
    return switch (stat.kind()) {
      case LINK -> Meta.of(0777, 0, 0);
      case FILE -> Meta.of((stat.mode() & 0100) == 0 ? 0644 : 0755, 0, 0);
      default -> Meta.of(0755, 0, 0);
    };
  }

  private void link(Found each) throws IOException {
    if (target(each)) {
      arrived(each.parent().orElseThrow());
    }
  }

  /** Makes the node of a link; false if that is a fault. */
  private boolean target(Found each) throws IOException {
    try {
      Bytes target = HostPaths.target(Files.readSymbolicLink(each.path()));
      each.setNode(new Node.Symlink(target, meta(each.stat(), Collections.emptySortedMap())));
      seen.add(new StatCache.Seen(each.stat(), each.stat().size(), ImportSurvey.NOTHING));
      return true;
    } catch (FileSystemException e) {
      scan.faults().add(each.path() + ": " + DirectoryScan.reason(e));
    } catch (IllegalArgumentException e) {
      scan.faults().add(each.path() + ": " + e.getMessage());
    }
    return false;
  }

  private void readAll(List<ImportSurvey.Inode> inodes) throws IOException {
    Crew<Piece> crew = new Crew<>();
    for (int i = inodes.size() - 1; i >= 0; i--) {
      ImportSurvey.Inode inode = inodes.get(i);
      crew.add(() -> read(inode)); // the last one added is taken first
    }
    for (Found each : links) {
      crew.add(() -> link(each));
    }
    boolean nothing = inodes.isEmpty() && links.isEmpty();
    crew.run(request.pool(), nothing ? 0 : request.threads(), Piece::run);
    request.caller().at(total, total);
  }

  private void read(ImportSurvey.Inode inode) throws IOException {
    Found file = inode.first();
    Optional<HostReader.Content> content = opened(file);
    if (content.isPresent()) {
      readContent(inode, file, content.get());
    }
    request.caller().at(done.addAndGet(file.stat().size()), total);
  }

  private Optional<HostReader.Content> opened(Found file) throws IOException {
    try {
      return Optional.of(new HostReader.Content(file.path(), file.stat().size()));
    } catch (FileSystemException e) {
      scan.faults().add(file.path() + ": " + DirectoryScan.reason(e));
      return Optional.empty();
    }
  }

  /** What goes wrong in the store is no fault of the file. */
  private void readContent(ImportSurvey.Inode inode, Found file, HostReader.Content content)
      throws IOException {
    Digest digest;
    try (content) {
      digest = blobs.put(content);
    }
    read.addAndGet(content.count());
    HostStat before = file.stat();
    SortedMap<Name, Bytes> attributes;
    try {
      attributes = attributes(file.path());
      if (!before.isUnchangedIn(HostStat.of(file.path())) || content.count() != before.size()) {
        scan.faults()
            .add(file.path() + ": changed while it was read; import again when it is quiet");
        return;
      }
    } catch (FileSystemException e) {
      scan.faults().add(file.path() + ": " + DirectoryScan.reason(e));
      return;
    }
    if (attributes.isEmpty()) {
      seen.add(new StatCache.Seen(before, before.size(), digest));
    }
    finish(inode, digest, attributes);
  }

  private void finish(ImportSurvey.Inode inode, Digest content, SortedMap<Name, Bytes> attributes)
      throws IOException {
    boolean single = inode.names().size() == 1 || request.keeps() == ImportRequest.Keeps.CONTENT;
    long group = single ? 0 : LinkGroups.of(inode.paths().get(0));
    HostStat stat = inode.first().stat();
    Node.File node = new Node.File(content, stat.size(), group, meta(stat, attributes));
    for (Found each : inode.names()) {
      each.setNode(node);
      arrived(each.parent().orElseThrow());
    }
  }

  /** One more node of a directory is made; with the last one its tree is, and so on upwards. */
  private void arrived(Found directory) throws IOException {
    Found at = directory;
    while (at.arrived() && make(at) && at.parent().isPresent()) {
      at = at.parent().get();
    }
  }

  private SortedMap<Name, Bytes> attributes(Path path) throws IOException {
    return request.keeps() == ImportRequest.Keeps.EVERYTHING
        ? HostReader.attributes(path)
        : Collections.emptySortedMap();
  }

  /** True for what {@link #single} puts around its one name: no directory of the host. */
  private static boolean isHolder(Found directory) {
    return directory.children().size() == 1
        && directory.children().get(0).path().equals(directory.path());
  }

  /** Makes the tree of a directory; false if that is a fault. */
  private boolean make(Found directory) throws IOException {
    SortedMap<Name, Node> nodes = new TreeMap<>();
    for (Found each : directory.children()) {
      nodes.put(
          each.name(),
          each.stat().kind() == HostStat.Kind.DIRECTORY
              ? new Node.Directory(each.tree(), meta(each.stat(), each.attributes()))
              : each.node());
    }
    TreeId tree = Trees.put(blobs, new Tree(nodes));
    directory.setTree(tree);
    if (isHolder(directory)) {
      return true;
    }
    try {
      directory.setAttributes(attributes(directory.path()));
    } catch (FileSystemException e) {
      scan.faults().add(directory.path() + ": " + DirectoryScan.reason(e));
      return false;
    }
    if (directory.attributes().isEmpty()) {
      long contents = ImportSurvey.contents(directory);
      seen.add(new StatCache.Seen(directory.stat(), contents, tree.digest()));
    }
    return true;
  }
}
