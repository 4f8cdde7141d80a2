package dev.imgstore.builder.recipe;

import dev.imgstore.builder.recipe.DiskConfig.Initrd;
import dev.imgstore.builder.recipe.DiskConfig.Partition;
import dev.imgstore.builder.recipe.DiskConfig.Root;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads the disk of an image from its label, which anybody can have written. */
final class DiskLabel {
  private static final Keys LABEL =
      new Keys() {
        @Override
        public List<String> keys() {
          return List.of(
              "format",
              "boot",
              "cmdline",
              "size",
              "free",
              "swap",
              "partitions",
              "initrd",
              "marker",
              "root");
        }

        @Override
        public String unknown(String key) {
          return Complaints.quote(key) + " is of a later version of imgstore";
        }
      };

  private DiskLabel() {}

  /** What {@link DiskConfig#toString} wrote; YAML 1.2 reads JSON. */
  static DiskConfig parse(String label) {
    Complaints complaints = new Complaints("label " + DiskConfig.LABEL);
    Optional<DiskConfig> read =
        RecipeReader.mapping(label.getBytes(StandardCharsets.UTF_8), complaints)
            .flatMap(node -> Section.of("a disk", node, LABEL, new Values(complaints)))
            .map(DiskLabel::labelled);
    if (read.isEmpty() || !complaints.isEmpty()) {
      throw new IllegalArgumentException(
          complaints.sorted().stream().findFirst().map(Object::toString).orElse("no disk"));
    }
    return read.get();
  }

  private static DiskConfig labelled(Section section) {
    section.number("format", 1, 1, 1);
    DiskConfig config = labelledDisk(section);
    DiskPart.requireFew(section, config.partitions().size());
    Set<String> seen = new HashSet<>(DiskConfig.OWN);
    if (config.root() == Root.VERITY) {
      seen.add(DiskConfig.HASHES);
    }
    config.partitions().stream()
        .map(Partition::mount)
        .filter(DiskPart::isNeeded)
        .forEach(mount -> section.complain(section.place("partitions"), DiskPart.needed(mount)));
    config.partitions().stream()
        .map(Partition::label)
        .filter(label -> !seen.add(label))
        .forEach(label -> section.complain(section.place("partitions"), DiskPart.clash(label)));
    return config;
  }

  private static DiskConfig labelledDisk(Section section) {
    return new DiskConfig(
        DiskPart.starters(section),
        section.text("cmdline", "", DiskPart.WORDS),
        section.number("size", 0, 0, Sizes.MOST),
        section.number("free", 0, 0, Sizes.MOST),
        section.number("swap", 0, 0, DiskPart.MOST_SWAP),
        section.list("partitions").stream()
            .flatMap(
                item -> Section.of("a partition", item, Part.PARTITION, section.values()).stream())
            .flatMap(
                each ->
                    each.text("mount", DiskPart.MOUNT).stream()
                        .map(at -> new Partition(at, each.number("size", 0, 1, Sizes.MOST))))
            .toList(),
        section.choice("initrd", Initrd.OWN, DiskPart.INITRDS),
        section.text("marker", "", Rules.ANY),
        section.choice("root", Root.WRITABLE, DiskPart.ROOTS));
  }
}
