package dev.imgstore.builder.tree;

import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.store.BlobReader;
import dev.imgstore.store.BlobStore;
import dev.imgstore.store.Trees;
import java.io.IOException;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a name in a tree being changed stands for. */
sealed interface Slot {
  /** Anything but a directory. */
  record Leaf(Node node) implements Slot {}

  /** A directory: its id while nothing in it changed, its entries once someone looked. */
  final class Dir implements Slot {
    private Meta meta;
    private @Nullable TreeId id;
    private @Nullable NavigableMap<Name, Slot> entries;

    private Dir(Meta meta, @Nullable TreeId id, @Nullable NavigableMap<Name, Slot> entries) {
      this.meta = meta;
      this.id = id;
      this.entries = entries;
    }

    static Dir stored(TreeId id, Meta meta) {
      return new Dir(meta, id, null);
    }

    static Dir empty(Meta meta) {
      return new Dir(meta, null, new TreeMap<>());
    }

    Meta meta() {
      return meta;
    }

    void setMeta(Meta other) {
      meta = other;
    }

    /** The id, if nothing in it changed since it was stored. */
    Optional<TreeId> id() {
      return Optional.ofNullable(id);
    }

    /** To be looked at, not changed. */
    NavigableMap<Name, Slot> entries(BlobReader blobs) throws IOException {
      if (entries != null) {
        return entries;
      }
      if (id == null) {
        throw new AssertionError("a directory that is neither stored nor in memory");
      }
      NavigableMap<Name, Slot> loaded = new TreeMap<>();
      for (Map.Entry<Name, Node> entry : Trees.read(blobs, id).entries().entrySet()) {
        loaded.put(
            entry.getKey(),
            entry.getValue() instanceof Node.Directory directory
                ? stored(directory.tree(), directory.meta())
                : new Leaf(entry.getValue()));
      }
      entries = loaded;
      return loaded;
    }

    /** To be changed: the id is forgotten. The caller does this for all directories above too. */
    NavigableMap<Name, Slot> change(BlobReader blobs) throws IOException {
      NavigableMap<Name, Slot> all = entries(blobs);
      id = null;
      return all;
    }

    /** Stores this and what is in it, as far as it changed. */
    TreeId write(BlobStore blobs) throws IOException {
      if (id != null) {
        return id;
      }
      TreeMap<Name, Node> nodes = new TreeMap<>();
      for (Map.Entry<Name, Slot> entry : entries(blobs).entrySet()) {
        nodes.put(
            entry.getKey(),
            entry.getValue() instanceof Dir dir
                ? new Node.Directory(dir.write(blobs), dir.meta)
                : ((Leaf) entry.getValue()).node());
      }
      TreeId written = Trees.put(blobs, new Tree(nodes));
      id = written;
      return written;
    }
  }
}
