package dev.imgstore.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TreeCodecTest {
  private static final Digest CONTENT = Digest.of(new byte[] {1});

  private static Tree everyKind() {
    SortedMap<Name, Node> entries = new TreeMap<>();
    SortedMap<Name, Bytes> xattrs = new TreeMap<>();
    xattrs.put(Name.of("security.capability"), Bytes.of(new byte[] {1, 0, 0, 2, (byte) 0xff}));
    xattrs.put(Name.of("user.x"), Bytes.EMPTY);
    entries.put(Name.of("a"), new Node.File(CONTENT, 1, new Meta(04755, 0, 3_000_000, xattrs)));
    entries.put(Name.of("b"), new Node.File(CONTENT, 1L << 40, 7, Meta.of(0644, 1, 2)));
    entries.put(Name.of("c"), new Node.Directory(TreeCodec.id(Tree.EMPTY), Meta.of(01777, 0, 0)));
    entries.put(Name.of("d"), new Node.Symlink(Bytes.utf8("../x"), Meta.of(0777, 0, 0)));
    entries.put(Name.of("e"), new Node.Device(8, 259, true, Meta.of(0600, 0, 6)));
    entries.put(Name.of("f"), new Node.Device(1, 3, false, Meta.of(0666, 0, 0)));
    entries.put(new Name(Bytes.of(new byte[] {(byte) 0xfe})), new Node.Fifo(Meta.of(0600, 0, 0)));
    return new Tree(entries);
  }

  @Test
  void decodeGivesBackWhatWasEncoded() {
    assertEquals(everyKind(), TreeCodec.decode(TreeCodec.encode(everyKind())));
  }

  @Test
  void theBytesNeverChange() {
    assertEquals(
        "sha256:59ef4d5930d5f51d05a95849b25fe4f9815a029790dbbf49ca6eec9520c3da3b",
        TreeCodec.id(everyKind()).toString(),
        "a stored tree id must stay what it is");
    assertEquals(
        "sha256:54fd765188ae1416df25857971744764a053d0ad3fb4a52d391b5bc0accaa61b",
        TreeCodec.id(Tree.EMPTY).toString());
  }

  @Test
  void everyOtherSpellingIsRefused() {
    byte[] good = TreeCodec.encode(everyKind());
    for (int length = 0; length < 8; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThrows(IllegalArgumentException.class, () -> TreeCodec.decode(cut));
    }
    byte[] cut = Arrays.copyOf(good, good.length - 1);
    assertThrows(IllegalArgumentException.class, () -> TreeCodec.decode(cut));
    for (Map.Entry<String, byte[]> bad :
        Map.of(
                "longer number", new byte[] {1, 'a', 7, (byte) 0x80, 0, 0, 0, 0},
                "unknown kind", new byte[] {1, 'a', 9, 0, 0, 0, 0},
                "dots", new byte[] {2, '.', '.', 7, 0, 0, 0, 0},
                "same name twice", new byte[] {1, 'a', 7, 0, 0, 0, 0, 1, 'a', 7, 0, 0, 0, 0})
            .entrySet()) {
      byte[] bytes = new byte[8 + bad.getValue().length];
      System.arraycopy(good, 0, bytes, 0, 8);
      System.arraycopy(bad.getValue(), 0, bytes, 8, bad.getValue().length);
      assertThrows(
          IllegalArgumentException.class, () -> TreeCodec.decode(bytes), () -> bad.getKey());
    }
  }
}
