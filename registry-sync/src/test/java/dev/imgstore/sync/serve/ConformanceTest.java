package dev.imgstore.sync.serve;

import static dev.imgstore.sync.serve.Shop.header;
import static dev.imgstore.sync.serve.Shop.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.imgstore.model.Digest;
import dev.imgstore.sync.serve.ConformanceContents.Content;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * distribution-spec 1.1 in its four categories: each kind of content goes all the way from its push
 * to its deletion.
 */
final class ConformanceTest extends RawClient {
  @TestFactory
  Stream<DynamicTest> eachKindOfContentGoesAllTheWay() {
    return new ConformanceContents()
        .contents().entrySet().stream()
            .map(
                each ->
                    DynamicTest.dynamicTest(each.getKey(), () -> goesAllTheWay(each.getValue())));
  }

  private void goesAllTheWay(Content content) throws IOException, InterruptedException {
    for (byte[] blob : content.blobs) {
      uploaded(blob, seed++ % 5);
    }
    for (byte[] manifest : content.manifests) {
      pushed(Digest.of(manifest).toString(), manifest);
    }
    for (Map.Entry<String, byte[]> tag : content.tags.entrySet()) {
      pushed(tag.getKey(), tag.getValue());
    }
    listed(content);
    for (Map.Entry<String, byte[]> tag : content.tags.entrySet()) {
      isGiven(tag.getKey(), tag.getValue());
    }
    for (byte[] manifest : content.manifests) {
      isGiven(Digest.of(manifest).toString(), manifest);
      referred(content, manifest);
    }
    for (byte[] blob : content.blobs) {
      isGiven(blob);
    }
    for (String tag : content.tags.keySet()) {
      deleted("/v2/team/web/manifests/" + tag, 202);
    }
    for (byte[] manifest : content.manifests) {
      isGiven(Digest.of(manifest).toString(), manifest); // a tag less, and no image
    }
    Collections.reverse(content.manifests);
    for (byte[] manifest : content.manifests) {
      deleted("/v2/team/web/manifests/" + Digest.of(manifest), 202, 404);
    }
    for (byte[] blob : content.blobs) {
      deleted("/v2/team/web/blobs/" + Digest.of(blob), 202, 404);
    }
  }

  private List<String> tags(String query) throws IOException, InterruptedException {
    List<String> tags = new ArrayList<>();
    for (JsonNode each : json(shop.get("/v2/team/web/tags/list" + query)).path("tags")) {
      tags.add(each.asText());
    }
    return tags;
  }

  private void listed(Content content) throws IOException, InterruptedException {
    List<String> all = tags("");
    assertTrue(all.containsAll(content.tags.keySet()));
    assertEquals(all.stream().sorted().toList(), all);
    for (int i = 0; i < all.size(); i++) {
      assertEquals(all.subList(i + 1, all.size()), tags("?last=" + all.get(i)));
    }
  }

  private void referred(Content content, byte[] subject) throws IOException, InterruptedException {
    for (byte[] each : content.manifests) {
      if (!subject(each).equals(Digest.of(subject).toString())) {
        return;
      }
      JsonNode made = dev.imgstore.store.JsonTree.read(each);
      String type =
          made.path("artifactType").asText(made.path("config").path("mediaType").asText());
      String path = "/v2/team/web/referrers/" + Digest.of(subject);
      for (String query : List.of("", "?artifactType=" + type.replace("+", "%2B"))) {
        HttpResponse<byte[]> got = shop.get(path + query);
        assertEquals(200, got.statusCode());
        assertEquals(Shop.INDEX, header(got, "Content-Type"));
        assertEquals(query.isEmpty() ? "" : "artifactType", header(got, "OCI-Filters-Applied"));
        JsonNode entry = entry(json(got), Digest.of(each).toString());
        assertEquals(type, entry.path("artifactType").asText());
        assertEquals(each.length, entry.path("size").asInt());
        assertEquals(made.path("annotations"), entry.path("annotations"));
      }
      JsonNode others = json(shop.get(path + "?artifactType=application/x-none"));
      assertEquals(0, others.path("manifests").size());
    }
  }

  private static JsonNode entry(JsonNode index, String digest) {
    for (JsonNode each : index.path("manifests")) {
      if (each.path("digest").asText().equals(digest)) {
        return each;
      }
    }
    throw new AssertionError(digest + " is not in " + index);
  }

  @Test
  void anEmptyRegistryAnswers() throws IOException, InterruptedException {
    assertEquals(200, shop.get("/v2/").statusCode());
    assertEquals(404, shop.get("/v2/team/web/tags/list").statusCode());
    String digest = Digest.of(NOTHING).toString();
    HttpResponse<byte[]> referrers = shop.get("/v2/team/web/referrers/" + digest);
    assertEquals(200, referrers.statusCode());
    assertEquals(2, json(referrers).path("schemaVersion").asInt());
    assertEquals(404, shop.get("/v2/team/web/manifests/" + digest).statusCode());
    assertEquals(404, shop.get("/v2/team/web/manifests/missing").statusCode());
    assertEquals(404, shop.get("/v2/team/web/blobs/" + digest).statusCode());
    assertEquals(400, shop.get("/v2/team/web/manifests/sha256:bad").statusCode());
  }

  @Test
  void aManifestThatIsNotItsDigestIsRefused() throws IOException, InterruptedException {
    Content content = new ConformanceContents().new Content();
    content.image("");
    for (byte[] blob : content.blobs) {
      uploaded(blob, 1);
    }
    byte[] manifest = content.manifests.get(0);
    byte[] more = Arrays.copyOf(manifest, manifest.length + 2);
    Arrays.fill(more, manifest.length, more.length, (byte) ' ');
    for (String reference : List.of(Digest.of(manifest).toString(), "sha256:baddigeststring")) {
      String path = "/v2/team/web/manifests/" + reference;
      assertEquals(
          400, shop.send("PUT", path, more, "Content-Type", Shop.MANIFEST).statusCode(), reference);
    }
    assertEquals(404, shop.get("/v2/team/web/manifests/" + Digest.of(manifest)).statusCode());
  }
}
