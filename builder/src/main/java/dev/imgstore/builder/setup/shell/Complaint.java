package dev.imgstore.builder.setup.shell;

/**
 * A line of a script that could not be carried out.
 *
 * @param line from 1
 * @param text the line, trimmed
 */
public record Complaint(int line, String text) implements Comparable<Complaint> {
  @Override
  public int compareTo(Complaint other) {
    int order = Integer.compare(line, other.line);
    return order != 0 ? order : text.compareTo(other.text);
  }
}
