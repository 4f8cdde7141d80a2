package dev.imgstore.sync.serve;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.http.Header;
import org.apache.http.HttpEntity;
import org.apache.http.HttpEntityEnclosingRequest;
import org.apache.http.HttpException;
import org.apache.http.HttpVersion;
import org.apache.http.entity.AbstractHttpEntity;
import org.apache.http.impl.DefaultBHttpServerConnection;
import org.apache.http.impl.EnglishReasonPhraseCatalog;
import org.apache.http.message.BasicHttpResponse;

/** One request and its answer, counted. For one thread. */
final class Call {
  static final String JSON = "application/json";

  /** So much of a body nobody wanted is read, so that the connection can be used again. */
  private static final int DRAIN = 64 << 10;

  private static final int SLICE = 64 << 10;

  /** At once to a client that takes it: packets are full then. */
  private static final int MUCH = 256 << 10;

  /** At once to a client that took its time for what it got before. */
  private static final int LITTLE = 4 << 10;

  private static final long SLOW_NANOS = 1_000_000_000L;

  private static final long QUICK_NANOS = 40_000_000L;

  private final DefaultBHttpServerConnection http;
  private final HttpEntityEnclosingRequest request;
  private final Connection connection;
  private final String address;
  private final SortedMap<String, String> headers = new TreeMap<>();
  private InputStream body = InputStream.nullInputStream();
  private Caller caller = Caller.ANYBODY;
  private long received;
  private long sent;
  private int status;
  private boolean isOver;
  private boolean isAsked;
  private boolean isRead;

  Call(
      DefaultBHttpServerConnection http,
      HttpEntityEnclosingRequest request,
      Connection connection,
      String address) {
    this.http = http;
    this.request = request;
    this.connection = connection;
    this.address = address;
    this.isAsked = !request.expectContinue();
  }

