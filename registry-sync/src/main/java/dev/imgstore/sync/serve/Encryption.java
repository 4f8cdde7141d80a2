package dev.imgstore.sync.serve;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Whether a server speaks TLS, and with which key. */
public final class Encryption {
  /** Plain HTTP: whoever is on the way reads and changes everything. */
  public static final Encryption NONE = new Encryption(null);

  private static final Pattern KEY =
      Pattern.compile(
          "-----BEGIN ([A-Z ]*)PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END [A-Z ]*PRIVATE KEY-----");
  private static final char[] NO_PASSWORD = {};

  private final @Nullable SSLContext context;

  private Encryption(@Nullable SSLContext context) {
    this.context = context;
  }

  /** Null for plain HTTP. */
  @Nullable SSLContext context() {
    return context;
  }

  /** True for TLS. */
  public boolean isOn() {
    return context != null;
  }

  /**
   * TLS with the key of this certificate.
   *
   * @param certificate a chain in PEM, the server's own first (RFC 7468)
   * @param key in PEM, PKCS #8 without a password
   * @throws IOException saying which of them is wrong
   */
  public static Encryption of(byte[] certificate, byte[] key) throws IOException {
    try {
      List<Certificate> chain =
          List.copyOf(
              CertificateFactory.getInstance("X.509")
                  .generateCertificates(new ByteArrayInputStream(certificate)));
      if (chain.isEmpty()) {
        throw new IOException("there is no certificate in the file of the certificate");
      }
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, NO_PASSWORD);
      store.setKeyEntry("server", key(key), NO_PASSWORD, chain.toArray(Certificate[]::new));
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, NO_PASSWORD);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return new Encryption(context);
    } catch (GeneralSecurityException e) {
      throw new IOException("the certificate or its key cannot be used: " + e.getMessage(), e);
    }
  }

  private static PrivateKey key(byte[] pem) throws IOException, GeneralSecurityException {
    Matcher found = KEY.matcher(new String(pem, StandardCharsets.ISO_8859_1));
    if (!found.find() || !found.group(1).isEmpty()) {
      throw new IOException(
          "the key must be in PEM, PKCS #8 without a password (BEGIN PRIVATE KEY); openssl pkcs8"
              + " -topk8 -nocrypt makes it so");
    }
    byte[] der;
    try {
      der = Base64.getMimeDecoder().decode(found.group(2));
    } catch (IllegalArgumentException e) {
      throw new IOException("the key is not in Base64", e);
    }
    InvalidKeySpecException last = new InvalidKeySpecException();
    for (String kind : List.of("RSA", "EC", "EdDSA")) {
      try {
        return KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(der));
      } catch (InvalidKeySpecException e) {
        last = e; // of another kind, it may be
      }
    }
    throw new IOException("the key is neither RSA, nor EC, nor Ed25519", last);
  }
}
