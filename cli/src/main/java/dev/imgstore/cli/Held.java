package dev.imgstore.cli;

import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.ImageManifest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A generation with what it was made from: the questions show, diff and export ask. */
record Held(Ref ref, BuildRecord record) {
  private static final int MAX_RECORD = 64 << 20;

  static Held read(BlobReader blobs, Ref ref) throws IOException {
    Digest name = ref.generation().record();
    return new Held(ref, BuildRecord.decode(name, blobs.read(name, MAX_RECORD)));
  }

  /** One platform's image as it is sent. */
  record Sent(BuildRecord.Part part, ImageManifest.Single manifest) {
    /** Bytes of configuration and layers, as stored and sent. */
    long size() {
      return manifest.references().stream().mapToLong(each -> each.size()).sum();
    }
  }

  /** The images of all platforms, in the record's order. */
  List<Sent> images(BlobReader blobs) throws IOException {
    List<Sent> images = new ArrayList<>();
    for (BuildRecord.Part part : record.parts()) {
      ImageManifest manifest = ImageManifest.read(blobs, part.manifest());
      if (!(manifest instanceof ImageManifest.Single single)) {
        throw new IOException(part.manifest() + " is no image manifest; run imgstore verify");
      }
      images.add(new Sent(part, single));
    }
    return images;
  }

  /**
   * The share of one platform.
   *
   * @param typed as the person wrote it; may be empty if there is only one
   */
  BuildRecord.Part part(String typed) throws CommandFailure {
    List<BuildRecord.Part> fitting = record.parts();
    if (!typed.isEmpty()) {
      Platform wanted = StoreCommand.platform(typed);
      fitting = fitting.stream().filter(part -> part.platform().equals(wanted)).toList();
    }
    if (fitting.size() == 1) {
      return fitting.get(0);
    }
    if (record.parts().isEmpty()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          ref.name()
              + " was pulled, and nothing of it is unpacked: it is no image, it was pushed here, or"
              + " --no-unpack said so; imgstore pull takes it again, with its files");
    }
    throw new CommandFailure(
        ExitCode.USAGE,
        ref.name()
            + " is for "
            + record.parts().stream()
                .map(part -> part.platform().toString())
                .collect(Collectors.joining(", "))
            + "; choose with --platform");
  }
}
