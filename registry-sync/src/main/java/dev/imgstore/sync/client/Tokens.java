package dev.imgstore.sync.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.cloud.tools.jib.api.Credential;
import dev.imgstore.sync.RegistryException;
import dev.imgstore.sync.RegistryException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * What one registry is sent as {@code Authorization}: a password, or tokens by scope, which are
 * asked for where its challenge says (distribution's "Token Authentication"; "OAuth2 Token
 * Authentication" for refresh tokens). A registry that refuses what it just gave is asked no more.
 */
final class Tokens {
  private static final int MAX_ANSWER = 256 << 10;
  private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]{1,12000}");

  private final String host;
  private final Hosts hosts;
  private final Transport transport;
  private final Patience patience;
  private final Credentials credentials;
  private final Secrets secrets;
  private final Map<String, String> known = new ConcurrentHashMap<>();

  Tokens(
      String host,
      Hosts hosts,
      Transport transport,
      Patience patience,
      Credentials credentials,
      Secrets secrets) {
    this.host = host;
    this.hosts = hosts;
    this.transport = transport;
    this.patience = patience;
    this.credentials = credentials;
    this.secrets = secrets;
  }

  /** What to send for a scope; empty if nothing was wanted yet. */
  String of(String scope) {
    return known.getOrDefault(scope, "");
  }

  /**
   * Finds what to send after a refusal.
   *
   * @param sent with what was refused
   * @throws RegistryException if there is nothing else to send
   */
  synchronized void learn(Answer refused, String sent, String scope) throws IOException {
    if (!of(scope).equals(sent)) {
      return; // another thread was faster
    }
    Challenge challenge =
        Challenge.best(refused.headers("WWW-Authenticate"))
            .orElseThrow(
                () ->
                    denied(
                        host
                            + " refuses access and does not say which credentials it wants"
                            + " (neither Basic nor Bearer)"));
    String next =
        challenge.scheme().equals("basic") ? basic(required()) : bearer(challenge, refused, scope);
    if (next.equals(sent)) {
      throw rejected();
    }
    known.put(scope, next);
  }

  /** The credentials, whole, were refused. */
  RegistryException rejected() throws IOException {
    return credentials.get().isPresent()
        ? denied(
            host + " refuses the credentials that this machine has for it; " + credentials.advice())
        : denied(host + " wants credentials, and there are none for it; " + credentials.advice());
  }

  private Credential required() throws IOException {
    Optional<Credential> found = credentials.get();
    if (found.isEmpty()) {
      throw rejected();
    }
    return found.get();
  }

  private String basic(Credential credential) {
    String both = credential.getUsername() + ":" + credential.getPassword();
    String coded = Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8));
    secrets.add(both);
    secrets.add(coded);
    return "Basic " + coded;
  }

  private String bearer(Challenge challenge, Answer refused, String scope) throws IOException {
    URI realm =
        hosts.follow(refused.address(), challenge.parameter("realm"), "the challenge of " + host);
    Trial trial = new Trial(patience, "asking " + Hosts.host(realm) + " for a token");
    Call call = question(realm, challenge, scope);
    while (true) {
      try (Answer answer = transport.send(call)) {
        int status = answer.status();
        if (status == 200) {
          return token(realm, answer.bytes(MAX_ANSWER));
        }
        if (!Session.isBusy(status)) {
          throw status == 400 || status == 401 || status == 403
              ? rejected()
              : denied("asking " + Hosts.host(realm) + " for a token: it answers " + status);
        }
        trial.again("it answers " + status, Trial.asked(answer), null);
      } catch (RegistryException e) {
        throw e;
      } catch (IOException e) {
        trial.again(secrets.without(String.valueOf(e.getMessage())), java.time.Duration.ZERO, e);
      }
    }
  }

  private Call question(URI realm, Challenge challenge, String scope) throws IOException {
    Set<String> scopes = new LinkedHashSet<>(List.of(scope.split(" ", -1)));
    if (!challenge.parameter("scope").isEmpty()) {
      scopes.add(challenge.parameter("scope"));
    }
    List<String> words = new ArrayList<>();
    if (!challenge.parameter("service").isEmpty()) {
      words.add("service=" + coded(challenge.parameter("service")));
    }
    Optional<Credential> credential = credentials.get();
    if (credential.isPresent() && credential.get().isOAuth2RefreshToken()) {
      words.add("scope=" + coded(String.join(" ", scopes)));
      words.add("grant_type=refresh_token");
      words.add("client_id=imgstore");
      words.add("refresh_token=" + coded(credential.get().getPassword()));
      byte[] form = String.join("&", words).getBytes(StandardCharsets.US_ASCII);
      return new Call("POST", realm)
          .with("Content-Type", "application/x-www-form-urlencoded")
          .with(new Call.Body(form.length, () -> new ByteArrayInputStream(form)));
    }
    scopes.forEach(each -> words.add("scope=" + coded(each)));
    String joint = realm.getRawQuery() == null ? "?" : "&";
    Call call = new Call("GET", URI.create(realm + joint + String.join("&", words)));
    return credential.isEmpty() ? call : call.with("Authorization", basic(credential.get()));
  }

  private static String coded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private String token(URI realm, byte[] json) throws IOException {
    String token = "";
    if (json.length <= MAX_ANSWER) {
      try {
        JsonNode top = new ObjectMapper().readTree(json);
        token = top.path("token").asText(top.path("access_token").asText());
        token = token.isEmpty() ? top.path("access_token").asText() : token;
      } catch (JsonProcessingException e) {
        token = ""; // and its message may quote a token
      }
    }
    if (!TOKEN.matcher(token).matches()) {
      throw new RegistryException(
          Kind.WRONG, Hosts.host(realm) + " was asked for a token and gave none");
    }
    secrets.add(token);
    return "Bearer " + token;
  }

  private static RegistryException denied(String message) {
    return new RegistryException(Kind.DENIED, message);
  }
}
