package dev.imgstore.cli;

import dev.imgstore.sync.keys.PublicKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Checkpoints in files, a line each: those of a store by signer, in {@code checkpoints/}. */
final class CheckpointFiles {
  private static final long MAX = 64L << 20;
  private static final Pattern NAME = Pattern.compile("[0-9a-f]{16}");

  private final Path directory;

  CheckpointFiles(Path home) {
    this.directory = home.resolve("checkpoints");
  }

  /** Where a signer's are. */
  Path file(PublicKey signer) {
    return directory.resolve(signer.id());
  }

  /** All files, sorted. */
  List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
        for (Path each : all) {
          if (NAME.matcher(each.getFileName().toString()).matches()) {
            files.add(each);
          }
        }
      }
    }
    files.sort(null);
    return files;
  }

  /** Adds a line to what this store has; durable on return. */
  void add(PublicKey signer, String line) throws IOException {
    Files.createDirectories(directory);
    append(file(signer), line);
  }

  /**
   * Adds a line to a file, which is made if it is not there; durable on return. A line that a crash
   * cut short gets its end first.
   */
  static void append(Path file, String line) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long size = channel.size();
      ByteBuffer last = ByteBuffer.allocate(1);
      boolean isTorn = size > 0 && channel.read(last, size - 1) == 1 && last.get(0) != '\n';
      ByteBuffer left =
          ByteBuffer.wrap(((isTorn ? "\n" : "") + line + "\n").getBytes(StandardCharsets.UTF_8));
      while (left.hasRemaining()) {
        size += channel.write(left, size);
      }
      channel.force(true);
    }
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      try (FileChannel names = FileChannel.open(parent, StandardOpenOption.READ)) {
        names.force(true);
      }
    }
  }

  /** The lines of a file, blank ones left out. */
  static List<String> lines(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new CommandFailure(ExitCode.UNKNOWN, "there is no file " + file);
    }
    if (Files.size(file) > MAX) {
      throw new CommandFailure(ExitCode.USAGE, file + " is too large to hold checkpoints");
    }
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    return text.lines().filter(line -> !line.isBlank()).toList();
  }
}
