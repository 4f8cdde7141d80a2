package dev.imgstore.sync.client;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.apache.http.HttpHost;
import org.apache.http.conn.socket.LayeredConnectionSocketFactory;
import org.apache.http.conn.ssl.DefaultHostnameVerifier;
import org.apache.http.conn.ssl.SSLConnectionSocketFactory;
import org.apache.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * TLS that is set up when it is first needed: reading the machine's authorities takes longer than a
 * request does. Certificates and names of hosts are always checked.
 */
final class LateTls implements LayeredConnectionSocketFactory {
  private final String authorities;
  private @Nullable SSLConnectionSocketFactory made;

  /** With authorities besides the machine's, in PEM. */
  LateTls(String authorities) {
    this.authorities = authorities;
  }

  private synchronized SSLConnectionSocketFactory factory() throws IOException {
    SSLConnectionSocketFactory factory = made;
    if (factory == null) {
      factory = new SSLConnectionSocketFactory(context(), new DefaultHostnameVerifier());
      made = factory;
    }
    return factory;
  }

  private SSLContext context() throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, authorities.isBlank() ? null : trust(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new SSLException(
          "the certificates that SSL_CERT_FILE names cannot be used: " + e.getMessage(), e);
    }
  }

  private TrustManager[] trust() throws GeneralSecurityException, IOException {
    KeyStore all = KeyStore.getInstance(KeyStore.getDefaultType());
    all.load(null, null);
    int number = 0;
    for (TrustManager manager : managers(null)) {
      if (manager instanceof X509TrustManager known) {
        for (Certificate each : known.getAcceptedIssuers()) {
          all.setCertificateEntry("machine-" + number++, each);
        }
      }
    }
    Collection<? extends Certificate> more =
        CertificateFactory.getInstance("X.509")
            .generateCertificates(
                new ByteArrayInputStream(authorities.getBytes(StandardCharsets.ISO_8859_1)));
    for (Certificate each : more) {
      all.setCertificateEntry("file-" + number++, each);
    }
    return managers(all);
  }

  private static TrustManager[] managers(@Nullable KeyStore keys) throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(keys);
    return factory.getTrustManagers();
  }

  @Override
  public Socket createSocket(HttpContext context) throws IOException {
    return factory().createSocket(context);
  }

  @Override
  public Socket connectSocket(
      int timeout,
      Socket socket,
      HttpHost host,
      InetSocketAddress remote,
      InetSocketAddress local,
      HttpContext context)
      throws IOException {
    return factory().connectSocket(timeout, socket, host, remote, local, context);
  }

  @Override
  public Socket createLayeredSocket(Socket socket, String target, int port, HttpContext context)
      throws IOException {
    return factory().createLayeredSocket(socket, target, port, context);
  }
}
