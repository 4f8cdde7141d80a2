package dev.imgstore.cli;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Profile;
import dev.imgstore.model.Switch;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.disk.DiskStore;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * Another generation becomes current, the commands of the settings make it work, and if it does not
 * what was current before becomes so again. The journal is told before and after, so that it says
 * what became of it wherever this dies. Nobody else activates the profile meanwhile.
 */
final class Activating implements Closeable {
  private final ChangeCommand command;
  private final DiskStore store;
  private final String profile;
  private final Hooks hooks;
  private final ActivationSteps steps;
  private final boolean force;
  private final Closeable alone;

  private Activating(
      ChangeCommand command,
      DiskStore store,
      String profile,
      Hooks hooks,
      boolean force,
      Closeable alone) {
    this.command = command;
    this.store = store;
    this.profile = profile;
    this.hooks = hooks;
    this.steps = new ActivationSteps(command, store, profile, hooks);
    this.force = force;
    this.alone = alone;
  }

  /**
   * Begins, unless another command activates this profile.
   *
   * @throws StoreException.Locked if one does
   */
  static Activating begin(
      ChangeCommand command, DiskStore store, String profile, Hooks hooks, boolean force)
      throws IOException {
    Optional<Closeable> alone = store.activations().tryBegin(profile);
    if (alone.isEmpty()) {
      throw new StoreException.Locked(
          "another command makes a generation of "
              + profile
              + " current, and waits for its commands to end; look at imgstore log "
              + profile
              + ", and try again");
    }
    return new Activating(command, store, profile, hooks, force, alone.get());
  }

  /**
   * Commits a generation that was just made, and sees that it works.
   *
   * @param expected what was current when the work began
   */
  static Generation commit(
      NewCommand command, DiskStore store, String profile, int expected, Made made)
      throws IOException, InterruptedException {
    try (Activating alone = await(command, store, profile, command.hooks(profile))) {
      int number = store.profiles().open(profile).map(Profile::next).orElse(1);
      alone.prepare(
          new Generation(
              number,
              made.image(),
              made.record(),
              made.because().when(),
              made.because().who(),
              made.because().why()));
      Generation committed =
          store
              .profiles()
              .commit(
                  profile, expected, made.image(), made.record(), alone.announced(made.because()));
      made.then().now(committed);
      alone.follow(expected, committed);
      return committed;
    }
  }

  /** What becomes a generation; all of it is durable. */
  record Made(Digest image, Digest record, Profiles.Because because, Committed then) {
    /** Of what is told to nobody else. */
    Made(Digest image, Digest record, Profiles.Because because) {
      this(image, record, because, generation -> {});
    }
  }

  /** Told of a generation once it is current, before any command runs. */
  @FunctionalInterface
  interface Committed {
    /** Notes what belongs to it. */
    void now(Generation generation) throws IOException;
  }

  /** Begins once no other command activates this profile. */
  static Activating await(ChangeCommand command, DiskStore store, String profile, Hooks hooks)
      throws IOException {
    if (store.activations().isBusy(profile)) {
      command.root().notice("waiting for another command that activates " + profile);
    }
    Closeable alone = store.activations().begin(profile);
    return new Activating(command, store, profile, hooks, false, alone);
  }

  /** What other programs are to find, before anything changes. */
  void prepare(Generation generation) throws IOException {
    new Forms(command.root(), store).prepare(profile, generation, hooks.form());
  }

  /** The reason, with the note that commands follow, if any do. */
  Profiles.Because announced(Profiles.Because because) {
    return hooks.any() ? because.with(Profiles.ACTIVATION, Profiles.FOLLOWS) : because;
  }

