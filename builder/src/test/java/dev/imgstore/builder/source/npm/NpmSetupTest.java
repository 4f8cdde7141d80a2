package dev.imgstore.builder.source.npm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.source.fetch.FaultyMirror;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class NpmSetupTest {
  private static NpmSetup setup(String... lines) {
    return NpmSetup.read(List.of(String.join("\n", lines)), Map.of());
  }

  private static List<String> asked(String address, String... lines) throws IOException {
    return FaultyMirror.account(setup(lines).accounts(), address).stream().toList();
  }

  /** The address is one that a lock file says, which another may have written. */
  @Test
  void anAccountGoesInClearTextOnlyWhereTheRegistryIsAskedSo() throws IOException {
    String account = "//r.example:8080/npm/:_authToken=hush";
    String tarball = "://r.example:8080/npm/x.tgz";
    String secure = "registry=https://r.example:8080/npm/";
    assertEquals(List.of("Bearer hush"), asked("https" + tarball, secure, account));
    assertEquals(List.of(), asked("http" + tarball, secure, account));
    assertEquals(List.of(), asked("http" + tarball, account));
    assertEquals(List.of(), asked("http" + tarball, "registry=http://r.example/npm/", account));
    assertEquals(
        List.of(), asked("http" + tarball, "registry=http://other.example:8080/", account));
    for (String key : List.of("registry", "@mine:registry")) {
      String plain = key + "=http://R.example:8080/npm/";
      assertEquals(List.of("Bearer hush"), asked("http" + tarball, plain, account));
    }
  }

  @Test
  void anAccountOfThisMachineGoesInClearText() throws IOException {
    for (String host : List.of("localhost:4873", "127.0.0.1", "[::1]:4873")) {
      String account = "//" + host + "/:_authToken=hush";
      assertEquals(List.of("Bearer hush"), asked("http://" + host + "/x.tgz", account));
    }
    String fake = "//127.0.0.1.example/:_authToken=hush";
    assertEquals(List.of(), asked("http://127.0.0.1.example/x.tgz", fake));
  }

  @Test
  void whatIsNoAddressIsRefusedByName() {
    IOException registry =
        assertThrows(IOException.class, () -> setup("registry=http://h/${UNSET}/").registry("one"));
    assertTrue(String.valueOf(registry.getMessage()).contains("npmrc"), registry::toString);
    for (String address : List.of("https://127.0.0.1:9/x y.tgz", "https:///x.tgz")) {
      String entry =
          "{\"version\": \"1.0.0\", \"integrity\": \"\", \"resolved\": \"" + address + "\"}";
      byte[] lock =
          ("{\"lockfileVersion\": 3, \"packages\": {\"node_modules/one\": " + entry + "}}")
              .getBytes(StandardCharsets.UTF_8);
      IOException failure =
          assertThrows(IOException.class, () -> PackageLock.read("a.json", lock, false), address);
      String said = String.valueOf(failure.getMessage());
      assertTrue(said.contains("a.json: node_modules/one: ") && said.contains("no address"), said);
    }
  }

  @Test
  void anAccountForNoAddressIsRefusedByName() {
    IOException failure =
        assertThrows(IOException.class, () -> setup("//a b/:_authToken=hush").accounts());
    assertTrue(String.valueOf(failure.getMessage()).contains("//a b/"), failure::toString);
  }
}
