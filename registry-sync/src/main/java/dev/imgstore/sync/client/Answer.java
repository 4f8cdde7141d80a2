package dev.imgstore.sync.client;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.apache.http.Header;
import org.apache.http.client.methods.CloseableHttpResponse;

/** What came back. The caller closes it; a body that was read to its end leaves a connection. */
final class Answer implements Closeable {
  private static final int DRAINED = 16 << 10;

  private final URI address;
  private final CloseableHttpResponse response;
  private final Watch.Guard guard;
  private final InputStream body;

  Answer(URI address, CloseableHttpResponse response, Watch.Guard guard, Patience patience)
      throws IOException {
    this.address = address;
    this.response = response;
    this.guard = guard;
    this.body =
        response.getEntity() == null
            ? InputStream.nullInputStream()
            : new PacedStream(response.getEntity().getContent(), guard, patience);
  }

  /** Who answered in the end. */
  URI address() {
    return address;
  }

  int status() {
    return response.getStatusLine().getStatusCode();
  }

  /** Empty if there is none. */
  String header(String name) {
    Header header = response.getFirstHeader(name);
    return header == null || header.getValue() == null ? "" : header.getValue();
  }

  List<String> headers(String name) {
    List<String> values = new ArrayList<>();
    for (Header each : response.getHeaders(name)) {
      values.add(String.valueOf(each.getValue()));
    }
    return values;
  }

  /** Bytes that follow, or -1 if the answer does not say. */
  long length() {
    String said = header("Content-Length");
    return said.matches("\\d{1,18}") ? Long.parseLong(said) : -1;
  }

  /** Not closed by who reads it: the answer is. */
  InputStream body() {
    return body;
  }

  /** All of it; what is longer is cut after {@code limit + 1} bytes. */
  byte[] bytes(int limit) throws IOException {
    return body.readNBytes(limit + 1);
  }

  /** Leaves the connection to the next one if little is left of the body; ends it else. */
  @Override
  public void close() throws IOException {
    try {
      long length = length();
      if (length >= 0 && length <= DRAINED) {
        body.readNBytes(DRAINED);
      }
    } catch (IOException e) {
      // What is not wanted may be missing: the connection is ended below.
    } finally {
      guard.close();
      response.close();
    }
  }
}
