package dev.imgstore.sync.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.imgstore.sync.RegistryException;
import dev.imgstore.sync.RegistryException.Kind;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lists that come in parts, each naming the next by {@code Link} (RFC 5988). */
final class Pages {
  static final int MAX_ENTRIES = 200_000;

  private static final int MAX_PAGES = 2000;
  private static final int MAX_PAGE = 8 << 20;
  private static final Pattern NEXT =
      Pattern.compile("<([^<>\\s]{1,4096})>\\s*;\\s*rel=\"?next\"?");
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");

  private final Session session;
  private final String scope;

  Pages(Session session, String scope) {
    this.session = session;
    this.scope = scope;
  }

  /** The names in a list of tags; a repository that is not there is an error. */
  List<String> tags(Call call) throws IOException {
    Set<String> tags = new LinkedHashSet<>();
    boolean there =
        each(
            call,
            page ->
                page.path("tags")
                    .forEach(
                        tag -> {
                          if (TAG.matcher(tag.asText()).matches()) {
                            tags.add(tag.asText());
                          }
                        }),
            () -> tags.size());
    if (!there) {
      throw new RegistryException(
          Kind.UNKNOWN, call.what() + ": it answers 404; it has none of this name");
    }
    return List.copyOf(tags);
  }

  /** The length of what was gathered. */
  @FunctionalInterface
  interface Count {
    int get();
  }

  /**
   * Reads all pages.
   *
   * @return false if there is no such list
   */
  boolean each(Call first, Consumer<JsonNode> page, Count gathered) throws IOException {
    Set<URI> seen = new HashSet<>();
    Optional<Call> next = Optional.of(first);
    while (next.isPresent()) {
      Call call = next.get();
      int before = gathered.get();
      if (!seen.add(call.address()) || seen.size() > MAX_PAGES || before > MAX_ENTRIES) {
        throw new RegistryException(
            Kind.WRONG, first.what() + ": its list has no end (" + before + " entries so far)");
      }
      Optional<Page> read = read(call);
      if (read.isEmpty()) {
        return false;
      }
      page.accept(read.get().json());
      next = read.get().next();
      if (next.isPresent() && gathered.get() == before) {
        next = Optional.empty(); // a page with nothing new: some end their lists so
      }
    }
    return true;
  }

  private record Page(JsonNode json, List<Call> following) {
    Optional<Call> next() {
      return following.stream().findFirst();
    }
  }

  private Optional<Page> read(Call call) throws IOException {
    Trial trial = session.trial(call.what());
    while (true) {
      try (Answer answer = session.ask(call, scope)) {
        if (answer.status() == 404) {
          return Optional.empty();
        }
        if (answer.status() != 200) {
          throw session.refused(call, answer);
        }
        byte[] bytes = answer.bytes(MAX_PAGE);
        JsonNode json =
            bytes.length > MAX_PAGE ? Documents.read(new byte[0]) : Documents.read(bytes);
        if (!json.isObject()) {
          throw new RegistryException(
              Kind.WRONG,
              call.what()
                  + (bytes.length > MAX_PAGE
                      ? ": it sends a list of more than " + MAX_PAGE + " bytes"
                      : ": it sends what is no list"));
        }
        return Optional.of(new Page(json, following(call, answer)));
      } catch (IOException e) {
        trial.again(session.reason(e), Duration.ZERO, e);
      }
    }
  }

  private List<Call> following(Call call, Answer answer) throws IOException {
    List<Call> calls = new ArrayList<>();
    Matcher link = NEXT.matcher(answer.header("Link"));
    if (link.find()) {
      URI to = session.hosts().follow(answer.address(), link.group(1), "a list's Link");
      if (!Hosts.origin(to).equals(Hosts.origin(answer.address()))) {
        throw new RegistryException(
            Kind.WRONG, call.what() + ": its list goes on at " + Hosts.host(to));
      }
      calls.add(call.at(to));
    }
    return List.copyOf(calls);
  }
}
