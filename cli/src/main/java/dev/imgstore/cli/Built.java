package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.builder.check.Finding;
import dev.imgstore.builder.realise.ImageBuilder;
import java.util.List;

/**
 * What became of one recipe.
 *
 * @param generation 0 if none was to be made
 * @param fresh whether the generation is new
 * @param checked what a check of it found
 * @param differs what ran again and gave another result than before
 * @param caches what shared caches did for it
 */
record Built(
    String profile,
    int generation,
    boolean fresh,
    ImageBuilder.Result result,
    Checked checked,
    List<Finding> differs,
    SharedCaches.Report caches) {
  Built(String profile, int generation, boolean fresh, ImageBuilder.Result result) {
    this(
        profile,
        generation,
        fresh,
        result,
        Checked.NOT_ASKED,
        List.of(),
        SharedCaches.Report.NOTHING);
  }

  Built with(Checked check, List<Finding> differing, SharedCaches.Report shared) {
    return new Built(profile, generation, fresh, result, check, differing, shared);
  }

  /** For people: {@code web@42 sha256:...}; without a generation only the image. */
  String line() {
    String image = result.record().image().toString();
    return generation == 0 ? image : profile + "@" + generation + " " + image;
  }

  /** For programs. */
  ObjectNode put(ObjectNode json) {
    json.put("image", result.record().image().toString()).put("reused", result.reused());
    json.put("stepsRun", result.stepsRun());
    ArrayNode unhandled = json.putArray("unhandled");
    result.record().parts().forEach(part -> part.unhandled().forEach(unhandled::add));
    checked.put(json);
    Checked.put(differs, json.putArray("differs"));
    ImageBuilder.Work work = result.work();
    json.putObject("actions")
        .put("reused", work.reused())
        .put("fetched", work.came())
        .put("ran", work.ran());
    caches.put(json.putObject("caches"));
    return json.put("profile", profile).put("generation", generation).put("fresh", fresh);
  }
}
