package dev.imgstore.builder.pack.deflate;

import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The promise that output never changes. A pin in someone's deploy spec names these bytes: if a
 * digest here differs, the change is wrong, or it needs a new {@link BlockDeflater#ENCODER} beside
 * the old one. Never replace a digest.
 */
class DeflateGoldenTest {
  private static final Map<String, String> DIGESTS = digests();

  private static SortedMap<String, byte[]> inputs() {
    SortedMap<String, byte[]> inputs = new TreeMap<>();
    inputs.put("empty", new byte[0]);
    inputs.put("mixed", Samples.mixed(1_500_000, 21));
    inputs.put("one byte", new byte[] {'x'});
    inputs.put("random", Samples.random(300_000, 22));
    inputs.put("records", Samples.records(300_000, 23));
    inputs.put("text", Samples.text(700_000, 24));
    inputs.put("zeros", new byte[1 << 20]);
    return inputs;
  }

  private static Map<String, String> digests() {
    return Map.ofEntries(
        entry("empty deflate", "9b4fb24edd6d1d8830e272398263cdbf026b97392cc35387b991dc0248a628f9"),
        entry("empty gzip", "ac73670af3abed54ac6fb4695131f4099be9fbe39d6076c5d0264a6bbdae9d83"),
        entry("empty input", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        entry("empty zlib", "012af6e29b83ef2e57110415d3f9cd25c49f8665bbacce4f026912bca74aea29"),
        entry("mixed deflate", "0a06801b2f75a0815cc7d604be2b50c85e1c2eaafe76950a7735fd11765cbd6f"),
        entry("mixed gzip", "6a315d919dcea7c545502f4679f301ff3bf96c7b00b276e34a42369043d57ca1"),
        entry("mixed input", "c7fc4ac0a71410d2e2ed35020f2a3af5e684220332abd511a8a51701041c6363"),
        entry("mixed zlib", "641a2e97b41f8c8d895be3e16d376de36f077f97f45aa04ecaad0008e34ee3a7"),
        entry(
            "one byte deflate", "f5b976feaac71fd875e2850ce8a0f229ad2fe83beab9d1284fe2a75f1e172a56"),
        entry("one byte gzip", "d96912cae540a75b4520f1029005dc3c119d84356eb4aae5f41cb8ad5c3657bc"),
        entry("one byte input", "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"),
        entry("one byte zlib", "e9ee8b2dff9c846d1b2cb95af548a2a29d5f53d256ed15efcc962e0c84763801"),
        entry("quick streams", "7aff059e501ed85a08a80a0816206071485dff2f8789594bd7ed4b0479deb158"),
        entry("random deflate", "725e2b30eb517abc84dc66bcc031484320f0839be8abbe82901a0b96fb38e929"),
        entry("random gzip", "2f55ade8bcce7ed812fad95237accc4b70ff0c49329155498097a78d711c18f8"),
        entry("random input", "f160665c832125d305a1adae4b3ac2303f91aab5619e0c53d84d89bf8da33036"),
        entry("random zlib", "72f01cf2a849d4a4c41995fa4050f946c373e66dc47162d8b3808a20dc82b6eb"),
        entry(
            "records deflate", "21ed67ef61b61e8fad145507d6696eb66eecc3228a4c0467bc7b59da1addcab8"),
        entry("records gzip", "51dc899eedf179ffee94f816f3515e2e4ee8aa5e676ad3d212a1dc7a6e2c9ae4"),
        entry("records input", "ed6f22da505c5a47c50c4d79aaca65a1872b31a3f9f6fcd0a5b009e42adf9f6a"),
        entry("records zlib", "b495a92e63f639089db6575350a477a4ef2210915736eb5fc3239eac123464c2"),
        entry("text deflate", "aacea4a2e7a91e77068b4bbd563f811bf8a6801eff9f4ed6d8c3ac7601fca91d"),
        entry("text gzip", "0d065fa49933b1407fe10d005470d3cb1fcdc93b56daa8eccf078b1030e6dd0f"),
        entry("text input", "f28eca3566534cf7e1b835815bc2eb36e0a8cf6c4710c0e476cad3ca86c2e5a1"),
        entry("text zlib", "e4d79fe9a93a06ca81340cd2b6fc97575c5fccd597de74123a9d6d15349b18ea"),
        entry("zeros deflate", "aa75002f559814b774c053c8acc2681946774ee802d071460298d3960ed745f7"),
        entry("zeros gzip", "5ab37c7ea01ab0855bdde7c2e90611798881324fa44c3306679eb4cae101b496"),
        entry("zeros input", "30e14955ebf1352266dc2ff8067e68104607e750abb9d3b36582b8af909fcb58"),
        entry("zeros zlib", "6514d7bba3f0b0a9baa985a1887da06b1d0164faed60fe1aa23af1d3c628f43c"));
  }

  @Test
  void inputsAreTheOnesThatWerePinned() {
    inputs().forEach((name, input) -> check(name + " input", input));
  }

  @Test
  void deflateStreamsNeverChange() {
    BlockDeflater deflater = new BlockDeflater();
    inputs()
        .forEach(
            (name, input) -> check(name + " deflate", deflater.deflate(input, 0, input.length)));
  }

  @Test
  void zlibStreamsOfSmallWindowsNeverChange() {
    BlockDeflater deflater = BlockDeflater.withWindow(1 << 12);
    inputs().forEach((name, input) -> check(name + " zlib", deflater.zlib(input, 0, input.length)));
  }

  @Test
  void gzipMembersNeverChange() throws IOException {
    for (Map.Entry<String, byte[]> entry : inputs().entrySet()) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try (ParallelGzip gzip = new ParallelGzip(out, Runnable::run, 1)) {
        gzip.write(entry.getValue());
      }
      check(entry.getKey() + " gzip", out.toByteArray());
    }
  }

  @Test
  void quickStreamsNeverChange() throws IOException {
    BlockDeflater deflater = BlockDeflater.quick();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] input : inputs().values()) {
      all.write(deflater.zlib(input, 0, input.length));
    }
    check("quick streams", all.toByteArray());
  }

  private static void check(String name, byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      String hex = HexFormat.of().formatHex(digest);
      assertEquals(DIGESTS.get(name), hex, () -> "the bytes of " + name + " have changed");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
