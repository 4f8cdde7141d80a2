package dev.imgstore.builder.check;

/** What a difference likely comes from. */
public enum Kind {
  /** The time of day. */
  TIMESTAMP("timestamp"),
  /** Where it was built. */
  PATH("path"),
  /** The order in which a directory lists its entries, or in which things run. */
  ORDER("order"),
  /** Random numbers, or whatever else is another each time. */
  RANDOMNESS("randomness"),
  /** The name of the machine. */
  HOST_NAME("host name"),
  /** The number or name of the user. */
  USER("uid"),
  /** The mask of modes. */
  UMASK("umask"),
  /** The time zone. */
  ZONE("time zone"),
  /** The locale. */
  LOCALE("locale"),
  /** How many processors there are. */
  PROCESSORS("processors"),
  /** It does not even run. */
  FAILURE("failure"),
  /** Several of what was varied together. */
  UNKNOWN("unknown");

  private final String text;

  Kind(String text) {
    this.text = text;
  }

  /** One or two words. */
  @Override
  public String toString() {
    return text;
  }
}
