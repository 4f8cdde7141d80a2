package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Profile;
import dev.imgstore.store.Root;
import dev.imgstore.store.Store;
import dev.imgstore.store.Why;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What keeps something. */
@Command(
    name = "why",
    mixinStandardHelpOptions = true,
    description = {
      "Say why something is stored: every chain from a profile, a pin or a hold to it.",
      "It can be an image, or anything else by its digest: a layer, a file's content, a package."
    },
    footerHeading = "%nExample:%n",
    footer = "  imgstore why sha256:3b1f0c")
final class WhyCommand extends StoreCommand {
  /** Chains that are looked for, for each root, and lines that are printed. */
  private static final int SOME = 20;

  /** With --all: a hostile tree has more chains than there is memory. */
  private static final int MANY = 5000;

  private static final Pattern DIGEST = Pattern.compile("(?:sha256:)?([0-9a-f]{6,64})");

  @Parameters(
      paramLabel = "REF|DIGEST",
      description = "An image, or the digest of anything or an unambiguous beginning of it.")
  String typed;

  @Option(
      names = "--all",
      description = "Print every chain on a line of its own, up to 5000 a root.")
  boolean all;

  @Override
  ExitCode run(Store store) throws IOException {
    Digest object = object(store);
    Why why = store.insight().why(object, all ? MANY : SOME);
    Inputs inputs = new Inputs(store.blobs());
    StringBuilder text = new StringBuilder();
    text.append(object).append(' ').append(kind(why)).append(Table.bytes(why.plain()));
    text.append(", ").append(Table.bytes(why.stored())).append(" on disk\n");
    if (why.count() == 0) {
      text.append("nothing keeps it; the next collection removes ").append(why.stored());
      text.append(" bytes, unless running work needs it\n");
    } else {
      lines(why, inputs, text);
    }
    print(json(why, inputs), text.toString());
    return ExitCode.DONE;
  }

  private Digest object(Store store) throws IOException {
    Matcher digest = DIGEST.matcher(typed);
    boolean profile =
        Profile.isName(typed)
            && store.profiles().open(typed).filter(found -> found.current() > 0).isPresent();
    if (profile || !digest.matches()) {
      return find(store, typed).generation().image();
    }
    List<Digest> found = store.insight().named(digest.group(1), 2);
    if (found.size() == 1) {
      return found.get(0);
    }
    throw new CommandFailure(
        ExitCode.UNKNOWN,
        found.isEmpty()
            ? "nothing in the store has the digest " + typed
            : typed + " is the beginning of several digests; write more of it");
  }

  /** One line for all generations of a profile that keep it in the same way. */
  private void lines(Why why, Inputs inputs, StringBuilder text) throws IOException {
    Map<String, Numbers> groups = new LinkedHashMap<>();
    for (Why.Chain chain : why.chains()) {
      String links = links(chain, inputs);
      if (chain.root() instanceof Root.OfGeneration of) {
        String key = all ? of.label() + links : of.profile() + " " + links;
        groups
            .computeIfAbsent(key, k -> new Numbers("profile " + of.profile() + " → ", links))
            .add(of);
      } else {
        Numbers one = new Numbers(label(chain.root()), links);
        groups.computeIfAbsent(one.root() + links, k -> one).chains++;
      }
    }
    long left = why.count();
    int lines = 0;
    for (Numbers each : groups.values()) {
      if (!all && lines++ == SOME) {
        break;
      }
      text.append(each).append('\n');
      left -= each.chains;
    }
    if (left > 0) {
      text.append("and ").append(left).append(left == 1 ? " more chain" : " more chains");
      text.append(all ? ", too many to print\n" : "; --all prints them\n");
    }
  }

  /** Generations that have the same rest of a chain. */
  private static final class Numbers {
    private final String root;
    private final String links;
    private final List<Root.OfGeneration> generations = new ArrayList<>();
    private long chains;

    Numbers(String root, String links) {
      this.root = root;
      this.links = links;
    }

    String root() {
      return root;
    }

    void add(Root.OfGeneration generation) {
      chains++;
      if (generations.isEmpty() || !generations.get(generations.size() - 1).equals(generation)) {
        generations.add(generation);
      }
    }

