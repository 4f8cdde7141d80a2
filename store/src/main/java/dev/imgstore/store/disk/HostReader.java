package dev.imgstore.store.disk;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Name;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a name on the host holds; no link is followed. */
final class HostReader {
  private static final Set<java.nio.file.OpenOption> READ =
      Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);

  private HostReader() {}

  /** The {@code user.*} attributes; none where the file system has none. */
  static SortedMap<Name, Bytes> attributes(Path path) throws IOException {
    UserDefinedFileAttributeView view =
        Files.getFileAttributeView(
            path, UserDefinedFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (view == null) {
      return Collections.emptySortedMap();
    }
    List<String> names = names(view);
    if (names.isEmpty()) {
      return Collections.emptySortedMap();
    }
    SortedMap<Name, Bytes> attributes = new TreeMap<>();
    for (String name : names) {
      ByteBuffer value = ByteBuffer.allocate(view.size(name));
      view.read(name, value);
      attributes.put(Name.of("user." + name), Bytes.of(value.array(), 0, value.position()));
    }
    return attributes;
  }

  private static List<String> names(UserDefinedFileAttributeView view) throws IOException {
    try {
      return view.list();
    } catch (FileSystemException e) {
      if (String.valueOf(e.getReason()).contains("not supported")) {
        return List.of();
      }
      throw e;
    }
  }

  /** The bytes of a file, and how many they were. For one thread. */
  static final class Content extends InputStream {
    private final FileChannel channel;
    private final long expected;
    private long count;
    private boolean isAtEnd;

    /**
     * Opens it.
     *
     * @param expected bytes it should have; one more is asked for, to see that it has not grown
     */
    Content(Path path, long expected) throws IOException {
      this.channel = FileChannel.open(path, READ);
      this.expected = expected;
    }

    long count() {
      return count;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (isAtEnd && count == expected) {
        return -1;
      }
      long more = Math.max(0, expected - count) + 1;
      ByteBuffer buffer = ByteBuffer.wrap(target, offset, (int) Math.min(length, more));
      int got = channel.read(buffer);
      count += Math.max(0, got);
      isAtEnd = got < buffer.limit() - offset; // of a file, less than was asked is all there was
      return got;
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
