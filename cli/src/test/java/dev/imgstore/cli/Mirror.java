package dev.imgstore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.imgstore.model.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Date;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.bouncycastle.bcpg.ArmoredOutputStream;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyPacket;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.crypto.generators.Ed25519KeyPairGenerator;
import org.bouncycastle.crypto.params.Ed25519KeyGenerationParameters;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPKeyPair;
import org.bouncycastle.openpgp.PGPKeyRingGenerator;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureGenerator;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentSignerBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPGPDigestCalculatorProvider;
import org.bouncycastle.openpgp.operator.bc.BcPGPKeyPair;

/**
 * A Debian archive in a directory, for the suite {@code test}, and an apt configuration that names
 * it and the key it is signed with.
 */
final class Mirror {
  private static final Date BORN = Date.from(Instant.parse("2025-01-01T00:00:00Z"));

  private final Path root;
  private final PGPKeyPair key = pair();
  private final SortedMap<String, String> stanzas = new TreeMap<>();

  Mirror(Desk desk) throws IOException {
    root = desk.path("mirror");
    desk.write("apt/sources.list", "deb " + root.toUri() + " test main\n");
    Files.createDirectories(desk.path("apt/keyrings"));
    Files.write(desk.path("apt/keyrings/test.gpg"), keyring());
    Files.createDirectories(root.resolve("pool"));
    Files.createDirectories(root.resolve("dists/test/main/binary-amd64"));
  }

  /** The beginning of a recipe of one package from here. */
  static String recipe(String name) {
    return "debian: {suites: [test], keyring: test}\npackages: [" + name + "]\n";
  }

  Path release() {
    return root.resolve("dists/test/InRelease");
  }

  Path index() {
    return root.resolve("dists/test/main/binary-amd64/Packages");
  }

  Path file(String name) {
    return root.resolve("pool/" + name + ".deb");
  }

  static String control(String name, String version, String more) {
    return "Package: %s\nVersion: %s\nArchitecture: amd64\nMaintainer: t\nDescription: t\n%s"
        .formatted(name, version, more);
  }

  /** Adds a package, or another version in its place, and signs anew. */
  Mirror with(String name, String version, String more, byte[] deb) throws IOException {
    Files.write(file(name), deb);
    String where =
        "Filename: pool/%s.deb\nSize: %d\nSHA256: %s\n"
            .formatted(name, deb.length, Digest.of(deb).hex());
    stanzas.put(name, control(name, version, more) + where);
    publish();
    return this;
  }

  /** Adds a good package with one file that says its version. */
  Mirror with(String name, String version, String more) throws IOException {
    byte[] data = new Deb.Tar().file("./usr/share/" + name, version + "\n").end();
    return with(name, version, more, Deb.of(control(name, version, more), data));
  }

  private void publish() throws IOException {
    byte[] packages = String.join("\n", stanzas.values()).getBytes(UTF_8);
    Files.write(index(), packages);
    Files.writeString(release(), sign(text(packages)));
  }

  String text(byte[] packages) {
    return """
        Origin: test
        Suite: test
        Codename: test
        Architectures: amd64
        Components: main
        Date: Thu, 01 Jan 2026 00:00:00 UTC
        SHA256:
         %s %d main/binary-amd64/Packages
        """
        .formatted(Digest.of(packages).hex(), packages.length);
  }

  private static PGPKeyPair pair() throws IOException {
    Ed25519KeyPairGenerator generator = new Ed25519KeyPairGenerator();
    generator.init(new Ed25519KeyGenerationParameters(new SecureRandom()));
    try {
      return new BcPGPKeyPair(
          PublicKeyPacket.VERSION_4,
          PublicKeyAlgorithmTags.EDDSA_LEGACY,
          generator.generateKeyPair(),
          BORN);
    } catch (PGPException e) {
      throw new IOException(e);
    }
  }

  private byte[] keyring() throws IOException {
    try {
      PGPSignatureSubpacketGenerator hashed = new PGPSignatureSubpacketGenerator();
      hashed.setKeyFlags(true, KeyFlags.SIGN_DATA | KeyFlags.CERTIFY_OTHER);
      return new PGPKeyRingGenerator(
              PGPSignature.POSITIVE_CERTIFICATION,
              key,
              "test",
              new BcPGPDigestCalculatorProvider().get(HashAlgorithmTags.SHA1),
              hashed.generate(),
              null,
              new BcPGPContentSignerBuilder(
                  key.getPublicKey().getAlgorithm(), HashAlgorithmTags.SHA256),
              null)
          .generatePublicKeyRing()
          .getEncoded();
    } catch (PGPException e) {
      throw new IOException(e);
    }
  }

  /** A clear-signed message, by this mirror's key. */
  String sign(String text) throws IOException {
    try {
      PGPSignatureGenerator generator =
          new PGPSignatureGenerator(
              new BcPGPContentSignerBuilder(
                  key.getPublicKey().getAlgorithm(), HashAlgorithmTags.SHA256),
              key.getPublicKey());
      generator.init(PGPSignature.CANONICAL_TEXT_DOCUMENT, key.getPrivateKey());
      PGPSignatureSubpacketGenerator hashed = new PGPSignatureSubpacketGenerator();
      hashed.setSignatureCreationTime(true, BORN);
      generator.setHashedSubpackets(hashed.generate());
      generator.update(text.lines().collect(Collectors.joining("\r\n")).getBytes(UTF_8));
      ByteArrayOutputStream armored = new ByteArrayOutputStream();
      try (ArmoredOutputStream armor = ArmoredOutputStream.builder().build(armored)) {
        generator.generate().encode(armor);
      }
      String signature = armored.toString(UTF_8);
      return "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" + text + signature;
    } catch (PGPException e) {
      throw new IOException(e);
    }
  }
}
