package dev.imgstore.cli;

import dev.imgstore.builder.export.ArchiveExporter;
import dev.imgstore.builder.export.ArchiveFile;
import dev.imgstore.builder.export.DockerArchive;
import dev.imgstore.builder.export.Exported;
import dev.imgstore.builder.export.OciArchive;
import dev.imgstore.builder.export.OciLayout;
import dev.imgstore.builder.pack.ImageDocument;
import dev.imgstore.builder.pack.TreeArtifact;
import dev.imgstore.builder.realise.TreeImage;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Images leaving as files. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = "Write an image to files.",
    synopsisSubcommandLabel = "FORMAT",
    subcommands = {ExportCommand.Oci.class, ExportDiskCommand.class},
    footerHeading = "%nExample:%n",
    footer = {"  imgstore export oci web ./web-image", "  imgstore export disk web ./web.qcow2"})
final class ExportCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(),
        "which form? imgstore export oci REF DEST, or imgstore export disk REF DEST");
  }

  /** Shapes an OCI image takes in files. */
  enum Format {
    /** A directory. */
    DIRECTORY("dir"),
    /** The same in one tar. */
    OCI_ARCHIVE("oci-archive"),
    /** What docker load reads. */
    DOCKER_ARCHIVE("docker-archive");

    private final String word;

    Format(String word) {
      this.word = word;
    }

    @Override
    public String toString() {
      return word;
    }
  }

  /** Reads {@code --format} by its printed word. */
  static final class FormatConverter implements CommandLine.ITypeConverter<Format> {
    @Override
    public Format convert(String value) {
      for (Format format : Format.values()) {
        if (format.word.equals(value)) {
          return format;
        }
      }
      throw new CommandLine.TypeConversionException(
          "'" + value + "' is not one of dir, oci-archive, docker-archive");
    }
  }

  /** An OCI image. */
  @Command(
      name = "oci",
      mixinStandardHelpOptions = true,
      description = {
        "Write an image as an OCI layout directory, or as one archive.",
        "The same image gives the same bytes each time."
      },
      footerHeading = "%nExample:%n",
      footer = {
        "  imgstore export oci web ./web-image",
        "  imgstore export oci web@41 - --format docker-archive | podman load"
      })
  static final class Oci extends StoreCommand {
    @Parameters(index = "0", paramLabel = "REF", description = "Which image.")
    String ref;

    @Parameters(
        index = "1",
        paramLabel = "DEST",
        description = "Where to; - writes an archive to standard output.")
    String destination;

    @Option(
        names = "--format",
        paramLabel = "FORMAT",
        converter = FormatConverter.class,
        description = "dir (default), oci-archive or docker-archive.")
    Format format = Format.DIRECTORY;

    @Option(
        names = "--platform",
        paramLabel = "OS/ARCH",
        defaultValue = "",
        description = "For docker-archive: which platform of several.")
    String platform;

    @Override
    ExitCode run(Store store) throws IOException {
      Named found = named(store);
      ImageDocument image = ImageDocument.read(store.blobs(), found.sent());
      requirePlatform(found, image);
      Exported exported;
      if (format == Format.DIRECTORY) {
        if (destination.equals("-")) {
          throw new CommandFailure(
              ExitCode.USAGE, "a directory cannot be a stream; add --format oci-archive");
        }
        exported =
            OciLayout.write(
                image, found.title(), store.blobs(), root().context().path(destination));
      } else if (destination.equals("-")) {
        exporter().write(image, found.title(), store.blobs(), root().context().out());
        return ExitCode.DONE;
      } else {
        exported =
            ArchiveFile.write(
                exporter(),
                image,
                found.title(),
                store.blobs(),
                root().context().path(destination));
      }
      print(
          object()
              .put("ref", found.name())
              .put("image", found.image().toString())
              .put("destination", destination)
              .put("digest", exported.digest().toString())
              .put("bytes", exported.bytes()),
          found.name() + " " + exported.digest() + " in " + destination + "\n");
      return ExitCode.DONE;
    }

    /**
     * What is exported.
     *
     * @param title what it is called in the export
     * @param image as this store has it
     * @param sent what is written: that, or what is packed of it
     */
    private record Named(String name, String title, Digest image, Digest sent) {}

    /** A generation; or an image of which only a pin or a hold is left, by its digest. */
    private Named named(Store store) throws IOException {
      try {
        Ref found = find(store, ref);
        Revoked.tell(this, store, found);
        return new Named(
            found.name(), found.profile(), found.generation().image(), image(store, found));
      } catch (CommandFailure e) {
        Optional<Digest> kept =
            e.code() == ExitCode.UNKNOWN ? Ref.kept(store, ref) : Optional.empty();
        Digest image = kept.orElseThrow(() -> e);
        if (!isKept(store, image.toString(), List.of(image))) {
          throw e; // gone meanwhile
        }
        Revoked.tell(this, store, image.toString(), image);
        return new Named(image.toString(), image.hex().substring(0, 12), image, image);
      }
    }

    /** The image of a generation; one that was imported is packed when it is first exported. */
    static Digest image(Store store, Ref found) throws IOException {
      Digest image = found.generation().image();
      Optional<TreeId> tree = TreeArtifact.read(store.blobs(), image);
      if (tree.isEmpty()) {
        return image;
      }
      Platform platform = Packed.platform(store, found);
      ExecutorService pool = Executors.newSingleThreadExecutor();
      try (Transaction transaction = store.begin()) {
        return new TreeImage(store, tree.get(), found.profile(), platform).make(transaction, pool);
      } finally {
        pool.shutdownNow();
      }
    }

    /** A docker archive holds one platform; the other forms hold all. */
    private void requirePlatform(Named found, ImageDocument image) throws CommandFailure {
      if (format != Format.DOCKER_ARCHIVE) {
        if (!platform.isEmpty()) {
          throw new CommandFailure(
              ExitCode.USAGE, "--platform goes with --format docker-archive; others hold all");
        }
        return;
      }
      String typed = platform.isEmpty() ? "" : platform(platform).toString();
      List<String> there = image.images().stream().map(at -> at.platform().toString()).toList();
      if (typed.isEmpty() ? there.size() > 1 : !there.contains(typed)) {
        throw new CommandFailure(
            ExitCode.USAGE,
            "a docker archive holds one platform, and "
                + found.name()
                + " has "
                + String.join(", ", there)
                + "; choose with --platform");
      }
    }

    private ArchiveExporter exporter() throws CommandFailure {
      if (format == Format.OCI_ARCHIVE) {
        return new OciArchive();
      }
      return platform.isEmpty()
          ? DockerArchive.ofOnlyImage()
          : DockerArchive.of(platform(platform));
    }
  }
}
