package dev.imgstore.sync.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.http.HttpException;
import org.apache.http.HttpHost;
import org.apache.http.HttpRequest;
import org.apache.http.auth.AUTH;
import org.apache.http.auth.AuthState;
import org.apache.http.auth.MalformedChallengeException;
import org.apache.http.auth.UsernamePasswordCredentials;
import org.apache.http.client.protocol.HttpClientContext;
import org.apache.http.conn.routing.HttpRoute;
import org.apache.http.conn.routing.HttpRoutePlanner;
import org.apache.http.impl.auth.BasicScheme;
import org.apache.http.message.BasicHeader;
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

  /** What the proxy on the way wants, in a context of its own for each request. */
  HttpClientContext context(URI address, Secrets secrets) throws IOException {
    HttpClientContext context = HttpClientContext.create();
    String login = isDirect(address.getHost()) ? "" : proxies.login(address);
    if (!login.isEmpty()) {
      int colon = login.indexOf(':');
      String user = colon < 0 ? login : login.substring(0, colon);
      String password = colon < 0 ? "" : login.substring(colon + 1);
      secrets.add(password);
      secrets.add(Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8)));
      BasicScheme scheme = new BasicScheme(StandardCharsets.UTF_8);
      try {
        scheme.processChallenge(new BasicHeader(AUTH.PROXY_AUTH, "Basic realm=\"proxy\""));
      } catch (MalformedChallengeException e) {
        throw new AssertionError(e); // it is ours
      }
      AuthState state = new AuthState();
      state.update(scheme, new UsernamePasswordCredentials(user, password));
      context.setAttribute(HttpClientContext.PROXY_AUTH_STATE, state);
    }
    return context;
  }

  private static boolean isDirect(String host) {
    return Hosts.isLoopback(host) || host.equals("::1");
  }

  private Proxy proxy(HttpHost server) throws HttpException {
    if (isDirect(server.getHostName())) {
      return Proxy.NO_PROXY;
    }
    try {
      return proxies.of(URI.create(server.toURI()));
    } catch (IOException e) {
      throw new HttpException(e.getMessage(), e);
    }
  }
}
