package dev.imgstore.builder.source.debian.archive;

import dev.imgstore.builder.source.debian.DebianException.Untrusted;
import dev.imgstore.builder.source.signature.SigningKeys;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.bcpg.ArmoredInputStream;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureList;
import org.bouncycastle.openpgp.bc.BcPGPObjectFactory;

/**
 * Checks a clear-signed text (RFC 9580, section 7) against a keyring. Only the text that the
 * signature covers is handed out; anything before or after the signed message is refused.
 */
public final class SignedRelease {
  private static final String BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----";
  private static final String SIGNATURE = "-----BEGIN PGP SIGNATURE-----";
  private static final String END = "-----END PGP SIGNATURE-----";
  private static final int MAX_SIGNATURES = 32;

  private final String what;

  private SignedRelease(String what) {
    this.what = what;
  }

  /**
   * The text that at least one key of the keyring has signed.
   *
   * @param what names the text in complaints
   * @param keyring OpenPGP public keys, binary or armored
   * @param now keys that are expired by then do not count
   * @return lines that each end in a line feed, without trailing white space
   * @throws Untrusted if no good signature of a good key of the ring covers the text
   */
  public static String verify(String what, byte[] file, byte[] keyring, Instant now)
      throws IOException {
    SigningKeys keys;
    try {
      keys = SigningKeys.read(keyring, now);
    } catch (IOException e) {
      throw new Untrusted(what, "the keyring is of no use: " + e.getMessage());
    }
    return new SignedRelease(what).verify(file, keys);
  }

  private String verify(byte[] file, SigningKeys keys) throws IOException {
    List<String> lines = lines(file);
    if (!lines.get(0).equals(BEGIN)) {
      throw new Untrusted(what, "it does not begin with a signed message");
    }
    int at = 1;
    while (at < lines.size() && !lines.get(at).isEmpty()) {
      if (!lines.get(at).startsWith("Hash: ")) {
        throw new Untrusted(what, "its signed message has an unknown header");
      }
      at++;
    }
    List<String> text = new ArrayList<>();
    for (at++; at < lines.size() && !lines.get(at).equals(SIGNATURE); at++) {
      text.add(unescaped(lines.get(at)));
    }
    check(text, signatures(armor(lines, at)), keys);
    byte[] covered = String.join("\n", text).getBytes(StandardCharsets.ISO_8859_1);
    return new String(covered, StandardCharsets.UTF_8) + "\n";
  }

  /** Without white space at their ends, which no signature covers; one char is one byte. */
  private static List<String> lines(byte[] file) {
    String[] lines = new String(file, StandardCharsets.ISO_8859_1).split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      int end = lines[i].length();
      while (end > 0 && " \t\r".indexOf(lines[i].charAt(end - 1)) >= 0) {
        end--;
      }
      lines[i] = lines[i].substring(0, end);
    }
    return Arrays.asList(lines);
  }

  private String unescaped(String line) throws Untrusted {
    if (line.indexOf('\r') >= 0) { // to a signature, but to no reader, that would end the line
      throw new Untrusted(what, "its signed message has a carriage return inside a line");
    }
    // An escaped empty line has lost the blank behind its dash to the stripping above.
    if (line.startsWith("-") && !line.startsWith("- ") && !line.equals("-")) {
      throw new Untrusted(what, "its signed message has another message inside");
    }
    return line.startsWith("-") ? line.substring(Math.min(2, line.length())) : line;
  }

  private String armor(List<String> lines, int start) throws Untrusted {
    StringBuilder armor = new StringBuilder();
    boolean ended = false;
    for (String line : lines.subList(Math.min(start, lines.size()), lines.size())) {
      if (ended && !line.isEmpty()) {
        throw new Untrusted(what, "there is text after its signature");
      }
      armor.append(line).append('\n');
      ended |= line.equals(END);
    }
    if (!ended) {
      throw new Untrusted(what, "its signature is cut off or missing");
    }
    return armor.toString();
  }

  private List<PGPSignature> signatures(String armor) throws IOException {
    List<PGPSignature> all = new ArrayList<>();
    try (ArmoredInputStream in =
        new ArmoredInputStream(
            new ByteArrayInputStream(armor.getBytes(StandardCharsets.ISO_8859_1)))) {
      BcPGPObjectFactory objects = new BcPGPObjectFactory(in);
      for (Object next = objects.nextObject(); next != null; next = objects.nextObject()) {
        if (next instanceof PGPSignatureList list) {
          list.forEach(all::add);
        }
        if (all.size() > MAX_SIGNATURES) {
          throw new Untrusted(what, "it has more than " + MAX_SIGNATURES + " signatures");
        }
      }
    } catch (IOException | RuntimeException e) {
      if (e instanceof Untrusted known) {
        throw known;
      }
      throw new Untrusted(what, "its signature cannot be read (" + e.getMessage() + ")");
    }
    return all;
  }

  private void check(List<String> text, List<PGPSignature> signatures, SigningKeys keys)
      throws Untrusted {
    byte[] canonical = String.join("\r\n", text).getBytes(StandardCharsets.ISO_8859_1);
    List<String> reasons = new ArrayList<>();
    for (PGPSignature signature : signatures) {
      String reason = keys.fault(signature, canonical);
      if (reason.isEmpty()) {
        return;
      }
      reasons.add(reason);
    }
    throw new Untrusted(
        what,
        reasons.isEmpty()
            ? "it has no signature"
            : "no signature on it counts: " + String.join("; ", reasons));
  }
}
