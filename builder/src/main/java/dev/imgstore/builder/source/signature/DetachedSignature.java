package dev.imgstore.builder.source.signature;

import dev.imgstore.builder.source.debian.DebianException.Untrusted;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.bcpg.ArmoredInputStream;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureList;
import org.bouncycastle.openpgp.bc.BcPGPObjectFactory;

/** Checks signatures that lie beside what they sign (RFC 9580, section 10.4), armored. */
public final class DetachedSignature {
  private static final int MOST_SIGNATURES = 32;

  private DetachedSignature() {}

  /**
   * The key whose signature is right.
   *
   * @param what names the signed thing in complaints
   * @return as {@link SigningKeys#names} tells it
   * @throws Untrusted if no good signature of one of the keys covers the content
   */
  public static String verify(
      String what, String armored, SigningKeys keys, SigningKeys.Content content)
      throws IOException {
    List<String> reasons = new ArrayList<>();
    for (PGPSignature signature : signatures(what, armored)) {
      String reason = keys.fault(signature, content);
      if (reason.isEmpty()) {
        return keys.name(signature);
      }
      reasons.add(reason);
    }
    throw new Untrusted(
        what,
        reasons.isEmpty()
            ? "it has no signature"
            : "no signature on it counts: " + String.join("; ", reasons));
  }

  private static List<PGPSignature> signatures(String what, String armored) throws Untrusted {
    List<PGPSignature> all = new ArrayList<>();
    byte[] bytes = armored.getBytes(StandardCharsets.ISO_8859_1);
    try (ArmoredInputStream in = new ArmoredInputStream(new ByteArrayInputStream(bytes))) {
      BcPGPObjectFactory objects = new BcPGPObjectFactory(in);
      for (Object next = objects.nextObject(); next != null; next = objects.nextObject()) {
        if (next instanceof PGPSignatureList list) {
          list.forEach(all::add);
        }
        if (all.size() > MOST_SIGNATURES) {
          throw new Untrusted(what, "it has more than " + MOST_SIGNATURES + " signatures");
        }
      }
    } catch (Untrusted e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new Untrusted(what, "its signature cannot be read (" + e.getMessage() + ")");
    }
    return all;
  }
}
