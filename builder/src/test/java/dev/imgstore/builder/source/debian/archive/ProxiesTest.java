package dev.imgstore.builder.source.debian.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProxiesTest {
  private static String of(Proxies proxies, String address) {
    Proxy proxy = proxies.of(URI.create(address));
    return proxy.type() == Proxy.Type.DIRECT
        ? "direct"
        : ((InetSocketAddress) proxy.address()).getHostString()
            + ":"
            + ((InetSocketAddress) proxy.address()).getPort();
  }

  @Test
  void aptsSettingsComeFirst() {
    Proxies proxies =
        new Proxies(
            """
            // a comment
            Acquire {
              http { Proxy "http://apt.test:8080/"; Proxy::special.test "DIRECT"; };
            };
            Acquire::https::Proxy "http://apts.test:8443";
            """,
            Map.of("http_proxy", "http://env.test:1"));
    assertEquals("apt.test:8080", of(proxies, "http://a.test/x"));
    assertEquals("direct", of(proxies, "http://special.test/x"));
    assertEquals("apts.test:8443", of(proxies, "https://a.test/x"));
  }

  @Test
  void theEnvironmentComesNext() {
    Proxies proxies =
        new Proxies(
            "",
            Map.of(
                "http_proxy", "http://env.test:3129",
                "HTTPS_PROXY", "envs.test:3130",
                "no_proxy", "local.test, .inner.test"));
    assertEquals("env.test:3129", of(proxies, "http://a.test/"));
    assertEquals("envs.test:3130", of(proxies, "https://a.test/"));
    assertEquals("direct", of(proxies, "http://local.test/"));
    assertEquals("direct", of(proxies, "http://x.inner.test/"));
    assertEquals("env.test:3129", of(proxies, "http://notlocal.test/"));
  }

  @Test
  void withoutAnyThingsAreAskedDirectly() {
    assertEquals("direct", of(new Proxies("", Map.of()), "http://a.test/"));
  }

  @Test
  void expiryIsCheckedUnlessAptDoesNot() {
    assertEquals(Release.Expiry.CHECKED, new Proxies("", Map.of()).expiry());
    assertEquals(
        Release.Expiry.IGNORED,
        new Proxies("Acquire::Check-Valid-Until \"false\";\n", Map.of()).expiry());
  }
}
