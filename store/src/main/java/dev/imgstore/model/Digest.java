package dev.imgstore.model;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Objects;

/**
 * The SHA-256 of stored bytes, as 64 lower-case hexadecimal digits. It names bytes and says nothing
 * of what they mean; {@link TreeId}, {@link ActionKey} and {@link DiffId} do.
 */
public record Digest(String hex) implements Comparable<Digest> {
  /** Length of the raw hash in bytes. */
  public static final int BYTES = 32;

  private static final String PREFIX = "sha256:";
  private static final MessageDigest FRESH = made(); // never fed
  private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /** Refuses anything but 64 lower-case hexadecimal digits. */
  public Digest {
    Objects.requireNonNull(hex);
    if (hex.length() != 2 * BYTES) {
      throw new IllegalArgumentException(
          "a SHA-256 has 64 hexadecimal digits, not " + hex.length());
    }
    for (int i = 0; i < hex.length(); i++) {
      char c = hex.charAt(i);
      if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
        throw new IllegalArgumentException("not a lower-case hexadecimal digit in a SHA-256: " + c);
      }
    }
  }

  /** The digest of {@code bytes}. */
  public static Digest of(byte[] bytes) {
    return fromRaw(sha256().digest(bytes));
  }

  /** The digest of {@code length} bytes from {@code offset}. */
  public static Digest of(byte[] bytes, int offset, int length) {
    MessageDigest hash = sha256();
    hash.update(bytes, offset, length);
    return fromRaw(hash.digest());
  }

  /** From the 32 raw bytes of a hash. */
  public static Digest fromRaw(byte[] raw) {
    if (raw.length != BYTES) {
      throw new IllegalArgumentException("a SHA-256 has 32 bytes, not " + raw.length);
    }
    byte[] digits = new byte[2 * BYTES];
    for (int i = 0; i < BYTES; i++) {
      digits[2 * i] = DIGITS[(raw[i] >> 4) & 15];
      digits[2 * i + 1] = DIGITS[raw[i] & 15];
    }
    return new Digest(new String(digits, StandardCharsets.ISO_8859_1));
  }

  /** Reads the OCI spelling, {@code sha256:} and 64 digits. */
  public static Digest parse(String text) {
    if (!text.startsWith(PREFIX)) {
      throw new IllegalArgumentException("a digest starts with sha256: " + text);
    }
    return new Digest(text.substring(PREFIX.length()));
  }

  /** A fresh SHA-256: copied, for a new one is looked up among all algorithms each time. */
  public static MessageDigest sha256() {
    try {
      return (MessageDigest) FRESH.clone();
    } catch (CloneNotSupportedException e) {
      return made(); // a provider's of its own
    }
  }

  private static MessageDigest made() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  private static int value(char digit) {
    return digit <= '9' ? digit - '0' : digit - 'a' + 10;
  }

  /** The 32 raw bytes, fresh for the caller. */
  public byte[] raw() {
    byte[] raw = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      raw[i] = (byte) ((value(hex.charAt(2 * i)) << 4) | value(hex.charAt(2 * i + 1)));
    }
    return raw;
  }

  /** Written out, as is {@link #equals}: a record's own are linked at run time, at every start. */
  @Override
  public int hashCode() {
    return hex.hashCode();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Digest digest && hex.equals(digest.hex);
  }

  @Override
  public int compareTo(Digest other) {
    return hex.compareTo(other.hex);
  }

  /** The OCI spelling, {@code sha256:} and 64 digits. */
  @Override
  public String toString() {
    return PREFIX + hex;
  }
}
