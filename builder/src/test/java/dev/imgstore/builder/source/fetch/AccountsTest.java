package dev.imgstore.builder.source.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class AccountsTest {
  /** Names that java.net.URI takes for no host, and connections do. */
  @Test
  void anAccountForAHostWithAnUnderscoreIsForNoOther() {
    Accounts accounts = Accounts.NONE.with("https://my_registry:8443/npm/", "mine");
    assertEquals(Optional.of("mine"), of(accounts, "https://my_registry:8443/npm/x"));
    assertEquals(Optional.of("mine"), of(accounts, "https://MY_Registry:8443/npm/x"));
    for (String other :
        List.of(
            "https://evil_host:8443/npm/x",
            "https://my_registry/npm/x",
            "https://my_registry:8444/npm/x",
            "https://my_registry:8443/other/x",
            "http://my_registry:8443/npm/x",
            "https://my_registry:8443@evil_host/npm/x",
            "https://a@my_registry:8443@evil_host/npm/x",
            "https:///npm/x")) {
      assertEquals(Optional.empty(), of(accounts, other), other);
    }
    Accounts plain = Accounts.NONE.with("https://registry.example/", "mine");
    assertEquals(Optional.empty(), of(plain, "https://evil_host/"));
  }

  private static Optional<String> of(Accounts accounts, String address) {
    return accounts.of(URI.create(address));
  }

  @Test
  void aPlaceWithoutAHostIsRefused() {
    for (String place :
        List.of(
            "//", "//host/", "https:///x/", "mailto:x", "https://a_b:port/", "https://a@b@c_d/")) {
      assertThrows(IllegalArgumentException.class, () -> Accounts.NONE.with(place, "mine"), place);
    }
  }

  @Test
  void hostsWithUnderscoresAreDifferentOrigins() throws IOException {
    URI one = URI.create("http://host_one:8080/x");
    assertNotEquals(Accounts.origin(one), Accounts.origin(URI.create("http://host_two:8080/x")));
    assertNotEquals(Accounts.origin(one), Accounts.origin(URI.create("http://host_one:8081/x")));
    assertEquals(Accounts.origin(one), Accounts.origin(Connections.redirected(one, "/y")));
  }

  @Test
  void aMirrorWithAnUnderscoreIsNamedWithoutItsPassword() {
    assertEquals("my_host:81", Complaint.name(URI.create("http://me:secret@my_host:81/x")));
    assertEquals("my_host", Complaint.name(URI.create("http://my_host/x")));
    assertEquals("file:/a/b", Complaint.name(URI.create("file:///a/b")));
  }

  @Test
  void aHostWithAnUnderscoreMayBeExemptFromTheProxy() throws IOException {
    Proxies proxies =
        new Proxies("", Map.of("http_proxy", "http://proxy:3128", "no_proxy", "my_host"));
    assertEquals(java.net.Proxy.NO_PROXY, proxies.of(URI.create("http://my_host/x")));
    assertNotEquals(java.net.Proxy.NO_PROXY, proxies.of(URI.create("http://other_host/x")));
  }
}
