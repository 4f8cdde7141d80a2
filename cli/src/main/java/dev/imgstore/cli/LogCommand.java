package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.builder.recipe.Nearest;
import dev.imgstore.model.Profile;
import dev.imgstore.store.Journal;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Retention;
import dev.imgstore.store.Store;
import dev.imgstore.store.StoreException;
import dev.imgstore.store.disk.DiskStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Who changed what, when and why. */
@Command(
    name = "log",
    mixinStandardHelpOptions = true,
    description = "Show who changed what, when and why, newest first.",
    footerHeading = "%nExample:%n",
    footer = {
      "  imgstore log web",
      "  imgstore log --since 7d --who ann",
      "  imgstore log --object web@42 --json",
      "  imgstore log --checkpoint --key ci --to /mnt/elsewhere/checkpoints",
      "  imgstore log --verify --against /mnt/elsewhere/checkpoints"
    })
final class LogCommand extends StoreCommand {
  private static final Pattern DAY = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");
  private static final Set<String> CHANGES =
      Set.of("generation", "switch", "rollback", "activating", "activated", "not-activated");

  private static final Set<String> UNWELL = Set.of("activating", "not-activated");

  private static final String ANNOUNCED =
      '"' + Profiles.ACTIVATION + "\":\"" + Profiles.FOLLOWS + '"';

  private static final List<String> KINDS =
      List.of(
          ("generation switch rollback activating activated not-activated drop good pin pins unpin hold release"
                  + " push pull tag untag key schedule unschedule revoke reinstate collection"
                  + " repair")
              .split(" ", -1));

  private static final Set<String> NOT_OF_PROFILES =
      Set.of("pin", "unpin", "pins", "hold", "release", "key");

  @Parameters(
      arity = "0..1",
      paramLabel = "PROFILE",
      defaultValue = "",
      description = "Only this profile's changes.")
  String profile;

  @Option(
      names = "--profile",
      paramLabel = "NAME",
      defaultValue = "",
      description = "The same as PROFILE.")
  String named;

  @Option(
      names = "--since",
      paramLabel = "WHEN",
      defaultValue = "",
      description = "Only changes since a day (2026-01-01, UTC), a time, or so long ago (7d, 12h).")
  String since;

  @Option(
      names = "--who",
      paramLabel = "USER",
      defaultValue = "",
      description = "Only this user's changes, made as another user too.")
  String who;

