package dev.imgstore.builder.recipe;

import dev.imgstore.builder.recipe.DiskConfig.Initrd;
import dev.imgstore.builder.recipe.DiskConfig.Partition;
import dev.imgstore.builder.recipe.DiskConfig.Root;
import dev.imgstore.builder.recipe.DiskConfig.Starter;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreePath;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads what disk a machine has, and what files of the image follow from that. */
final class DiskPart {
  static final SortedMap<String, Initrd> INITRDS =
      Collections.unmodifiableSortedMap(
          new TreeMap<>(Map.of("own", Initrd.OWN, "packaged", Initrd.PACKAGED)));

  static final Map<String, Starter> STARTERS =
      Collections.unmodifiableSortedMap(
          new TreeMap<>(Map.of("uefi", Starter.UEFI, "bios", Starter.BIOS)));

  private static final List<Starter> UEFI = List.of(Starter.UEFI);

  /** Only these machines ever had a BIOS. */
  private static final String PC = "amd64";

  static final SortedMap<String, Root> ROOTS =
      Collections.unmodifiableSortedMap(
          new TreeMap<>(Map.of("writable", Root.WRITABLE, "verity", Root.VERITY)));

  /** What there cannot be with a root that is never written, and why. */
  private static final SortedMap<String, String> NOT_WITH_VERITY =
      new TreeMap<>(
          Map.of(
              "free", "a verified root has no free space",
              "grow", "a verified root cannot grow",
              "user-data", "what a machine is told at its first start cannot be kept there"));

  private static final String CMDLINE = "console=tty0 console=ttyS0";
  private static final Pattern OURS = Pattern.compile("^root(hash|fstype)?=");
  private static final long FREE = 256L << 20;
  private static final FileEntry.Attributes PLAIN =
      new FileEntry.Attributes(-1, "root", "root", -1);

  /** RFC 1123, section 2.1. */
  private static final Rule HOSTNAME =
      Rule.pattern(
          "(?=.{1,64}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*",
          "no host name; use small letters, digits and `-`");

  /** The kernel takes 2047 bytes on all machines, and we add the root. */
  static final Rule WORDS =
      Rules.ANY.and(
          Rule.holds(
              text -> text.length() <= 1500 && text.chars().allMatch(c -> c >= 0x20 && c < 0x7f),
              "no command line; it is at most 1500 characters of ASCII on one line"));

  /** With another root the machine would look for what is not there. */
  private static final Rule WITHOUT_ROOT =
      Rule.holds(
          text -> Stream.of(text.split(" ", -1)).noneMatch(word -> OURS.matcher(word).find()),
          "nothing to say here: the disk says itself which root to start, so leave `root=`,"
              + " `roothash=` and `rootfstype=` out");

  private static final Rule UNIT =
      Rule.pattern(
          "[A-Za-z0-9:_.@-]{1,200}\\.(service|socket|timer|path|mount|target)",
          "no unit; one looks like `nginx.service`");

  static final Rule MOUNT =
      Rules.ABSOLUTE.and(
          Rule.pattern(
              "(/[A-Za-z0-9._-]+)+",
              "no place to mount at; use letters, digits, `.`, `_` and `-`"));

  /** Where the kernel and the machine's first files are, and what is made anew when it starts. */
  private static final Set<String> NEVER =
      Set.of(
          "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "run", "sbin",
          "sys", "usr");

  /** Parts of {@code /usr} that the machine starts without. */
  private static final List<String> LATER = List.of("/usr/local", "/usr/src");

  /** The partition table has 128 places, and five are ours. */
  private static final int MOST_PARTITIONS = 123;

  /** The header of swap space counts pages of 4 KiB in 32 bits. */
  static final long MOST_SWAP = 1L << 43;

  private DiskPart() {}

  /**
   * The disk of a recipe, and its files.
   *
   * @param files of the machine
   */
  record Read(DiskConfig config, List<FileEntry> files) {
    /** The files of the machine, unless the recipe has others there, and then the recipe's. */
    List<FileEntry> under(List<FileEntry> recipe) {
      Set<TreePath> own = recipe.stream().map(FileEntry::path).collect(Collectors.toSet());
      Stream<FileEntry> others = files.stream().filter(each -> !own.contains(each.path()));
      return Stream.concat(others, recipe.stream()).toList();
    }
  }

