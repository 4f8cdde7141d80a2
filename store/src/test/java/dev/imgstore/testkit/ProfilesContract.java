package dev.imgstore.testkit;

import static dev.imgstore.testkit.Facts.because;
import static dev.imgstore.testkit.Facts.digest;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.model.Switch;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every {@link Profiles} does. */
public abstract class ProfilesContract {
  /** Empty ones, fresh for each test. */
  protected abstract Profiles profiles() throws IOException;

  @Test
  void anEmptyStoreHasNoProfiles() throws IOException {
    assertEquals(List.of(), profiles().names());
    assertEquals(Optional.empty(), profiles().open("web"));
    assertEquals(Optional.empty(), profiles().open("../web"));
  }

  @Test
  void commitMakesTheNextGenerationCurrent() throws IOException {
    Profiles profiles = profiles();
    Generation first =
        profiles.commit("web", 0, digest("image"), digest("record"), because("begin \"it\"\n"));
    assertEquals(
        new Generation(
            1,
            digest("image"),
            digest("record"),
            because("").when(),
            "ann@example",
            "begin \"it\"\n"),
        first);
    assertEquals(2, commit(profiles, "web", 1).number());
    Profile web = profiles.open("web").orElseThrow();
    assertEquals(2, web.current());
    assertEquals(3, web.next());
    assertEquals(first, web.generations().get(0));
    assertEquals(
        new Switch(Switch.Kind.BUILD, 0, 1, because("").when(), "ann@example", "begin \"it\"\n"),
        web.history().get(0));
    assertEquals(List.of("web"), profiles.names());
  }

  @Test
  void howLongItTookIsKeptToTheMillisecond() throws IOException {
    Profiles profiles = profiles();
    Profiles.Because because =
        new Profiles.Because(because("").when(), "ann@example", "", Duration.ofNanos(123_456_789));
    assertEquals(
        Duration.ofMillis(123),
        profiles.commit("web", 0, digest("image"), digest("record"), because).took());
    assertEquals(
        Duration.ofMillis(123),
        profiles.open("web").orElseThrow().generation(1).orElseThrow().took());
    assertEquals(Duration.ZERO, commit(profiles, "web", 1).took());
  }

  @Test
  void aCommitThatWasOvertakenIsRefused() throws IOException {
    Profiles profiles = profiles();
    commit(profiles, "web", 0);
    commit(profiles, "web", 1);
    StoreException.Locked e =
        assertThrows(StoreException.Locked.class, () -> commit(profiles, "web", 1));
    assertTrue(e.toString().contains("web@2"), e.toString());
    assertThrows(StoreException.Locked.class, () -> commit(profiles, "new", 1));
    assertThrows(
        StoreException.Locked.class,
        () -> profiles.makeCurrent("web", 1, 2, Switch.Kind.SWITCH, because("")));
    assertEquals(2, profiles.open("web").orElseThrow().generations().size());
  }

  @Test
  void rollbackLeavesTheLaterGenerationAndNumbersGoOn() throws IOException {
    Profiles profiles = profiles();
    commit(profiles, "web", 0);
    commit(profiles, "web", 1);
    Profile back = profiles.makeCurrent("web", 2, 1, Switch.Kind.ROLLBACK, because("broken"));
    assertEquals(1, back.current());
    assertEquals(Optional.of(back), profiles.open("web"));
    assertEquals(
        new Switch(Switch.Kind.ROLLBACK, 2, 1, because("").when(), "ann@example", "broken"),
        back.history().get(2));
    assertEquals(3, commit(profiles, "web", 1, "mended").number());
  }

  @Test
  void whatWasRolledBackIsNotPromotedAgainUntilSomeoneChoosesIt() throws IOException {
    Profiles profiles = profiles();
    commit(profiles, "web", 0, "good");
    commit(profiles, "web", 1, "bad");
    profiles.makeCurrent("web", 2, 1, Switch.Kind.ROLLBACK, because("broken"));
    StoreException.RolledBack e =
        assertThrows(StoreException.RolledBack.class, () -> commit(profiles, "web", 1, "bad"));
    assertEquals(2, e.back().from());
    assertTrue(e.toString().contains("because broken"), e.toString());
    profiles.makeCurrent("web", 1, 2, Switch.Kind.SWITCH, because("it was the network"));
    profiles.makeCurrent("web", 2, 1, Switch.Kind.SWITCH, because(""));
    assertEquals(3, commit(profiles, "web", 1, "bad").number());
  }

