package dev.imgstore.builder.xz;

import java.util.Arrays;

/**
 * Decodes LZMA packets (LZMA specification, Igor Pavlov, 2015) into a window that is never wrapped:
 * whoever owns it makes room by moving its end to the front.
 *
 * <p>The whole state of the range coder lives in local variables of one method, and the bits of
 * literals and lengths are decoded without branches, because they cannot be predicted.
 */
final class LzmaDecoder {
  /** More than one packet can take beyond the end of a damaged chunk. */
  static final int SPARE = 128;

  private static final int MODEL_BITS = 11;
  private static final int HALF = 1 << (MODEL_BITS - 1);
  private static final int ONE = 1 << MODEL_BITS;
  private static final int MOVE_BITS = 5;
  private static final int ROUND = (1 << MOVE_BITS) - 1;
  private static final int UP = ONE - ROUND;
  private static final long LOWEST = 1 << 24;

  private static final int STATES = 12;
  private static final int POSITION_STATES = 16;

  // Places of the models in one array.
  private static final int IS_MATCH = 0;
  private static final int IS_REP = IS_MATCH + STATES * POSITION_STATES;
  private static final int IS_REP0 = IS_REP + STATES;
  private static final int IS_REP1 = IS_REP0 + STATES;
  private static final int IS_REP2 = IS_REP1 + STATES;
  private static final int IS_REP0_LONG = IS_REP2 + STATES;
  private static final int SLOT = IS_REP0_LONG + STATES * POSITION_STATES;
  private static final int SPECIAL = SLOT + 4 * 64;
  private static final int ALIGN = SPECIAL + 128;
  private static final int MATCH_LENGTH = ALIGN + 16;
  private static final int LENGTH_MODELS = 2 + 2 * POSITION_STATES * 8 + 256;
  private static final int REP_LENGTH = MATCH_LENGTH + LENGTH_MODELS;
  private static final int LITERAL = REP_LENGTH + LENGTH_MODELS;

  // Inside a length's models.
  private static final int CHOICE_2 = 1;
  private static final int LOW = 2;
  private static final int MID = LOW + POSITION_STATES * 8;
  private static final int HIGH = MID + POSITION_STATES * 8;

  private final short[] models = new short[LITERAL + (0x300 << 4)];
  private int literalContext;
  private int literalMask;
  private int positionMask;
  private int state;
  private int rep0;
  private int rep1;
  private int rep2;
  private int rep3;

  /** Sets the properties; false if they are none that LZMA2 allows. */
  boolean setProperties(int properties) {
    if (properties < 0 || properties >= 9 * 5 * 5) {
      return false;
    }
    literalContext = properties % 9;
    int position = properties / 9;
    literalMask = (1 << (position % 5)) - 1;
    positionMask = (1 << (position / 5)) - 1;
    return literalContext + position % 5 <= 4;
  }

  /** Forgets what was learnt. */
  void reset() {
    Arrays.fill(models, (short) HALF);
    state = 0;
    rep0 = 0;
    rep1 = 0;
    rep2 = 0;
    rep3 = 0;
  }

