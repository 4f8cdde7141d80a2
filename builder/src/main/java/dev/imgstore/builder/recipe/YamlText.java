package dev.imgstore.builder.recipe;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;

/** Bytes to the characters YAML allows (YAML 1.2.2, sections 5.1 and 5.2), UTF-8 only. */
final class YamlText {
  /** Largest recipe, in bytes. */
  static final int LARGEST = 1 << 20;

  private YamlText() {}

  /** The characters, without a byte order mark. */
  static String decode(byte[] bytes) throws Unreadable {
    if (bytes.length > LARGEST) {
      throw new Unreadable(
          Place.NONE,
          "a file of YAML has at most 1 MiB, this one has "
              + bytes.length
              + " bytes; put large texts into files beside it");
    }
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length + 1);
    CoderResult result = decoder.decode(in, out, true);
    String text = out.flip().toString();
    boolean marked = text.startsWith("\ufeff");
    text = marked ? text.substring(1) : text;
    if (result.isError()) {
      String hex = HexFormat.of().withUpperCase().toHexDigits(bytes[in.position()]);
      throw new Unreadable(
          placeAt(text, text.length()),
          "byte 0x" + hex + " is not UTF-8 here; save the file as UTF-8");
    }
    refuseUnprintable(text);
    return text;
  }

  private static void refuseUnprintable(String text) throws Unreadable {
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      if (!isPrintable(c)) {
        throw new Unreadable(
            placeAt(text, i),
            String.format(
                Locale.ROOT, "YAML does not allow the character U+%04X; remove or escape it", c));
      }
    }
  }

  private static boolean isPrintable(int c) {
    return c == '\t'
        || c == '\n'
        || c == '\r'
        || (c >= 0x20 && c <= 0x7e)
        || c == 0x85
        || (c >= 0xa0 && c <= 0xd7ff)
        || (c >= 0xe000 && c <= 0xfffd && c != 0xfeff)
        || c >= 0x10000;
  }

  /** Lines end at LF, CR LF or CR. */
  private static Place placeAt(String text, int index) {
    int line = 1;
    int start = 0;
    for (int i = 0; i < index; i++) {
      char c = text.charAt(i);
      if (c == '\n' || (c == '\r' && !(i + 1 < text.length() && text.charAt(i + 1) == '\n'))) {
        line++;
        start = i + 1;
      }
    }
    return new Place(line, text.codePointCount(start, index) + 1);
  }
}