    /** {@code web@3, web@5-9 (current)}; ranges are of generations that are there, in a row. */
    @Override
    public String toString() {
      StringBuilder text = new StringBuilder(root);
      for (int i = 0; i < generations.size(); i++) {
        Root.OfGeneration first = generations.get(i);
        text.append(i == 0 ? "" : ", ").append(first.label());
        Root.OfGeneration last = first;
        while (i + 1 < generations.size()
            && !last.isCurrent()
            && generations.get(i + 1).number() == last.number() + 1) {
          last = generations.get(++i);
        }
        text.append(last.equals(first) ? "" : "-" + last.number());
        text.append(last.isCurrent() ? " (current)" : "");
      }
      return text.append(links).toString();
    }
  }

  private static String label(Root root) {
    return root instanceof Root.Hold hold
        ? hold.label() + " (" + hold.reason().replace('\n', ' ') + ")"
        : root.label();
  }

  private static String links(Why.Chain chain, Inputs inputs) throws IOException {
    StringBuilder text = new StringBuilder();
    boolean inPath = false;
    for (Why.Link link : chain.links()) {
      boolean path = link.step() == Why.Step.DIRECTORY || link.step() == Why.Step.FILE;
      text.append(path && inPath ? "/" : " → ").append(path && !inPath ? "/" : "");
      text.append(path ? link.name() : word(chain.root(), link, inputs));
      inPath = path;
    }
    return text.toString();
  }

  private static String word(Root root, Why.Link link, Inputs inputs) throws IOException {
    return switch (link.step()) {
      case IMAGE -> "image";
      case MANIFEST -> link.name() + " image";
      case CONFIGURATION -> "configuration";
      case LAYER -> "layer " + link.name();
      case RECORD -> "build record";
      case RECIPE -> "recipe";
      case LOCK -> "lock";
      case INPUT -> "locked input " + name(root, link, inputs);
      case LOCAL -> "local files " + link.name();
      case TREE -> link.name() + " tree";
      case DIRECTORY, FILE -> link.name();
      case CHUNK -> "chunk";
      case FRAME -> "frame";
    };
  }

  private static String name(Root root, Why.Link link, Inputs inputs) throws IOException {
    Optional<String> name =
        root instanceof Root.OfGeneration of
            ? inputs.name(of.record(), link.digest())
            : Optional.empty();
    return name.orElse(link.digest().toString());
  }

  /** What it is, by how it is reached. */
  private static String kind(Why why) {
    List<Why.Step> steps =
        why.chains().stream()
            .map(chain -> chain.links().get(chain.links().size() - 1).step())
            .sorted() // what is a part as well is a whole first
            .toList();
    if (steps.isEmpty()) {
      return "";
    }
    return switch (steps.get(0)) {
      case IMAGE, MANIFEST -> "is an image's manifest or index, ";
      case CONFIGURATION -> "is an image's configuration, ";
      case LAYER -> "is a layer, ";
      case RECORD -> "is a build record, ";
      case RECIPE -> "is a recipe, ";
      case LOCK -> "is a lock, ";
      case INPUT -> "is a fetched input, ";
      case LOCAL, TREE, DIRECTORY -> "is a directory, ";
      case FILE -> "is a file's content, ";
      case CHUNK, FRAME -> "is a part of a file or layer, ";
    };
  }

  private static ObjectNode json(Why why, Inputs inputs) throws IOException {
    ObjectNode json =
        object()
            .put("object", why.object().toString())
            .put("bytes", why.plain())
            .put("stored", why.stored())
            .put("count", why.count());
    ArrayNode chains = json.putArray("chains");
    for (Why.Chain chain : why.chains()) {
      ArrayNode links = chains.addObject().put("root", chain.root().label()).putArray("links");
      for (Why.Link link : chain.links()) {
        links
            .addObject()
            .put("step", link.step().name().toLowerCase(Locale.ROOT))
            .put("digest", link.digest().toString())
            .put(
                "name",
                link.step() == Why.Step.INPUT ? name(chain.root(), link, inputs) : link.name());
      }
    }
    return json;
  }
}