  private final class Counted extends FilterInputStream {
    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int got = super.read(target, offset, length);
      if (got > 0) {
        received += got;
        connection.moved(got);
      }
      isRead |= got < 0;
      return got;
    }
  }

  /** Long runs go in slices, so that a slow client is told from one that is gone. */
  private class Sent extends FilterOutputStream {
    Sent(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      for (int at = 0; at < length; at += SLICE) {
        int some = Math.min(SLICE, length - at);
        out.write(bytes, offset + at, some);
        sent += some;
        connection.moved(some);
      }
    }
  }

  /** Past the library and its buffers, where nothing is between us and the socket. */
  private final class Straight extends Sent implements WritableByteChannel {
    private final SocketChannel to;
    private int run = SLICE;
    private long took;

    Straight(OutputStream out, SocketChannel to) {
      super(out);
      this.to = to;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      out.flush();
      http.flush(); // what was written the other way comes first
      int length = bytes.remaining();
      int end = bytes.limit();
      while (bytes.position() < end) {
        bytes.limit(Math.min(end, bytes.position() + run));
        long before = System.nanoTime();
        int some = inTurn(bytes);
        took = System.nanoTime() - before;
        run = took > SLOW_NANOS ? LITTLE : MUCH;
        sent += some;
        connection.moved(some);
        bytes.limit(end);
      }
      return length;
    }

    private int inTurn(ByteBuffer bytes) throws IOException {
      Turns turns = connection.turns();
      try (Turns.Turn turn = took < QUICK_NANOS ? turns.take() : turns.none()) {
        return to.write(bytes);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("the server is ending");
      }
    }

    @Override
    public boolean isOpen() {
      return to.isOpen();
    }
  }

  String method() {
    return request.getRequestLine().getMethod();
  }

  boolean isHead() {
    return method().equals("HEAD");
  }

  /** As sent, without the query. */
  String path() {
    String uri = request.getRequestLine().getUri();
    int mark = uri.indexOf('?');
    return mark < 0 ? uri : uri.substring(0, mark);
  }

  /** A value of the query, decoded; empty if it is not there, or nothing. */
  String query(String name) throws Refusal {
    String uri = request.getRequestLine().getUri();
    int mark = uri.indexOf('?');
    for (String each : mark < 0 ? new String[0] : uri.substring(mark + 1).split("&", -1)) {
      int equals = each.indexOf('=');
      if (equals > 0 && each.substring(0, equals).equals(name)) {
        try {
          return URLDecoder.decode(each.substring(equals + 1), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
          throw new Refusal(
              Refusal.Code.UNSUPPORTED, 400, "the query's " + name + " is not encoded rightly");
        }
      }
    }
    return "";
  }

  /** A header of the request; empty if it is not there. */
  String header(String name) {
    Header header = request.getFirstHeader(name);
    return header == null || header.getValue() == null ? "" : header.getValue();
  }

  /** The length of the body, if it was said. */
  Optional<Long> bodyLength() throws Refusal {
    String said = header("Content-Length");
    if (said.isEmpty()) {
      return Optional.empty();
    }
    if (!said.matches("[0-9]{1,18}")) {
      throw new Refusal(Refusal.Code.SIZE_INVALID, "the Content-Length is no length");
    }
    return Optional.of(Long.parseLong(said));
  }

  /** What the client sends; it is asked to go on, if it waits for that. */
  InputStream body() throws IOException, HttpException {
    HttpEntity entity = request.getEntity();
    if (!isAsked) {
      isAsked = true;
      http.sendResponseHeader(new BasicHttpResponse(HttpVersion.HTTP_1_1, 100, "Continue"));
      http.flush();
    }
    if (entity != null && received == 0) {
      body = new Counted(entity.getContent());
    }
    return body;
  }

  String address() {
    return address;
  }

  Caller caller() {
    return caller;
  }

  void isBy(Caller known) {
    caller = known;
  }

  int status() {
    return status;
  }

  long received() {
    return received;
  }

  long sent() {
    return sent;
  }

  boolean isAnswered() {
    return status != 0;
  }

  /** True if all was read and written, and the client wants to go on with this connection. */
  boolean isOver() {
    return isOver;
  }

  /** A header of the answer. */
  Call set(String name, String value) {
    headers.put(name, value);
    return this;
  }

  void empty(int code) throws IOException, HttpException {
    bytes(code, "", new byte[0]);
  }

  void json(int code, String type, JsonNode node) throws IOException, HttpException {
    bytes(code, type, node.toString().getBytes(StandardCharsets.UTF_8));
  }

  void bytes(int code, String type, byte[] bytes) throws IOException, HttpException {
    if (!type.isEmpty()) {
      set("Content-Type", type);
    }
    send(code, bytes.length, out -> out.write(bytes));
  }

  /** Answers a HEAD of a body of this length. */
  void head(int code, long length) throws IOException, HttpException {
    send(code, length, out -> {});
  }

  /** The stream has just this length, and is closed by the caller. */
  void stream(int code, long length, InputStream in) throws IOException, HttpException {
    send(code, length, in::transferTo);
  }

  private interface Body {
    void to(OutputStream out) throws IOException;
  }

  private void send(int code, long length, Body what) throws IOException, HttpException {
    boolean isLast = !canBeRead() || headers.containsKey("Connection") || wantsEnd();
    status = code;
    BasicHttpResponse response =
        new BasicHttpResponse(
            HttpVersion.HTTP_1_1, code, EnglishReasonPhraseCatalog.INSTANCE.getReason(code, null));
    if (isLast) {
      headers.put("Connection", "close");
    }
    if (code != 204) {
      headers.put("Content-Length", Long.toString(length));
    }
    headers.forEach(response::setHeader);
    http.sendResponseHeader(response);
    if (!isHead() && length > 0) {
      response.setEntity(new Written(length, what));
      http.sendResponseEntity(response);
      if (sent != length) {
        throw new IOException("an answer of " + sent + " bytes; it should have " + length);
      }
    }
    isOver = !isLast;
  }

  /** Until the socket has what was written. */
  void flush() throws IOException {
    http.flush();
  }

  /** True if little enough of the body is left on the line, and it is known where it ends. */
  private boolean canBeRead() {
    HttpEntity entity = request.getEntity();
    if (entity == null || isRead) {
      return true;
    }
    if (!isAsked) {
      return false; // the client may send it or not; nobody knows where the next request begins
    }
    long length = entity.getContentLength();
    return length >= 0 && length - received <= DRAIN;
  }

  /**
   * Reads what nobody wanted of the body, within this time all in all. The answer is gone before,
   * so that nobody has to wait for a client that sends slowly.
   *
   * @return false if there was more, or it did not come
   */
  boolean drain(Duration time) throws IOException {
    HttpEntity entity = request.getEntity();
    if (entity == null || isRead) {
      return true;
    }
    InputStream rest = entity.getContent();
    byte[] buffer = new byte[8 << 10];
    long end = System.nanoTime() + time.toNanos();
    int before = http.getSocketTimeout();
    try {
      for (long left = time.toMillis(); left > 0; left = (end - System.nanoTime()) / 1_000_000) {
        http.setSocketTimeout((int) left);
        int got = rest.read(buffer, 0, buffer.length);
        if (got < 0) {
          http.setSocketTimeout(before);
          return true;
        }
        received += got;
      }
      return false;
    } catch (IOException e) {
      return false;
    }
  }

  private boolean wantsEnd() {
    boolean isOld = request.getRequestLine().getProtocolVersion().lessEquals(HttpVersion.HTTP_1_0);
    return isOld || header("Connection").equalsIgnoreCase("close");
  }

  private final class Written extends AbstractHttpEntity {
    private final long length;
    private final Body what;

    Written(long length, Body what) {
      this.length = length;
      this.what = what;
    }

    @Override
    public boolean isRepeatable() {
      return false;
    }

    @Override
    public long getContentLength() {
      return length;
    }

    @Override
    public InputStream getContent() {
      throw new UnsupportedOperationException("it is only written");
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
      OutputStream counted =
          connection
              .straight()
              .<OutputStream>map(to -> new Straight(out, to))
              .orElseGet(() -> new Sent(out));
      what.to(counted);
      counted.flush();
    }

    @Override
    public boolean isStreaming() {
      return true;
    }
  }
}
