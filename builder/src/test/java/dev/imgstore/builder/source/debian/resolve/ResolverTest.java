package dev.imgstore.builder.source.debian.resolve;

import static dev.imgstore.builder.source.debian.resolve.TestArchive.print;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.source.debian.resolve.Request.Base;
import dev.imgstore.builder.source.debian.resolve.Request.Recommends;
import dev.imgstore.builder.source.debian.resolve.Result.Chosen;
import dev.imgstore.builder.source.debian.resolve.Result.Resolved;
import dev.imgstore.builder.source.debian.resolve.Result.Unknown;
import dev.imgstore.builder.source.debian.resolve.Result.Unsatisfiable;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResolverTest {

  @Test
  void takesWhatIsNeededAndNothingElse() {
    TestArchive archive =
        TestArchive.of(
            """
            Package: web
            Depends: lib (>= 1), data
            Recommends: extra

            Package: lib
            Pre-Depends: base

            Package: data
            Architecture: all

            Package: base

            Package: extra

            Package: other
            """);
    assertEquals("base data lib web", print(archive.resolve("web")));
    assertEquals(
        "base data extra lib web", print(archive.resolve(Base.NONE, Recommends.FOLLOW, "web")));
  }

  @Test
  void saysWhyEachPackageIsThere() {
    Result result =
        TestArchive.of("Package: web\nDepends: none | lib (>= 1)\n\nPackage: lib\n").resolve("web");
    List<Chosen> packages = assertInstanceOf(Resolved.class, result).packages();
    assertEquals(
        new Result.Reason("Depends", "web", "none | lib (>= 1)"), packages.get(0).reason());
    assertEquals(new Result.Reason("requested", "web", ""), packages.get(1).reason());
    assertEquals("stable", packages.get(0).suite());
    assertEquals("main", packages.get(0).component());
    assertEquals(10, packages.get(0).size());
  }

  @Test
  void namesThePackagesOwnArchitecture() {
    Result result =
        TestArchive.of("Package: a\nDepends: b\n\nPackage: b\nArchitecture: all\n").resolve("a");
    List<Chosen> packages = assertInstanceOf(Resolved.class, result).packages();
    assertEquals(List.of("amd64", "all"), packages.stream().map(Chosen::architecture).toList());
  }

  @Test
  void takesTheFirstAlternativeUnlessAnotherIsAlreadyTaken() {
    TestArchive archive =
        TestArchive.of(
            """
            Package: a
            Depends: x | y

            Package: x

            Package: y

            Package: b
            Depends: gone | y
            """);
    assertEquals("a x", print(archive.resolve("a")));
    assertEquals("a y", print(archive.resolve("a", "y")));
    assertEquals("b y", print(archive.resolve("b")));
  }

  @Test
  void providersStandForVirtualPackagesByPriority() {
    TestArchive archive =
        TestArchive.of(
            """
            Package: a
            Depends: mta

            Package: exotic
            Priority: extra
            Provides: mta

            Package: usual
            Priority: important
            Provides: mta
            """);
    assertEquals("a usual", print(archive.resolve("a")));
    assertEquals("a exotic", print(archive.resolve("a", "exotic")));
  }

  @Test
  void onlyAVersionedProvidesMeetsAVersionedNeed() {
    TestArchive archive =
        TestArchive.of(
            """
            Package: a
            Depends: api (>= 2)

            Package: plain
            Provides: api

            Package: old
            Provides: api (= 1)

            Package: new
            Provides: api (= 3)
            """);
    assertEquals("a new", print(archive.resolve("a")));
  }

  @Test
  void aVirtualPackageIsTakenByNameIfOnlyOneProvidesIt() {
    TestArchive archive = TestArchive.of("Package: a\nProvides: v, w\n\nPackage: b\nProvides: w\n");
    assertEquals("a", print(archive.resolve("v")));
    Unknown unknown = assertInstanceOf(Unknown.class, archive.resolve("w"));
    assertEquals(List.of("a", "b"), unknown.missing().get(0).instead());
  }

  @Test
  void theHighestPriorityWinsBeforeTheHighestVersion() {
    TestArchive archive =
        TestArchive.of("Package: a\nVersion: 1\n\nPackage: b\nVersion: 1\n")
            .suite("security", 500, "Package: a\nVersion: 2\n")
            .suite(
                "backports",
                100,
                "Package: a\nVersion: 3\nDepends: b (>= 3)\n\nPackage: b\nVersion: 3\n");
    assertEquals("a=2", print(archive.resolve("a")));
    assertEquals("a", print(archive.resolve("a=1")));
    assertEquals("a", print(archive.resolve("a/stable")));
    // The newer b is only in backports, and only a's need for it brings it in.
    assertEquals("a=3 b=3", print(archive.resolve("a/backports")));
    assertEquals("b", print(archive.resolve("b")));
  }

  @Test
  void namesWhatIsNotThereAndWhatIsNear() {
    TestArchive archive = TestArchive.of("Package: nginx\nVersion: 2\n");
    Unknown unknown =
        assertInstanceOf(Unknown.class, archive.resolve("ngnix", "nginx=3", "nginx/sid"));
    assertEquals(3, unknown.missing().size());
    assertEquals(List.of("nginx"), unknown.missing().get(0).instead());
    assertEquals(List.of("2 (stable)"), unknown.missing().get(1).instead());
    assertTrue(unknown.missing().get(2).reason().contains("suite sid"));
  }

  @Test
  void explainsAMissingNeedAsAChain() {
    Result result =
        TestArchive.of(
                """
                Package: a
                Depends: b

                Package: b
                Depends: c (>= 2)

                Package: c
                """)
            .resolve("a");
    assertEquals(
        "a is asked for; a 1 needs b; b 1 needs c (>= 2), and the suites only have c 1",
        print(result));
  }

  @Test
  void explainsAConflictAsAChain() {
    Result result =
        TestArchive.of(
                """
                Package: a
                Depends: mail

                Package: mail
                Provides: mta

                Package: b
                Conflicts: mta
                """)
            .resolve("a", "b");
    assertInstanceOf(Unsatisfiable.class, result);
    assertEquals(
        "a is asked for; b is asked for; a 1 needs mail;"
            + " b 1 conflicts with mta, which mail 1 provides",
        print(result));
  }

  @Test
  void goesBackWhenTheFirstChoiceLeadsNowhere() {
    TestArchive archive =
        TestArchive.of(
            """
            Package: a
            Depends: x | y, z

            Package: x
            Breaks: z

            Package: y

            Package: z
            """);
    assertEquals("a y z", print(archive.resolve("a")));
  }

  @Test
  void takesAnOlderVersionWhereTheNewestCannotBe() {
    TestArchive archive =
        TestArchive.of(
                """
                Package: a
                Depends: lib (<< 2)

                Package: lib
                Version: 1
                """)
            .suite("security", 500, "Package: lib\nVersion: 2\n");
    assertEquals("a lib", print(archive.resolve("a")));
  }

  @Test
  void aRecommendationThatExcludesSomethingRequiredIsLeftOut() {
    TestArchive archive =
        TestArchive.of(
            """
            Package: a
            Recommends: r, s

            Package: r
            Conflicts: b

            Package: s

            Package: b
            """);
    assertEquals("a b s", print(archive.resolve(Base.NONE, Recommends.FOLLOW, "a", "b")));
    assertEquals("a r s", print(archive.resolve(Base.NONE, Recommends.FOLLOW, "a")));
  }

  @Test
  void theBaseIsWhatIsEssentialAndIfWantedRequired() {
    TestArchive archive =
        TestArchive.of(
            """
            Package: sh
            Essential: yes
            Pre-Depends: libc

            Package: libc

            Package: tar
            Priority: required

            Package: a
            """);
    assertEquals("a libc sh", print(archive.resolve(Base.ESSENTIAL, Recommends.IGNORE, "a")));
    assertEquals("a libc sh tar", print(archive.resolve(Base.REQUIRED, Recommends.IGNORE, "a")));
  }

  @Test
  void aNeedForAnyArchitectureIsMetOnlyByThoseThatAllowIt() {
    TestArchive archive =
        TestArchive.of(
            """
            Package: a
            Depends: python:any

            Package: python
            Multi-Arch: allowed

            Package: b
            Depends: tool:any

            Package: tool
            """);
    assertEquals("a python", print(archive.resolve("a")));
    assertInstanceOf(Unsatisfiable.class, archive.resolve("b"));
  }

  @Test
  void aForeignPackageNeedsItsOwnArchitectureUnlessTheOtherIsForeign() {
    TestArchive archive =
        TestArchive.of(
                """
                Package: lib
                Multi-Arch: same

                Package: tool
                Multi-Arch: foreign

                Package: plain
                """)
            .suite(
                "stable",
                500,
                "i386",
                """
                Package: app
                Depends: lib, tool, plain

                Package: lib
                Multi-Arch: same

                Package: plain
                """)
            .foreign("i386");
    assertEquals("app:i386 lib:i386 plain:i386 tool", print(archive.resolve("app:i386")));
    assertEquals(
        "app:i386 lib lib:i386 plain:i386 tool", print(archive.resolve("app:i386", "lib")));
    assertEquals(
        "app:i386 is asked for; plain is asked for; app:i386 1 needs plain:i386;"
            + " plain 1 cannot be beside plain:i386 1",
        print(archive.resolve("app:i386", "plain")));
  }

  @Test
  void sameVersionsOfSameArchitecturesOnly() {
    TestArchive archive =
        TestArchive.of("Package: lib\nMulti-Arch: same\nVersion: 2\n")
            .suite("stable", 500, "i386", "Package: lib\nMulti-Arch: same\nVersion: 1\n")
            .foreign("i386");
    assertInstanceOf(Unsatisfiable.class, archive.resolve("lib", "lib:i386"));
  }

  @Test
  void keepsVersionsAndMovesOnlyWhatMustMove() {
    TestArchive archive =
        TestArchive.of(
                """
                Package: app
                Depends: lib

                Package: lib

                Package: other
                """)
            .suite(
                "next",
                500,
                """
                Package: app
                Version: 2
                Depends: lib (>= 2)

                Package: lib
                Version: 2

                Package: other
                Version: 2
                """);
    String[] wanted = {"other", "app"};
    assertEquals("app=2 lib=2 other=2", print(archive.resolve(wanted)));
    assertEquals(
        "app lib other",
        print(archive.resolveKeeping(Map.of("app", "1", "lib", "1", "other", "1"), wanted)));
    assertEquals(
        "app=2 lib=2 other",
        print(archive.resolveKeeping(Map.of("lib", "1", "other", "1"), wanted)));
    assertEquals(
        "app lib other=2",
        print(archive.resolveKeeping(Map.of("app", "1", "lib", "1", "other", "0.9"), wanted)));
  }

  @Test
  void whatAnAbandonedChoiceBroughtInIsNotKept() {
    TestArchive archive =
        TestArchive.of(
            """
            Package: a
            Depends: x | y

            Package: x
            Depends: onlyx, missing | alsomissing

            Package: onlyx

            Package: y
            """);
    assertEquals("a y", print(archive.resolve("a")));
  }

  @Test
  void aCircleOfNeedsIsFine() {
    assertEquals(
        "a b",
        print(TestArchive.of("Package: a\nDepends: b\n\nPackage: b\nDepends: a\n").resolve("a")));
  }

  @Test
  void aPackageMayConflictWithWhatItProvidesItself() {
    assertEquals(
        "a", print(TestArchive.of("Package: a\nProvides: v\nConflicts: v\n").resolve("a")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "A b", "-x", "a=", "a=1_2", "a/", "a=1/sid", "a:", "x y"})
  void refusesWhatIsNoPackage(String text) {
    assertThrows(IllegalArgumentException.class, () -> Wanted.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ab", "g++", "ab=1:2-3", "ab/sid", "libc6:i386", "libc6:i386=2"})
  void aWantedPackagePrintsAsItWasRead(String text) {
    assertEquals(text, Wanted.parse(text).toString());
  }
}
