package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.builder.pack.ImageDocument;
import dev.imgstore.builder.source.oci.Unpacking;
import dev.imgstore.model.Descriptor;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Generation;
import dev.imgstore.model.Platform;
import dev.imgstore.model.Profile;
import dev.imgstore.store.BuildRecord;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.disk.DiskStore;
import dev.imgstore.sync.ImageName;
import dev.imgstore.sync.Pull;
import dev.imgstore.sync.Registry;
import dev.imgstore.sync.client.RegistryClients;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** From a registry to a generation. */
@Command(
    name = "pull",
    mixinStandardHelpOptions = true,
    description = {
      "Take an image from a registry into the store, as a new generation of a profile.",
      "Its bytes are kept as they are, so every digest stays; its layers are unpacked too, so that",
      "cat, diff, checkout and export disk work. What the store has already is not fetched."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  imgstore pull registry.example.com/team/web:1.4",
      "  imgstore pull localhost:5000/web:1.4 --name web-from-there --platform linux/arm64"
    })
final class PullCommand extends NewCommand {
  /** Few, to be fair to registries; more are not faster. */
  private static final int AT_A_TIME = 4;

  /** What is surely unpacked; a layer called otherwise is when its turn comes. */
  private static final Pattern LAYER = Pattern.compile("image[.](layer|rootfs)[.].*tar");

  @Parameters(
      paramLabel = "HOST/REPO:TAG[@DIGEST]",
      description = "The image in its registry; of tag and digest, the digest decides.")
  String image;

