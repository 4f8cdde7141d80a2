package dev.imgstore.sync.serve;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.apache.http.HttpEntityEnclosingRequest;
import org.apache.http.HttpException;
import org.apache.http.HttpRequest;
import org.apache.http.HttpRequestFactory;
import org.apache.http.HttpVersion;
import org.apache.http.RequestLine;
import org.apache.http.config.MessageConstraints;
import org.apache.http.impl.DefaultBHttpServerConnection;
import org.apache.http.impl.io.DefaultHttpRequestParserFactory;
import org.apache.http.message.BasicHttpEntityEnclosingRequest;
import org.apache.http.message.BasicHttpResponse;

/**
 * One client's connection: request after request (RFC 9112). Lines, the number of headers, and the
 * time for each step are bounded; one that is late is closed from outside, whatever it waits for.
 */
final class Connection {
  /** Longest line of a head; a cookie nobody here asked for may be long. */
  private static final int MAX_LINE = 16 << 10;

  private static final int MAX_HEADERS = 100;
  private static final int BUFFER = 16 << 10;

  /** So many bytes of a body must move within the idle time; fewer are the same as none. */
  private static final int STEP = 4 << 10;

  /** How long a client that was told no may take to read it. */
  private static final int LINGER_MILLIS = 500;

  private static final int LINGER_READS = 64;

  /** How long a client may take for a body that nobody wants. */
  private static final Duration DRAIN = Duration.ofMillis(500);

  private static final HttpRequestFactory ANY_METHOD =
      new HttpRequestFactory() {
        @Override
        public HttpRequest newHttpRequest(RequestLine line) {
          return new BasicHttpEntityEnclosingRequest(line);
        }

        @Override
        public HttpRequest newHttpRequest(String method, String uri) {
          return new BasicHttpEntityEnclosingRequest(method, uri);
        }
      };

  private static final MessageConstraints BOUNDS =
      MessageConstraints.custom().setMaxLineLength(MAX_LINE).setMaxHeaderCount(MAX_HEADERS).build();

  /** The library's, and whether anything has come. */
  private static final class Line extends DefaultBHttpServerConnection {
    Line(Socket socket) throws IOException {
      super(
          BUFFER,
          BUFFER,
          null,
          null,
          BOUNDS,
          null,
          null,
          new DefaultHttpRequestParserFactory(null, ANY_METHOD),
          null);
      bind(socket);
    }

    /** False if the client has ended; throws if nothing comes in this time. */
    boolean hasMore(int millis) throws IOException {
      ensureOpen();
      return awaitInput(millis);
    }
  }

  private final Socket raw;
  private final Limits limits;
  private final Encryption encryption;
  private final Answers answers;
  private final Semaphore working;
  private final Turns turns;
  private long deadline = Long.MAX_VALUE;
  private long moved;
  private boolean isIdle;
  private boolean closed;

  /** Answers a request whose head is there. */
  interface Answers {
    /** Does not throw for what is wrong with the request; only for what is wrong with the line. */
    void answer(Call call) throws IOException, HttpException;

    /** Says that the server has too much to do. */
    void refuse(Call call) throws IOException, HttpException;

    /** True for what is answered at once, however much there is to do. */
    boolean isQuick(Call call);
  }

  Connection(
      Socket raw,
      Limits limits,
      Encryption encryption,
      Answers answers,
      Semaphore working,
      Turns turns) {
    this.raw = raw;
    this.limits = limits;
    this.encryption = encryption;
    this.answers = answers;
    this.working = working;
    this.turns = turns;
  }

  /** Until the client or its time ends. */
  void run() {
    try {
      raw.setTcpNoDelay(true);
      within(limits.head().toNanos());
      Socket socket = secured();
      Line http = new Line(socket);
      for (boolean more = true; more; ) {
        more = awaits(http) && one(http);
      }
      http.flush();
      linger(socket);
    } catch (IOException | HttpException | RuntimeException e) {
      return; // a client that is gone, or late, or not of our kind: the next one is not affected
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      closeNow();
    }
  }

  private Socket secured() throws IOException {
    SSLContext context = encryption.context();
    if (context == null) {
      return raw;
    }
    SSLSocket tls =
        (SSLSocket) context.getSocketFactory().createSocket(raw, null, raw.getPort(), true);
    tls.setUseClientMode(false);
    tls.setEnabledProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
    tls.startHandshake();
    return tls;
  }

