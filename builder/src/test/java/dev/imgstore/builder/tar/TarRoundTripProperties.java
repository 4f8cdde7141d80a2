package dev.imgstore.builder.tar;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.imgstore.model.Bytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** What another program's writer wrote is what is read. */
final class TarRoundTripProperties {
  record Made(byte type, String name, String link, Bytes content, int mode, long owner) {}

  @Provide
  Arbitrary<List<Made>> entries() {
    Arbitrary<String> component =
        Arbitraries.strings().withChars("abc._-é漢 ").ofMinLength(1).ofMaxLength(80);
    Arbitrary<String> path =
        component.list().ofMinSize(1).ofMaxSize(5).map(parts -> String.join("/", parts));
    Arbitrary<Byte> type =
        Arbitraries.of(TarConstants.LF_NORMAL, TarConstants.LF_SYMLINK, TarConstants.LF_FIFO);
    return Combinators.combine(
            type,
            path,
            path,
            Arbitraries.bytes().array(byte[].class).ofMaxSize(1500).map(Bytes::of),
            Arbitraries.integers().between(0, 07777),
            Arbitraries.longs().between(0, Integer.MAX_VALUE))
        .as(Made::new)
        .list()
        .ofMaxSize(6);
  }

  @Property(tries = 200)
  void gnuNamesAndNumbersComeBack(@ForAll("entries") List<Made> made) throws IOException {
    check(made, TarArchiveOutputStream.LONGFILE_GNU, TarArchiveOutputStream.BIGNUMBER_STAR);
  }

  @Property(tries = 200)
  void posixNamesAndNumbersComeBack(@ForAll("entries") List<Made> made) throws IOException {
    check(made, TarArchiveOutputStream.LONGFILE_POSIX, TarArchiveOutputStream.BIGNUMBER_POSIX);
  }

  private static void check(List<Made> made, int names, int numbers) throws IOException {
    TarReader tar = new TarReader("t", new ByteArrayInputStream(write(made, names, numbers)));
    for (Made one : made) {
      TarEntry entry = tar.next().orElseThrow();
      assertEquals(one.name, entry.path().text());
      assertEquals(one.mode, entry.meta().mode());
      assertEquals(one.owner, entry.meta().uid());
      switch (entry.kind()) {
        case FILE -> assertEquals(one.content, Bytes.of(tar.content().readAllBytes()));
        case SYMLINK -> assertEquals(one.link, entry.target().text());
        default -> assertEquals(TarEntry.Kind.FIFO, entry.kind());
      }
    }
    assertEquals(Optional.empty(), tar.next());
  }

  private static byte[] write(List<Made> made, int names, int numbers) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(out, "UTF-8")) {
      tar.setLongFileMode(names);
      tar.setBigNumberMode(numbers);
      tar.setAddPaxHeadersForNonAsciiNames(names == TarArchiveOutputStream.LONGFILE_POSIX);
      for (Made one : made) {
        TarArchiveEntry entry = new TarArchiveEntry(one.name, one.type);
        entry.setMode(one.mode);
        entry.setUserId(one.owner);
        boolean file = one.type == TarConstants.LF_NORMAL;
        entry.setSize(file ? one.content.length() : 0);
        if (one.type == TarConstants.LF_SYMLINK) {
          entry.setLinkName(one.link);
        }
        tar.putArchiveEntry(entry);
        if (file) {
          tar.write(one.content.toArray());
        }
        tar.closeArchiveEntry();
      }
    }
    return out.toByteArray();
  }
}
