package dev.imgstore.builder.source.deb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import dev.imgstore.builder.tar.HostileArchive;
import dev.imgstore.builder.tar.TarBytes;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.TreePath;
import dev.imgstore.testkit.MemoryBlobStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

final class DebUnpackerTest {
  private static final String CONTROL =
      "Package: hello\nVersion: 1.0-1\nArchitecture: amd64\nDescription: says hello\n";
  private static final byte[] CONTROL_TAR = new TarBytes().file("./control", CONTROL).end();
  private static final byte[] DATA_TAR =
      new TarBytes().directory("./").file("./usr/bin/hello", "#!/bin/sh\n").end();
  private final MemoryBlobStore blobs = new MemoryBlobStore();

  /** A .deb of these members. */
  private static final class Ar {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Ar() {
      out.writeBytes("!<arch>\n".getBytes(StandardCharsets.US_ASCII));
    }

    static Ar deb() {
      return new Ar().member("debian-binary", "2.0\n".getBytes(StandardCharsets.US_ASCII));
    }

    Ar member(String name, byte[] bytes) {
      out.writeBytes(
          String.format("%-16s%-12d%-6d%-6d%-8s%-10d`\n", name, 0, 0, 0, "100644", bytes.length)
              .getBytes(StandardCharsets.US_ASCII));
      out.writeBytes(bytes);
      if (bytes.length % 2 == 1) {
        out.write('\n');
      }
      return this;
    }

    byte[] end() {
      return out.toByteArray();
    }
  }

  private interface Compressor {
    OutputStream open(OutputStream out) throws IOException;
  }

