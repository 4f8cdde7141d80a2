package dev.imgstore.builder.pack.deflate;

/**
 * Gathers tokens in segments and cuts them into blocks: a segment begins a block of its own when
 * new codes are estimated to save more than their description takes. Not for use by several
 * threads.
 */
final class BlockSplitter {
  private static final int SEGMENT = 2048;
  private static final int MAX_BLOCK = 16 * SEGMENT;

  /** The least number of bits that new codes must save. */
  private static final int HEAD_BITS = 800;

  private static final Tally NOTHING = new Tally();

  private final BlockWriter writer;
  private final int[] tokens = new int[MAX_BLOCK + SEGMENT + Parser.LATE];
  private final Tally block = new Tally();
  private final Tally segment = new Tally();
  private byte[] input = new byte[0];
  private int start;
  private int count;
  private long estimate;

  BlockSplitter(BlockWriter writer) {
    this.writer = writer;
  }

  /** Writes all that the parser has for the bytes from {@code from} to {@code to}, as blocks. */
  void write(Parser parser, byte[] source, int from, int to, Ending ending) {
    input = source;
    begin(from);
    int at = from;
    while (at < to) {
      int segmentStart = at;
      at = parser.parse(at, tokens, count, count + SEGMENT);
      place(segmentStart, parser.count() - count);
    }
    finish(to, ending);
    input = new byte[0];
  }

  private void begin(int from) {
    start = from;
    count = 0;
    estimate = 0;
    block.clear();
  }

  /** Takes the tokens behind the block, which begin at {@code from}, into it or into a new one. */
  private void place(int from, int added) {
    segment.count(tokens, count, count + added);
    long alone = Tally.estimate(segment, NOTHING);
    long together = Tally.estimate(segment, block);
    boolean pays = estimate + alone + HEAD_BITS < together;
    if (count > 0 && (pays || count + added > MAX_BLOCK)) {
      int kept = count;
      finish(from, Ending.CONTINUES);
      System.arraycopy(tokens, kept, tokens, 0, added);
      begin(from);
      together = alone;
    }
    block.add(segment);
    count += added;
    estimate = together;
  }

  private void finish(int to, Ending ending) {
    writer.write(tokens, count, block, input, start, to - start, ending);
  }
}
