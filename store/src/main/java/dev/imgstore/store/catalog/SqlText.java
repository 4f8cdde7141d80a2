package dev.imgstore.store.catalog;

import dev.imgstore.model.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Names, which are bytes, as text that both databases keep and people can read: UTF-8, with a
 * backslash written twice, and with control characters and what is no UTF-8 written as {@code \x}
 * and two digits a byte. Different names have different texts.
 */
final class SqlText {
  private static final HexFormat HEX = HexFormat.of();

  private SqlText() {}

  /** The text of a name or target. */
  static String of(Bytes bytes) {
    byte[] raw = bytes.toArray();
    if (isPlain(raw)) {
      return new String(raw, StandardCharsets.US_ASCII);
    }
    StringBuilder text = new StringBuilder(raw.length + 16);
    for (int at = 0; at < raw.length; ) {
      int length = characterAt(raw, at);
      if (raw[at] == '\\') {
        text.append("\\\\");
      } else if (length == 0 || isControl(raw[at])) {
        text.append("\\x").append(HEX.toHexDigits(raw[at]));
      } else {
        text.append(new String(raw, at, length, StandardCharsets.UTF_8));
      }
      at += Math.max(1, length);
    }
    return text.toString();
  }

  /** The bytes of a text that {@link #of} made. */
  static Bytes bytes(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    byte[] raw = new byte[utf8.length];
    int length = 0;
    for (int at = 0; at < utf8.length; at++) {
      byte one = utf8[at];
      if (one == '\\' && at + 3 < utf8.length && utf8[at + 1] == 'x') {
        one = (byte) HexFormat.fromHexDigits(text(utf8, at + 2));
        at += 3;
      } else if (one == '\\') {
        at++;
      }
      raw[length++] = one;
    }
    return Bytes.of(raw, 0, length);
  }

  private static String text(byte[] utf8, int at) {
    return new String(utf8, at, 2, StandardCharsets.US_ASCII);
  }

  /** What people wrote, without the one character that PostgreSQL refuses in text. */
  static String plain(String text) {
    return text.indexOf('\0') < 0 ? text : text.replace('\0', '\ufffd');
  }

  private static boolean isPlain(byte[] raw) {
    for (byte each : raw) {
      if (each < 0x20 || each == 0x7f || each == '\\') {
        return false;
      }
    }
    return true;
  }

  private static boolean isControl(byte one) {
    return (one >= 0 && one < 0x20) || one == 0x7f;
  }

  /** How many bytes the well-formed character here has; 0 if there is none. */
  private static int characterAt(byte[] raw, int at) {
    int first = raw[at] & 0xff;
    int length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (at + length > raw.length) {
      return 0;
    }
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw, at, length));
      return length;
    } catch (CharacterCodingException e) {
      return 0;
    }
  }
}
