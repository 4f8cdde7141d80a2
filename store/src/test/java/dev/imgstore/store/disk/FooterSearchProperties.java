package dev.imgstore.store.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.imgstore.model.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class FooterSearchProperties {
  /** Digests spread evenly, or crowded together, some of them several times. */
  private static List<Digest> digests(Random random, int count, boolean crowded) {
    List<Digest> digests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] raw = new byte[Digest.BYTES];
      if (crowded) {
        raw[random.nextInt(Digest.BYTES)] = (byte) random.nextInt(4);
      } else {
        random.nextBytes(raw);
      }
      digests.add(Digest.fromRaw(raw));
    }
    digests.sort(null);
    return digests;
  }

  @Property(tries = 300)
  void aDigestIsFoundWhereItIsFirst(
      @ForAll @IntRange(max = 1000) int count, @ForAll boolean crowded, @ForAll int seed)
      throws IOException {
    Random random = new Random(seed);
    List<Digest> digests = digests(random, count, crowded);
    ByteBuffer footer = ByteBuffer.allocate(count * Entry.BYTES);
    for (Digest each : digests) {
      new Entry(each, Form.VERBATIM, 0, 0, SegmentFormat.HEADER, 0, 0).write(footer);
    }
    SegmentFormat.Trailer trailer = new SegmentFormat.Trailer(1000, count, 1, "");
    List<Digest> asked = new ArrayList<>(digests(random, 20, crowded));
    asked.addAll(digests.subList(0, Math.min(count, 20)));
    for (Digest each : asked) {
      int expected = (int) digests.stream().filter(other -> other.compareTo(each) < 0).count();
      ByteBuffer digest = ByteBuffer.wrap(each.raw());
      FooterSearch inMemory = new FooterSearch(footer, count);
      FooterSearch inFile =
          new FooterSearch((offset, length) -> footer.slice((int) offset - 1000, length), trailer);
      for (FooterSearch search : List.of(inMemory, inFile)) {
        assertEquals(expected, search.first(digest));
        for (int i = expected; i < Math.min(count, expected + 100); i++) {
          assertEquals(digests.get(i).equals(each), search.isAt(i, digest));
          assertEquals(ByteBuffer.wrap(digests.get(i).raw()), search.entry(i).slice(0, 32));
        }
      }
    }
  }
}
