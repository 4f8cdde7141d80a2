package dev.imgstore.store.disk;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.LinkGroups;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobStore;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
  private long bytes;
  private long entries;

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
    Found root = new Found(directory, Name.of("root"), HostStat.of(directory));
    scan.run(root, request.pool(), request.threads());
    List<Inode> inodes = new ArrayList<>();
    collect(root, TreePath.ROOT, inodes, new HashMap<>());
    List<Inode> unknown = new ArrayList<>();
    for (Inode each : inodes) {
      if (!isKnown(each)) {
        unknown.add(each);
      }
    }
    readAll(unknown);
    if (!scan.faults().isEmpty()) {
      throw new DirectoryFault("cannot import " + directory, scan.faults());
    }
    TreeId tree = tree(root);
    return new ImportedTree(
        tree, new ImportedTree.Counts(entries, bytes, read.get()), scan.sockets(), cache, seen);
  }

  /** A file, by its names below the root in order of paths. */
  private record Inode(List<Found> names, List<TreePath> paths) {
    Found first() {
      return names.get(0);
    }
  }

  private record InodeKey(long device, long inode) {}

  /** Finds the files in order of paths, and makes the nodes of all that has no content. */
  private void collect(
      Found directory, TreePath at, List<Inode> inodes, Map<InodeKey, Inode> shared)
      throws IOException {
    for (Found each : directory.children()) {
      entries++;
      switch (each.stat().kind()) {
        case DIRECTORY -> collect(each, at.child(each.name()), inodes, shared);
        case FILE -> {
          if (each.stat().links() == 1) {
            inodes.add(new Inode(List.of(each), List.of()));
            bytes += each.stat().size();
          } else {
            InodeKey key = new InodeKey(each.stat().device(), each.stat().inode());
            Inode inode = shared.get(key);
            if (inode == null) {
              inode = new Inode(new ArrayList<>(), new ArrayList<>());
              shared.put(key, inode);
              inodes.add(inode);
              bytes += each.stat().size();
            }
            inode.names().add(each);
            inode.paths().add(at.child(each.name()));
          }
        }
        default -> special(each);
      }
    }
  }

  private void special(Found each) throws IOException {
    HostStat stat = each.stat();
    Meta meta = stat.meta();
    switch (stat.kind()) {
      case LINK -> link(each, meta);
      case CHARACTER_DEVICE ->
          each.setNode(new Node.Device(stat.major(), stat.minor(), false, meta));
      case BLOCK_DEVICE -> each.setNode(new Node.Device(stat.major(), stat.minor(), true, meta));
      case FIFO -> each.setNode(new Node.Fifo(meta));
      default -> throw new AssertionError(stat);
    }
  }

  private void link(Found each, Meta meta) throws IOException {
    try {
      Bytes target = HostPaths.target(Files.readSymbolicLink(each.path()));
      each.setNode(new Node.Symlink(target, meta));
    } catch (FileSystemException | IllegalArgumentException e) {
      scan.faults()
          .add(
              each.path()
                  + ": "
                  + (e instanceof IOException io ? DirectoryScan.reason(io) : e.getMessage()));
    }
  }

  /** Makes the node of a file that is what it was when it was last imported, and still held. */
  private boolean isKnown(Inode inode) throws IOException {
    HostStat stat = inode.first().stat();
    var content = cache.find(stat);
    if (content.isEmpty() || !blobs.has(content.get())) {
      return false;
    }
    finish(inode, content.get(), stat.meta());
    seen.add(new StatCache.Seen(stat, content.get()));
    done.addAndGet(stat.size());
    return true;
  }

  private void readAll(List<Inode> inodes) throws IOException {
    if (inodes.isEmpty()) {
      return;
    }
    Crew<Inode> crew = new Crew<>();
    for (int i = inodes.size() - 1; i >= 0; i--) {
      crew.add(inodes.get(i)); // the last one added is taken first
    }
    crew.run(request.pool(), request.threads(), this::read);
    request.watcher().at(bytes, bytes);
  }

  private void read(Inode inode) throws IOException {
    Found file = inode.first();
    try {
      read(inode, file);
    } catch (FileSystemException e) {
      scan.faults().add(file.path() + ": " + DirectoryScan.reason(e));
    }
    request.watcher().at(done.addAndGet(file.stat().size()), bytes);
  }

  private void read(Inode inode, Found file) throws IOException {
    Content content = new Content(file.path());
    Digest digest;
    try (content) {
      digest = blobs.put(content);
    }
    read.addAndGet(content.count);
    SortedMap<Name, Bytes> attributes = attributes(file.path());
    HostStat now = HostStat.of(file.path());
    if (!file.stat().isUnchangedIn(now) || content.count != now.size()) {
      scan.faults().add(file.path() + ": changed while it was read; import again when it is quiet");
      return;
    }
    Meta plain = now.meta();
    finish(inode, digest, new Meta(plain.mode(), plain.uid(), plain.gid(), attributes));
    if (attributes.isEmpty()) {
      seen.add(new StatCache.Seen(now, digest));
    }
  }

  private void finish(Inode inode, Digest content, Meta meta) {
    long group = inode.names().size() == 1 ? 0 : LinkGroups.of(inode.paths().get(0));
    Node.File node = new Node.File(content, inode.first().stat().size(), group, meta);
    inode.names().forEach(each -> each.setNode(node));
  }

  private TreeId tree(Found directory) throws IOException {
    SortedMap<Name, Node> nodes = new TreeMap<>();
    for (Found each : directory.children()) {
      if (each.stat().kind() == HostStat.Kind.DIRECTORY) {
        Meta plain = each.stat().meta();
        Meta meta = new Meta(plain.mode(), plain.uid(), plain.gid(), directoryAttributes(each));
        each.setNode(new Node.Directory(tree(each), meta));
      }
      nodes.put(each.name(), each.node());
    }
    return Trees.put(blobs, new Tree(nodes));
  }

  private SortedMap<Name, Bytes> directoryAttributes(Found directory) throws IOException {
    if (cache.find(directory.stat()).isPresent()) {
      seen.add(new StatCache.Seen(directory.stat(), NOTHING));
      return new TreeMap<>();
    }
    SortedMap<Name, Bytes> attributes = attributes(directory.path());
    if (attributes.isEmpty()) {
      seen.add(new StatCache.Seen(directory.stat(), NOTHING));
    }
    return attributes;
  }

  private static final Digest NOTHING = Digest.of(new byte[0]);

  /** The {@code user.*} attributes; none where the file system has none. */
  private static SortedMap<Name, Bytes> attributes(Path path) throws IOException {
    SortedMap<Name, Bytes> attributes = new TreeMap<>();
    UserDefinedFileAttributeView view =
        Files.getFileAttributeView(
            path, UserDefinedFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (view == null) {
      return attributes;
    }
    List<String> names;
    try {
      names = view.list();
    } catch (FileSystemException e) {
      if (String.valueOf(e.getReason()).contains("not supported")) {
        return attributes;
      }
      throw e;
    }
    for (String name : names) {
      ByteBuffer value = ByteBuffer.allocate(view.size(name));
      view.read(name, value);
      attributes.put(Name.of("user." + name), Bytes.of(value.array(), 0, value.position()));
    }
    return attributes;
  }

  /** A file being read; no link is followed, and nothing is opened that is no file. */
  private static final class Content extends InputStream {
    private final FileChannel channel;
    private final InputStream in;
    private long count;

    Content(Path path) throws IOException {
      this.channel = FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
      this.in = Channels.newInputStream(channel);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, target.length);
      int got = in.read(target, offset, length);
      count += Math.max(0, got);
      return got;
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
