package dev.imgstore.builder.recipe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What settings mean. */
final class SettingsTest {
  private static Settings read(String yaml) {
    List<Problem> problems = new ArrayList<>();
    Settings settings = SettingsReader.read("config.yaml", yaml.getBytes(UTF_8), problems);
    assertEquals(List.of(), problems);
    return settings;
  }

  @Test
  void aProfileHasTheStoresRulesButForItsOwn() {
    Settings settings =
        read("retention: {keep: 5, for: 30d, profiles: {web: {keep: 9}, a.b: {for: 1h}}}");
    assertEquals("keep 5, for 30d", settings.retention().toString());
    assertEquals("keep 5, for 30d", settings.retention("db").toString());
    assertEquals("keep 9, for 30d", settings.retention("web").toString());
    assertEquals("keep 5, for 1h", settings.retention("a.b").toString());
    assertEquals("keep all", Settings.NONE.retention("web").toString());
  }

  @Test
  void whatIsStrongerWinsKeyByKey() {
    Settings weak = read("max-size: 20G\nretention: {keep: 5}");
    Settings strong = read("retention: {keep: 6, for: 2d}");
    assertEquals("keep 6, for 2d", strong.over(weak).retention().toString());
    assertEquals("keep 5, for 2d", weak.over(strong).retention().toString());
    assertEquals(20L << 30, strong.over(weak).maxSize());
    assertEquals(0, strong.maxSize());
  }

  @Test
  void aStrongerFileNamesAllCachesAndAddsKeysAndRegistries() {
    String key = "ed25519:" + "A".repeat(43) + "=";
    Settings weak =
        read(
            """
            caches: [{repository: localhost/b}, {repository: 'r.example.com:5000/team/cache'}]
            trust: {need: 2, keys: {ci: 'KEY'}}
            registries: {'r.example.com:5000': {insecure: true}, a.b: {insecure: true}}
            """
                .replace("KEY", key));
    assertEquals(List.of("localhost/b", "r.example.com:5000/team/cache"), weak.caches());
    assertEquals(2, weak.trustNeed());
    assertEquals(Map.of("ci", key), weak.trustedKeys());
    Settings strong =
        read("""
                caches: []
                trust: {keys: {mine: 'KEY'}}
                registries: {a.b: {insecure: false}}
                """
                .replace("KEY", key))
            .over(weak);
    assertEquals(List.of(), strong.caches());
    assertEquals(Map.of("ci", key, "mine", key), strong.trustedKeys());
    assertEquals(Set.of("r.example.com:5000"), strong.insecureRegistries());
    assertEquals(List.of(), Settings.NONE.caches());
    assertEquals(1, Settings.NONE.trustNeed());
  }

  @Test
  void mistakesInCachesTrustAndRegistriesAreAllSaid() {
    List<Problem> problems = new ArrayList<>();
    SettingsReader.read(
        "config.yaml",
        """
        caches:
          - {repository: team/cache}
          - {repository: 'r.example.com/a:1'}
          - {}
          - {repository: r.example.com/a, url: x}
          - {repository: r.example.com/a}
        trust: {need: 0, keys: {ci: secret, a/b: x}}
        registries: {'a b': {insecure: true}, a.b: {insecure: yes}}
        """
            .getBytes(UTF_8),
        problems);
    List<String> said = problems.stream().map(each -> each.line() + " " + each.text()).toList();
    assertEquals(10, said.size(), said::toString);
    for (String each :
        List.of(
            "2 `repository`: `team/cache` names no repository",
            "3 `repository`: `r.example.com/a:1` names no repository",
            "4 a cache needs `repository`",
            "5 unknown setting `url`",
            "6 `r.example.com/a` is here twice",
            "7 `need`: `0` is no number from 1",
            "7 `keys.ci`: a public key is ed25519:",
            "7 `keys`: `a/b` names no key",
            "8 `a b` is no host",
            "8 `insecure`: `yes` is neither true nor false")) {
      assertTrue(said.stream().anyMatch(one -> one.startsWith(each)), () -> each + " in " + said);
    }
  }

  @Test
  void sizesArePowersOfTwo() {
    assertEquals(500L << 20, Settings.bytes("500M"));
    assertEquals(2L << 40, Settings.bytes("2 TiB"));
    for (String text : List.of("", "5", "0G", "-1G", "1.5G", "5GB", "9999999999G", "G")) {
      assertThrows(IllegalArgumentException.class, () -> Settings.bytes(text), text);
    }
  }
}
