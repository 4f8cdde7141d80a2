package dev.imgstore.builder.source.git;

import dev.imgstore.builder.source.signature.DetachedSignature;
import dev.imgstore.builder.source.signature.SigningKeys;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Who signed a commit with OpenPGP: the header {@code gpgsig}, or {@code gpgsig-sha256} where names
 * are SHA-256, over all the rest of the commit (git's signature-format).
 */
final class CommitSignature {
  private CommitSignature() {}

  /**
   * The key whose signature is right.
   *
   * @throws dev.imgstore.builder.source.debian.DebianException.Untrusted if there is none
   */
  static String signer(String commit, byte[] text, SigningKeys keys) throws IOException {
    String ours = commit.length() == 40 ? "gpgsig" : "gpgsig-sha256";
    StringBuilder signature = new StringBuilder();
    StringBuilder rest = new StringBuilder();
    String all = new String(text, StandardCharsets.ISO_8859_1);
    int end = all.indexOf("\n\n");
    int headers = end < 0 ? all.length() : end + 1;
    String header = "";
    int at = 0;
    while (at < headers) {
      int next = all.indexOf('\n', at) + 1;
      String line = all.substring(at, next == 0 ? all.length() : next);
      boolean continued = line.startsWith(" ");
      header = continued ? header : line.substring(0, Math.max(0, line.indexOf(' ')));
      if (header.equals(ours)) {
        signature.append(line.substring(continued ? 1 : ours.length() + 1));
      } else if (!header.equals("gpgsig") && !header.equals("gpgsig-sha256")) {
        rest.append(line);
      }
      at += line.length();
    }
    byte[] signed = rest.append(all.substring(at)).toString().getBytes(StandardCharsets.ISO_8859_1);
    return DetachedSignature.verify(
        "the commit " + commit, signature.toString(), keys, () -> new ByteArrayInputStream(signed));
  }
}
