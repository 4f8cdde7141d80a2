package dev.imgstore.sync.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.imgstore.sync.RegistryException;
import dev.imgstore.sync.RegistryException.Kind;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLException;

/**
 * One registry, as it is spoken to: the scheme it takes, credentials when it wants them and only to
 * itself, redirects, and a few attempts at what fails for now. Safe for many threads.
 */
final class Session implements Closeable {
  private static final int MAX_REDIRECTS = 5;
  private static final int ROUNDS = 2;
  private static final int MAX_ERROR = 64 << 10;
  private static final Set<Integer> BUSY = Set.of(408, 425, 429, 500, 502, 503, 504);
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final Set<Integer> REPEATED = Set.of(307, 308);

  private final String host;
  private final Hosts hosts;
  private final Patience patience;
  private final Transport transport;
  private final Secrets secrets = new Secrets();
  private final Tokens tokens;
  private final List<String> schemes;
  private volatile String scheme;

  /**
   * With a registry.
   *
   * @param host as people write it, whose credentials are used
   * @param server that is really asked
   */
  Session(String host, String server, RegistrySettings settings) {
    this.host = server;
    hosts = new Hosts(settings.insecure());
    patience = settings.patience();
    transport = new Transport(settings, secrets);
    tokens =
        new Tokens(
            host,
            hosts,
            transport,
            patience,
            new Credentials(host, settings.credentials(), secrets),
            secrets);
    schemes =
        Hosts.isLoopback(host)
            ? List.of("http", "https")
            : hosts.isPlainAllowed(host) ? List.of("https", "http") : List.of("https");
    scheme = schemes.size() == 1 ? schemes.get(0) : "";
  }

  static boolean isBusy(int status) {
    return BUSY.contains(status);
  }

  Patience patience() {
    return patience;
  }

  Hosts hosts() {
    return hosts;
  }

  Trial trial(String what) {
    return new Trial(patience, what);
  }

  /** An address of the registry. */
  URI at(String path) {
    return URI.create((scheme.isEmpty() ? schemes.get(0) : scheme) + "://" + host + path);
  }

  /**
   * What the registry says in the end to what may be asked more than once.
   *
   * @param scope of the token, if it wants one
   */
  Answer ask(Call call, String scope) throws IOException {
    Trial trial = trial(call.what());
    while (true) {
      try {
        Answer answer = once(call, scope);
        if (!isBusy(answer.status())) {
          return answer;
        }
        Duration asked = Trial.asked(answer);
        answer.close();
        trial.again("it answers " + answer.status(), asked, null);
      } catch (IOException e) {
        trial.again(reason(e), Duration.ZERO, e);
      }
    }
  }

  /**
   * Why a request failed, if it may be tried again.
   *
   * @throws IOException if there is no point in that
   */
  String reason(IOException failure) throws IOException {
    if (failure instanceof RegistryException || failure instanceof SentBody.Unreadable) {
      throw failure;
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("interrupted");
    }
    if (failure instanceof TunnelRefused proxy && !proxy.isBusy()) {
      throw new RegistryException(
          Kind.DENIED, "no way to " + host + ": " + failure.getMessage(), failure);
    }
    if (failure instanceof ConnectException && Hosts.isLoopback(host)) {
      throw new RegistryException(
          Kind.UNAVAILABLE, "no registry listens at " + host + "; start it, or correct the port");
    }
    if (failure instanceof SSLException && !isPlainText(failure)) {
      throw new RegistryException(
          Kind.UNAVAILABLE,
          "no safe connection to "
              + host
              + ": "
              + secrets.without(String.valueOf(failure.getMessage()))
              + "; if its certificate is of an authority of your own, name that one's file in"
              + " SSL_CERT_FILE",
          failure);
    }
    return secrets.without(String.valueOf(failure.getMessage()));
  }

  private static boolean isPlainText(IOException failure) {
    return failure instanceof SSLException
        && String.valueOf(failure.getMessage()).contains("Unsupported or unrecognized SSL message");
  }

  /** As {@link #ask}, with one attempt. */
  Answer once(Call call, String scope) throws IOException {
    for (int round = 0; ; round++) {
      String sent = tokens.of(scope);
      Answer answer = followed(call.at(current(call.address())), sent);
      if (answer.status() != 401 || !isOurs(answer.address())) {
        return answer;
      }
      try (answer) {
        if (round == ROUNDS) {
          throw tokens.rejected();
        }
        tokens.learn(answer, sent, scope);
      }
    }
  }

  /** An address that was made before it was known how the registry is spoken to. */
  private URI current(URI address) {
    boolean open = schemes.size() > 1 && !scheme.isEmpty() && Hosts.host(address).equals(host);
    return open ? with(address, scheme) : address;
  }

