package dev.imgstore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import dev.imgstore.model.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Packages, archives, locks and recipes that someone made to do harm, or that arrived broken: one
 * clear line, the right exit code, no generation, and nothing outside the store is touched.
 */
final class HostileInputTest {
  private static final String CONTROL = Mirror.control("bad", "1", "");

  @TempDir Path directory;
  private Desk desk;
  private Mirror mirror;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory);
    mirror = new Mirror(desk);
    desk.write("outside/keep", "keep");
  }

  @AfterEach
  void storeIsSound() {
    desk.verify();
  }

  @Test
  void aGoodPackageOfThisMirrorBuilds() throws IOException {
    mirror.with("good", "1", "");
    desk.recipe("good", Mirror.recipe("good"));
    assertTrue(desk.run("build", "good").with(0).out().startsWith("good@1 "));
  }

  @Test
  void hostilePackagesAreRefusedByNameAndTouchNothing() throws IOException {
    for (Map.Entry<String, byte[]> each : hostilePackages().entrySet()) {
      mirror.with("bad", "1", "", each.getValue());
      desk.recipe("bad", Mirror.recipe("bad"));
      Files.deleteIfExists(desk.path("bad/recipe.lock"));
      desk.run("lock", "bad").with(0);
      Map<String, String> before = outside();
      Desk.Said said = desk.run("build", "bad");
      assertEquals(1, said.code(), each.getKey() + ": " + said);
      said.complains("imgstore: bad 1");
      assertEquals(before, outside(), each.getKey());
      desk.run("show", "bad").with(5);
    }
  }

  private Map<String, byte[]> hostilePackages() throws IOException {
    String escape = desk.path("outside/escape").toString();
    byte[] sound = Deb.of(CONTROL, new Deb.Tar().file("./a", "a").end());
    byte[] control = Zstd.compress(new Deb.Tar().file("./control", CONTROL).end());
    byte[] version = Deb.member("debian-binary", "2.0\n".getBytes(UTF_8));
    Map<String, byte[]> packages = new LinkedHashMap<>();
    packages.put("a name with ..", data(new Deb.Tar().file("../../../../outside/escape", "x")));
    packages.put(
        "a file through a link",
        data(new Deb.Tar().link("./d", desk.path("outside").toString()).file("./d/escape", "x")));
    packages.put(
        "a file through a link with ..",
        data(new Deb.Tar().link("./d", "../../outside").file("./d/escape", "x")));
    packages.put("a hard link to outside", data(new Deb.Tar().hardLink("./a", "../outside/keep")));
    packages.put("a device", data(new Deb.Tar().device("./dev/disk")));
    packages.put("a bomb", Deb.ar(version, Deb.member("control.tar.zst", zeros(300))));
    packages.put("no ar", "no ar at all".getBytes(UTF_8));
    packages.put("an ar that is cut off", Arrays.copyOf(sound, sound.length - 20));
    packages.put("an ar with a wrong length", wrongLength(sound));
    packages.put("no data", Deb.ar(version, Deb.member("control.tar.zst", control)));
    packages.put("no control", Deb.of("", new Deb.Tar().file("./a", "a").end()));
    packages.put(
        "a control file with a bad name",
        Deb.of(CONTROL.replace("bad", "../../" + escape), new Deb.Tar().file("./a", "a").end()));
    packages.put(
        "a version that is none",
        Deb.of(CONTROL.replace("Version: 1", "Version: a b"), new Deb.Tar().end()));
    return packages;
  }

  private static byte[] zeros(int megabytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new ZstdOutputStream(packed)) {
      for (int i = 0; i < megabytes; i++) {
        out.write(new byte[1 << 20]);
      }
    }
    return packed.toByteArray();
  }

  private static byte[] data(Deb.Tar tar) throws IOException {
    return Deb.of(CONTROL, tar.end());
  }

  private static byte[] wrongLength(byte[] deb) {
    byte[] wrong = deb.clone();
    Arrays.fill(wrong, 8 + 48, 8 + 58, (byte) '9');
    return wrong;
  }

  @Test
  void anAbsoluteNameStaysInTheImage() throws IOException {
    mirror.with("bad", "1", "", data(new Deb.Tar().file(desk.path("outside/escape") + "", "x")));
    desk.recipe("bad", Mirror.recipe("bad"));
    desk.run("lock", "bad").with(0);
    Map<String, String> before = outside();
    desk.run("build", "bad");
    assertEquals(before, outside());
  }

  @Test
  void anotherHashInTheLockIsRefused() throws IOException {
    mirror.with("good", "1", "");
    desk.recipe("good", Mirror.recipe("good"));
    desk.run("lock", "good").with(0);
    Path lock = desk.path("good/recipe.lock");
    String hex = Digest.of(Files.readAllBytes(mirror.file("good"))).hex();
    Files.writeString(lock, Files.readString(lock).replace(hex, "0".repeat(64)));
    desk.run("build", "good").with(1).complains("good 1 is not trusted: it should be sha256:0000");
    desk.run("show", "good").with(5);
  }

  @Test
  void releasesThatAreNotSignedByTheKeyAreRefused() throws IOException {
    mirror.with("good", "1", "");
    desk.recipe("good", Mirror.recipe("good"));
    String signed = Files.readString(mirror.release());
    String plain = mirror.text(Files.readAllBytes(mirror.index()));
    Path elsewhere = Files.createDirectory(desk.path("elsewhere"));
    Map<String, String> releases = new TreeMap<>();
    releases.put("tampered with", signed.replace("Origin: test", "Origin: tost"));
    releases.put("unsigned", plain);
    releases.put("signed by another", new Mirror(new Desk(elsewhere)).sign(plain));
    releases.put("cut off", signed.substring(0, signed.length() - 60));
    releases.put("preceded by other text", "Origin: evil\n" + signed);
    for (Map.Entry<String, String> each : releases.entrySet()) {
      Files.writeString(mirror.release(), each.getValue());
      Map<String, String> before = outside();
      Desk.Said said = desk.run("lock", "good");
      assertEquals(1, said.code(), each.getKey() + ": " + said);
      said.complains("the release of test is not trusted");
      assertEquals(before, outside(), each.getKey());
    }
    Files.writeString(mirror.release(), signed);
    desk.run("lock", "good").with(0);
  }

  @Test
  void anotherIndexThanTheSignedOneIsRefused() throws IOException {
    mirror.with("good", "1", "");
    desk.recipe("good", Mirror.recipe("good"));
    Files.writeString(mirror.index(), Files.readString(mirror.index()).replace("amd64", "amd46"));
    desk.run("lock", "good").with(1).complains("Packages of test is not trusted");
    assertFalse(Files.exists(desk.path("good/recipe.lock")));
  }

  @Test
  void aDownloadThatIsCutOffIsToldAndTheNextOneTakenUp() throws IOException {
    mirror.with("good", "1", "");
    desk.recipe("good", Mirror.recipe("good"));
    desk.run("lock", "good").with(0);
    byte[] whole = Files.readAllBytes(mirror.file("good"));
    Files.write(mirror.file("good"), Arrays.copyOf(whole, whole.length / 2));
    desk.run("build", "good")
        .with(1)
        .complains(whole.length / 2 + " bytes instead of " + whole.length);
    desk.run("show", "good").with(5);
    Files.write(mirror.file("good"), whole);
    desk.run("build", "good").with(0);
  }

  @Test
  void unknownPackagesAreToldWithTheirPlaceAndTheNearestName() throws IOException {
    mirror.with("nginx-light", "1", "Depends: missing\n");
    desk.recipe("web", Mirror.recipe("ngnix-light"));
    Desk.Said said = desk.run("build", "web").with(2);
    assertTrue(said.err().contains("web/recipe.yaml:3:12: "), said::err);
    assertTrue(said.err().contains("nginx-light"), said::err);
    desk.recipe("web", Mirror.recipe("nginx-light"));
    Desk.Said chain = desk.run("build", "web").with(2);
    assertTrue(chain.err().contains("missing"), chain::err);
  }

  @Test
  void recipesDoNotReachOutOfTheirDirectory() throws IOException {
    Files.createDirectories(desk.path("bad"));
    Files.createSymbolicLink(desk.path("bad/link"), desk.path("outside"));
    for (String from :
        List.of("../outside/keep", desk.path("outside/keep").toString(), "link/keep")) {
      desk.recipe("bad", "files:\n  - {path: /a, from: \"" + from + "\"}\n");
      Desk.Said said = desk.run("build", "bad");
      assertEquals(2, said.code(), from + ": " + said);
    }
    desk.recipe("bad", "files:\n  - {path: /../../outside/escape, text: x}\n");
    desk.run("build", "bad").with(2);
    StringBuilder bomb = new StringBuilder("image:\n  env:\n    A: &a0 {x: y}\n");
    for (int i = 1; i < 30; i++) {
      bomb.append("    A%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    desk.recipe("bad", bomb.toString());
    desk.run("build", "bad").with(2);
    desk.recipe("bad", "# " + "x".repeat(2 << 20));
    desk.run("build", "bad").with(2).complains("larger than a recipe can be");
    assertFalse(Files.exists(desk.path("bad/recipe.lock")));
    desk.file("good", "good");
    desk.run("build", "good").with(0);
  }

  @Test
  void diffShowsPackagesThatCameWentAndMoved() throws IOException {
    mirror.with("app", "1", "Depends: old\n").with("old", "1", "").with("new", "1", "");
    desk.recipe("app", Mirror.recipe("app"));
    desk.run("build", "app").with(0);
    mirror.with("app", "2", "Depends: new\n");
    desk.run("lock", "app", "--update").with(0);
    desk.run("build", "app").with(0);
    List<String> lines = desk.run("diff", "app~1", "app").with(0).out().lines().toList();
    for (String line :
        List.of("~ package app:amd64 1 to 2", "+ package new:amd64 1", "- package old:amd64 1")) {
      assertTrue(lines.stream().anyMatch(each -> each.strip().equals(line)), lines::toString);
    }
    assertTrue(lines.contains("+ /usr/share/new  +2 bytes"), lines::toString);
  }

  /** Every path of the desk that is not the store's, and what is there. */
  private Map<String, String> outside() throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(directory)) {
      for (Path path : walk.filter(path -> !path.startsWith(desk.store())).toList()) {
        boolean plain = Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
        files.put(
            directory.relativize(path).toString(),
            plain ? Digest.of(Files.readAllBytes(path)).hex() : "");
      }
    }
    return files;
  }
}
