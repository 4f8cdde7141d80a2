package dev.imgstore.cli;

import dev.imgstore.builder.spec.SpecPath;
import dev.imgstore.store.PinChange;
import dev.imgstore.store.Profiles;
import dev.imgstore.store.Root;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The pins of deploy specs, and the files that say them. In this order, so that whatever a file
 * says is kept at every instant (laws 2, 3 and 6): the new pins, durable; the files; a mark on the
 * pins that no file says any more. Those keep their images for the grace time: what they name may
 * still run. Where it ends too early, too much is kept, and the next run goes on.
 */
final class SpecPins {
  /** A grace time that no wrong clock ends. */
  static final Duration FOREVER = Duration.ofDays(365_000);

  private final Store store;
  private final List<SpecPath> paths;
  private final Profiles.Because because;

  SpecPins(Store store, List<SpecPath> paths, Profiles.Because because) {
    this.store = store;
    this.paths = paths;
    this.because = because;
  }

  /**
   * Pins all that the specs mean, and writes them. The caller holds {@link PinLock}.
   *
   * @return what people should know of the files
   */
  List<String> pin(List<PinnedSpec> specs, String owner, Optional<Instant> expires, Duration grace)
      throws IOException {
    Map<PinnedSpec, byte[]> written = new LinkedHashMap<>();
    List<PinChange> wanted = new ArrayList<>();
    List<PinChange> stale = new ArrayList<>();
    boolean clock = isClockRight(store, because.when());
    for (PinnedSpec each : specs) {
      written.put(each, each.bytes(paths));
      Map<String, Root.Pin> now = of(each.name());
      Map<String, PinChange.Pinned> pins = each.pins(now, owner, expires, because.when());
      wanted.addAll(pins.values());
      stale.addAll(stale(now, pins, clock ? grace : FOREVER));
    }
    String more = specs.size() == 1 ? "" : " and " + (specs.size() - 1) + " more";
    String subject = Imgstore.line(specs.get(0).name()) + more;
    store.roots().change(subject, wanted, because);
    List<String> remarks = new ArrayList<>();
    for (Map.Entry<PinnedSpec, byte[]> each : written.entrySet()) {
      SpecFile file = each.getKey().file();
      file.removeHalves();
      if (each.getKey().isChanged(each.getValue())) {
        if (file.names() > 1) {
          remarks.add(
              file.shown() + " has another name (a hard link), which keeps the text of before");
        }
        file.replace(each.getValue());
      }
    }
    store.roots().change(subject, stale, because);
    return remarks;
  }

  private List<PinChange> stale(
      Map<String, Root.Pin> now, Map<String, PinChange.Pinned> pins, Duration grace) {
    List<PinChange> stale = new ArrayList<>();
    for (Root.Pin pin : now.values()) {
      if (!pins.containsKey(pin.name())) {
        stale.add(
            isOver(pin, grace, because.when())
                ? new PinChange.Unpinned(pin.name())
                : new PinChange.Missing(pin.name(), because.when()));
      }
    }
    return stale;
  }

  /**
   * Whether the clock can be believed when it says that something is over: else nothing is, as with
   * rules by age.
   */
  static boolean isClockRight(Store store, Instant now) throws IOException {
    return KeepRules.newest(store.journal().list())
        .map(newest -> KeepRules.doubt(newest, now))
        .orElse("")
        .isEmpty();
  }

  /** Whether a pin has been missing for the grace time. */
  static boolean isOver(Root.Pin pin, Duration grace, Instant now) {
    return pin.spec()
        .flatMap(Root.Spec::missingSince)
        .filter(since -> !now.isBefore(since.plus(grace)))
        .isPresent();
  }

  /** The pins that this file says, or said, by name. */
  private Map<String, Root.Pin> of(String file) throws IOException {
    return of(store, file);
  }

  static Map<String, Root.Pin> of(Store store, String file) throws IOException {
    Map<String, Root.Pin> pins = new TreeMap<>();
    for (Root.Pin pin : store.roots().pins()) {
      if (pin.spec().filter(each -> each.file().equals(file)).isPresent()) {
        pins.put(pin.name(), pin);
      }
    }
    return pins;
  }
}
