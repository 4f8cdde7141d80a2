package dev.imgstore.sync.serve;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.model.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.http.HttpException;

/** Answers what there is (distribution-spec 1.1, "Content Discovery"). */
final class Lists {
  private static final int MOST = 10_000;

  private Lists() {}

  static void tags(Call call, Repository repository) throws IOException, HttpException, Refusal {
    if (!repository.exists()) {
      throw new Refusal(
          Refusal.Code.NAME_UNKNOWN, "there is no repository " + repository.name() + " here");
    }
    ObjectNode answer = JsonNodeFactory.instance.objectNode().put("name", repository.name());
    String path = "/v2/" + repository.name() + "/tags/list";
    page(call, repository.tags(), path).forEach(answer.putArray("tags")::add);
    call.json(200, Call.JSON, answer);
  }

  /** Not of the specification any more, and asked for all the same. */
  static void repositories(Call call, Repositories all) throws IOException, HttpException, Refusal {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    page(call, new ArrayList<>(all.names()), "/v2/_catalog")
        .forEach(answer.putArray("repositories")::add);
    call.json(200, Call.JSON, answer);
  }

  /** Those after {@code last}, at most {@code n}, with a link to the rest. */
  private static List<String> page(Call call, List<String> all, String path) throws Refusal {
    String last = call.query("last");
    String n = call.query("n");
    if (!n.isEmpty() && !n.matches("[0-9]{1,9}")) {
      throw new Refusal(Refusal.Code.UNSUPPORTED, 400, "n is no number: " + n);
    }
    int most = n.isEmpty() ? MOST : Math.min(MOST, Integer.parseInt(n));
    List<String> rest =
        all.stream().filter(each -> last.isEmpty() || each.compareTo(last) > 0).toList();
    if (rest.size() <= most) {
      return rest;
    }
    List<String> page = rest.subList(0, most);
    if (!page.isEmpty()) {
      String next = page.get(page.size() - 1); // a tag or a name: nothing in it is to be encoded
      call.set("Link", "<" + path + "?n=" + most + "&last=" + next + ">; rel=\"next\"");
    }
    return page;
  }

  static void referrers(Call call, Repository repository, Digest subject)
      throws IOException, HttpException, Refusal {
    String wanted = call.query("artifactType");
    SortedMap<Digest, Reach.Manifest> found = new TreeMap<>();
    for (Digest image : repository.images()) {
      for (Map.Entry<Digest, Reach.Manifest> each :
          repository.reach(image).manifests().entrySet()) {
        Document document = each.getValue().document();
        if (document.subjects().contains(subject)
            && (wanted.isEmpty() || wanted.equals(document.artifactType()))) {
          found.put(each.getKey(), each.getValue());
        }
      }
    }
    if (!wanted.isEmpty()) {
      call.set("OCI-Filters-Applied", "artifactType");
    }
    call.json(200, Document.INDEX, index(found));
  }

  private static ObjectNode index(SortedMap<Digest, Reach.Manifest> found) {
    ObjectNode index = JsonNodeFactory.instance.objectNode();
    index.put("schemaVersion", 2).put("mediaType", Document.INDEX);
    ArrayNode list = index.putArray("manifests");
    found.forEach(
        (digest, manifest) -> {
          Document document = manifest.document();
          ObjectNode one = list.addObject();
          one.put("mediaType", document.mediaType());
          one.put("digest", digest.toString());
          one.put("size", manifest.size());
          if (!document.artifactType().isEmpty()) {
            one.put("artifactType", document.artifactType());
          }
          if (!document.annotations().isEmpty()) {
            ObjectNode annotations = one.putObject("annotations");
            document.annotations().forEach(annotations::put);
          }
        });
    return index;
  }
}
