package dev.imgstore.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.imgstore.builder.recipe.Nearest;
import dev.imgstore.model.Profile;
import dev.imgstore.sync.keys.PublicKey;
import dev.imgstore.sync.keys.SigningKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The keys that sign, in {@code keys/} of a store: one file {@code NAME} each, with the text of the
 * secret key, which only its owner may read. What is secret leaves this class only as a key that
 * signs; no text has it. One thread calls.
 */
final class KeyFiles {
  private static final int MAX = 4096;
  private static final Set<PosixFilePermission> OWNERS =
      PosixFilePermissions.fromString("rwx------");

  private final Path directory;

  KeyFiles(Path home) {
    this.directory = home.resolve("keys");
  }

  Path file(String name) {
    return directory.resolve(name);
  }

  /** Makes a key; it is durable on return. */
  SigningKey create(String name) throws IOException {
    if (!Profile.isName(name)) {
      throw new CommandFailure(
          ExitCode.USAGE, name + " is no name for a key; a name is like that of a profile");
    }
    if (!Files.isDirectory(directory)) {
      Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(OWNERS));
    }
    SigningKey key = SigningKey.create(new SecureRandom());
    Path half = directory.resolve("." + name + ".new"); // no name of a key
    Files.deleteIfExists(half);
    write(half, key);
    try {
      Files.createLink(file(name), half);
    } catch (FileAlreadyExistsException e) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "there is a key " + name + " already; choose another name, or imgstore key delete it",
          e);
    } finally {
      Files.delete(half);
    }
    sync();
    return key;
  }

  private static void write(Path file, SigningKey key) throws IOException {
    Set<StandardOpenOption> fresh =
        EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (FileChannel channel =
        FileChannel.open(
            file,
            fresh,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer left = ByteBuffer.wrap((key.secret() + "\n").getBytes(US_ASCII));
      while (left.hasRemaining()) {
        channel.write(left);
      }
      channel.force(true);
    }
  }

  private void sync() throws IOException {
    try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
      names.force(true);
    }
  }

  /** All names, sorted. */
  List<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
        for (Path each : files) {
          String name = each.getFileName().toString();
          if (Profile.isName(name)) {
            names.add(name);
          }
        }
      }
    }
    Collections.sort(names);
    return names;
  }

  /** The public keys, by name, of those that can be used: of others who signs with them is told. */
  SortedMap<String, PublicKey> publicKeys() throws IOException {
    SortedMap<String, PublicKey> keys = new TreeMap<>();
    for (String name : names()) {
      if (Files.isReadable(file(name))) {
        try {
          keys.put(name, open(name).shown());
        } catch (CommandFailure e) {
          // it counts for nobody
        }
      }
    }
    return keys;
  }

  /** The one of this name. */
  SigningKey open(String name) throws IOException {
    Path file = file(known(name));
    Set<PosixFilePermission> others = new TreeSet<>(Files.getPosixFilePermissions(file));
    others.removeAll(OWNERS);
    if (!others.isEmpty()) {
      throw new CommandFailure(
          ExitCode.FAILED,
          file
              + " may be read or changed by others; if nobody else has it, chmod 600 it, else make"
              + " another key");
    }
    if (Files.size(file) <= MAX) {
      try {
        return SigningKey.parse(Files.readString(file, ISO_8859_1).strip());
      } catch (IllegalArgumentException e) {
        // said below, without a word of what it holds
      }
    }
    throw new CommandFailure(
        ExitCode.FAILED, file + " is no key of imgstore, or damaged; make another one");
  }

  private String known(String name) throws IOException {
    List<String> names = names();
    if (names.contains(name)) {
      return name;
    }
    throw new CommandFailure(
        ExitCode.UNKNOWN,
        "there is no key "
            + name
            + (names.isEmpty()
                ? "; imgstore key create makes one"
                : Nearest.of(name, names)
                    .map(near -> "; did you mean " + near + "?")
                    .orElse("; imgstore key list lists them")));
  }

  /** Removes a key for good. */
  void delete(String name) throws IOException {
    Files.delete(file(known(name)));
    sync();
  }
}
