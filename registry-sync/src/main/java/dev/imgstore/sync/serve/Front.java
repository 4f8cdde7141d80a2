package dev.imgstore.sync.serve;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.http.HttpException;

/** Where requests come in: who asks, what for, may he; and at the end, what became of it. */
final class Front implements Connection.Answers {
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE");
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT);
  private static final Set<String> QUICK = Set.of("/healthz", "/metrics");
  private static final int MAX_LOGGED = 512;

  private final Endpoints endpoints;
  private final Access access;
  private final Metrics metrics;
  private final Clock clock;
  private final Consumer<String> log;
  private volatile boolean ending;

  Front(Endpoints endpoints, Access access, Metrics metrics, Clock clock, Consumer<String> log) {
    this.endpoints = endpoints;
    this.access = access;
    this.metrics = metrics;
    this.clock = clock;
    this.log = log;
  }

  /** From now on new requests are told to come again. */
  void end() {
    ending = true;
  }

  @Override
  public boolean isQuick(Call call) {
    return QUICK.contains(call.path());
  }

  @Override
  public void refuse(Call call) throws IOException, HttpException {
    answer(call, true);
  }

  @Override
  public void answer(Call call) throws IOException, HttpException {
    answer(call, false);
  }

  private void answer(Call call, boolean isTooMuch) throws IOException, HttpException {
    metrics.begin();
    Instant began = clock.instant();
    long start = System.nanoTime();
    String endpoint = "none";
    String fault = "";
    try {
      call.set("Date", DATE.format(began.atOffset(ZoneOffset.UTC)));
      call.set("Docker-Distribution-API-Version", "registry/2.0");
      call.set("X-Content-Type-Options", "nosniff");
      if (ending) {
        call.set("Connection", "close");
        throw new Refusal(Refusal.Code.UNAVAILABLE, "the server is ending")
            .with("Retry-After", "5");
      }
      if (isTooMuch) {
        throw new Refusal(Refusal.Code.UNAVAILABLE, "the server has too much to do; try later")
            .with("Retry-After", "5");
      }
      Target target = Target.of(call.path());
      endpoint = target.kind().name().toLowerCase(Locale.ROOT);
      admit(call, target);
      endpoints.answer(call, target);
    } catch (Refusal e) {
      fault = e.sentence();
      refuse(call, e);
    } catch (IOException | HttpException | RuntimeException e) {
      fault = String.valueOf(e.getMessage());
      fail(call);
    } finally {
      String method = METHODS.contains(call.method()) ? call.method() : "OTHER";
      metrics.end(method, endpoint, call.status(), call.received(), call.sent());
      tell(call, began, System.nanoTime() - start, fault);
    }
  }

  private void admit(Call call, Target target) throws Refusal {
    if (target.kind() == Target.Kind.HEALTH) {
      return;
    }
    call.isBy(Caller.of(call.header("Authorization"), access.tokens()));
    boolean isReading = call.method().equals("GET") || call.isHead();
    boolean isNamed = !call.caller().name().isEmpty();
    boolean isProbe = target.kind() == Target.Kind.BASE && access.asksForNames();
    if (!isReading || target.kind() == Target.Kind.UPLOAD) {
      admitWriter(call, isNamed);
    } else if (!isNamed && (access.isPrivate() || isProbe)) {
      throw new Refusal(Refusal.Code.UNAUTHORIZED, "who are you? log in with a token");
    }
  }

  private void admitWriter(Call call, boolean isNamed) throws Refusal {
    if (!access.writable()) {
      throw new Refusal(
          Refusal.Code.UNSUPPORTED, "this registry takes no pushes; it is not writable");
    }
    if (!access.tokens().isEmpty() && !call.caller().writes()) {
      throw isNamed
          ? new Refusal(Refusal.Code.DENIED, call.caller().name() + " may read, and not write")
          : new Refusal(Refusal.Code.UNAUTHORIZED, "writing wants a token; log in with one");
    }
  }

  private static void refuse(Call call, Refusal refusal) throws IOException, HttpException {
    if (call.isAnswered()) {
      return;
    }
    refusal.headers().forEach(call::set);
    if (refusal.status() == 401) {
      call.set("WWW-Authenticate", "Basic realm=\"imgstore\", charset=\"UTF-8\"");
    }
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putArray("errors")
        .addObject()
        .put("code", refusal.code().name())
        .put("message", refusal.sentence())
        .putNull("detail");
    call.json(refusal.status(), Call.JSON, body);
  }

  /** A client is told no details of the machine; the log has them. */
  private static void fail(Call call) throws IOException, HttpException {
    if (!call.isAnswered()) {
      refuse(call, new Refusal(Refusal.Code.UNKNOWN, "the server failed; its log says why"));
    }
  }

  private void tell(Call call, Instant began, long took, String fault) {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("time", began.toString());
    line.put("client", call.address());
    line.put("user", call.caller().name());
    line.put("method", brief(call.method()));
    line.put("path", brief(call.path()));
    line.put("status", call.status());
    line.put("received", call.received());
    line.put("sent", call.sent());
    line.put("milliseconds", took / 1_000_000);
    line.put("fault", brief(fault));
    log.accept(line.toString());
  }

  private static String brief(String text) {
    return text.length() <= MAX_LOGGED ? text : text.substring(0, MAX_LOGGED) + "...";
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