  static Optional<Read> read(Section recipe, DebianSource debian, List<Platform> platforms) {
    return recipe.section("disk", Part.DISK).map(section -> disk(section, debian, platforms));
  }

  private static Read disk(Section section, DebianSource debian, List<Platform> platforms) {
    long size = section.parsed("size", Sizes::bytes).orElse(0L);
    if (section.has("size") && section.has("free")) {
      section.complain(
          section.place("free"), "`free` is for a disk without `size`; leave one of them out");
    }
    Root root = section.choice("root", Root.WRITABLE, ROOTS);
    DiskConfig config =
        new DiskConfig(
            starters(section, platforms),
            section.text("cmdline", CMDLINE, WORDS.and(WITHOUT_ROOT)),
            size,
            section.parsed("free", Sizes::bytes).orElse(root == Root.VERITY ? 0 : FREE),
            swap(section),
            partitions(section),
            section.choice("initrd", Initrd.OWN, INITRDS),
            section.text("marker", "", Rules.ANY),
            root);
    boolean userData = section.flag("user-data", false);
    List<FileEntry> files = new ArrayList<>();
    section
        .text("hostname", HOSTNAME)
        .ifPresent(name -> files.add(inline("/etc/hostname", name + "\n")));
    boolean grow = section.flag("grow", false);
    if (root == Root.VERITY) {
      verity(section, config, grow, userData);
      files.add(inline("/etc/machine-id", "")); // systemd mounts over what is there
    }
    files.add(inline("/etc/fstab", fstab(config, grow)));
    if (grow) {
      files.add(inline("/etc/repart.d/50-root.conf", "[Partition]\nType=root\n"));
    }
    if (userData) {
      files.addAll(FirstStart.userData());
    }
    for (String unit : section.distinct("units", List.of(), UNIT)) {
      files.add(new FileEntry.Unit(unit));
    }
    files.addAll(FirstStart.cloudInit(debian));
    return new Read(config, files);
  }

  private static List<Starter> starters(Section section, List<Platform> platforms) {
    List<Starter> all = starters(section);
    if (all.contains(Starter.BIOS)) {
      platforms.stream()
          .filter(platform -> !platform.architecture().equals(PC))
          .findFirst()
          .ifPresent(
              other ->
                  section.complain(
                      section.place("boot"),
                      "`boot`: machines of " + other + " have no BIOS; leave `bios` out"));
    }
    return all;
  }

  /** One word, or a list of several. */
  static List<Starter> starters(Section section) {
    Rule known = Rule.oneOf(STARTERS.keySet());
    Optional<Yaml> value = section.value("boot");
    if (value.isEmpty()) {
      return UEFI;
    }
    if (value.get() instanceof Yaml.Scalar) {
      return section.text("boot", known).map(STARTERS::get).map(List::of).orElse(UEFI);
    }
    if (value.get() instanceof Yaml.Sequence list && list.items().isEmpty()) {
      section.complain(list.place(), "`boot` names at least one of `bios` and `uefi`");
    }
    List<Starter> all =
        section.distinct("boot", List.of(), known).stream().map(STARTERS::get).toList();
    return all.isEmpty() ? UEFI : all;
  }

  /** Tells what contradicts a root that is verified. */
  private static void verity(Section section, DiskConfig config, boolean grow, boolean userData) {
    NOT_WITH_VERITY.forEach(
        (key, why) -> {
          boolean isOff = (key.equals("grow") && !grow) || (key.equals("user-data") && !userData);
          if (section.has(key) && !isOff) {
            section.complain(
                section.place(key),
                Complaints.quote(key) + " does not go with `root: verity`: " + why);
          }
        });
    if (config.initrd() == Initrd.PACKAGED) {
      section.complain(
          section.place("initrd"),
          "`initrd: packaged` does not go with `root: verity`: only our own knows how to prove it");
    }
    boolean isTaken =
        config.partitions().stream().anyMatch(each -> each.label().equals(DiskConfig.HASHES));
    if (isTaken) {
      section.complain(section.place("partitions"), clash(DiskConfig.HASHES));
    }
  }