  private boolean isOurs(URI address) {
    return Hosts.origin(address).equals(Hosts.origin(at("/")));
  }

  /** Credentials go to the registry itself, and once it led elsewhere to nobody any more. */
  private Answer followed(Call call, String authorization) throws IOException {
    Call next = call;
    boolean ours = isOurs(call.address());
    for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
      Answer answer =
          first(
              ours && !authorization.isEmpty() ? next.with("Authorization", authorization) : next);
      String location = answer.header("Location");
      int status = answer.status();
      boolean follows = next.isReading() ? REDIRECTS.contains(status) : REPEATED.contains(status);
      if (!follows || location.isEmpty()) {
        return answer;
      }
      answer.close();
      URI to = hosts.follow(answer.address(), location, "a redirect of " + host);
      ours &= isOurs(to);
      if (!ours && !next.isReading()) {
        throw new RegistryException(
            Kind.WRONG,
            call.what()
                + ": it leads what is sent to "
                + Hosts.host(to)
                + ", which is not followed");
      }
      next = next.at(to);
    }
    throw new RegistryException(
        Kind.WRONG, call.what() + ": it redirects more than " + MAX_REDIRECTS + " times");
  }

  /** Sends it; the first request of all to a host that may be asked in two ways finds out which. */
  private Answer first(Call call) throws IOException {
    if (!scheme.isEmpty() || !isOurs(call.address())) {
      return transport.send(call);
    }
    synchronized (tokens) {
      return scheme.isEmpty() ? tried(call) : transport.send(call.at(with(call.address(), scheme)));
    }
  }

  private Answer tried(Call call) throws IOException {
    String other = schemes.get(1);
    IOException failure;
    try {
      Answer answer = transport.send(call);
      if (!other.equals("https") || answer.status() != 400 || isOfRegistry(answer)) {
        scheme = schemes.get(0);
        return answer;
      }
      answer.close(); // servers with TLS say this to a request without
      failure = new IOException("it answers 400 to a request without TLS, and does not speak TLS");
    } catch (PacedStream.TooSlow e) {
      throw e;
    } catch (IOException e) {
      boolean plain = other.equals("https") ? !(e instanceof ConnectException) : isPlain(e);
      if (!plain) {
        throw e;
      }
      failure = e;
    }
    try {
      Answer answer = transport.send(call.at(with(call.address(), other)));
      scheme = other;
      return answer;
    } catch (IOException e) {
      throw e instanceof SSLException && !isPlainText(e) ? e : failure;
    }
  }

  private static boolean isOfRegistry(Answer answer) {
    return !answer.header("Docker-Distribution-Api-Version").isEmpty()
        || answer.header("Content-Type").startsWith("application/json");
  }

  private static boolean isPlain(IOException failure) {
    return failure instanceof ConnectException
        || (failure instanceof TunnelRefused proxy && !proxy.wantsLogin())
        || isPlainText(failure);
  }

  private static URI with(URI address, String scheme) {
    String text = address.toString();
    return URI.create(scheme + text.substring(text.indexOf(':')));
  }

  /** What an answer that was not wanted means; reads it. */
  RegistryException refused(Call call, Answer answer) throws IOException {
    int status = answer.status();
    String what = call.what() + ": it answers " + status + said(answer);
    if (status == 401 || status == 403) {
      return new RegistryException(
          Kind.DENIED, what + "; the credentials have no right to this, or there are none");
    }
    if (status == 404) {
      return new RegistryException(Kind.UNKNOWN, what + "; it has none of this name");
    }
    if (status == 407) {
      return new RegistryException(
          Kind.DENIED, call.what() + ": " + new TunnelRefused(407).getMessage());
    }
    if (isBusy(status)) {
      return new RegistryException(Kind.UNAVAILABLE, what + "; try again later");
    }
    return new RegistryException(
        status / 100 == 4 ? Kind.REFUSED : Kind.WRONG, what + ", which is not expected");
  }

  /** The reasons in a body of the distribution-spec's "Error Codes"; empty if there are none. */
  private String said(Answer answer) {
    try {
      byte[] body = answer.bytes(MAX_ERROR);
      JsonNode first = new ObjectMapper().readTree(body).path("errors").path(0);
      String text = first.path("code").asText() + " " + first.path("message").asText();
      return text.isBlank() ? "" : " (" + secrets.without(text) + ")";
    } catch (IOException e) {
      return ""; // the status says what there is to say
    }
  }

  @Override
  public void close() throws IOException {
    transport.close();
  }
}
