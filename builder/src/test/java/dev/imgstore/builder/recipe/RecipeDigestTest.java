package dev.imgstore.builder.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RecipeDigestTest {
  private static final Path FULL = Path.of("src/test/resources/recipes/good/full.yaml");

  /** One edit of full.yaml for each thing a recipe says; those in SOURCE also change the lock. */
  private static final Map<String, String> EDITS = new LinkedHashMap<>();

  private static final Set<String> SOURCE =
      Set.of(
          "[linux/arm64, linux/amd64]",
          "bookworm-updates, ",
          "[main, non-free-firmware]",
          "keyring: debian-archive-keyring",
          "- nginx-light",
          "3.0.19-1~deb12u2",
          "curl/bookworm-backports",
          "libc6:i386",
          "essential: false",
          "recommends: false");

  static {
    EDITS.put("name: web\n", "name: other\n");
    EDITS.put("[linux/arm64, linux/amd64]", "[linux/amd64]");
    EDITS.put("port: \"80\"", "port: \"81\"");
    EDITS.put("epoch: 2024-01-01T00:00:00Z", "epoch: 2024-01-01T00:00:01Z");
    EDITS.put("bookworm-updates, ", "");
    EDITS.put("[main, non-free-firmware]", "[main]");
    EDITS.put("keyring: debian-archive-keyring", "keyring: other");
    EDITS.put("- nginx-light", "- nginx-full");
    EDITS.put("3.0.19-1~deb12u2", "3.0.19-1~deb12u1");
    EDITS.put("curl/bookworm-backports", "curl");
    EDITS.put("libc6:i386", "libc6");
    EDITS.put("essential: false", "essential: true");
    EDITS.put("recommends: false", "recommends: true");
    EDITS.put("scripts: none", "scripts: sandbox");
    EDITS.put("path: /var/www/html/index.html", "path: /var/www/html/other.html");
    EDITS.put("from: ./site/index.html", "from: site/other.html");
    EDITS.put("owner: www-data:www-data", "owner: www-data:root");
    EDITS.put("mode: \"0644\"", "mode: \"0640\"");
    EDITS.put("time: 2024-01-01T00:00:00Z", "time: 2024-01-01T00:00:02Z");
    EDITS.put("$HOME stays", "$HOME goes");
    EDITS.put("/usr/share/zoneinfo/UTC", "/usr/share/zoneinfo/CET");
    EDITS.put("directory: true", "text: \"\"");
    EDITS.put("{name: ops, gid: 1001}", "{name: ops, gid: 1003}");
    EDITS.put("{name: solo, uid: 1002}", "{name: solo, uid: 1004}");
    EDITS.put("group: app, groups", "group: ops, groups");
    EDITS.put("[ops, www-data]", "[ops]");
    EDITS.put("home: /srv", "home: /home");
    EDITS.put("shell: /bin/sh", "shell: /bin/bash");
    EDITS.put("comment: The app", "comment: An app");
    EDITS.put("entrypoint: [nginx, ", "entrypoint: [nginx, -q, ");
    EDITS.put("cmd: [10, ", "cmd: [11, ");
    EDITS.put("A: b", "A: c");
    EDITS.put("workdir: /srv", "workdir: /");
    EDITS.put("user: app:ops", "user: app");
    EDITS.put("53/udp", "54/udp");
    EDITS.put("[/data, /cache]", "[/data]");
    EDITS.put("org.example.team: web", "org.example.team: api");
    EDITS.put("SIGQUIT", "SIGTERM");
    EDITS.put("test: [CMD, curl", "test: [CMD, wget");
    EDITS.put("interval: 30s", "interval: 31s");
    EDITS.put("timeout: 1m30s", "timeout: 1m31s");
    EDITS.put("start-period: 0s", "start-period: 1s");
    EDITS.put("retries: 3", "retries: 4");
    EDITS.put("compression: gzip", "compression: zstd");
    EDITS.put("layers: 20", "layers: 21");
  }

  @Test
  void everyFieldChangesTheDigestAndOnlySourcesMakeALockStale() throws IOException {
    String full = Files.readString(FULL);
    RecipeReader.Read before = RecipeReaderTest.read("web.yaml", full);
    Set<Digest> digests = new HashSet<>(Set.of(RecipeDigest.of(before.recipe())));
    EDITS.forEach(
        (from, to) -> {
          assertTrue(full.contains(from), from);
          String edited = full.replace(from, to);
          RecipeReader.Read after = RecipeReaderTest.read("web.yaml", edited);
          assertTrue(digests.add(RecipeDigest.of(after.recipe())), from);
          assertEquals(SOURCE.contains(from), !before.source().equals(after.source()), from);
        });
  }

  @Test
  void scriptsChangeTheSourceOnlyByBringingEssentialPackages() {
    Digest none = RecipeReaderTest.read("a1.yaml", "scripts: none").source();
    Digest sandbox = RecipeReaderTest.read("a1.yaml", "scripts: sandbox").source();
    Digest without =
        RecipeReaderTest.read("a1.yaml", "scripts: sandbox\nessential: false").source();
    assertNotEquals(none, sandbox);
    assertEquals(none, without);
  }

  @Test
  void spellingDoesNotChangeTheDigest() {
    Recipe one =
        RecipeReaderTest.read(
                "a1.yaml",
                """
                packages: [b1, a1]
                platforms: [linux/arm64, linux/amd64]
                image: {env: {B: 1, A: 2}, ports: [80, 53/udp], volumes: [/b, /a]}
                """)
            .recipe();
    Recipe other =
        RecipeReaderTest.read(
                "a1.yaml",
                """
                # The same again.
                image:
                  volumes: [/a, /b]
                  env: {"A": "2", 'B': "1"}
                  ports: [53/udp, 80/tcp]
                platforms: [linux/amd64, linux/arm64]
                packages:
                  - a1
                  - b1
                """)
            .recipe();
    assertEquals(RecipeDigest.of(one), RecipeDigest.of(other));
    assertEquals(SourceSection.digest(one), SourceSection.digest(other));
  }

  /** Locks and recorded builds hold these for ever: a change here is a new format. */
  @Test
  void theCanonicalBytesAreTheFormat() throws IOException {
    RecipeReader.Read full = RecipeReaderTest.read("web.yaml", Files.readString(FULL));
    assertEquals(
        "{\"format\": 1, \"platforms\": [\"linux/amd64\", \"linux/arm64\"], \"debian\": {"
            + "\"suites\": [\"bookworm\", \"bookworm-updates\", \"bookworm-security\","
            + " \"bookworm-backports\"], \"components\": [\"main\", \"non-free-firmware\"],"
            + " \"keyring\": \"debian-archive-keyring\", \"essential\": false,"
            + " \"recommends\": false, \"packages\": [\"curl/bookworm-backports\","
            + " \"libc6:i386\", \"nginx-light\", \"openssl=3.0.19-1~deb12u2\"]}}",
        SourceSection.canonical(full.recipe()));
    assertEquals(
        Digest.of(SourceSection.canonical(full.recipe()).getBytes(StandardCharsets.UTF_8)),
        full.source());
    assertEquals(
        "sha256:fb84f94ce680065347879b4c4c510fab77577c6d775683bcbcd9927d240421d9",
        full.source().toString());
    assertEquals(
        "sha256:b6f6da22682e8a8f69b604d0f782cf82ef76d047c648e9fddb468aea80eea805",
        RecipeDigest.of(full.recipe()).toString());
  }
}