  @Test
  void whatIsDroppedIsGoneAndItsNumberIsNotUsedAgain() throws IOException {
    Profiles profiles = profiles();
    for (int i = 0; i < 4; i++) {
      commit(profiles, "web", i);
    }
    profiles.makeCurrent("web", 4, 2, Switch.Kind.SWITCH, because(""));
    Profile before = profiles.open("web").orElseThrow();
    Profile after = profiles.drop("web", Set.of(1, 4, 9), because("old"));
    assertEquals(List.of(2, 3), numbers(after));
    assertEquals(2, after.current());
    assertEquals(before.history(), after.history());
    assertEquals(Optional.of(after), profiles.open("web"));
    assertEquals(after, profiles.drop("web", Set.of(1, 4), because("again")));
    assertThrows(
        IllegalArgumentException.class,
        () -> profiles.makeCurrent("web", 2, 4, Switch.Kind.SWITCH, because("")));
    assertEquals(5, commit(profiles, "web", 2, "next").number());
  }

  @Test
  void theCurrentGenerationIsNotDroppedAloneNorWithAllOthers() throws IOException {
    Profiles profiles = profiles();
    commit(profiles, "web", 0);
    commit(profiles, "web", 1);
    Profile before = profiles.open("web").orElseThrow();
    for (Set<Integer> numbers : List.of(Set.of(2), Set.of(1, 2))) {
      StoreException.Kept e =
          assertThrows(StoreException.Kept.class, () -> profiles.drop("web", numbers, because("")));
      assertTrue(e.toString().contains("web@2 is current"), e.toString());
    }
    assertEquals(Optional.of(before), profiles.open("web"));
  }

  @Test
  void aProfileIsDroppedWholeAndGoesOnWithTheNextNumber() throws IOException {
    Profiles profiles = profiles();
    commit(profiles, "web", 0);
    commit(profiles, "web", 1);
    commit(profiles, "db", 0);
    assertThrows(
        StoreException.Locked.class, () -> profiles.dropAll("web", 1, because("overtaken")));
    Profile none = profiles.dropAll("web", 2, because("not needed"));
    assertEquals(0, none.current());
    assertEquals(List.of(), none.generations());
    assertEquals(2, none.history().size());
    assertEquals(List.of("db"), profiles.names());
    assertEquals(Optional.of(none), profiles.open("web"));
    assertEquals(3, commit(profiles, "web", 0, "anew").number());
    assertEquals(List.of("db", "web"), profiles.names());
    assertEquals(List.of(3), numbers(profiles.open("web").orElseThrow()));
  }

  private static List<Integer> numbers(Profile profile) {
    return profile.generations().stream().map(Generation::number).toList();
  }

  @Test
  void makingTheCurrentOneCurrentChangesNothing() throws IOException {
    Profiles profiles = profiles();
    commit(profiles, "web", 0);
    Profile before = profiles.open("web").orElseThrow();
    assertEquals(before, profiles.makeCurrent("web", 1, 1, Switch.Kind.SWITCH, because("")));
    assertEquals(Optional.of(before), profiles.open("web"));
  }

  @Test
  void wrongUseIsRefusedByName() throws IOException {
    Profiles profiles = profiles();
    commit(profiles, "web", 0);
    for (int number : new int[] {0, 2, -1}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> profiles.makeCurrent("web", 1, number, Switch.Kind.SWITCH, because("")));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> profiles.makeCurrent("web", 1, 1, Switch.Kind.BUILD, because("")));
    for (String name :
        List.of("", ".web", "-web", "a/b", "a b", "web@1", "w~1", "ä", "n\n", "a".repeat(129))) {
      assertThrows(IllegalArgumentException.class, () -> commit(profiles, name, 0), name);
    }
    commit(profiles, "A.b_c-9" + "x".repeat(121), 0);
    assertThrows(
        IllegalArgumentException.class,
        () -> profiles.commit("web", 1, digest(""), digest(""), because("x".repeat(70_000))));
    assertEquals(1, profiles.open("web").orElseThrow().current());
  }

  @Test
  void whateverSomeoneWritesAsAReasonComesBack() throws IOException {
    Profiles profiles = profiles();
    String odd = "\u0000\u001b[31m \u2028\u202e é 漢字 \ud83d\ude80 \\ \" / {}";
    profiles.commit("web", 0, digest(""), digest(""), because(odd));
    Generation stored = profiles.open("web").orElseThrow().generations().get(0);
    assertEquals(odd, stored.message());
  }

  private static Generation commit(Profiles profiles, String name, int current) throws IOException {
    return commit(profiles, name, current, name + current);
  }

  private static Generation commit(Profiles profiles, String name, int current, String image)
      throws IOException {
    return profiles.commit(name, current, digest(image), digest("record"), because("a reason"));
  }
}
