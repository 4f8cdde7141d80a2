package dev.imgstore.builder.tar;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Bytes;
import dev.imgstore.model.Name;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TarReaderTest {
  private static final byte[] NOTHING = {};

  private static TarReader reader(byte[] archive) {
    return new TarReader("a.tar", new ByteArrayInputStream(archive));
  }

  private static TarEntry only(byte[] archive) throws IOException {
    TarReader tar = reader(archive);
    TarEntry entry = tar.next().orElseThrow();
    assertEquals(Optional.empty(), tar.next());
    return entry;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String fault(byte[] archive) {
    HostileArchive hostile =
        assertThrows(
            HostileArchive.class,
            () -> {
              TarReader tar = reader(archive);
              while (tar.next().isPresent()) {
                // to the end
              }
            });
    return hostile.fault();
  }

  @Test
  void contentIsReadOrPassedOver() throws IOException {
    TarReader tar =
        reader(new TarBytes().file("a", "one").file("b", "x".repeat(1000)).file("c", "3").end());
    assertEquals("a", tar.next().orElseThrow().path().text());
    assertEquals("one", new String(tar.content().readAllBytes(), StandardCharsets.UTF_8));
    assertEquals(1000, tar.next().orElseThrow().size());
    assertEquals('x', tar.content().read());
    assertEquals("c", tar.next().orElseThrow().path().text());
    assertEquals(Optional.empty(), tar.next());
    assertEquals(Optional.empty(), tar.next());
  }

  @Test
  void attributesKeepTheirBytes() throws IOException {
    byte[] value = new byte[256];
    for (int i = 0; i < 256; i++) {
      value[i] = (byte) i;
    }
    TarEntry entry =
        only(
            new TarBytes()
                .pax('x', TarBytes.record("SCHILY.xattr.security.capability", value))
                .file("ping", "")
                .end());
    Bytes read = entry.meta().xattrs().get(Name.of("security.capability"));
    assertArrayEquals(value, read == null ? NOTHING : read.toArray());
  }

  @Test
  void namesOfAttributesAreDecodedAsGnuTarWritesThem() throws IOException {
    TarEntry entry =
        only(
            new TarBytes()
                .pax('x', TarBytes.record("SCHILY.xattr.user.a%3Db%25c", utf8("v")))
                .file("f", "")
                .end());
    assertEquals(Name.of("user.a=b%c"), entry.meta().xattrs().firstKey());
  }

  @Test
  void paxValuesWinAndHoldForOneEntry() throws IOException {
    TarReader tar =
        reader(
            new TarBytes()
                .pax(
                    'x',
                    TarBytes.record("path", utf8("long/name")),
                    TarBytes.record("uid", utf8("3000000")))
                .file("short", "")
                .file("next", "")
                .end());
    TarEntry first = tar.next().orElseThrow();
    assertEquals("long/name", first.path().text());
    assertEquals(3_000_000, first.meta().uid());
    TarEntry second = tar.next().orElseThrow();
    assertEquals("next", second.path().text());
    assertEquals(0, second.meta().uid());
  }

  @Test
  void gnuLongNamesAndLinksAreRead() throws IOException {
    TarEntry entry =
        only(
            new TarBytes()
                .entry('K', "././@LongLink", "", utf8("t".repeat(200) + "\0"))
                .entry('L', "././@LongLink", "", utf8("n".repeat(150) + "\0"))
                .symlink("n", "t")
                .end());
    assertEquals("n".repeat(150), entry.path().text());
    assertEquals("t".repeat(200), entry.target().text());
  }

  @Test
  void numbersInBase256AreRead() throws IOException {
    byte[] header = TarBytes.header('0', "f", "", 0);
    Arrays.fill(header, 108, 116, (byte) 0);
    header[108] = (byte) 0x80;
    header[113] = 0x2d;
    header[114] = (byte) 0xc6;
    header[115] = (byte) 0xc0;
    assertEquals(3_000_000, only(new TarBytes().raw(TarBytes.sum(header)).end()).meta().uid());
  }

  @Test
  void prefixIsJoinedToTheName() throws IOException {
    byte[] header = TarBytes.header('0', "name", "", 0);
    TarBytes.put(header, 345, "some/prefix");
    assertEquals(
        "some/prefix/name", only(new TarBytes().raw(TarBytes.sum(header)).end()).path().text());
  }

  @Test
  void damagedArchivesAreRefused() {
    byte[] wrongSum = new TarBytes().file("f", "x").end();
    wrongSum[3] = 'y';
    assertEquals("the checksum of a header is wrong", fault(wrongSum));
    byte[] whole = new TarBytes().file("f", "x").end();
    for (int cut = 0; cut < 1024; cut += 100) {
      assertEquals("the archive ends too early", fault(Arrays.copyOf(whole, cut)));
    }
    byte[] more = Arrays.copyOf(whole, whole.length + 512);
    more[more.length - 1] = 1;
    assertEquals("there is something after its end", fault(more));
  }

  @Test
  void whatTarsDisagreeAboutIsRefused() {
    assertTrue(fault(new TarBytes().entry('S', "f", "", NOTHING).end()).contains("sparse"));
    assertTrue(fault(new TarBytes().entry('M', "f", "", NOTHING).end()).contains("type 'M'"));
    assertEquals(
        "only a file has content", fault(new TarBytes().entry('5', "d", "", utf8("x")).end()));
    assertEquals("an entry has no name", fault(new TarBytes().file("", "").end()));
    assertEquals(
        "an extended header has no entry after it",
        fault(new TarBytes().pax('x', TarBytes.record("path", utf8("p"))).end()));
    assertTrue(
        fault(
                new TarBytes()
                    .pax('x', TarBytes.record("GNU.sparse.major", utf8("1")))
                    .file("f", "")
                    .end())
            .contains("sparse"));
    assertTrue(
        fault(
                new TarBytes()
                    .pax('x', TarBytes.record("SCHILY.acl.access", utf8("u::rw")))
                    .file("f", "")
                    .end())
            .contains("access control list"));
  }

  @Test
  void badExtendedHeadersAreRefused() {
    for (String body :
        new String[] {"x", "5", "9999 path=a\n", "11 path=abcdX", "8 path9\n", "5 =a\n", "0 \n"}) {
      assertTrue(
          fault(new TarBytes().entry('x', "pax", "", utf8(body)).file("f", "").end())
              .startsWith("an extended header"),
          body);
    }
    byte[] huge = TarBytes.sum(TarBytes.header('x', "pax", "", 1L << 30));
    assertTrue(fault(new TarBytes().raw(huge).open()).contains("claims to have"));
  }

  @Test
  void numbersOutOfBoundsAreRefused() {
    byte[] notOctal = TarBytes.header('0', "f", "", 0);
    TarBytes.put(notOctal, 108, "00x0");
    assertTrue(fault(new TarBytes().raw(TarBytes.sum(notOctal)).end()).contains("not octal"));
    byte[] negative = TarBytes.header('0', "f", "", 0);
    Arrays.fill(negative, 124, 136, (byte) 0xff);
    assertTrue(fault(new TarBytes().raw(TarBytes.sum(negative)).end()).contains("negative"));
    assertTrue(
        fault(
                new TarBytes()
                    .pax('x', TarBytes.record("uid", utf8("4294967296")))
                    .file("f", "")
                    .end())
            .contains("too large"));
  }

  @Test
  void aNameInAComplaintCannotDriveATerminal() {
    HostileArchive hostile = new HostileArchive("a.tar", "x\n\u001b[2J\u202e", "bad");
    assertEquals("a.tar: x??[2J?: bad", hostile.getMessage());
  }
}
