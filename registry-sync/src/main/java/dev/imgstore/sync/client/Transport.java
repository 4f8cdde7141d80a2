package dev.imgstore.sync.client;

import dev.imgstore.sync.client.PacedStream.TooSlow;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.apache.commons.logging.LogFactory;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.apache.http.client.methods.HttpEntityEnclosingRequestBase;
import org.apache.http.client.methods.HttpRequestBase;
import org.apache.http.client.protocol.HttpClientContext;
import org.apache.http.config.ConnectionConfig;
import org.apache.http.config.MessageConstraints;
import org.apache.http.config.RegistryBuilder;
import org.apache.http.config.SocketConfig;
import org.apache.http.conn.socket.ConnectionSocketFactory;
import org.apache.http.conn.socket.PlainConnectionSocketFactory;
import org.apache.http.conn.util.PublicSuffixMatcher;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClientBuilder;
import org.apache.http.impl.conn.PoolingHttpClientConnectionManager;

/**
 * Sends requests over Jib's HTTP client, and does nothing by itself: no redirect, no credential, no
 * cookie, no other encoding, no second attempt. Safe for many threads.
 */
final class Transport implements Closeable {
  private static final int CONNECTIONS = 16;
  private static final int MAX_HEADERS = 200;
  private static final int MAX_LINE = 16 << 10;

  private final CloseableHttpClient http;
  private final Patience patience;
  private final Watch watch;
  private final Routes routes;
  private final Secrets secrets;

  /**
   * By what this machine says.
   *
   * @param secrets hears of what is sent to proxies
   */
  Transport(RegistrySettings settings, Secrets secrets) {
    silence();
    this.secrets = secrets;
    routes = new Routes(settings.proxies());
    patience = settings.patience();
    watch = new Watch(patience);
    PoolingHttpClientConnectionManager pool =
        new PoolingHttpClientConnectionManager(
            RegistryBuilder.<ConnectionSocketFactory>create()
                .register("http", PlainConnectionSocketFactory.INSTANCE)
                .register("https", new LateTls(settings.authorities()))
                .build());
    pool.setMaxTotal(CONNECTIONS);
    pool.setDefaultMaxPerRoute(CONNECTIONS);
    pool.setDefaultSocketConfig(
        SocketConfig.custom()
            .setSoTimeout((int) patience.stall().toMillis())
            .setTcpNoDelay(true)
            .build());
    pool.setDefaultConnectionConfig(
        ConnectionConfig.custom()
            .setMessageConstraints(
                MessageConstraints.custom()
                    .setMaxHeaderCount(MAX_HEADERS)
                    .setMaxLineLength(MAX_LINE)
                    .build())
            .build());
    http =
        HttpClientBuilder.create()
            .setConnectionManager(pool)
            .setRoutePlanner(routes)
            .setUserAgent(settings.agent())
            .setDefaultRequestConfig(
                RequestConfig.custom()
                    .setConnectTimeout((int) patience.connect().toMillis())
                    .setConnectionRequestTimeout((int) patience.waiting().toMillis())
                    .setSocketTimeout((int) patience.stall().toMillis())
                    .setNormalizeUri(false)
                    .build())
            .disableAutomaticRetries()
            .disableRedirectHandling()
            .disableCookieManagement()
            .disableAuthCaching()
            .disableContentCompression()
            // The tables for these would be read at each start, and nothing here uses them.
            .setPublicSuffixMatcher(new PublicSuffixMatcher(List.of("invalid"), List.of()))
            .setDefaultCookieSpecRegistry(name -> null)
            .setDefaultAuthSchemeRegistry(name -> null)
            .build();
  }

  /** The client would log to standard error where nothing else is set up. */
  private static void silence() {
    LogFactory.getFactory()
        .setAttribute("org.apache.commons.logging.Log", "org.apache.commons.logging.impl.NoOpLog");
  }

  /** What the server says to exactly this; the caller closes the answer. */
  Answer send(Call call) throws IOException {
    HttpRequestBase request = request(call);
    Watch.Guard guard = watch.over(request::abort);
    if (call.body().length() >= 0) {
      ((HttpEntityEnclosingRequestBase) request).setEntity(new SentBody(call.body(), guard));
    }
    guard.begin();
    try {
      HttpClientContext context = routes.context(call.address(), secrets);
      CloseableHttpResponse response = http.execute(request, context);
      if (context.getRequest().getRequestLine().getMethod().equals("CONNECT")) {
        response.close();
        throw new TunnelRefused(response.getStatusLine().getStatusCode());
      }
      guard.end();
      return new Answer(call.address(), response, guard, patience);
    } catch (IOException e) {
      throw guard.hasFired() ? new TooSlow() : e;
    } catch (IllegalStateException e) {
      throw guard.hasFired() ? new TooSlow() : new IOException(e.getMessage(), e);
    } finally {
      guard.end();
    }
  }

  private static HttpRequestBase request(Call call) {
    HttpRequestBase request =
        call.body().length() >= 0 ? new Sending(call.method()) : new Asking(call.method());
    request.setURI(call.address());
    call.headers().forEach(request::setHeader);
    return request;
  }

  /** A request with a body. */
  private static final class Sending extends HttpEntityEnclosingRequestBase {
    private final String method;

    Sending(String method) {
      this.method = method;
    }

    @Override
    public String getMethod() {
      return method;
    }
  }

  /** A request without one. */
  private static final class Asking extends HttpRequestBase {
    private final String method;

    Asking(String method) {
      this.method = method;
    }

    @Override
    public String getMethod() {
      return method;
    }
  }

  @Override
  public void close() throws IOException {
    watch.close();
    http.close();
  }
}
