package dev.imgstore.cli;

import dev.imgstore.model.Digest;
import dev.imgstore.store.PinChange;
import dev.imgstore.store.Root;
import java.util.regex.Pattern;

/**
 * A second pin beside that of a packed image: of the imported generation that it was packed from,
 * so that this stays a generation. It comes and goes with the first, and says the same.
 */
final class SourcePin {
  private static final int HEX = 16;

  /** Of no other pin of a deploy spec, for such a name ends with the beginning of one digest. */
  private static final Pattern NAME = Pattern.compile("(?s).+@[0-9a-f]{16}\\+[0-9a-f]{16}");

  private SourcePin() {}

  /** Whether it is one. */
  static boolean is(Root.Pin pin) {
    return pin.spec().isPresent() && is(pin.name());
  }

  /** The same, of the name of a deploy spec's pin. */
  static boolean is(String name) {
    return NAME.matcher(name).matches();
  }

  /** What the pin that it stands beside is called; the name itself of one that is none. */
  static String first(String name) {
    return is(name) ? name.substring(0, name.length() - HEX - 1) : name;
  }

  /**
   * The pin beside another.
   *
   * @param generation the image of the generation
   * @throws IllegalArgumentException if the name would be too long
   */
  static PinChange.Pinned of(PinChange.Pinned packed, Digest generation) {
    return new PinChange.Pinned(
        packed.name() + "+" + generation.hex().substring(0, HEX), generation, packed.spec());
  }
}