  /**
   * Makes a generation current and sees that it works; one that is current already, but was never
   * seen to work, is activated again, and so is any if a health command was typed.
   */
  Profile run(Profile before, Generation to, Switch.Kind kind, Profiles.Because because)
      throws IOException, InterruptedException {
    Profile now = Ref.open(store.profiles(), profile);
    if (now.current() != before.current() || now.generation(to.number()).isEmpty()) {
      throw new StoreException.Locked(
          profile
              + "@"
              + now.current()
              + " was made current meanwhile, or "
              + profile
              + "@"
              + to.number()
              + " was removed; look at it, and run this again");
    }
    boolean again = to.number() == now.current();
    prepare(to);
    Profile after = now;
    if (!again) {
      after =
          store
              .profiles()
              .makeCurrent(profile, before.current(), to.number(), kind, announced(because));
    } else {
      store.activations().point(profile);
    }
    if (!again) {
      follow(now.current(), to);
    } else if (hooks.always() || now.activation() != Profile.Activation.DONE) {
      Switch last = now.history().get(now.history().size() - 1);
      int from = last.from() == now.current() ? 0 : last.from();
      String left =
          last.kind() == Switch.Kind.ROLLBACK
              ? profile + "@" + from + " was gone back from already"
              : "";
      if (hooks.any() && !store.profiles().activating(profile, to.number(), because)) {
        throw new StoreException.Locked(nowCurrent() + "; look at it, and run this again");
      }
      follow(from, to, left);
    }
    return after;
  }

  /**
   * Runs the commands after a generation has become current.
   *
   * @param from what was current before, 0 for nothing
   * @throws CommandFailure (3) if it does not work; then what was current before is so again, if
   *     that could be done
   */
  void follow(int from, Generation to) throws IOException, InterruptedException {
    follow(from, to, "");
  }

  /** The same; it is not gone back if there is a reason for that. */
  private void follow(int from, Generation to, String stays)
      throws IOException, InterruptedException {
    if (!hooks.any()) {
      return;
    }
    Optional<Generation> old =
        store.profiles().open(profile).flatMap(found -> found.generation(from));
    long begun = System.nanoTime();
    Optional<ActivationSteps.Failed> failed = forward(old, to);
    if (failed.isEmpty()) {
      Profiles.Because works = because("", begun);
      if (!store.profiles().activated(profile, to.number(), true, works)) {
        command.root().notice(profile + "@" + to.number() + " works, but " + nowCurrent());
      } else if (!hooks.health().isEmpty()) {
        good(to, works);
      }
      return;
    }
    throw new CommandFailure(ExitCode.FOUND, back(failed.get(), old, to, begun, stays));
  }

  private void good(Generation works, Profiles.Because because) throws IOException {
    try {
      store.roots().good(profile, works.number(), because.because("its health command succeeded"));
    } catch (StoreException.Revoked e) {
      command
          .root()
          .notice(
              profile + "@" + works.number() + " works, but is not marked good: " + e.getMessage());
    }
  }

  private String nowCurrent() throws IOException {
    int now = store.profiles().open(profile).map(Profile::current).orElse(0);
    return now == 0
        ? "the profile was deleted meanwhile"
        : profile + "@" + now + " was made current meanwhile";
  }

  private Profiles.Because because(String why, long begun) {
    Profiles.Because now = command.because(why);
    return new Profiles.Because(
        now.when(), now.who(), now.why(), Duration.ofNanos(System.nanoTime() - begun));
  }

  private Optional<ActivationSteps.Failed> forward(Optional<Generation> old, Generation to)
      throws IOException, InterruptedException {
    Optional<ActivationSteps.Failed> failed = steps.activate(old, Optional.of(to));
    return failed.isPresent() || hooks.health().isEmpty() ? failed : steps.health(old, to);
  }

