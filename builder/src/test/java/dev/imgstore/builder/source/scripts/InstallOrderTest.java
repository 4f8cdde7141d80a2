package dev.imgstore.builder.source.scripts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.imgstore.builder.source.deb.UnpackedDeb;
import dev.imgstore.builder.source.debian.DebianException;
import dev.imgstore.builder.source.dpkg.DebMaker;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class InstallOrderTest {
  private final MemoryBlobStore blobs = new MemoryBlobStore();
  private final List<UnpackedDeb> debs = new ArrayList<>();

  private UnpackedDeb deb(String name, String... fields) throws IOException {
    DebMaker maker = DebMaker.deb(name);
    for (int i = 0; i < fields.length; i += 2) {
      maker.field(fields[i], fields[i + 1]);
    }
    UnpackedDeb deb = maker.unpack(blobs);
    debs.add(deb);
    return deb;
  }

  private static String names(Collection<UnpackedDeb> debs) {
    return debs.stream().map(UnpackedDeb::name).collect(Collectors.joining(" "));
  }

  @Test
  void packagesComeAfterWhatTheyNeed() throws IOException {
    deb("aa", "Depends", "cc (>= 1), dd | ee");
    deb("bb");
    deb("cc", "Pre-Depends", "ee");
    deb("dd");
    deb("ee");
    assertEquals("ee cc dd aa bb", names(new InstallOrder(debs).sorted()));
  }

  @Test
  void theOrderDoesNotDependOnThatOfTheInput() throws IOException {
    deb("aa", "Depends", "bb");
    deb("bb", "Depends", "cc");
    deb("cc", "Depends", "aa");
    deb("dd", "Recommends", "ee");
    deb("ee", "Depends", "missing");
    for (int seed = 0; seed < 20; seed++) {
      Collections.shuffle(debs, new Random(seed));
      assertEquals("cc bb aa dd ee", names(new InstallOrder(debs).sorted()));
    }
  }

  @Test
  void aProviderIsNeededLikeThePackageItself() throws IOException {
    UnpackedDeb user = deb("aa", "Depends", "mail-agent, missing");
    deb("pp", "Provides", "mail-agent (= 2), other");
    deb("mail-agent");
    InstallOrder order = new InstallOrder(debs);
    assertEquals("mail-agent pp", names(order.needs(user, "Depends")));
    assertEquals("", names(order.needs(user, "Pre-Depends")));
  }

  @Test
  void theBaseIsWhatEssentialPackagesNeed() throws IOException {
    deb("core", "Essential", "yes", "Depends", "lib", "Pre-Depends", "early");
    deb("lib", "Depends", "deep");
    deb("deep", "Recommends", "extra");
    deb("early");
    deb("extra");
    deb("no", "Essential", "no");
    assertEquals(
        "core deep early lib",
        new InstallOrder(debs)
            .base().stream().map(UnpackedDeb::name).sorted().collect(Collectors.joining(" ")));
  }

  @Test
  void aLongChainIsNoProblem() throws IOException {
    for (int i = 0; i < 2000; i++) {
      deb(String.format("p%04d", i), "Depends", String.format("p%04d", i + 1));
    }
    assertEquals("p1999", new InstallOrder(debs).sorted().get(0).name());
  }

  @Test
  void aFieldThatCannotBeReadIsNamed() throws IOException {
    deb("aa", "Depends", "((");
    DebianException.Malformed failure =
        assertThrows(DebianException.Malformed.class, () -> new InstallOrder(debs).sorted());
    assertEquals("Depends of aa", failure.place());
  }
}
