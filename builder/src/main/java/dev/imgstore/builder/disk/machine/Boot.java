package dev.imgstore.builder.disk.machine;

import dev.imgstore.builder.disk.gpt.PartitionType;
import dev.imgstore.builder.recipe.DiskConfig;
import dev.imgstore.builder.recipe.DiskConfig.Initrd;
import dev.imgstore.builder.recipe.DiskConfig.Starter;
import dev.imgstore.builder.source.debian.DebianVersion;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What of an image starts the machine, as Debian's packages lay it out.
 *
 * @param release of the kernel, as {@code uname -r} says it
 * @param initrd that a package made, where the recipe wants it
 * @param busybox for the initrd that is made otherwise
 * @param stub which UEFI runs, where it is to start the machine, and which finds kernel and initrd
 *     in itself
 */
record Boot(
    String release,
    Node.File kernel,
    Optional<Node.File> initrd,
    Optional<Node.File> busybox,
    Optional<Node.File> stub,
    Firmware firmware) {
  private static final TreePath BOOT = TreePath.of("boot");
  private static final TreePath BUSYBOX = TreePath.of("bin/busybox");
  private static final TreePath INIT = TreePath.of("sbin/init");
  private static final String KERNEL = "vmlinuz-";

  /** What {@code uname} can say (Linux, {@code __NEW_UTS_LEN}). */
  private static final int MOST_RELEASE = 64;

  /** How UEFI, Debian and partition tables call a platform. */
  enum Firmware {
    AMD64(
        "x64",
        "X64",
        "amd64",
        "x86_64-linux-gnu",
        PartitionType.ROOT_AMD64,
        PartitionType.ROOT_AMD64_VERITY),
    ARM64(
        "aa64",
        "AA64",
        "arm64",
        "aarch64-linux-gnu",
        PartitionType.ROOT_ARM64,
        PartitionType.ROOT_ARM64_VERITY);

    private final String stub;
    private final String loader;
    private final String debian;
    private final String triplet;
    private final PartitionType root;
    private final PartitionType hashes;

    Firmware(
        String stub,
        String loader,
        String debian,
        String triplet,
        PartitionType root,
        PartitionType hashes) {
      this.stub = stub;
      this.loader = loader;
      this.debian = debian;
      this.triplet = triplet;
      this.root = root;
      this.hashes = hashes;
    }

    /** In the paths of libraries. */
    String triplet() {
      return triplet;
    }

    /** The type of a partition that proves a root. */
    PartitionType hashes() {
      return hashes;
    }

    /** The type of a root partition. */
    PartitionType root() {
      return root;
    }

    static Optional<Firmware> of(Platform platform) {
      return List.of(values()).stream()
          .filter(each -> each.debian.equals(platform.architecture()))
          .findFirst();
    }

    /** Where systemd-boot-efi has the stub. */
    TreePath stub() {
      return TreePath.of("usr/lib/systemd/boot/efi/linux" + stub + ".efi.stub");
    }

    /** What UEFI runs where nothing else was said (UEFI 2.10, section 3.5.1.1). */
    TreePath loader() {
      return TreePath.of("EFI/BOOT/BOOT" + loader + ".EFI");
    }
  }

  /**
   * Looks for all of it.
   *
   * @param image as the person named it
   * @throws NoMachine naming everything that is not there
   */
  static Boot of(String image, TreeEditor tree, Platform platform, DiskConfig config)
      throws IOException {
    Initrd initrd = config.initrd();
    List<String> lacks = new ArrayList<>();
    Optional<Firmware> firmware = Firmware.of(platform);
    if (firmware.isEmpty()) {
      throw NoMachine.lacking(
          image, List.of("disks are made for linux/amd64 and linux/arm64 so far"));
    }
    if (config.boot().contains(Starter.BIOS) && firmware.get() != Firmware.AMD64) {
      lacks.add("machines of " + platform + " have no BIOS; leave `bios` out of `boot`");
    }
    Optional<String> release = release(tree);
    if (release.isEmpty()) {
      lacks.add(
          "it has no kernel; add linux-image-cloud-"
              + firmware.get().debian
              + " (or linux-image-"
              + firmware.get().debian
              + " for real hardware) to `packages`");
    }
    Optional<Node.File> stub = file(tree, firmware.get().stub());
    boolean uefi = config.boot().contains(Starter.UEFI);
    if (uefi && stub.isEmpty()) {
      lacks.add("it has nothing that UEFI could run; add systemd-boot-efi to `packages`");
    }
    Optional<Node.File> made =
        release.isEmpty() ? Optional.empty() : file(tree, in("initrd.img-" + release.get()));
    if (initrd == Initrd.PACKAGED && release.isPresent() && made.isEmpty()) {
      lacks.add(
          "no package made an initrd; add initramfs-tools to `packages` with `scripts: sandbox`,"
              + " or say `initrd: own` under `disk`");
    }
    Optional<Node.File> busybox = file(tree, BUSYBOX);
    if (initrd == Initrd.OWN && busybox.isEmpty()) {
      lacks.add("the initrd needs busybox-static; add it to `packages`");
    }
    if (config.root() == DiskConfig.Root.VERITY && file(tree, VerityRoot.PROGRAM).isEmpty()) {
      lacks.add("the initrd needs dmsetup for `root: verity`; add it to `packages`");
    }
    if (release.isPresent() && !tree.isDirectory(tree.resolve(modules(release.get())))) {
      lacks.add("the modules of its kernel " + release.get() + " are not in it");
    }
    if (file(tree, StartFile.OS_RELEASE).isEmpty()) {
      lacks.add("it has no /etc/os-release; add base-files to `packages`");
    }
    if (!tree.exists(tree.resolve(INIT))) {
      lacks.add("it has no /sbin/init; add systemd-sysv to `packages`");
    }
    if (!lacks.isEmpty()) {
      throw NoMachine.lacking(image, lacks);
    }
    Node.File kernel = file(tree, in(KERNEL + release.get())).orElseThrow();
    return new Boot(
        release.get(),
        kernel,
        initrd == Initrd.PACKAGED ? made : Optional.empty(),
        busybox,
        uefi ? stub : Optional.empty(),
        firmware.get());
  }

  /** Where the modules of a kernel are. */
  static TreePath modules(String release) {
    return TreePath.of("lib/modules").child(Name.of(release));
  }

  private static TreePath in(String name) {
    return BOOT.child(Name.of(name));
  }

  /** Of several kernels the newest, as Debian orders versions. */
  private static Optional<String> release(TreeEditor tree) throws IOException {
    if (!tree.isDirectory(BOOT)) {
      return Optional.empty();
    }
    List<String> all = new ArrayList<>();
    for (Name name : tree.list(BOOT)) {
      String text = name.toString();
      if (text.startsWith(KERNEL) && file(tree, in(text)).isPresent()) {
        all.add(text.substring(KERNEL.length()));
      }
    }
    return all.stream()
        .filter(text -> text.length() <= MOST_RELEASE && DebianVersion.fault(text).isEmpty())
        .max(Comparator.comparing(DebianVersion::new));
  }

  private static Optional<Node.File> file(TreeEditor tree, TreePath path) throws IOException {
    return tree.leaf(tree.resolve(path))
        .flatMap(node -> node instanceof Node.File file ? Optional.of(file) : Optional.empty());
  }
}