  /** Takes it back and says what became of it. */
  private String back(
      ActivationSteps.Failed failed,
      Optional<Generation> old,
      Generation to,
      long begun,
      String reason)
      throws IOException, InterruptedException {
    String label = profile + "@" + to.number();
    String sentence = label + " does not work: " + failed.sentence();
    Profiles.Because why =
        because(sentence, begun).with("failed", failed.step()).with("output", failed.output());
    String stays = reason.isEmpty() ? stays(old, to) : reason;
    if (!stays.isEmpty()) {
      store.profiles().activated(profile, to.number(), false, why);
      return sentence + "; it stays current, for " + stays;
    }
    Generation before = old.orElseThrow();
    String was = profile + "@" + before.number();
    prepareAnyhow(before);
    try {
      store
          .profiles()
          .makeCurrent(profile, to.number(), before.number(), Switch.Kind.ROLLBACK, announced(why));
    } catch (StoreException.Locked | IllegalArgumentException e) { // another one, or it is gone
      store.profiles().activated(profile, to.number(), false, why);
      return sentence + "; it was not taken back, for " + e.getMessage();
    } catch (StoreException.Revoked e) {
      store.profiles().activated(profile, to.number(), false, why);
      return sentence + "; it stays current, for " + was + " must not be: " + e.getMessage();
    }
    begun = System.nanoTime();
    Optional<ActivationSteps.Failed> again = steps.activate(Optional.of(to), Optional.of(before));
    Profiles.Because ended =
        again.isEmpty()
            ? because("", begun)
            : because(was + " does not work either: " + again.get().sentence(), begun)
                .with("failed", again.get().step())
                .with("output", again.get().output());
    store.profiles().activated(profile, before.number(), again.isEmpty(), ended);
    return sentence
        + "; "
        + was
        + " is current again"
        + again.map(it -> ", and does not work either: " + it.sentence()).orElse("");
  }

  /** Going back matters more than the files that other programs find of it. */
  private void prepareAnyhow(Generation before) {
    try {
      prepare(before);
    } catch (IOException e) {
      command
          .root()
          .notice(
              "profiles/"
                  + profile
                  + "/current will have no files of "
                  + profile
                  + "@"
                  + before.number()
                  + ": "
                  + Imgstore.sentence(e));
    }
  }

  /** Why it is not taken back; empty if it is. */
  private String stays(Optional<Generation> old, Generation to) throws IOException {
    if (old.isEmpty()) {
      return "nothing was current before";
    }
    int number = old.get().number();
    boolean isThere =
        store.profiles().open(profile).flatMap(found -> found.generation(number)).isPresent();
    return isThere
        ? barrier(old.get(), to)
        : profile + "@" + number + ", which was current before, was removed meanwhile";
  }

  private String barrier(Generation old, Generation to) {
    String barrier = force ? "" : Barrier.between(store.blobs(), profile, to, old);
    return barrier.isEmpty()
        ? ""
        : barrier
            + "; imgstore rollback "
            + profile
            + " --to "
            + old.number()
            + " --force goes back all the same";
  }

  @Override
  public void close() throws IOException {
    alone.close();
  }

  /**
   * Says of a profile that its last activation did not end, or not well, or that its link is behind
   * the journal, and what to do.
   */
  static void tell(StoreCommand command, DiskStore store, Profile profile) throws IOException {
    String name = profile.name();
    String label = name + "@" + profile.current();
    if (store.activations().isBehind(profile)) {
      command
          .root()
          .notice(
              label
                  + " is current, but profiles/"
                  + name
                  + "/current was not moved to it: imgstore was killed, or the machine stopped."
                  + " imgstore switch "
                  + name
                  + " "
                  + label
                  + " moves it");
    }
    if (profile.activation() == Profile.Activation.BEGUN) {
      command
          .root()
          .notice(
              store.activations().isBusy(name)
                  ? label + " is current, and is being activated now"
                  : label
                      + " is current, but its activation did not end: imgstore was killed, or the"
                      + " machine stopped. imgstore switch "
                      + name
                      + " "
                      + label
                      + " runs it again, imgstore rollback "
                      + name
                      + " goes back");
    } else if (profile.activation() == Profile.Activation.FAILED) {
      command
          .root()
          .notice(
              label
                  + " is current, but did not work when it was activated; imgstore log "
                  + name
                  + " says why");
    }
  }
}