  /** The way to the client without TLS; nothing with it. */
  Optional<SocketChannel> straight() {
    return encryption.isOn() ? Optional.empty() : Optional.ofNullable(raw.getChannel());
  }

  /** Whose turn it is to write. */
  Turns turns() {
    return turns;
  }

  /** True when a byte of the next request is there. */
  private boolean awaits(Line http) throws IOException {
    synchronized (this) {
      isIdle = true;
    }
    within(limits.keep().toNanos());
    boolean hasMore = http.hasMore((int) limits.keep().toMillis());
    synchronized (this) {
      isIdle = false;
      if (closed || !hasMore) {
        return false;
      }
    }
    within(limits.head().toNanos());
    return true;
  }

  /** True if the connection can be used again. */
  private boolean one(Line http) throws IOException, HttpException, InterruptedException {
    HttpRequest request;
    try {
      request = http.receiveRequestHeader();
    } catch (HttpException | org.apache.http.MessageConstraintException e) {
      http.sendResponseHeader(new BasicHttpResponse(HttpVersion.HTTP_1_1, 400, "Bad Request"));
      return false;
    }
    if (request == null) {
      return false;
    }
    boolean hasBody =
        request.containsHeader("Content-Length") || request.containsHeader("Transfer-Encoding");
    if (request.getHeaders("Content-Length").length + request.getHeaders("Transfer-Encoding").length
        > 1) {
      http.sendResponseHeader(new BasicHttpResponse(HttpVersion.HTTP_1_1, 400, "Bad Request"));
      return false; // where such a request ends is said in two ways
    }
    HttpEntityEnclosingRequest enclosing = (HttpEntityEnclosingRequest) request;
    if (hasBody) {
      http.receiveRequestEntity(enclosing);
    }
    Call call = new Call(http, enclosing, this, raw.getInetAddress().getHostAddress());
    answer(call);
    http.flush();
    within(limits.head().toNanos());
    return call.isOver() && call.drain(DRAIN);
  }

  /** When it is its turn, which it waits for only so long. */
  private void answer(Call call) throws IOException, HttpException, InterruptedException {
    if (answers.isQuick(call)) {
      within(limits.idle().toNanos());
      answers.answer(call);
      return;
    }
    within(limits.turn().toNanos() + limits.idle().toNanos());
    if (!working.tryAcquire(limits.turn().toNanos(), TimeUnit.NANOSECONDS)) {
      within(limits.idle().toNanos());
      answers.refuse(call);
      return;
    }
    try {
      within(limits.idle().toNanos());
      answers.answer(call);
      call.flush();
    } finally {
      working.release();
    }
  }

  /** A client that still sends would lose the answer if the connection ended at once. */
  private void linger(Socket socket) throws IOException {
    within(limits.head().toNanos());
    socket.shutdownOutput();
    socket.setSoTimeout(LINGER_MILLIS);
    byte[] buffer = new byte[BUFFER];
    InputStream in = socket.getInputStream();
    for (int i = 0; i < LINGER_READS && in.read(buffer) >= 0; i++) {
      moved(0);
    }
  }

  private synchronized void within(long nanos) {
    deadline = System.nanoTime() + nanos;
  }

  /** Bytes of a body were read or written. */
  synchronized void moved(long bytes) {
    moved += bytes;
    if (moved >= STEP) {
      moved = 0;
      deadline = System.nanoTime() + limits.idle().toNanos();
    }
  }

  /** From outside: ends what does not get on. */
  void closeIfLate() {
    boolean isLate;
    synchronized (this) {
      isLate = System.nanoTime() - deadline > 0;
    }
    if (isLate) {
      closeNow();
    }
  }

  /** True if it waited for a request, and is closed now. */
  boolean closeIfIdle() {
    synchronized (this) {
      if (!isIdle || closed) {
        return false;
      }
    }
    closeNow();
    return true;
  }

  void closeNow() {
    synchronized (this) {
      closed = true;
    }
    try {
      raw.close();
    } catch (IOException e) {
      return; // it is closed all the same
    }
  }
}
