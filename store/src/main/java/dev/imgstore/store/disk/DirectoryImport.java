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
  private long total;

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
    StatCache cache = StatCache.open(store, directory, nanos(request.now()));
    return new DirectoryImport(request, blobs, cache, new DirectoryScan(request.store()))
        .run(directory);
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
    total = survey.bytes();
    List<ImportSurvey.Inode> unread = new ArrayList<>();
    expect(root, survey);
    for (ImportSurvey.Inode inode : survey.inodes(root)) {
      if (inode.known().isPresent()) {
        HostStat file = inode.first().stat();
        seen.add(new StatCache.Seen(file, file.size(), inode.known().get()));
        done.addAndGet(file.size());
        finish(inode, inode.known().get(), file.meta());
      } else {
        unread.add(inode);
      }
    }
    arrived(root);
    readAll(unread);
    if (!scan.faults().isEmpty()) {
      throw new DirectoryFault("cannot import " + directory, scan.faults());
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
        case LINK -> link(each);
        case CHARACTER_DEVICE, BLOCK_DEVICE -> {
          boolean block = stat.kind() == HostStat.Kind.BLOCK_DEVICE;
          each.setNode(new Node.Device(stat.major(), stat.minor(), block, stat.meta()));
        }
        case FIFO -> each.setNode(new Node.Fifo(stat.meta()));
        default -> throw new AssertionError(stat);
      }
    }
  }

  private void link(Found each) throws IOException {
    try {
      Bytes target = HostPaths.target(Files.readSymbolicLink(each.path()));
      each.setNode(new Node.Symlink(target, each.stat().meta()));
      seen.add(new StatCache.Seen(each.stat(), each.stat().size(), ImportSurvey.NOTHING));
    } catch (FileSystemException e) {
      scan.faults().add(each.path() + ": " + DirectoryScan.reason(e));
    } catch (IllegalArgumentException e) {
      scan.faults().add(each.path() + ": " + e.getMessage());
    }
  }

  private void readAll(List<ImportSurvey.Inode> inodes) throws IOException {
    Crew<ImportSurvey.Inode> crew = new Crew<>();
    for (int i = inodes.size() - 1; i >= 0; i--) {
      crew.add(inodes.get(i)); // the last one added is taken first
    }
    crew.run(request.pool(), inodes.isEmpty() ? 0 : request.threads(), this::read);
    request.caller().at(total, total);
  }

  private void read(ImportSurvey.Inode inode) throws IOException {
    Found file = inode.first();
    try {
      readContent(inode, file);
    } catch (FileSystemException e) {
      scan.faults().add(file.path() + ": " + DirectoryScan.reason(e));
    }
    request.caller().at(done.addAndGet(file.stat().size()), total);
  }

  private void readContent(ImportSurvey.Inode inode, Found file) throws IOException {
    HostStat before = file.stat();
    HostReader.Content content = new HostReader.Content(file.path(), before.size());
    Digest digest;
    try (content) {
      digest = blobs.put(content);
    }
    read.addAndGet(content.count());
    SortedMap<Name, Bytes> attributes = HostReader.attributes(file.path());
    if (!before.isUnchangedIn(HostStat.of(file.path())) || content.count() != before.size()) {
      scan.faults().add(file.path() + ": changed while it was read; import again when it is quiet");
      return;
    }
    if (attributes.isEmpty()) {
      seen.add(new StatCache.Seen(before, before.size(), digest));
    }
    finish(inode, digest, before.meta(attributes));
  }

  private void finish(ImportSurvey.Inode inode, Digest content, Meta meta) throws IOException {
    long group = inode.names().size() == 1 ? 0 : LinkGroups.of(inode.paths().get(0));
    Node.File node = new Node.File(content, inode.first().stat().size(), group, meta);
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

  /** Makes the tree of a directory; false if that is a fault. */
  private boolean make(Found directory) throws IOException {
    SortedMap<Name, Node> nodes = new TreeMap<>();
    for (Found each : directory.children()) {
      nodes.put(
          each.name(),
          each.stat().kind() == HostStat.Kind.DIRECTORY
              ? new Node.Directory(each.tree(), each.stat().meta(each.attributes()))
              : each.node());
    }
    TreeId tree = Trees.put(blobs, new Tree(nodes));
    directory.setTree(tree);
    try {
      directory.setAttributes(HostReader.attributes(directory.path()));
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
