package dev.imgstore.store.disk;

import dev.imgstore.store.Cutter;
import dev.imgstore.store.Frames;

/** Which forms of a blob serve a purpose. */
interface Wanted {
  /** Every form gives the bytes. */
  Wanted ANY = (form, variant) -> true;

  /** A frame of any encoder. */
  Wanted FRAME = (form, variant) -> form == Form.FRAME;

  /** The bytes themselves, not a list of parts. */
  Wanted DIRECT = (form, variant) -> !form.isList();

  /** A frame that can be stitched today. */
  Wanted OUR_FRAME = (form, variant) -> form == Form.FRAME && variant == Frames.ENCODER;

  /** What today's cutter makes of the blob: one frame, or a list of its own version. */
  Wanted OUR_CUT =
      (form, variant) -> form == Form.FRAME || (form == Form.CHUNKED && variant == Cutter.VERSION);

  /** A frame of one encoder. */
  static Wanted frame(int encoder) {
    return (form, variant) -> form == Form.FRAME && variant == encoder;
  }

  /** True if this form will do. */
  boolean accepts(Form form, int variant);
}
