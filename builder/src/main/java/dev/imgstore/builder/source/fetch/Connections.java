package dev.imgstore.builder.source.fetch;

import java.io.File;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Opens addresses of mirrors: {@code http} and {@code https} through the machine's proxies, {@code
 * file} and {@code copy} on this machine. Safe for many threads.
 *
 * @param accounts what is sent to whom
 */
record Connections(Proxies proxies, Accounts accounts, Patience patience) {
  private static final int MAX_REDIRECTS = 5;
  private static final Set<Integer> BUSY = Set.of(408, 425, 429, 500, 502, 503, 504);
  private static final Set<Integer> ABSENT = Set.of(404, 410);
  private static final Pattern RANGE =
      Pattern.compile("bytes (\\d{1,18})-\\d{1,18}/(\\d{1,18}|\\*)");
  private static final String PLAIN = "-._~/";

  Connections impatient() {
    return new Connections(proxies, accounts, patience.impatient());
  }

  /**
   * What an address gives.
   *
   * @param bytes to the end
   * @param unwanted how many bytes come before the position asked for
   * @param length of the whole file, or -1 if the server does not say
   */
  record Body(InputStream bytes, long unwanted, long length) {}

  /** The server says that there is no such file. */
  static final class Absent extends FileNotFoundException {
    private static final long serialVersionUID = 1L;

    Absent(String message) {
      super(message);
    }
  }

  /** The server gives so little that it would never end. */
  static final class TooSlow extends IOException {
    private static final long serialVersionUID = 1L;

    TooSlow(String message) {
      super(message);
    }
  }

  /** The server says to come back later. */
  static final class Busy extends IOException {
    private static final long serialVersionUID = 1L;
    private final Duration asked;

    Busy(int code, @Nullable String retryAfter) {
      super("it answers " + code);
      boolean told = retryAfter != null && retryAfter.matches("[0-9]{1,4}");
      asked = Duration.ofSeconds(told ? Long.parseLong(retryAfter) : 0);
    }

    /** Zero if it does not say how long. */
    Duration asked() {
      return asked;
    }
  }

  /** The address of a file below a mirror, whatever characters its path has. */
  static URI address(URI mirror, String path) {
    StringBuilder escaped = new StringBuilder();
    for (byte each : path.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (each & 0xff);
      boolean plain = c < 0x80 && (Character.isLetterOrDigit(c) || PLAIN.indexOf(c) >= 0);
      escaped.append(
          plain ? String.valueOf(c) : "%" + HexFormat.of().withUpperCase().toHexDigits((byte) c));
    }
    return URI.create(mirror + escaped.toString());
  }

