package dev.imgstore.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Columns for people: as wide as needed, two spaces apart, numbers to the right. */
final class Table {
  private final List<List<String>> rows = new ArrayList<>();

  Table(String... heads) {
    rows.add(List.of(heads));
  }

  void row(Object... cells) {
    List<String> row = new ArrayList<>();
    for (Object cell : cells) {
      row.add(cell.toString().replace('\n', ' '));
    }
    rows.add(row);
  }

  /** All rows, each ended by a line feed; nothing if there is only the head. */
  @Override
  public String toString() {
    if (rows.size() == 1) {
      return "";
    }
    int[] width = new int[rows.get(0).size()];
    boolean[] number = new boolean[width.length];
    for (int column = 0; column < width.length; column++) {
      number[column] = true;
      for (List<String> row : rows) {
        width[column] = Math.max(width[column], row.get(column).length());
      }
      for (List<String> row : rows.subList(1, rows.size())) {
        number[column] &= row.get(column).matches("[-+]?[0-9.,]+( [KMGT]?i?B)?|");
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < width.length; column++) {
        String pad = " ".repeat(width[column] - row.get(column).length());
        line.append(number[column] ? pad + row.get(column) : row.get(column) + pad).append("  ");
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  /** A number of bytes in the largest unit that leaves a digit before the point. */
  static String bytes(long bytes) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
  }
}