  /**
   * Decodes one LZMA2 chunk, whole.
   *
   * @param in the chunk's compressed bytes, with {@link #SPARE} bytes after them that may be read
   * @param end where they end
   * @param window receives the bytes
   * @param start where the dictionary starts in the window
   * @param from where the first byte goes
   * @param to where the last one ends
   * @return false if the chunk is damaged
   */
  boolean decode(byte[] in, int end, byte[] window, int start, int from, int to) {
    final short[] probs = models;
    final int contextBits = literalContext;
    final int maskLiteral = literalMask;
    final int maskPosition = positionMask;
    int at = 5;
    long range = 0xffffffffL;
    long code = (in[1] & 0xffL) << 24 | (in[2] & 0xff) << 16 | (in[3] & 0xff) << 8 | (in[4] & 0xff);
    int out = from;
    int now = state;
    int distance = rep0;
    if (in[0] != 0) {
      return false;
    }
    while (out < to) {
      int positionState = (out - start) & maskPosition;
      int model = IS_MATCH + (now << 4) + positionState;
      int p = probs[model];
      long bound = (range >>> MODEL_BITS) * p;
      if (code < bound) {
        range = bound;
        probs[model] = (short) (p + ((ONE - p) >>> MOVE_BITS));
        if (range < LOWEST) {
          range <<= 8;
          code = code << 8 | (in[at++] & 0xff);
        }
        // A literal.
        int before = out > start ? window[out - 1] & 0xff : 0;
        int context =
            ((((out - start) & maskLiteral) << contextBits) + (before >>> (8 - contextBits)));
        int base = LITERAL + 0x300 * context;
        int symbol = 1;
        if (now < 7) {
          for (int bit = 0; bit < 8; bit++) {
            p = probs[base + symbol];
            bound = (range >>> MODEL_BITS) * p;
            long zero = (code - bound) >> 63;
            range = (range - bound) + (zero & (bound + bound - range));
            code -= bound & ~zero;
            probs[base + symbol] = (short) (p + (((UP & (int) zero) + ROUND - p) >> MOVE_BITS));
            symbol = (symbol << 1) + 1 + (int) zero;
            if (range < LOWEST) {
              range <<= 8;
              code = code << 8 | (in[at++] & 0xff);
            }
          }
          now = now < 4 ? 0 : now - 3;
        } else {
          int match = window[out - distance - 1] & 0xff;
          int offset = 0x100;
          do {
            match <<= 1;
            int bit = match & offset;
            model = base + offset + bit + symbol;
            p = probs[model];
            bound = (range >>> MODEL_BITS) * p;
            long zero = (code - bound) >> 63;
            range = (range - bound) + (zero & (bound + bound - range));
            code -= bound & ~zero;
            probs[model] = (short) (p + (((UP & (int) zero) + ROUND - p) >> MOVE_BITS));
            symbol = (symbol << 1) + 1 + (int) zero;
            offset &= bit ^ (int) zero;
            if (range < LOWEST) {
              range <<= 8;
              code = code << 8 | (in[at++] & 0xff);
            }
          } while (symbol < 0x100);
          now = now < 10 ? now - 3 : now - 6;
        }
        window[out++] = (byte) symbol;
        if (at > end) {
          return false;
        }
        continue;
      }
      range -= bound;
      code -= bound;
      probs[model] = (short) (p - (p >>> MOVE_BITS));
      if (range < LOWEST) {
        range <<= 8;
        code = code << 8 | (in[at++] & 0xff);
      }
      int lengths;
      model = IS_REP + now;
      p = probs[model];
      bound = (range >>> MODEL_BITS) * p;
      boolean repeated = code >= bound;
      if (!repeated) {
        range = bound;
        probs[model] = (short) (p + ((ONE - p) >>> MOVE_BITS));
        if (range < LOWEST) {
          range <<= 8;
          code = code << 8 | (in[at++] & 0xff);
        }
        rep3 = rep2;
        rep2 = rep1;
        rep1 = distance;
        lengths = MATCH_LENGTH;
        now = now < 7 ? 7 : 10;
      } else {
        range -= bound;
        code -= bound;
        probs[model] = (short) (p - (p >>> MOVE_BITS));
        if (range < LOWEST) {
          range <<= 8;
          code = code << 8 | (in[at++] & 0xff);
        }
        model = IS_REP0 + now;
        p = probs[model];
        bound = (range >>> MODEL_BITS) * p;
        if (code < bound) {
          range = bound;
          probs[model] = (short) (p + ((ONE - p) >>> MOVE_BITS));
          if (range < LOWEST) {
            range <<= 8;
            code = code << 8 | (in[at++] & 0xff);
          }
          model = IS_REP0_LONG + (now << 4) + positionState;
          p = probs[model];
          bound = (range >>> MODEL_BITS) * p;
          if (code < bound) {
            range = bound;
            probs[model] = (short) (p + ((ONE - p) >>> MOVE_BITS));
            if (range < LOWEST) {
              range <<= 8;
              code = code << 8 | (in[at++] & 0xff);
            }
            // One byte again.
            if (at > end || distance < 0 || distance >= out - start) {
              return false;
            }
            window[out] = window[out - distance - 1];
            out++;
            now = now < 7 ? 9 : 11;
            continue;
          }
          range -= bound;
          code -= bound;
          probs[model] = (short) (p - (p >>> MOVE_BITS));
          if (range < LOWEST) {
            range <<= 8;
            code = code << 8 | (in[at++] & 0xff);
          }
        } else {
          range -= bound;
          code -= bound;
          probs[model] = (short) (p - (p >>> MOVE_BITS));
          if (range < LOWEST) {
            range <<= 8;
            code = code << 8 | (in[at++] & 0xff);
          }
          model = IS_REP1 + now;
          p = probs[model];
          bound = (range >>> MODEL_BITS) * p;
          int swap;
          if (code < bound) {
            range = bound;
            probs[model] = (short) (p + ((ONE - p) >>> MOVE_BITS));
            swap = rep1;
          } else {
            range -= bound;
            code -= bound;
            probs[model] = (short) (p - (p >>> MOVE_BITS));
            if (range < LOWEST) {
              range <<= 8;
              code = code << 8 | (in[at++] & 0xff);
            }
            model = IS_REP2 + now;
            p = probs[model];
            bound = (range >>> MODEL_BITS) * p;
            if (code < bound) {
              range = bound;
              probs[model] = (short) (p + ((ONE - p) >>> MOVE_BITS));
              swap = rep2;
            } else {
              range -= bound;
              code -= bound;
              probs[model] = (short) (p - (p >>> MOVE_BITS));
              swap = rep3;
              rep3 = rep2;
            }
            rep2 = rep1;
          }
          if (range < LOWEST) {
            range <<= 8;
            code = code << 8 | (in[at++] & 0xff);
          }
          rep1 = distance;
          distance = swap;
        }
        lengths = REP_LENGTH;
        now = now < 7 ? 8 : 11;
      }
      // The length.
      int tree;
      int limit;
      int length;
      model = lengths;
      p = probs[model];
      bound = (range >>> MODEL_BITS) * p;
      if (code < bound) {
        range = bound;
        probs[model] = (short) (p + ((ONE - p) >>> MOVE_BITS));
        tree = lengths + LOW + (positionState << 3);
        limit = 8;
        length = 2 - 8;
      } else {
        range -= bound;
        code -= bound;
        probs[model] = (short) (p - (p >>> MOVE_BITS));
        if (range < LOWEST) {
          range <<= 8;
          code = code << 8 | (in[at++] & 0xff);
        }
        model = lengths + CHOICE_2;
        p = probs[model];
        bound = (range >>> MODEL_BITS) * p;
        if (code < bound) {
          range = bound;
          probs[model] = (short) (p + ((ONE - p) >>> MOVE_BITS));
          tree = lengths + MID + (positionState << 3);
          limit = 8;
          length = 2 + 8 - 8;
        } else {
          range -= bound;
          code -= bound;
          probs[model] = (short) (p - (p >>> MOVE_BITS));
          tree = lengths + HIGH;
          limit = 256;
          length = 2 + 16 - 256;
        }
      }
      if (range < LOWEST) {
        range <<= 8;
        code = code << 8 | (in[at++] & 0xff);
      }
      int symbol = 1;
      do {
        p = probs[tree + symbol];
        bound = (range >>> MODEL_BITS) * p;
        long zero = (code - bound) >> 63;
        range = (range - bound) + (zero & (bound + bound - range));
        code -= bound & ~zero;
        probs[tree + symbol] = (short) (p + (((UP & (int) zero) + ROUND - p) >> MOVE_BITS));
        symbol = (symbol << 1) + 1 + (int) zero;
        if (range < LOWEST) {
          range <<= 8;
          code = code << 8 | (in[at++] & 0xff);
        }
      } while (symbol < limit);
      length += symbol;
      if (!repeated) {
        // The distance.
        tree = SLOT + (Math.min(length - 2, 3) << 6);
        symbol = 1;
        do {
          p = probs[tree + symbol];
          bound = (range >>> MODEL_BITS) * p;
          long zero = (code - bound) >> 63;
          range = (range - bound) + (zero & (bound + bound - range));
          code -= bound & ~zero;
          probs[tree + symbol] = (short) (p + (((UP & (int) zero) + ROUND - p) >> MOVE_BITS));
          symbol = (symbol << 1) + 1 + (int) zero;
          if (range < LOWEST) {
            range <<= 8;
            code = code << 8 | (in[at++] & 0xff);
          }
        } while (symbol < 64);
        int slot = symbol - 64;
        distance = slot;
        if (slot >= 4) {
          int bits = (slot >>> 1) - 1;
          distance = (2 | (slot & 1)) << bits;
          if (slot < 14) {
            tree = SPECIAL + distance - slot;
          } else {
            bits -= 4;
            int direct = 0;
            do {
              range >>>= 1;
              long less = (code - range) >> 63;
              code -= range & ~less;
              direct = (direct << 1) + 1 + (int) less;
              if (range < LOWEST) {
                range <<= 8;
                code = code << 8 | (in[at++] & 0xff);
              }
            } while (--bits > 0);
            distance += direct << 4;
            tree = ALIGN;
            bits = 4;
          }
          symbol = 1;
          for (int i = 0; i < bits; i++) {
            p = probs[tree + symbol];
            bound = (range >>> MODEL_BITS) * p;
            long zero = (code - bound) >> 63;
            range = (range - bound) + (zero & (bound + bound - range));
            code -= bound & ~zero;
            probs[tree + symbol] = (short) (p + (((UP & (int) zero) + ROUND - p) >> MOVE_BITS));
            symbol = (symbol << 1) + 1 + (int) zero;
            distance += (1 + (int) zero) << i;
            if (range < LOWEST) {
              range <<= 8;
              code = code << 8 | (in[at++] & 0xff);
            }
          }
        }
      }
      if (at > end || distance < 0 || distance >= out - start || length > to - out) {
        return false;
      }
      int source = out - distance - 1;
      int stop = out + length;
      if (length > 16 && distance >= length) {
        System.arraycopy(window, source, window, out, length);
        out = stop;
      } else {
        do {
          window[out++] = window[source++];
        } while (out < stop);
      }
    }
    state = now;
    rep0 = distance;
    return at == end && code == 0;
  }
}
