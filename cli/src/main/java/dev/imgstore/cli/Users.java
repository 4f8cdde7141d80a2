package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.model.Digest;
import dev.imgstore.store.ImageManifest;
import dev.imgstore.store.Revocation;
import dev.imgstore.store.Root;
import dev.imgstore.store.Store;
import dev.imgstore.store.StoreException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who names a revoked image, or an index that it is a part of.
 *
 * @param roots generations, pins and holds
 * @param indexes of roots that name an index with the image in it: the roots' names, and the index
 */
record Users(List<Root> roots, Map<Root, Digest> indexes) {
  /** Copies in. */
  Users {
    roots = List.copyOf(roots);
    indexes = Map.copyOf(indexes);
  }

  static Users of(Store store, Revocation revocation) throws IOException {
    List<Root> users = new ArrayList<>();
    Map<Root, Digest> indexes = new HashMap<>();
    Map<Digest, Boolean> known = new HashMap<>();
    for (Root each : store.roots().all()) {
      Digest image = each.image();
      Boolean isWith = known.get(image);
      if (isWith == null) {
        isWith = !revocation.isOf(image) && isIndexWith(store, image, revocation);
        known.put(image, isWith);
      }
      if (isWith) {
        indexes.put(each, image);
      }
      if (isWith || revocation.isOf(image)) {
        users.add(each);
      }
    }
    return new Users(users, indexes);
  }

  private static boolean isIndexWith(Store store, Digest image, Revocation revocation)
      throws IOException {
    try {
      return ImageManifest.read(store.blobs(), image) instanceof ImageManifest.Index index
          && index.manifests().stream().anyMatch(each -> revocation.isOf(each.manifest().digest()));
    } catch (StoreException e) {
      return false; // damaged: verify says so
    }
  }

  /** {@code web@42 (current)}, {@code deploy/web.yaml:12}, {@code hold of legal}. */
  List<String> names() {
    return roots.stream().map(this::name).toList();
  }

  private String name(Root root) {
    String name = root.label();
    if (root instanceof Root.OfGeneration of) {
      name += of.isCurrent() ? " (current)" : "";
    } else if (root instanceof Root.Pin pin) {
      name = pin.spec().isPresent() ? pin.place() : name;
    }
    return name + (indexes.containsKey(root) ? " (an index it is a part of)" : "");
  }

  /** A line each, for people. */
  String text() {
    if (roots.isEmpty()) {
      return "nothing uses it\n";
    }
    StringBuilder text = new StringBuilder("still used by:\n");
    names().forEach(each -> text.append("  ").append(each).append('\n'));
    boolean isCurrent =
        roots.stream().anyMatch(each -> each instanceof Root.OfGeneration of && of.isCurrent());
    return text + (isCurrent ? "it is current: switch or roll back what runs it\n" : "");
  }

  void encode(ObjectNode json) {
    ArrayNode list = json.putArray("users");
    for (Root each : roots) {
      ObjectNode one = list.addObject().put("name", name(each));
      if (each instanceof Root.OfGeneration of) {
        one.put("kind", "generation").put("current", of.isCurrent());
      } else {
        one.put("kind", each instanceof Root.Pin ? "pin" : "hold").put("current", false);
      }
    }
  }
}
