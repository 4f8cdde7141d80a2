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

  /** Of each revocation; the roots are read once for all of them. */
  static List<Users> of(Store store, List<Revocation> revocations) throws IOException {
    if (revocations.isEmpty()) {
      return List.of();
    }
    List<Root> roots = store.roots().all();
    Map<Digest, List<Digest>> parts = new HashMap<>();
    for (Root each : roots) {
      if (!parts.containsKey(each.image())) {
        parts.put(each.image(), parts(store, each.image()));
      }
    }
    return revocations.stream().map(each -> of(each, roots, parts)).toList();
  }

  private static Users of(
      Revocation revocation, List<Root> roots, Map<Digest, List<Digest>> parts) {
    List<Root> users = new ArrayList<>();
    Map<Root, Digest> indexes = new HashMap<>();
    for (Root each : roots) {
      Digest image = each.image();
      if (revocation.isOf(image)) {
        users.add(each);
      } else if (parts.getOrDefault(image, List.of()).stream().anyMatch(revocation::isOf)) {
        indexes.put(each, image);
        users.add(each);
      }
    }
    List<String> names = users.stream().map(Root::label).toList();
    users.removeIf(
        each ->
            each instanceof Root.Pin pin
                && SourcePin.is(pin)
                && names.contains("pin " + SourcePin.first(pin.name())));
    return new Users(users, indexes);
  }

  /** The manifests that an index names. */
  private static List<Digest> parts(Store store, Digest image) throws IOException {
    try {
      return ImageManifest.read(store.blobs(), image).parts();
    } catch (StoreException e) {
      return List.of(); // damaged: verify says so
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
