package dev.imgstore.cli;

import dev.imgstore.builder.recipe.Nearest;
import dev.imgstore.model.Profile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The keys that sign, in {@code keys/} of a store: Ed25519, one file {@code NAME.pem} each with the
 * private key (PKCS #8) and the public one (X.509) as RFC 7468 writes them, which only its owner
 * may read. What is private leaves this class only as a key that signs; no text has it.
 */
final class KeyFiles {
  private static final String ALGORITHM = "Ed25519";
  private static final String ENDING = ".pem";
  private static final int MAX = 4096;

  /** Of an X.509 encoding, RFC 8410: what comes before is the same for all. */
  private static final int RAW = 32;

  private static final String PRIVATE = "PRIVATE KEY";
  private static final String PUBLIC = "PUBLIC KEY";

  private final Path directory;

  KeyFiles(Path home) {
    this.directory = home.resolve("keys");
  }

  /**
   * A key to sign with.
   *
   * @param text the public one, {@code ed25519:BASE64}
   */
  record Signing(String name, String text, PrivateKey secret) {
    @Override
    public String toString() {
      return name + " " + text;
    }
  }

  Path file(String name) {
    return directory.resolve(name + ENDING);
  }

  /** Makes a key; it is durable on return. */
  Signing create(String name) throws IOException {
    if (!Profile.isName(name)) {
      throw new CommandFailure(
          ExitCode.USAGE, name + " is no name for a key; " + Profile.NAME_RULE);
    }
    if (!Files.isDirectory(directory)) {
      Files.createDirectory(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    KeyPair pair = generate();
    byte[] bytes =
        (block(PRIVATE, pair.getPrivate().getEncoded())
                + block(PUBLIC, pair.getPublic().getEncoded()))
            .getBytes(StandardCharsets.US_ASCII);
    Set<StandardOpenOption> fresh =
        EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (FileChannel channel =
        FileChannel.open(
            file(name),
            fresh,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer left = ByteBuffer.wrap(bytes);
      while (left.hasRemaining()) {
        channel.write(left);
      }
      channel.force(true);
    } catch (FileAlreadyExistsException e) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "there is a key " + name + " already; choose another name, or imgstore key delete it",
          e);
    }
    try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
      names.force(true);
    }
    return open(name);
  }

  private static KeyPair generate() {
    try {
      return KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e); // every JDK since 15 has it
    }
  }

  private static String block(String kind, byte[] bytes) {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    return "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n";
  }

  /** All names, sorted. */
  List<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + ENDING)) {
        for (Path each : files) {
          String name = each.getFileName().toString();
          names.add(name.substring(0, name.length() - ENDING.length()));
        }
      }
    }
    Collections.sort(names);
    return names;
  }

  /** The public keys, by name, of those that may be read. */
  SortedMap<String, String> publicKeys() throws IOException {
    SortedMap<String, String> keys = new TreeMap<>();
    for (String name : names()) {
      if (Files.isReadable(file(name))) {
        keys.put(name, open(name).text());
      }
    }
    return keys;
  }

  /** The one of this name. */
  Signing open(String name) throws IOException {
    Path file = file(known(name));
    Set<PosixFilePermission> others = EnumSet.copyOf(Files.getPosixFilePermissions(file));
    others.removeAll(PosixFilePermissions.fromString("rwx------"));
    if (!others.isEmpty()) {
      throw new CommandFailure(
          ExitCode.FAILED,
          file
              + " may be read or changed by others; if none of them has it, chmod 600 it, else"
              + " make another key");
    }
    if (Files.size(file) > MAX) {
      throw none(file);
    }
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    byte[] encoded = block(PUBLIC, text, file);
    try {
      PrivateKey secret =
          KeyFactory.getInstance(ALGORITHM)
              .generatePrivate(new PKCS8EncodedKeySpec(block(PRIVATE, text, file)));
      byte[] raw = Arrays.copyOfRange(encoded, encoded.length - RAW, encoded.length);
      return new Signing(name, "ed25519:" + Base64.getEncoder().encodeToString(raw), secret);
    } catch (GeneralSecurityException e) {
      throw none(file); // without the cause: nothing of what it holds is to be told
    }
  }

  private static byte[] block(String kind, String text, Path file) throws CommandFailure {
    Matcher found =
        Pattern.compile("-----BEGIN " + kind + "-----([A-Za-z0-9+/=\\s]+)-----END " + kind)
            .matcher(text);
    if (found.find()) {
      byte[] bytes = Base64.getMimeDecoder().decode(found.group(1));
      if (bytes.length > RAW) {
        return bytes;
      }
    }
    throw none(file);
  }

  private static CommandFailure none(Path file) {
    return new CommandFailure(
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
    try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
      names.force(true);
    }
  }
}
