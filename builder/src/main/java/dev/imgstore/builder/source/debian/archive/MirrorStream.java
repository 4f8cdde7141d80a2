package dev.imgstore.builder.source.debian.archive;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.net.URLConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * One file of an archive, read from the first mirror that has it. A connection that breaks, stalls
 * or ends too early is taken up again where it stopped, on the same mirror and then on the next.
 * Nothing here is believed: whoever reads checks the hash.
 */
final class MirrorStream extends InputStream {
  private static final int CONNECT_MILLIS = 15_000;
  private static final int STALL_MILLIS = 30_000;
  private static final int TRIES = 3;
  private static final long MAX_PAUSE_MILLIS = 10_000;
  private static final int MAX_REDIRECTS = 5;
  private static final Set<Integer> BUSY = Set.of(408, 425, 429, 500, 502, 503, 504);

  private final List<URI> mirrors;
  private final String path;
  private final long size;
  private final Proxies proxies;
  private final Pause pause;
  private final List<String> complaints = new ArrayList<>();
  private int mirror;
  private int failures;
  private long position;
  private InputStream body = InputStream.nullInputStream();
  private boolean open;

  /** Waits; tests do not. */
  interface Pause {
    void of(Duration time) throws InterruptedException;
  }

  /**
   * Nothing is asked before the first read.
   *
   * @param mirrors tried in this order; each ends in a slash
   * @param size the exact number of bytes, or -1 if it is not known
   */
  MirrorStream(List<URI> mirrors, String path, long size, Proxies proxies, Pause pause) {
    this.mirrors = mirrors;
    this.path = path;
    this.size = size;
    this.proxies = proxies;
    this.pause = pause;
  }

  /** The mirror that gives the bytes now. */
  URI mirror() {
    return mirrors.get(Math.min(mirror, mirrors.size() - 1));
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0; // what readAllBytes asks for when its buffer is just full
    }
    while (true) {
      try {
        if (!open) {
          connect();
        }
        int read = body.read(target, offset, length);
        if (read > 0) {
          position += read;
          if (size >= 0 && position > size) {
            throw new IOException("it sends more than " + size + " bytes");
          }
          return read;
        }
        if (read < 0) {
          if (size >= 0 && position < size) {
            throw new EOFException("it ended after " + position + " of " + size + " bytes");
          }
          return -1;
        }
      } catch (FileNotFoundException e) {
        next(e);
      } catch (IOException e) {
        again(e, Duration.ofMillis(300L << (2 * failures)));
      }
    }
  }

  private void connect() throws IOException {
    if (mirror >= mirrors.size()) {
      throw new FailedEverywhere(path, complaints);
    }
    URI address = mirrors.get(mirror).resolve(path);
    for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
      Proxy proxy = proxies.of(address);
      URLConnection connection =
          address.getScheme().equals("copy")
              ? URI.create("file" + address.toString().substring(4)).toURL().openConnection()
              : address.toURL().openConnection(proxy);
      connection.setConnectTimeout(CONNECT_MILLIS);
      connection.setReadTimeout(STALL_MILLIS);
      connection.setUseCaches(false);
      connection.setRequestProperty("User-Agent", "imgstore");
      connection.setRequestProperty("Accept-Encoding", "identity");
      if (position > 0) {
        connection.setRequestProperty("Range", "bytes=" + position + "-");
      }
      if (!(connection instanceof HttpURLConnection http)) {
        body = connection.getInputStream();
        body.skipNBytes(position);
        open = true;
        return;
      }
      http.setInstanceFollowRedirects(false);
      int code = http.getResponseCode();
      String location = http.getHeaderField("Location");
      if (code / 100 == 3 && location != null) {
        address = redirected(address, location);
        http.disconnect();
      } else {
        accept(http, code);
        return;
      }
    }
    throw new IOException("it redirects more than " + MAX_REDIRECTS + " times");
  }

  private static URI redirected(URI from, String location) throws IOException {
    URI to = from.resolve(location);
    boolean web = "http".equals(to.getScheme()) || "https".equals(to.getScheme());
    if (!web || (from.getScheme().equals("https") && !to.getScheme().equals("https"))) {
      throw new IOException("it redirects to " + to.getScheme());
    }
    return to;
  }

  private void accept(HttpURLConnection http, int code) throws IOException {
    if (code == HttpURLConnection.HTTP_OK || code == HttpURLConnection.HTTP_PARTIAL) {
      body = http.getInputStream();
      if (position > 0 && code == HttpURLConnection.HTTP_OK) {
        body.skipNBytes(position);
      }
      open = true;
    } else if (BUSY.contains(code)) {
      throw new Busy(code, http.getHeaderField("Retry-After"));
    } else {
      throw new FileNotFoundException("it answers " + code);
    }
  }

  /** The mirror says to come back later. */
  private static final class Busy extends IOException {
    private static final long serialVersionUID = 1L;
    private final long seconds;

    Busy(int code, @org.jspecify.annotations.Nullable String retryAfter) {
      super("it answers " + code);
      seconds =
          retryAfter != null && retryAfter.matches("[0-9]{1,4}") ? Long.parseLong(retryAfter) : 0;
    }
  }

  /** No mirror gave the file; the message lists what each said. */
  static final class FailedEverywhere extends IOException {
    private static final long serialVersionUID = 1L;

    FailedEverywhere(String path, List<String> complaints) {
      super("no mirror gives " + path + " (" + String.join("; ", complaints) + ")");
    }
  }

  private void again(IOException failure, Duration wait) throws IOException {
    if (failure instanceof FailedEverywhere || Thread.currentThread().isInterrupted()) {
      throw failure;
    }
    closeBody();
    failures++;
    if (failures >= TRIES) {
      next(failure);
      return;
    }
    long millis = wait.toMillis();
    if (failure instanceof Busy busy && busy.seconds > 0) {
      millis = busy.seconds * 1000;
    }
    try {
      pause.of(Duration.ofMillis(Math.min(millis, MAX_PAUSE_MILLIS)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for " + mirror().getHost());
    }
  }

  private void next(IOException failure) throws IOException {
    closeBody();
    String host = mirror().getHost();
    complaints.add((host == null ? mirror().toString() : host) + ": " + failure.getMessage());
    mirror++;
    failures = 0;
  }

  private void closeBody() throws IOException {
    open = false;
    body.close();
  }

  @Override
  public void close() throws IOException {
    closeBody();
  }
}
