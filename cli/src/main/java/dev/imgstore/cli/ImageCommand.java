package dev.imgstore.cli;

import dev.imgstore.store.Store;
import java.io.IOException;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A command about the files of one image. */
abstract class ImageCommand extends StoreCommand {
  @Parameters(index = "0", paramLabel = "REF", description = "Which image.")
  String ref;

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH",
      defaultValue = "",
      description = "Which platform, if the image has several.")
  String platform;

  /** What REF stands for; leased. */
  Held held(Store store) throws IOException {
    return Held.read(store.blobs(), find(store, ref));
  }
}
