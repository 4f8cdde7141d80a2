package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.model.Digest;
import dev.imgstore.store.Revocation;
import dev.imgstore.store.Root;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Marks an image that must not be used any more. */
@Command(
    name = "revoke",
    mixinStandardHelpOptions = true,
    description = {
      "Revoke an image: nothing new may use it. Build from it, pin, push, ok, switch and rollback"
          + " to it are refused, with the reason.",
      "What uses it goes on and keeps it; who that is, is printed. Of an index, the images of its"
          + " platforms are revoked as well.",
      "Without a REF it lists what is revoked."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  imgstore revoke web@42 --reason 'CVE-2026-1: fixed in web@43'",
      "  imgstore revoke --undo web@42 -m 'was a false alarm'"
    })
final class RevokeCommand extends ChangeCommand {
  private static final Pattern WHOLE = Pattern.compile("sha256:[0-9a-f]{64}");

  @Parameters(arity = "0..1", paramLabel = "REF", defaultValue = "", description = "Which image.")
  String ref;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why; needed, but with --undo.")
  String reason = "";

  @Option(names = "--undo", description = "End the revocation.")
  boolean undo;

  @Override
  ExitCode run(Store store) throws IOException {
    if (ref.isEmpty()) {
      refuse(undo || !reason.isEmpty(), "which image? name a REF; imgstore revoke lists them");
      return list(store);
    }
    refuse(
        undo && !reason.isEmpty() && !message.isEmpty(), "--reason and -m are the same; give one");
    refuse(!undo && !message.isEmpty(), "-m is for --undo; say why with --reason");
    refuse(!undo && reason.isBlank(), "say why nobody may use it: --reason TEXT");
    Digest image = image(store);
    return undo ? undo(store, image) : revoke(store, image);
  }

  private static void refuse(boolean wrong, String sentence) throws CommandFailure {
    if (wrong) {
      throw new CommandFailure(ExitCode.USAGE, sentence);
    }
  }

  /** An image need not be here: others may offer it to this store. */
  private Digest image(Store store) throws IOException {
    if (!WHOLE.matcher(ref).matches()) {
      return find(store, ref).generation().image();
    }
    Digest typed = Digest.parse(ref);
    List<Root> roots = store.roots().all();
    boolean own =
        roots.stream().anyMatch(r -> r instanceof Root.OfGeneration && r.image().equals(typed))
            || store.roots().revocations().stream().anyMatch(r -> r.image().equals(typed));
    return own ? typed : new Packed(store, roots).origin(typed).orElse(typed);
  }

  /** What an imported generation is called where it went, or will go: that is packed first. */
  private SortedSet<Digest> packed(Store store, Digest image) throws IOException {
    try {
      return new Packed(store, store.roots().all()).images(image);
    } catch (IOException e) {
      root()
          .notice(
              "what is packed of "
                  + image
                  + " could not be found out, and is not revoked: "
                  + Imgstore.sentence(e));
      return Collections.emptySortedSet();
    }
  }

  private ExitCode revoke(Store store, Digest image) throws IOException {
    store.roots().revoke(image, packed(store, image), because(reason));
    List<Revocation> made =
        store.roots().revocations().stream().filter(each -> each.image().equals(image)).toList();
    Users users = Users.of(store, made).get(0);
    ObjectNode json = object().put("image", image.toString()).put("revoked", true);
    users.encode(json);
    String typed = WHOLE.matcher(ref).matches() ? Digest.parse(ref).toString() : "";
    String origin =
        typed.isEmpty() || typed.equals(image.toString())
            ? ""
            : ", which " + typed + " was packed from";
    print(json, "revoked " + image + origin + "\n" + users.text());
    return ExitCode.DONE;
  }

  private ExitCode undo(Store store, Digest image) throws IOException {
    if (!store.roots().reinstate(image, reason.isEmpty() ? because() : because(reason))) {
      Optional<Revocation> whole = store.roots().revoked(image);
      throw new CommandFailure(
          ExitCode.UNKNOWN,
          whole.isPresent()
              ? image + " is revoked with " + whole.get().image() + ", which it is a part of"
              : ref + " is not revoked; imgstore revoke lists what is");
    }
    print(
        object().put("image", image.toString()).put("revoked", false),
        "reinstated " + image + "\n");
    return ExitCode.DONE;
  }

  private ExitCode list(Store store) throws IOException {
    ObjectNode json = object();
    ArrayNode list = json.putArray("revoked");
    Table table = new Table("IMAGE", "SINCE", "BY", "REASON", "USED BY");
    List<Revocation> all = store.roots().revocations();
    List<Users> allUsers = Users.of(store, all);
    for (int i = 0; i < all.size(); i++) {
      Revocation each = all.get(i);
      Users users = allUsers.get(i);
      table.row(
          each.image(), each.when(), each.who(), each.reason(), String.join(", ", users.names()));
      ObjectNode one =
          list.addObject()
              .put("image", each.image().toString())
              .put("when", each.when().toString())
              .put("who", each.who())
              .put("reason", each.reason());
      users.encode(one);
    }
    print(json, all.isEmpty() ? "nothing is revoked\n" : table.toString());
    return ExitCode.DONE;
  }
}