  @Option(
      names = "--name",
      paramLabel = "PROFILE",
      defaultValue = "",
      description = "The profile to add the generation to (default: the repository's last part).")
  String name;

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH",
      defaultValue = "",
      description = "Take only this one of an index (default: all that it has).")
  String platform;

  @Option(
      names = "--insecure-registry",
      paramLabel = "HOST",
      description = "Speak to this host, and no other, without TLS.")
  List<String> insecure = new ArrayList<>();

  @Option(
      names = "--no-unpack",
      description = "Keep the layers only; what needs the files then asks for another pull.")
  boolean packed;

  @Override
  boolean makesStore() {
    return true;
  }

  @Override
  ExitCode run(Store store) throws IOException, InterruptedException {
    ImageName from = Registries.name(image);
    String last = from.repository().substring(from.repository().lastIndexOf('/') + 1);
    String profile = name.isEmpty() ? last : name;
    if (!Profile.isName(profile)) {
      throw new CommandFailure(
          ExitCode.USAGE, profile + " is no name; " + Profile.NAME_RULE + "; choose with --name");
    }
    List<Platform> wanted = platform.isEmpty() ? List.of() : List.of(platform(platform));
    Profile before = store.profiles().open(profile).orElse(Profile.empty(profile));
    boolean show = root().context().terminal() && !root().quiet;
    ExecutorService pool = Executors.newFixedThreadPool(AT_A_TIME);
    ExecutorService unpackers = Executors.newCachedThreadPool();
    try (Registry registry = RegistryClients.reading(from, Registries.settings(root(), insecure));
        Transaction into = store.begin();
        TransferLine line = new TransferLine("pulled", root().context().err(), System::nanoTime);
        Unpacking unpacking = new Unpacking(image, into, unpackers)) {
      Pull.Progress progress = new Arriving(show ? line::at : (done, total) -> {}, unpacking);
      Pull.Pulled pulled =
          Pull.run(new Pull.Request(registry, from.reference(), wanted, into, pool, progress));
      return commit(store, profile, before, from, pulled, into, unpacking);
    } finally {
      pool.shutdownNow();
      unpackers.shutdown();
    }
  }

  /** Unpacks layers as they come. */
  private final class Arriving implements Pull.Progress {
    private final Pull.Progress shown;
    private final Unpacking unpacking;

    Arriving(Pull.Progress shown, Unpacking unpacking) {
      this.shown = shown;
      this.unpacking = unpacking;
    }

    @Override
    public void begin(long total) throws IOException {
      long free = Files.getFileStore(root().home()).getUsableSpace();
      if (total > free) {
        throw new CommandFailure(
            ExitCode.FAILED,
            "what "
                + image
                + " names and the store has not is "
                + Table.bytes(total)
                + ", and "
                + Table.bytes(free)
                + " are free where the store is; imgstore gc frees some, --store names another place");
      }
    }

    @Override
    public void at(long done, long total) {
      shown.at(done, total);
    }

    @Override
    public void came(Descriptor blob) {
      if (!packed && LAYER.matcher(blob.mediaType()).find()) {
        unpacking.begin(blob.digest());
      }
    }
  }

  private ExitCode commit(
      Store store,
      String profile,
      Profile before,
      ImageName from,
      Pull.Pulled pulled,
      Transaction into,
      Unpacking unpacking)
      throws IOException, InterruptedException {
    List<BuildRecord.Part> parts = packed ? List.of() : parts(pulled, into, unpacking);
    Digest record = into.putMetadata(record(pulled, parts, into).encode());
    into.flush();
    Optional<Generation> now = before.currentGeneration();
    if (now.isPresent()
        && now.get().image().equals(pulled.image())
        && now.get().record().equals(record)) {
      return said(from, profile, now.get(), pulled, parts, false);
    }
    String source =
        new ImageName(from.host(), from.repository(), tag(from), Optional.of(pulled.named()))
            .toString();
    String why = "pulled from " + source;
    Generation made =
        Activating.commit(
            this,
            (DiskStore) store,
            profile,
            before.current(),
            new Activating.Made(
                pulled.image(),
                record,
                because(message.isEmpty() ? why : message + " (" + why + ")"),
                generation -> store.pulled(profile, generation, source, because())));
    return said(from, profile, made, pulled, parts, true);
  }

  /** The tag that was asked for; none if a digest was, without one. */
  private static String tag(ImageName from) {
    return from.tag().isEmpty() && from.digest().isEmpty() ? from.reference() : from.tag();
  }

  /** The images of what was pulled, unpacked; the first of those for the same platform. */
  private List<BuildRecord.Part> parts(Pull.Pulled pulled, Transaction into, Unpacking unpacking)
      throws IOException {
    SortedMap<Platform, BuildRecord.Part> parts = new TreeMap<>();
    for (ImageDocument.Member each : ImageDocument.read(into, pulled.image()).images()) {
      Digest manifest = each.image().manifest().digest();
      Platform on = pulled.platforms().getOrDefault(manifest, each.platform());
      if (!parts.containsKey(on)) {
        parts.put(
            on,
            new BuildRecord.Part(
                on,
                unpacking.unpack(image + " for " + on, manifest),
                manifest,
                List.of(),
                List.of()));
      }
    }
    return List.copyOf(parts.values());
  }

  /**
   * A record without recipe and lock, as of what was imported. An index that one platform was taken
   * out of is kept with it, though nothing but that platform is there.
   */
  private static BuildRecord record(
      Pull.Pulled pulled, List<BuildRecord.Part> parts, Transaction blobs) throws IOException {
    Digest nothing = blobs.putMetadata(new byte[0]);
    return new BuildRecord(
        pulled.image(),
        nothing,
        Collections.emptySortedMap(),
        nothing,
        pulled.named().equals(pulled.image()) ? List.of() : List.of(pulled.named()),
        Collections.emptySortedMap(),
        parts);
  }

  private ExitCode said(
      ImageName from,
      String profile,
      Generation generation,
      Pull.Pulled pulled,
      List<BuildRecord.Part> parts,
      boolean fresh) {
    ObjectNode json =
        object()
            .put("from", from.toString())
            .put("named", pulled.named().toString())
            .put("profile", profile)
            .put("generation", generation.number())
            .put("fresh", fresh)
            .put("image", generation.image().toString())
            .put("blobs", pulled.blobs())
            .put("blobsFetched", pulled.fetched())
            .put("bytesFetched", pulled.bytes());
    ArrayNode trees = json.putArray("platforms");
    for (BuildRecord.Part each : parts) {
      trees
          .addObject()
          .put("platform", each.platform().toString())
          .put("manifest", each.manifest().toString())
          .put("tree", each.tree().toString());
    }
    print(json, profile + "@" + generation.number() + " " + generation.image() + "\n");
    return ExitCode.DONE;
  }
}
