package dev.imgstore.builder.disk.machine;

import dev.imgstore.builder.disk.BlobVolume;
import dev.imgstore.builder.disk.Volume;
import dev.imgstore.builder.disk.initrd.Initrd;
import dev.imgstore.builder.disk.initrd.ModuleFiles;
import dev.imgstore.builder.disk.uki.UnifiedKernel;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobReader;
import java.io.IOException;
import java.util.List;

/** The one file that UEFI starts, of what an image has. */
final class StartFile {
  static final TreePath OS_RELEASE = TreePath.of("etc/os-release");
  private static final int MAX_OS_RELEASE = 64 << 10;
  private static final int MAX_STUB = 16 << 20;

  /** What our own initrd cannot do without. */
  private static final List<String> REQUIRED = List.of("ext4");

  private StartFile() {}

  static Volume of(TreeEditor tree, Boot boot, BlobReader blobs, String commandLine, Volume initrd)
      throws IOException {
    return UnifiedKernel.of(
        new UnifiedKernel.Parts(
            Bytes.of(blobs.read(boot.stub().orElseThrow().content(), MAX_STUB)),
            Bytes.of(tree.read(OS_RELEASE, MAX_OS_RELEASE)),
            commandLine,
            boot.release(),
            BlobVolume.of(blobs, boot.kernel().content()),
            initrd));
  }

  /** What the kernel begins with, whatever starts it. */
  static Volume initrd(TreeEditor tree, Boot boot, BlobReader blobs) throws IOException {
    if (boot.initrd().isPresent()) {
      return BlobVolume.of(blobs, boot.initrd().get().content());
    }
    return Initrd.of(
        busybox(boot, blobs), modules(tree, boot, blobs), REQUIRED, Initrd.USUAL_MODULES);
  }

  static Volume busybox(Boot boot, BlobReader blobs) throws IOException {
    return BlobVolume.of(blobs, boot.busybox().orElseThrow().content());
  }

  static ModuleFiles modules(TreeEditor tree, Boot boot, BlobReader blobs) throws IOException {
    TreePath modules = tree.resolve(Boot.modules(boot.release()));
    return ModuleFiles.in(blobs, tree.subtree(modules));
  }
}