  private static byte[] compress(byte[] bytes, Compressor compressor) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream compressed = compressor.open(out)) {
      compressed.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] xz(byte[] bytes) throws IOException {
    return compress(bytes, out -> new XZOutputStream(out, new LZMA2Options(1)));
  }

  private UnpackedDeb unpack(byte[] deb) throws IOException {
    return DebUnpacker.unpack("hello.deb", new ByteArrayInputStream(deb), blobs);
  }

  private String fault(byte[] deb) {
    HostileArchive refused = assertThrows(HostileArchive.class, () -> unpack(deb));
    assertTrue(String.valueOf(refused.getMessage()).startsWith("hello.deb"), refused.getMessage());
    return refused.entry() + ": " + refused.fault();
  }

  @Test
  void everyCompressionGivesTheSameTree() throws IOException {
    UnpackedDeb plain =
        unpack(Ar.deb().member("control.tar", CONTROL_TAR).member("data.tar", DATA_TAR).end());
    assertEquals("hello", plain.name());
    assertEquals("1.0-1", plain.version());
    assertEquals("amd64", plain.architecture());
    assertTrue(TreeEditor.of(blobs, plain.files()).exists(TreePath.of("usr/bin/hello")));
    byte[][] members = {
      xz(DATA_TAR),
      compress(DATA_TAR, GZIPOutputStream::new),
      compress(DATA_TAR, BZip2CompressorOutputStream::new),
      Zstd.compress(DATA_TAR, 3),
    };
    String[] endings = {".xz", ".gz", ".bz2", ".zst"};
    for (int i = 0; i < members.length; i++) {
      byte[] deb =
          Ar.deb()
              .member("_extra", new byte[] {1})
              .member("control.tar.xz", xz(CONTROL_TAR))
              .member("data.tar" + endings[i], members[i])
              .end();
      assertEquals(plain, unpack(deb), endings[i]);
    }
  }

  @Test
  void whatWasStoredIsOpenedAgain() throws IOException {
    UnpackedDeb unpacked =
        unpack(Ar.deb().member("control.tar", CONTROL_TAR).member("data.tar", DATA_TAR).end());
    assertEquals(unpacked, UnpackedDeb.open(blobs, unpacked.root()));
    assertThrows(IOException.class, () -> UnpackedDeb.open(blobs, unpacked.files()));
  }

  @Test
  void membersMustBeThereInOrder() {
    assertEquals(
        ": it is no .deb: it does not start like an ar archive", fault(new byte[] {1, 2, 3}));
    assertEquals(": it has no member debian-binary", fault(new Ar().end()));
    assertTrue(fault(new Ar().member("control.tar", CONTROL_TAR).end()).contains("format 2"));
    assertTrue(fault(new Ar().member("debian-binary", new byte[] {'3'}).end()).contains("format"));
    assertEquals(": it has no member control.tar", fault(Ar.deb().end()));
    assertEquals(
        ": it has no member data.tar", fault(Ar.deb().member("control.tar", CONTROL_TAR).end()));
    assertEquals(
        "data.tar: it stands where control.tar must be",
        fault(Ar.deb().member("data.tar", DATA_TAR).end()));
    assertEquals(
        "data.tar.lz4: its compression is not known",
        fault(Ar.deb().member("control.tar", CONTROL_TAR).member("data.tar.lz4", DATA_TAR).end()));
  }

  @Test
  void everyCutIsRefused() throws IOException {
    byte[] whole =
        Ar.deb()
            .member("control.tar.xz", xz(CONTROL_TAR))
            .member("data.tar.xz", xz(DATA_TAR))
            .end();
    for (int cut = 0; cut < whole.length - 4; cut++) {
      fault(Arrays.copyOf(whole, cut));
    }
  }

  @Test
  void flippedBytesNeverGiveAnythingButARefusalOrTheSameTree() throws IOException {
    byte[] whole =
        Ar.deb()
            .member("control.tar.xz", xz(CONTROL_TAR))
            .member("data.tar.xz", xz(DATA_TAR))
            .end();
    UnpackedDeb right = unpack(whole);
    Random random = new Random(42);
    for (int i = 0; i < 600; i++) {
      byte[] bad = whole.clone();
      bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        assertEquals(right, unpack(bad));
      } catch (HostileArchive refused) {
        assertTrue(String.valueOf(refused.getMessage()).startsWith("hello.deb"));
      }
    }
  }

  @Test
  void badHeadersOfMembersAreRefused() {
    byte[] deb = Ar.deb().member("control.tar", CONTROL_TAR).end();
    byte[] noEnd = deb.clone();
    noEnd[8 + 58] = 'x';
    assertTrue(fault(noEnd).contains("damaged"));
    byte[] noSize = deb.clone();
    noSize[8 + 48] = '-';
    assertTrue(fault(noSize).contains("its size is no number"));
  }

  @Test
  void badControlFilesAreRefused() {
    for (String[] bad :
        new String[][] {
          {"Package: Hello\nVersion: 1\nArchitecture: all\n", "Package is missing or wrong"},
          {"Version: 1\nArchitecture: all\n", "Package is missing or wrong"},
          {"Package: hello\nArchitecture: all\n", "the Version is wrong"},
          {"Package: hello\nVersion: 1\nArchitecture: ../x\n", "Architecture is missing or wrong"},
          {"Package: hello\nPackage: hello\n", "stands twice"},
          {"nonsense\n", "neither"},
          {"", "0 paragraphs"},
        }) {
      byte[] tar = new TarBytes().file("control", bad[0]).end();
      assertTrue(fault(Ar.deb().member("control.tar", tar).end()).contains(bad[1]), bad[1]);
    }
    assertTrue(
        fault(Ar.deb().member("control.tar", new TarBytes().file("x", "").end()).end())
            .contains("no file named control"));
  }

  @Test
  void faultsInsideNameTheEntry() {
    byte[] tar = new TarBytes().symlink("./d", "/").file("./d/etc/passwd", "x").end();
    byte[] deb = Ar.deb().member("control.tar", CONTROL_TAR).member("data.tar", tar).end();
    HostileArchive refused = assertThrows(HostileArchive.class, () -> unpack(deb));
    assertEquals(
        "hello.deb, data.tar: ./d/etc/passwd: it lies below /d, which is no directory",
        refused.getMessage());
  }

  @Test
  void bombsAreRefusedBeforeTheyFillAnything() throws IOException {
    byte[] header = TarBytes.sum(TarBytes.header('0', "./control", "", 1L << 32));
    byte[] bomb =
        compress(
            header,
            out -> {
              OutputStream xz = new GZIPOutputStream(out);
              return new java.io.FilterOutputStream(xz) {
                @Override
                public void close() throws IOException {
                  byte[] zeros = new byte[1 << 20];
                  for (int i = 0; i < 64; i++) {
                    xz.write(zeros);
                  }
                  super.close();
                }
              };
            });
    assertTrue(fault(Ar.deb().member("control.tar.gz", bomb).end()).contains("times its size"));
  }

  @Test
  void aFaultOfTheSourceIsNotThePackages() {
    byte[] deb = Ar.deb().member("control.tar", CONTROL_TAR).end();
    InputStream broken =
        new SequenceInputStream(
            new ByteArrayInputStream(deb, 0, 600),
            new InputStream() {
              @Override
              public int read() throws IOException {
                throw new IOException("disk on fire");
              }

              @Override
              public int read(byte[] target, int offset, int length) throws IOException {
                return read();
              }
            });
    IOException failed =
        assertThrows(IOException.class, () -> DebUnpacker.unpack("hello.deb", broken, blobs));
    assertEquals("disk on fire", failed.getMessage());
  }
}
