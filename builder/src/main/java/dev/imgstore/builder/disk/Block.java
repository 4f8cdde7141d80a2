package dev.imgstore.builder.disk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * A block of fields as a format lays them out: of fixed size, and zero where nothing is put. Fields
 * follow each other from the last {@link #at}. Numbers that do not fit their field are refused.
 */
public final class Block {
  private final byte[] bytes;
  private final ByteBuffer fields;

  private Block(int size, ByteOrder order) {
    this.bytes = new byte[size];
    this.fields = ByteBuffer.wrap(bytes).order(order);
  }

  /** A block whose numbers have their lowest byte first. */
  public static Block little(int size) {
    return new Block(size, ByteOrder.LITTLE_ENDIAN);
  }

  /** A block whose numbers have their highest byte first. */
  public static Block big(int size) {
    return new Block(size, ByteOrder.BIG_ENDIAN);
  }

  /** Goes on at this index. */
  public Block at(int index) {
    fields.position(index);
    return this;
  }

  /** Where the next field goes. */
  public int position() {
    return fields.position();
  }

  /** One byte. */
  public Block u8(int value) {
    fields.put((byte) fitting(value, 8));
    return this;
  }

  /** Two bytes. */
  public Block u16(int value) {
    fields.putShort((short) fitting(value, 16));
    return this;
  }

  /** Four bytes; a negative int is taken for its bits. */
  public Block u32(int value) {
    fields.putInt(value);
    return this;
  }

  /** Four bytes. */
  public Block u32(long value) {
    fields.putInt((int) fitting(value, 32));
    return this;
  }

  /** Eight bytes. */
  public Block u64(long value) {
    fields.putLong(value);
    return this;
  }

  /** Sixteen bytes, the highest first (RFC 9562). */
  public Block uuid(UUID id) {
    ByteOrder order = fields.order();
    fields.order(ByteOrder.BIG_ENDIAN);
    fields.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    fields.order(order);
    return this;
  }

  /** Sixteen bytes, the first three fields with the lowest byte first (UEFI 2.10, appendix A). */
  public Block guid(UUID id) {
    ByteOrder order = fields.order();
    long high = id.getMostSignificantBits();
    fields.order(ByteOrder.LITTLE_ENDIAN);
    fields.putInt((int) (high >>> 32)).putShort((short) (high >>> 16)).putShort((short) high);
    fields.order(ByteOrder.BIG_ENDIAN).putLong(id.getLeastSignificantBits());
    fields.order(order);
    return this;
  }

  /** The characters of an ASCII text. */
  public Block ascii(String text) {
    return bytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** These bytes. */
  public Block bytes(byte[] value) {
    fields.put(value);
    return this;
  }

  /** All bytes of the block: its own array, to be used when the block is complete. */
  public byte[] array() {
    return bytes;
  }

  private static long fitting(long value, int bits) {
    if (value < 0 || value >>> bits != 0) {
      throw new IllegalArgumentException(value + " does not fit in " + bits + " bits");
    }
    return value;
  }
}
