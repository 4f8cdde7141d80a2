package dev.imgstore.sync.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import org.apache.http.HttpException;
import org.apache.http.HttpHost;
import org.apache.http.HttpRequest;
import org.apache.http.conn.routing.HttpRoute;
import org.apache.http.conn.routing.HttpRoutePlanner;
import org.apache.http.protocol.HttpContext;

/** The way to a server: through the machine's proxies, and this machine itself directly. */
final class Routes implements HttpRoutePlanner {
  private static final int HTTPS = 443;
  private static final int HTTP = 80;

  private final ProxyChoice proxies;

  Routes(ProxyChoice proxies) {
    this.proxies = proxies;
  }

  @Override
  public HttpRoute determineRoute(HttpHost target, HttpRequest request, HttpContext context)
      throws HttpException {
    boolean tls = target.getSchemeName().equals("https");
    int port = target.getPort() >= 0 ? target.getPort() : tls ? HTTPS : HTTP;
    HttpHost server = new HttpHost(target.getHostName(), port, target.getSchemeName());
    Proxy proxy = proxy(server);
    if (proxy.type() == Proxy.Type.DIRECT) {
      return new HttpRoute(server, null, tls);
    }
    if (proxy.type() == Proxy.Type.SOCKS || !(proxy.address() instanceof InetSocketAddress at)) {
      throw new HttpException("registries cannot be asked through a SOCKS proxy");
    }
    return new HttpRoute(server, null, new HttpHost(at.getHostString(), at.getPort()), tls);
  }

  private Proxy proxy(HttpHost server) throws HttpException {
    String name = server.getHostName();
    if (Hosts.isLoopback(name) || name.equals("::1")) {
      return Proxy.NO_PROXY;
    }
    try {
      return proxies.of(URI.create(server.toURI()));
    } catch (IOException e) {
      throw new HttpException(e.getMessage(), e);
    }
  }
}