  @Option(
      names = "--object",
      paramLabel = "THING",
      defaultValue = "",
      description = "Only what is about a REF, a digest, a pin, a deploy spec or a key.")
  String about;

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      split = ",",
      description = "Only entries of these kinds: generation, switch, pin, collection, key, ...")
  List<String> kinds = new ArrayList<>();

  @Option(
      names = "--verify",
      description = {
        "Prove that no entry was changed, dropped, moved or added, by the chain of hashes and by",
        "the checkpoints of this store (exit code 3 and the entry if one was)."
      })
  boolean verify;

  @Option(
      names = "--against",
      paramLabel = "FILE",
      description = "With --verify: also by the checkpoints of a file that was kept elsewhere.")
  List<Path> against = new ArrayList<>();

  @Option(
      names = "--trust",
      paramLabel = "KEY",
      description = "With --verify: believe only these keys, by name or as ed25519:...")
  List<String> trust = new ArrayList<>();

  @Option(
      names = "--checkpoint",
      description = {
        "Sign the last entry, so that a cut end is found; print the line, to be kept elsewhere."
      })
  boolean checkpoint;

  @Option(
      names = "--key",
      paramLabel = "NAME",
      defaultValue = "",
      description = "With --checkpoint: the key that signs.")
  String key;

  @Option(
      names = "--to",
      paramLabel = "FILE",
      defaultValue = "",
      description = "With --checkpoint: add the line to this file, too.")
  String to;

  @Override
  ExitCode run(Store store) throws IOException {
    boolean hasFilter = !(profile + named + since + who + about).isEmpty() || !kinds.isEmpty();
    boolean ofVerify = !against.isEmpty() || !trust.isEmpty();
    boolean ofCheckpoint = !(key + to).isEmpty();
    if ((hasFilter && (verify || checkpoint))
        || (verify && checkpoint)
        || (ofVerify && !verify)
        || (ofCheckpoint && !checkpoint)) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--verify takes --against and --trust, --checkpoint takes --key and --to; both are of"
              + " the whole journal");
    }
    if (verify) {
      List<Path> files =
          against.stream().map(file -> root().context().path(file.toString())).toList();
      return new JournalVerify(root(), trust).run(store, files, !trust.isEmpty());
    }
    return checkpoint ? checkpoint(store) : list(store);
  }

  private ExitCode checkpoint(Store store) throws IOException {
    Checkpoints.Made made =
        Checkpoints.make(root().home(), store, Checkpoints.key(root(), key), because(""));
    if (!to.isEmpty()) {
      CheckpointFiles.append(root().context().path(to), made.line());
    }
    Checkpoint it = made.checkpoint();
    print(
        object()
            .put("sequence", it.point().sequence())
            .put("hash", it.point().hash())
            .put("when", it.when().toString())
            .put("signer", it.signer().toString())
            .put("line", made.line()),
        made.line() + "\n");
    return ExitCode.DONE;
  }

  private ExitCode list(Store store) throws IOException {
    if (!profile.isEmpty() && !named.isEmpty() && !profile.equals(named)) {
      throw new CommandFailure(
          ExitCode.USAGE,
          profile + " or --profile " + named + "? a log is of one profile or of all");
    }
    profile = profile.isEmpty() ? named : profile;
    Instant from = since.isEmpty() ? Instant.MIN : since(since, root().context().clock());
    if (!profile.isEmpty() && store.profiles().open(profile).isEmpty()) {
      Ref.open(store.profiles(), profile);
    }
    Optional<LogFilter> filter =
        about.isEmpty()
            ? Optional.empty()
            : Optional.of(LogFilter.of(root().context(), store, about));
    ObjectNode json = object();
    ArrayNode list = json.putArray("entries");
    StringBuilder text = new StringBuilder();
    List<Journal.Entry> entries = store.journal().list();
    requireKinds(entries);
    tell(store, entries);
    for (int i = entries.size() - 1; i >= 0; i--) {
      Journal.Entry entry = entries.get(i);
      if (entry.when().isBefore(from)
          || !isBy(entry)
          || !isOf(entry)
          || (!kinds.isEmpty() && !isOfKind(entry))
          || (filter.isPresent() && !filter.get().isAbout(entry))) {
        continue;
      }
      list.addObject()
          .put("sequence", entry.sequence())
          .put("hash", entry.hash())
          .put("when", entry.when().toString())
          .put("who", entry.who())
          .put("why", entry.why())
          .put("kind", entry.kind())
          .put("subject", entry.subject())
          .putRawValue("body", new com.fasterxml.jackson.databind.util.RawValue(entry.body()));
      text.append(LogText.of(entry));
    }
    print(json, text.toString());
    return ExitCode.DONE;
  }

  /** What did not end; of a journal that lost its end that cannot be said, and what is left is. */
  private void tell(Store store, List<Journal.Entry> entries) throws IOException {
    try {
      for (String each : profile.isEmpty() ? suspects(store, entries) : Set.of(profile)) {
        Optional<Profile> found = store.profiles().open(each);
        if (found.isPresent()) {
          Activating.tell(this, (DiskStore) store, found.get());
        }
      }
    } catch (StoreException.Corrupt e) {
      root().notice(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Profiles whose last change announced commands or ended badly: opening all would take long where
   * there are hundreds.
   */
  private static Set<String> suspects(Store store, List<Journal.Entry> entries) throws IOException {
    Set<String> suspects = new TreeSet<>();
    for (Journal.Entry each : entries) {
      if (CHANGES.contains(each.kind())) {
        suspects.remove(each.subject());
        if (UNWELL.contains(each.kind()) || each.body().contains(ANNOUNCED)) {
          suspects.add(each.subject());
        }
      }
    }
    suspects.retainAll(store.profiles().names());
    return suspects;
  }

  private boolean isBy(Journal.Entry entry) {
    return who.isEmpty() || Who.isBy(entry.who(), who);
  }

  /** A deploy spec's pins are entries of their own kind; {@code pin} means both. */
  private boolean isOfKind(Journal.Entry entry) {
    return kinds.contains(entry.kind()) || (entry.kind().equals("pins") && kinds.contains("pin"));
  }

  private void requireKinds(List<Journal.Entry> entries) throws CommandFailure {
    Set<String> known = new TreeSet<>(KINDS);
    entries.forEach(entry -> known.add(entry.kind()));
    for (String kind : kinds) {
      if (!known.contains(kind)) {
        throw new CommandFailure(
            ExitCode.USAGE,
            "--kind "
                + kind
                + ": there is no such kind"
                + Nearest.of(kind, known)
                    .map(near -> "; did you mean " + near + "?")
                    .orElse("; they are " + String.join(", ", known)));
      }
    }
  }

  /** A pin may be called as a profile is. */
  private boolean isOf(Journal.Entry entry) {
    return profile.isEmpty()
        || (entry.subject().equals(profile) && !NOT_OF_PROFILES.contains(entry.kind()));
  }

  /** A day, a moment, or a time back from now. */
  static Instant since(String typed, Clock clock) throws CommandFailure {
    try {
      if (DAY.matcher(typed).matches()) {
        return LocalDate.parse(typed).atStartOfDay(ZoneOffset.UTC).toInstant();
      }
      return typed.contains("T") || typed.contains(" ")
          ? moment(typed.replace(' ', 'T'))
          : clock.instant().minus(Retention.parse(typed));
    } catch (DateTimeException | IllegalArgumentException | ArithmeticException e) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--since "
              + typed
              + ": write a day, as in 2026-01-01, a time, as in 2026-01-01T12:00Z, or 30m, 12h, 7d"
              + " or 2w",
          e);
    }
  }

  /** UTC unless it says else. */
  private static Instant moment(String typed) {
    TemporalAccessor time =
        DateTimeFormatter.ISO_DATE_TIME.parseBest(typed, OffsetDateTime::from, LocalDateTime::from);
    return time instanceof OffsetDateTime exact
        ? exact.toInstant()
        : LocalDateTime.from(time).toInstant(ZoneOffset.UTC);
  }
}