  /**
   * Opens a file at a position; the caller closes the bytes.
   *
   * @throws FileNotFoundException if there is no point in asking again
   * @throws Busy if there may be later
   */
  Body open(URI address, long position) throws IOException {
    URI at = address;
    boolean known = true;
    for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
      if (!at.getScheme().regionMatches(true, 0, "http", 0, 4)) {
        return local(at, position);
      }
      HttpURLConnection http = ask(at, position);
      if (known) {
        account(at).ifPresent(header -> http.setRequestProperty("Authorization", header));
      }
      int code = code(http);
      String location = http.getHeaderField("Location");
      if (code / 100 == 3 && location != null) {
        http.disconnect();
        URI next = redirected(at, location);
        known &= Accounts.origin(at).equals(Accounts.origin(next));
        at = next;
      } else if (code == HttpURLConnection.HTTP_OK || code == HttpURLConnection.HTTP_PARTIAL) {
        return accepted(http, code, position);
      } else {
        http.disconnect();
        if (BUSY.contains(code) || code < 0) {
          throw new Busy(code, http.getHeaderField("Retry-After"));
        }
        throw ABSENT.contains(code)
            ? new Absent("it answers " + code)
            : new FileNotFoundException("it answers " + code);
      }
    }
    throw new FileNotFoundException("it redirects more than " + MAX_REDIRECTS + " times");
  }

  private static Body local(URI address, long position) throws IOException {
    File file = new File(URI.create("file" + address.toString().substring(4)));
    if (!file.exists()) {
      throw new Absent("No such file or directory");
    }
    FileInputStream bytes = new FileInputStream(file);
    try {
      bytes.skipNBytes(position);
      return new Body(bytes, 0, file.length());
    } catch (IOException e) {
      bytes.close();
      throw e;
    }
  }

  private HttpURLConnection ask(URI address, long position) throws IOException {
    HttpURLConnection http =
        (HttpURLConnection) address.toURL().openConnection(proxies.of(address));
    http.setConnectTimeout((int) patience.connect().toMillis());
    http.setReadTimeout((int) patience.stall().toMillis());
    http.setUseCaches(false);
    http.setInstanceFollowRedirects(false);
    http.setRequestProperty("User-Agent", "imgstore");
    http.setRequestProperty("Accept-Encoding", "identity");
    if (position > 0) {
      http.setRequestProperty("Range", "bytes=" + position + "-");
    }
    return http;
  }

  /** What the address itself says, or the accounts; a server that is redirected to gets neither. */
  private Optional<String> account(URI address) {
    return address.getUserInfo() == null
        ? accounts.of(address)
        : Optional.of(Accounts.basic(address.getUserInfo()));
  }

  /** The status, within the time there is: headers may come drop by drop. */
  private int code(HttpURLConnection http) throws IOException {
    Deadline deadline = new Deadline(http, patience.window());
    try {
      int code = http.getResponseCode();
      if (!deadline.passed) {
        return code;
      }
    } catch (IOException e) {
      if (!deadline.passed) {
        throw e;
      }
    } finally {
      deadline.over = true;
    }
    throw new TooSlow("it does not answer in time");
  }

  /** Ends a connection after a time, and each that Java makes in its place. */
  private static final class Deadline implements Runnable {
    private final HttpURLConnection http;
    private final Executor later;
    private volatile boolean passed;
    private volatile boolean over;

    Deadline(HttpURLConnection http, Duration time) {
      this.http = http;
      later = CompletableFuture.delayedExecutor(time.toMillis(), TimeUnit.MILLISECONDS);
      later.execute(this);
    }

    @Override
    public void run() {
      if (!over) {
        passed = true;
        http.disconnect();
        later.execute(this);
      }
    }
  }

  static URI redirected(URI from, String location) throws IOException {
    URI to;
    try {
      to = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new FileNotFoundException("it redirects to what is no address");
    }
    String scheme = String.valueOf(to.getScheme()).toLowerCase(Locale.ROOT);
    boolean web = scheme.equals("http") || scheme.equals("https");
    if (!web || Host.of(to).isEmpty()) {
      throw new FileNotFoundException("it redirects to " + scheme + ", which is not followed");
    }
    if (from.getScheme().equalsIgnoreCase("https") && scheme.equals("http")) {
      throw new FileNotFoundException("it redirects from https to http, which is not followed");
    }
    return URI.create(scheme + to.toString().substring(scheme.length()));
  }

  private static Body accepted(HttpURLConnection http, int code, long position) throws IOException {
    InputStream bytes = http.getInputStream();
    try {
      if (code == HttpURLConnection.HTTP_OK) {
        return new Body(bytes, position, http.getContentLengthLong());
      }
      Matcher range = RANGE.matcher(String.valueOf(http.getHeaderField("Content-Range")));
      if (!range.matches() || Long.parseLong(range.group(1)) != position) {
        throw new FileNotFoundException("it sends another part than it was asked for");
      }
      return new Body(bytes, 0, range.group(2).equals("*") ? -1 : Long.parseLong(range.group(2)));
    } catch (IOException e) {
      bytes.close();
      throw e;
    }
  }
}
