package dev.imgstore.sync.client;

import static dev.imgstore.sync.client.FaultServer.say;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.sync.ImageName;
import dev.imgstore.sync.Registry;
import dev.imgstore.sync.RegistryException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Registries behind a proxy. */
@Timeout(30)
final class ProxyTest {
  private static final String HOST = "registry.invalid:5000";
  private static final String LOGIN = "ali:open sesame";
  private static final String CODED =
      "Basic " + Base64.getEncoder().encodeToString(LOGIN.getBytes(UTF_8));
  private static final byte[] TAGS = "{\"tags\": [\"a\"]}".getBytes(UTF_8);

  private static Registry open(FaultServer proxy, String login, Set<String> insecure) {
    int port = Integer.parseInt(proxy.host().substring(proxy.host().indexOf(':') + 1));
    ProxyChoice choice =
        new ProxyChoice() {
          @Override
          public Proxy of(URI address) {
            return new Proxy(
                Proxy.Type.HTTP, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
          }

          @Override
          public String login(URI address) {
            return login;
          }
        };
    return RegistryClients.reading(
        ImageName.parse(HOST + "/a"),
        new RegistrySettings(insecure, List.of(), choice, "", "test", Settings.IMPATIENT));
  }

  /** Lets nobody in without a password, leads nowhere by CONNECT, and is a registry itself. */
  private static FaultServer proxy() throws IOException {
    return new FaultServer(
        (asked, out) -> {
          if (!asked.header("Proxy-Authorization").equals(CODED)) {
            say(out, "407 No", "Proxy-Authenticate: Basic realm=\"" + LOGIN + "\"");
          } else if (asked.line().startsWith("CONNECT")) {
            say(out, "403 No", "");
          } else {
            say(out, "200 OK", "Content-Type: application/json", TAGS);
          }
        });
  }

  @Test
  void aProxyGetsItsPasswordAtOnceAndTheRegistryNone() throws IOException {
    try (FaultServer proxy = proxy();
        Registry registry = open(proxy, LOGIN, Set.of(HOST))) {
      assertEquals(List.of("a"), registry.tags());
      List<FaultServer.Asked> asked = proxy.asked();
      assertEquals(2, asked.size(), asked::toString);
      assertEquals("CONNECT " + HOST + " HTTP/1.1", asked.get(0).line());
      assertTrue(asked.get(1).line().startsWith("GET http://" + HOST + "/v2/a/tags/list"));
      assertEquals("", asked.get(1).header("Authorization"));
    }
  }

  @Test
  void whoIsNotToBeAskedWithoutTlsIsNotBehindAProxyEither() throws IOException {
    try (FaultServer proxy = proxy();
        Registry registry = open(proxy, LOGIN, Set.of())) {
      RegistryException failure = assertThrows(RegistryException.class, registry::tags);
      String said = String.valueOf(failure.getMessage());
      assertTrue(said.contains("answers 403 to CONNECT"), said);
      assertEquals(1, proxy.asked().size());
    }
  }

  @Test
  void aProxyThatWantsAPasswordIsToldFromTheRegistry() throws IOException {
    for (Set<String> insecure : List.of(Set.<String>of(), Set.of(HOST))) {
      for (String login : List.of("", "ali:other words")) {
        try (FaultServer proxy = proxy();
            Registry registry = open(proxy, login, insecure)) {
          RegistryException failure = assertThrows(RegistryException.class, registry::tags);
          String said = String.valueOf(failure.getMessage());
          assertTrue(said.contains("http://USER:PASSWORD@HOST:PORT"), said);
          assertEquals(RegistryException.Kind.DENIED, failure.kind());
          assertEquals(1, proxy.asked().size(), said);
          assertFalse(said.contains("words") || said.contains("sesame"), said);
        }
      }
    }
  }
}
