package dev.imgstore.builder.lock;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.model.Problem;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LockCodecTest {
  private static final Lock.Input NGINX =
      new Lock.Input(
          "debian",
          new Platform("linux", "amd64", ""),
          "nginx-light",
          "1.22.1-9+deb12u2",
          "amd64",
          "bookworm",
          "main",
          Digest.of("nginx".getBytes(StandardCharsets.UTF_8)),
          123_456,
          "pool/main/n/nginx/nginx-light_1.22.1-9+deb12u2_amd64.deb",
          "requested");
  private static final Lock.Input TZDATA =
      new Lock.Input(
          "debian",
          new Platform("linux", "amd64", ""),
          "tzdata",
          "2024a-0+deb12u1",
          "all",
          "bookworm-updates",
          "main",
          Digest.of("tzdata".getBytes(StandardCharsets.UTF_8)),
          0,
          "pool/main/t/tzdata/tzdata_2024a-0+deb12u1_all.deb",
          "nginx-light");
  private static final Lock LOCK =
      new Lock(
          Digest.of("source".getBytes(StandardCharsets.UTF_8)),
          Instant.parse("2024-05-01T12:00:00Z"),
          List.of(TZDATA, NGINX));

  /** Locks are committed beside recipes: a change here is a new format. */
  private static final String TEXT =
      """
      {
        "format": 1,
        "source": "sha256:41cf6794ba4200b839c53531555f0f3998df4cbb01a4d5cb0b94e3ca5e23947d",
        "date": "2024-05-01T12:00:00Z",
        "inputs": [
          {"kind": "debian", "platform": "linux/amd64", "name": "nginx-light", "version": "1.22.1-9+deb12u2", "architecture": "amd64", "suite": "bookworm", "component": "main", "sha256": "NGINX", "size": 123456, "path": "pool/main/n/nginx/nginx-light_1.22.1-9+deb12u2_amd64.deb", "reason": "requested"},
          {"kind": "debian", "platform": "linux/amd64", "name": "tzdata", "version": "2024a-0+deb12u1", "architecture": "all", "suite": "bookworm-updates", "component": "main", "sha256": "TZDATA", "size": 0, "path": "pool/main/t/tzdata/tzdata_2024a-0+deb12u1_all.deb", "reason": "nginx-light"}
        ]
      }
      """
          .replace("NGINX", NGINX.sha256().hex())
          .replace("TZDATA", TZDATA.sha256().hex());

  @Test
  void aLockHasOneTextWithOneInputOnEachLine() {
    assertEquals(TEXT, new String(LockCodec.write(LOCK), StandardCharsets.UTF_8));
    assertEquals(LOCK, read(TEXT));
  }

  @Test
  void aLockOfNothingIsReadBack() {
    Lock empty = new Lock(LOCK.source(), LOCK.date(), List.of());
    byte[] text = LockCodec.write(empty);
    assertEquals(empty, read(new String(text, StandardCharsets.UTF_8)));
    assertArrayEquals(text, LockCodec.write(empty));
  }

  @Test
  void whiteSpaceAndOrderOfFieldsDoNotMatter() {
    String other =
        TEXT.replace("\n", "\r\n")
            .replace("\": ", "\":\t")
            .replace(
                "\"kind\":\t\"debian\", \"platform\":\t\"linux/amd64\"",
                "\"platform\": \"linux/amd64\", \"kind\": \"debian\"");
    assertTrue(!other.equals(TEXT));
    assertEquals(LOCK, read(other));
  }

  @Test
  void theDateIsCutToSeconds() {
    Lock precise =
        new Lock(LOCK.source(), Instant.parse("2024-05-01T12:00:00.987654Z"), LOCK.inputs());
    assertEquals(LOCK, precise);
  }

  @Test
  void aMergeConflictIsNamed() {
    String merged =
        TEXT.replaceFirst(
            "( +\\{\"kind\": \"debian\", \"platform\": \"linux/amd64\", \"name\": \"tz)",
            "<<<<<<< ours\n$1");
    assertEquals(
        List.of(
            "web.lock:7:1: a merge left both sides here; keep one side of the whole lock, then run"
                + " `imgstore lock`"),
        mistakes(merged));
  }

  @Test
  void anotherFormatIsNamedAndNothingElse() {
    assertEquals(
        List.of(
            "web.lock:2:13: this lock has format 3, this imgstore reads format 2; use the imgstore"
                + " that wrote it, or make it again with `imgstore lock`"),
        mistakes(TEXT.replace("\"format\": 1", "\"format\": 3").replace("kind", "sort")));
  }

  @Test
  void allMistakesAreToldAtOnce() {
    String wrong =
        TEXT.replace("\"date\": \"2024-05-01T12:00:00Z\"", "\"date\": \"2024-05-01\"")
            .replace("123456", "\"123456\"")
            .replace("pool/main/t/", "pool/../../t/")
            .replace("\"reason\": \"requested\"", "\"reasons\": \"requested\"");
    assertEquals(
        List.of(
            "web.lock:4:11: `date`: 2024-05-01: must be a time like 2024-01-01T00:00:00Z",
            "web.lock:6:5: an input needs `reason`",
            "web.lock:6:258: `size` is a number of bytes",
            "web.lock:6:336: unknown field `reasons` of an input",
            "web.lock:7:269: `path`: pool/../../t/tzdata/tzdata_2024a-0+deb12u1_all.deb: must be"
                + " plain: no empty part, no . and no .. in it"),
        mistakes(wrong));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/pool/a.deb",
        "//host/pool/a.deb",
        "https://host.example/pool/a.deb",
        "file:///etc/passwd",
        "pool/../../etc/passwd",
        "..",
        "./a.deb",
        "pool//a.deb",
        "pool/",
        "",
        "pool/a b.deb",
        "pool\\\\a.deb",
        "pool/a.deb?x=1",
        "pool/a.deb#x",
        "pool/\\u0000"
      })
  void pathsThatCouldLeaveTheMirrorAreRefused(String path) {
    List<String> problems =
        mistakes(
            TEXT.replaceFirst(
                "\"path\": \"[^\"]*\"",
                "\"path\": \"" + java.util.regex.Matcher.quoteReplacement(path) + "\""));
    assertEquals(1, problems.size(), problems.toString());
    assertTrue(problems.get(0).startsWith("web.lock:6:2"), problems.get(0));
    assertTrue(problems.get(0).contains(": `path`: "), problems.get(0));
  }

  @Test
  void valuesRefuseWhatNoLockCanSay() {
    for (String path : List.of("/a", "a/../b", "http://a/b", "a//b")) {
      assertThrows(IllegalArgumentException.class, () -> with(path, 1));
    }
    assertThrows(IllegalArgumentException.class, () -> with("a", -1));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Lock(LOCK.source(), LOCK.date(), List.of(with("a", 1), with("b", 2))));
  }

  @Test
  void whatInputsAreMadeOfMakesItFormatTwo() {
    Lock.Fetched file =
        new Lock.Fetched(
            "src", "0123456789abcdef", "url", "x.tar", "", LOCK.source(), 7, "x.tar", "requested");
    Lock lock = new Lock(LOCK.source(), LOCK.date(), LOCK.inputs(), List.of(file));
    String text = new String(LockCodec.write(lock), StandardCharsets.UTF_8);
    assertTrue(text.startsWith("{\n  \"format\": 2,\n"), text);
    assertEquals(lock, read(text));
    assertEquals(List.of(file), lock.of("src"));
    String older = text.replace("\"format\": 2", "\"format\": 1");
    assertEquals(List.of("web.lock:2:13: a lock of format 1 has no `fetched`"), mistakes(older));
    assertTrue(mistakes(TEXT.replace("\"format\": 1", "\"format\": 2")).size() > 0);
    assertTrue(mistakes(TEXT.replace("\"format\": 1", "\"format\": 3")).size() > 0);
    String twice = text.lines().filter(line -> line.contains("x.tar")).findFirst().orElseThrow();
    assertEquals(1, mistakes(text.replace(twice, twice + ",\n" + twice)).size());
    assertEquals(1, mistakes(text.replace("\"url\"", "\"ftp\"")).size());
    assertEquals(1, mistakes(text.replace("\"x.tar\", \"reason", "\"../x\", \"reason")).size());
  }

  @Test
  void thePinOfOneThingTwiceIsNamed() {
    String line = TEXT.lines().skip(5).findFirst().orElseThrow();
    List<String> problems = mistakes(TEXT.replace(line, line + "\n" + line.replace("u2", "u3")));
    assertEquals(
        List.of("web.lock:7:5: `nginx-light` is pinned twice; the first is in line 6"), problems);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "null",
        "{",
        "{}",
        "{\"format\": 1}",
        "\0",
        "{\"format\": 1, \"format\": 1}",
        "{\"format\": {}}",
        "{\"format\": 1, \"inputs\": [[[[[[[[[[[[]]]]]]]]]]]]}",
        "{\"format\": 1, \"inputs\": [1, \"x\", null, {}]}"
      })
  void otherTextsAreRefused(String text) {
    assertTrue(mistakes(text).size() >= 1);
  }

  @Test
  void textAfterTheLockIsRefused() {
    assertEquals(
        List.of("web.lock:10:1: there is something after the lock's end"), mistakes(TEXT + "{}"));
  }

  private static Lock.Input with(String path, long size) {
    return new Lock.Input(
        NGINX.kind(),
        NGINX.platform(),
        NGINX.name(),
        NGINX.version(),
        NGINX.architecture(),
        NGINX.suite(),
        NGINX.component(),
        NGINX.sha256(),
        size,
        path,
        NGINX.reason());
  }

  static Lock read(String text) {
    return LockCodec.read("web.lock", text.getBytes(StandardCharsets.UTF_8))
        .match(LockCodec.Read::lock, mistakes -> fail(mistakes.problems().toString()));
  }

  private static List<String> mistakes(String text) {
    return LockCodec.read("web.lock", text.getBytes(StandardCharsets.UTF_8))
        .match(
            read -> fail("accepted"),
            mistakes -> mistakes.problems().stream().map(Problem::toString).toList());
  }
}