  private static long swap(Section section) {
    long swap = section.parsed("swap", Sizes::bytes).orElse(0L);
    if (swap > MOST_SWAP) {
      section.complain(section.place("swap"), "`swap`: the kernel takes at most 8t in a partition");
      return 0;
    }
    return swap;
  }

  private static FileEntry inline(String path, String text) {
    return new FileEntry.Inline(TreePath.of(path.substring(1)), text, PLAIN);
  }

  /** Complains of more partitions than a disk has places for. */
  static void requireFew(Section section, int count) {
    if (count > MOST_PARTITIONS) {
      section.complain(
          section.place("partitions"),
          "`partitions` has at most " + MOST_PARTITIONS + " entries; leave some out");
    }
  }

  private static List<Partition> partitions(Section section) {
    List<Partition> all = new ArrayList<>();
    Set<String> seen = new HashSet<>(DiskConfig.OWN);
    List<Yaml> items = section.list("partitions");
    requireFew(section, items.size());
    for (Yaml item : items) {
      Section.of("an entry of `partitions`", item, Part.PARTITION, section.values())
          .flatMap(DiskPart::partition)
          .ifPresent(
              good -> {
                if (!seen.add(good.label())) {
                  section.complain(item.place(), clash(good.label()));
                }
                all.add(good);
              });
    }
    return all;
  }

  static String clash(String label) {
    if (label.equals(DiskConfig.HASHES)) {
      return Complaints.quote(label) + " is the label of the partition that proves the root";
    }
    return DiskConfig.OWN.contains(label)
        ? Complaints.quote(label) + " is the label of a partition that every disk has"
        : "another partition has the label " + Complaints.quote(label);
  }

  private static Optional<Partition> partition(Section section) {
    section.required("mount", "a partition");
    section.required("size", "a partition");
    Optional<String> mount = section.text("mount", MOUNT);
    Optional<Long> size = section.parsed("size", Sizes::bytes);
    if (mount.isPresent() && isNeeded(mount.get())) {
      section.complain(section.place("mount"), "`mount`: " + needed(mount.get()));
      return Optional.empty();
    }
    return mount.flatMap(at -> size.map(bytes -> new Partition(at, bytes)));
  }

  static String needed(String mount) {
    return Complaints.quote(mount) + " is needed before anything is mounted";
  }

  static boolean isNeeded(String mount) {
    String first = mount.substring(1).split("/", -1)[0];
    boolean later =
        LATER.stream().anyMatch(each -> mount.equals(each) || mount.startsWith(each + "/"));
    return NEVER.contains(first) && !later;
  }

  private static String fstab(DiskConfig config, boolean grow) {
    StringBuilder text = new StringBuilder();
    if (config.root() == Root.WRITABLE) {
      text.append("PARTLABEL=root / ext4 defaults");
      text.append(
          grow ? ",x-systemd.growfs 0 0\n" : " 0 0\n"); // mounted before anything could check
    } else {
      text.append("# The root is mounted read-only, and /tmp and /var over it, before all else.\n");
    }
    for (Partition each : config.partitions()) {
      String line = "PARTLABEL=" + each.label() + " " + each.mount();
      text.append(line).append(" ext4 defaults 0 2\n");
    }
    if (config.swap() > 0) {
      text.append("PARTLABEL=swap none swap defaults 0 0\n");
    }
    return text.toString();
  }

  static String word(Initrd initrd) {
    return word(INITRDS, initrd);
  }

  static String word(Starter starter) {
    return word(STARTERS, starter);
  }

  static String word(Root root) {
    return word(ROOTS, root);
  }

  private static <E> String word(Map<String, E> words, E value) {
    return words.entrySet().stream()
        .filter(each -> each.getValue().equals(value))
        .findFirst()
        .orElseThrow()
        .getKey();
  }
}
