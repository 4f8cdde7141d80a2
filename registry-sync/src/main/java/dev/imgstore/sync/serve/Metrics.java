package dev.imgstore.sync.serve;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What a server has done, as Prometheus reads it (text format 0.0.4). Safe for many threads. */
final class Metrics {
  static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private record Key(String method, String endpoint, int status) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
      return "{method=\"" + method + "\",endpoint=\"" + endpoint + "\",status=\"" + status + "\"}";
    }
  }

  private final SortedMap<Key, Long> requests = new TreeMap<>();
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong received = new AtomicLong();

  void begin() {
    running.incrementAndGet();
  }

  int running() {
    return running.get();
  }

  /**
   * Counts a request that is over.
   *
   * @param method one of those that registries know, or {@code OTHER}: what a client makes up must
   *     not fill the memory
   */
  void end(String method, String endpoint, int status, long in, long out) {
    running.decrementAndGet();
    received.addAndGet(in);
    sent.addAndGet(out);
    synchronized (requests) {
      requests.merge(new Key(method, endpoint, status), 1L, Long::sum);
    }
  }

  /** The text. */
  String text(int uploads, long staged) {
    StringBuilder text = new StringBuilder();
    text.append("# TYPE imgstore_serve_requests_total counter\n");
    synchronized (requests) {
      for (Map.Entry<Key, Long> each : requests.entrySet()) {
        text.append("imgstore_serve_requests_total")
            .append(each.getKey())
            .append(' ')
            .append(each.getValue())
            .append('\n');
      }
    }
    one(text, "imgstore_serve_sent_bytes_total", "counter", sent.get());
    one(text, "imgstore_serve_received_bytes_total", "counter", received.get());
    one(text, "imgstore_serve_running_requests", "gauge", running.get());
    one(text, "imgstore_serve_uploads", "gauge", uploads);
    one(text, "imgstore_serve_staged_bytes", "gauge", staged);
    return text.toString();
  }

  private static void one(StringBuilder text, String name, String type, long value) {
    text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    text.append(name).append(' ').append(value).append('\n');
  }
}
