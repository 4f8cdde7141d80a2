package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.builder.tree.TreeFault;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BlobStore;
import dev.imgstore.store.Store;
import java.io.IOException;
import java.io.InputStream;
import java.util.SortedSet;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** One file of an image. */
@Command(
    name = "cat",
    mixinStandardHelpOptions = true,
    description = {
      "Print a file of an image, or the names in a directory.",
      "Links are followed inside the image. With --json: what the path is, not its content."
    },
    footerHeading = "%nExample:%n",
    footer = "  imgstore cat web@41 /etc/nginx/nginx.conf")
final class CatCommand extends ImageCommand {
  @Parameters(index = "1", paramLabel = "PATH", description = "A path in it.")
  String path;

  @Override
  ExitCode run(Store store) throws IOException {
    Held held = held(store);
    try {
      TreeEditor tree = TreeEditor.of(new OnlyRead(store.blobs()), held.part(platform).tree());
      TreePath real = tree.resolve(typed());
      if (tree.isDirectory(real)) {
        list(held, tree, real);
      } else {
        Node node = tree.leaf(real).orElseThrow(() -> unknown(held));
        leaf(held, store, real, node);
      }
      return ExitCode.DONE;
    } catch (TreeFault e) {
      throw new CommandFailure(ExitCode.UNKNOWN, held.ref().name() + ": " + e.getMessage(), e);
    }
  }

  /** Needs neither rights nor room in the store. */
  private record OnlyRead(BlobReader blobs) implements BlobStore {
    @Override
    public boolean has(Digest blob) throws IOException {
      return blobs.has(blob);
    }

    @Override
    public long size(Digest blob) throws IOException {
      return blobs.size(blob);
    }

    @Override
    public InputStream open(Digest blob) throws IOException {
      return blobs.open(blob);
    }

    @Override
    public byte[] read(Digest blob, int limit) throws IOException {
      return blobs.read(blob, limit);
    }

    @Override
    public Digest put(InputStream bytes) {
      throw new UnsupportedOperationException("only read");
    }
  }

  private TreePath typed() throws CommandFailure {
    try {
      return TreePath.of(path);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          ExitCode.USAGE, path + " is no path in an image: " + e.getMessage(), e);
    }
  }

  private CommandFailure unknown(Held held) {
    return new CommandFailure(
        ExitCode.UNKNOWN,
        held.ref().name() + " has no " + path + "; imgstore cat " + ref + " / lists what it has");
  }

  private void list(Held held, TreeEditor tree, TreePath real) throws IOException {
    SortedSet<Name> names = new TreeSet<>(tree.list(real));
    ObjectNode json = described(held, real, "directory", tree.meta(real).orElseThrow());
    ArrayNode list = json.putArray("names");
    StringBuilder text = new StringBuilder();
    for (Name name : names) {
      list.add(name.toString());
      text.append(name.toString().replace('\n', '?'));
      text.append(tree.isDirectory(real.child(name)) ? "/\n" : "\n");
    }
    print(json, text.toString());
  }

  private void leaf(Held held, Store store, TreePath real, Node node) throws IOException {
    if (!(node instanceof Node.File file)) {
      throw new CommandFailure(
          ExitCode.USAGE,
          path
              + (node instanceof Node.Symlink ? " is a link that leads nowhere" : " is no file")
              + " in "
              + held.ref().name());
    }
    if (root().json) {
      ObjectNode json = described(held, real, "file", file.meta());
      json.put("size", file.size()).put("content", file.content().toString()).putArray("names");
      print(json, "");
      return;
    }
    try (InputStream bytes = store.blobs().open(file.content())) {
      bytes.transferTo(root().context().out());
    }
  }

  private static ObjectNode described(Held held, TreePath real, String kind, Meta meta) {
    return object()
        .put("ref", held.ref().name())
        .put("path", real.toString())
        .put("kind", kind)
        .put("mode", meta.mode())
        .put("uid", meta.uid())
        .put("gid", meta.gid())
        .put("size", 0)
        .put("content", "");
  }
}
