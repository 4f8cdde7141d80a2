package dev.imgstore.builder.source.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProxiesTest {
  private static String of(String conf, Map<String, String> environment, String address)
      throws IOException {
    Proxy proxy = new Proxies(conf, environment).of(URI.create(address));
    if (proxy.equals(Proxy.NO_PROXY)) {
      return "direct";
    }
    InetSocketAddress at = (InetSocketAddress) proxy.address();
    return proxy.type() + " " + at.getHostString() + " " + at.getPort();
  }

  private static String of(String conf, String address) throws IOException {
    return of(conf, Map.of(), address);
  }

  @Test
  void nestedBlocksBecomeLines() {
    assertEquals(
        """
        APT::Default "x"
        Acquire::http::Proxy "http://p:1"
        Acquire::http::Proxy::a.example "DIRECT"
        Acquire::Retries "3"
        DPkg::Pre-Invoke:: "rm { } ; // #"
        Check "false"
        """,
        AptConf.flat(
            """
            // a comment { "x";
            # another }
            #clear Foo;
            /* more
               Foo "bar"; */
            APT { Default "x"; };
            Acquire { http { Proxy "http://p:1"; Proxy::a.example "DIRECT" } ; Retries 3; };
            DPkg::Pre-Invoke:: "rm { } ; // #";
            Check false;
            Empty;
            Unended "y"
            """));
    assertEquals("", AptConf.flat("} } ; { \" { ;"));
  }

  @Test
  void aptsProxyComesBeforeTheEnvironments() throws IOException {
    Map<String, String> environment = Map.of("http_proxy", "http://e:2");
    String conf = "Acquire::http::Proxy \"http://p:1\";";
    assertEquals("HTTP p 1", of(conf, environment, "http://a.example/"));
    assertEquals("HTTP e 2", of("", environment, "http://a.example/"));
    assertEquals("direct", of("", Map.of(), "http://a.example/"));
    assertEquals("direct", of("", environment, "https://a.example/"));
  }

  @Test
  void hostsHaveSettingsOfTheirOwn() throws IOException {
    String conf =
        "Acquire::HTTP { proxy \"http://p:1\"; Proxy::A.example \"DIRECT\";"
            + " Proxy::b.example \"http://b:2\"; };";
    assertEquals("direct", of(conf, "http://a.Example/"));
    assertEquals("HTTP b 2", of(conf, "http://b.example/"));
    assertEquals("HTTP p 1", of(conf, "http://c.example/"));
  }

  /** As apt does: try {@code apt-helper -o Acquire::http::Proxy=… download-file https://…}. */
  @Test
  void httpsFallsBackOnTheSettingForHttp() throws IOException {
    String conf = "Acquire::http::Proxy \"http://p:1\";";
    assertEquals("HTTP p 1", of(conf, "https://a.example/"));
    assertEquals("HTTP s 2", of(conf + "Acquire::https::Proxy \"http://s:2\";", "https://a.b/"));
    assertEquals("direct", of(conf + "Acquire::https::Proxy \"DIRECT\";", "https://a.b/"));
    assertEquals("HTTP p 1", of(conf + "Acquire::https::Proxy \"DIRECT\";", "http://a.b/"));
  }

  @Test
  void theLaterOfTwoSettingsCounts() throws IOException {
    String both = "Acquire::http::Proxy \"http://p:1\"; Acquire::http::Proxy \"http://q:2\";";
    assertEquals("HTTP q 2", of(both, "http://a.example/"));
  }

  @Test
  void noProxyNamesHostsAndDomains() throws IOException {
    for (String none : new String[] {"a.example", ".example", "x, A.EXAMPLE ,y", "example", "*"}) {
      Map<String, String> environment = Map.of("HTTP_PROXY", "http://e:2", "no_proxy", none);
      assertEquals("direct", of("", environment, "http://a.example/"), none);
    }
    for (String none : new String[] {"", ",", "b.example", "ample", "a.example.org"}) {
      Map<String, String> environment = Map.of("HTTP_PROXY", "http://e:2", "NO_PROXY", none);
      assertEquals("HTTP e 2", of("", environment, "http://a.example/"), none);
    }
  }

  @Test
  void proxiesMayBeWrittenInManyWays() throws IOException {
    assertEquals("HTTP p 80", of("Acquire::http::Proxy \"http://p\";", "http://a/"));
    assertEquals("HTTP p 3128", of("Acquire::http::Proxy \"p:3128/\";", "http://a/"));
    assertEquals("SOCKS p 1080", of("Acquire::http::Proxy \"socks5h://p\";", "http://a/"));
    String bad = "Acquire::http::Proxy \"http://me:secret@:x y/\";";
    IOException failure = assertThrows(IOException.class, () -> of(bad, "http://a/"));
    assertFalse(String.valueOf(failure.getMessage()).contains("secret"));
    assertThrows(IOException.class, () -> of("Acquire::http::Proxy \"http://\";", "http://a/"));
  }

  @Test
  void theCheckOfExpiryCanBeSwitchedOff() {
    assertTrue(new Proxies("", Map.of()).isExpiryChecked());
    for (String name : new String[] {"Check-Valid-Until", "check-date"}) {
      String off = "Acquire::" + name + " \"false\";";
      assertFalse(new Proxies(off, Map.of()).isExpiryChecked());
      assertFalse(new Proxies(off.replace("\"", ""), Map.of()).isExpiryChecked());
      String on = "Acquire::" + name + " \"true\";";
      assertTrue(new Proxies(off + on, Map.of()).isExpiryChecked());
      assertFalse(new Proxies(on + off, Map.of()).isExpiryChecked());
    }
  }

  @Test
  void aProxyMayWantAPassword() throws IOException {
    Proxies proxies =
        new Proxies("", Map.of("http_proxy", "http://ali:p%40ss@p:1", "no_proxy", "local"));
    assertEquals("ali:p@ss", proxies.login(URI.create("http://a.example/")));
    assertEquals("", proxies.login(URI.create("http://local/")));
    assertEquals("", proxies.login(URI.create("https://a.example/")));
    Proxies wrong = new Proxies("", Map.of("http_proxy", "http://ali:secret@"));
    IOException failure =
        assertThrows(IOException.class, () -> wrong.of(URI.create("http://a.example/")));
    assertFalse(failure.toString().contains("secret"), failure::toString);
  }
}
