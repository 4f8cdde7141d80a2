package dev.imgstore.builder.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not certainly an image is left, told, and keeps no file from being pinned. */
final class SpecLeftTest {
  private static DeploySpec read(String name, String text) {
    return DeploySpec.read(name, text.getBytes(StandardCharsets.UTF_8), List.of());
  }

  private static List<String> images(DeploySpec spec) {
    assertEquals(List.of(), spec.wrong());
    return spec.mentions().stream().map(each -> each.reference().toString()).toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "image = var.image",
        "web = { image = local.web }",
        "images = var.images",
        "image = local.images[\"web\"]",
        "image = lookup(var.images, \"web\", \"r.example.org/web:1\")",
        "image = format(\"%s/shop/web:%s\", var.registry, \"1\")",
        "image = join(\":\", [\"r.example.org/web\", \"1\"])",
        "image = (\n  var.blue ?\n  \"a/blue:1\" :\n  \"a/green:1\"\n)",
        "images = { for k in [\"a\"] : k =>\n \"a/web:1\" }",
        "images = { (local.x) = \"a/api:1\" }",
        "labels = merge(var.l, { image = \"a/web:1\" })",
        "definitions = <<EOT\n[{\"image\": \"a/web:1\"}]\nEOT\n",
        "definitions = <<EOT\nimage:\n  repository: a/web\nEOT\n",
        "x = var.a ? \"%s\\\"image\\\": \\\"a/web:1\\\"\" : 1",
        "resource \"helm_release\" \"a\" {\n  set {\n name = \"image.tag\"\n }\n}",
        "locals { og_image = \"https://example.org/a.png\" }",
        "locals { og_image = \"logo.png\" }"
      })
  void whatStandsInAnExpressionIsLeftAndTold(String text) {
    DeploySpec spec = read("main.tf", text.replace("%s", "y".repeat(300)) + "\n");
    assertEquals(List.of(), images(spec));
    assertFalse(spec.left().isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "compose.yaml ~ services: {a: {build: {dockerfile_inline: \"FROM a/web:1\"}}} ~ a/web:1",
        "compose.yaml ~ services: {a: {build: ., environment: [X_IMAGE=a/web:1]}} ~ a/web:1",
        "compose.yaml ~ services: {a: {build: ., environment: {X_IMAGE: a/web:1}}} ~ a/web:1",
        "values.yaml ~ image: {repository: a/web} ~ a/web",
        "values.yaml ~ image: {name: a/web} ~ a/web",
        "values.yaml ~ image: {tag: v7} ~ v7",
        "values.yaml ~ image: {repository: a, name: web, tag: v7} ~ a,web",
        "values.yaml ~ {image: a/web, imageTag: v7} ~ a/web",
        "values.yaml ~ {webImage: a/web, webImageTag: v7} ~ a/web",
        "values.yaml ~ images: {web: a/web:1} ~ a/web:1",
        "values.yaml ~ images: [a/web:1] ~ a/web:1",
        "values.yaml ~ env: [{name: SIDE_IMAGE, value: a/web:1}] ~ a/web:1",
        "parts.yaml ~ services: [a/web:1] ~ a/web:1",
        "a.yaml ~ {kind: AllowList, apiVersion: a/v1, spec: {image: a/web:1}} ~ a/web:1",
        "a.yaml ~ {kind: WebList, apiVersion: a/v1, items: [{spec: {image: web}}]} ~ web",
        "a.yaml ~ {kind: ConfigMap, apiVersion: v1, data: {a: \"image: a/web:1\"}} ~ a/web:1",
        "a.yaml ~ {kind: App, apiVersion: a/v1, p: [{name: image.tag, value: v7}]} ~ v7",
        "a.yaml ~ [{op: add, path: /spec/image, value: a/web:1}] ~ a/web:1",
        "a.yaml ~ {kind: App, apiVersion: a/v1, images: [web=a/web:1]} ~ a/web:1",
        "a.yaml ~ {kind: App, apiVersion: a/v1, p: [{name: x-image, default: a/web:1}]} ~ a/web:1",
        "values.yaml ~ {a: {imageTag: v7}} ~ v7",
        ".gitlab-ci.yml ~ {a: {script: [b], image: !reference [.t, image]}} ~ ''",
        "compose.yaml ~ {services: {a: {build: {additional_contexts: [a=docker-image://a:1]}}}} ~ a=docker-image://a:1",
        "a.tf ~ args = [\"--x-image=a/web:1\"] ~ a/web:1",
        "a.tf ~ app_image_tag = \"v7\" ~ v7",
        "a.tf ~ web = { image = { tag = \"v7\" } } ~ v7",
        "a.tf ~ env = [{ name = \"SIDE_IMAGE\", value = \"a/web:1\" }] ~ a/web:1",
        "a.yaml ~ {kind: Secret, apiVersion: v1, s: {a: \"s: {a: {image: a/w:1}}\"}} ~ a/w:1",
        "cloudbuild.yaml ~ {steps: [{name: r.example.org/web:1}]} ~ r.example.org/web:1",
        "a.tf ~ tags = [\"r.example.org/web:1\"] ~ r.example.org/web:1",
        "a.tf ~ images = { web = { repository = \"a/web\" } } ~ a/web",
        "a.yaml ~ [{tasks: [{container: {image: a/web:1}}]}] ~ a/web:1",
        "kustomization.yaml ~ patches: [{patch: \"x:\\n  - image: a/web:1\"}] ~ a/web:1",
        "kustomization.yaml ~ patches: [{patch: \"[{path: /spec/image}]\"}] ~ ''",
        "kustomization.yaml ~ patchesStrategicMerge: ['{\"image\": \"a/web:1\"}'] ~ a/web:1",
        ".gitlab-ci.yml ~ {a: {script: [b]}, variables: {X_IMAGE: a/web:1}} ~ a/web:1",
        "Dockerfile ~ # syntax=a/web:1 ~ a/web:1"
      })
  void nothingIsPassedOverInSilence(String file, String text, String images) {
    DeploySpec spec = read(file, text);
    assertEquals(List.of(), images(spec));
    assertEquals(1, spec.left().size(), spec.left()::toString);
    assertEquals(images, String.join(",", spec.left().get(0).images()));
  }

  @Test
  void whatATemplateSaysInAnotherWayIsTold() {
    String text =
        "{{ if }}\n- {name: a, image: a/web:1}\n  \"image\" : 'a/web:2' # x\n# image: a\n";
    DeploySpec spec = read("web.yaml", text);
    assertEquals(List.of("a/web:2"), images(spec));
    assertEquals(
        List.of("1 []", "2 [a/web:1]"),
        spec.left().stream().map(each -> each.line() + " " + each.images()).toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{apiVersion: v1, kind: Pod, status: {image: a/web:1}}",
        "{services: {a: {build: .}}, x: {imagePullPolicy: Always, image: true, images: []}}",
        "description: the image of a house",
        "url: https://example.org/image"
      })
  void whatNamesNoImageIsNotTold(String text) {
    assertEquals(List.of(), read("a.yaml", text).left());
    String hcl =
        "image = docker_image.web.image_id\ndisk = var.x\nuse_image = true\nimage = null\n";
    assertEquals(List.of(), read("a.tf", hcl).left());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "api = { image = \"r.example.org/api\", tag = \"1\" }",
        "api = { image = \"r.example.org/api\", tag = var.tag }",
        "module \"a\" {\n image = \"r.example.org/a\"\n image_tag = \"1\"\n}",
        "web_image = \"r.example.org/web\"\nweb_image_tag = \"1\""
      })
  void anImageWhoseTagStandsBesideItIsLeft(String text) {
    DeploySpec spec = read("a.tf", text + "\n");
    assertEquals(List.of(), images(spec));
    assertTrue(spec.left().get(0).text().contains("elsewhere"), spec.left()::toString);
    String json = "{\"a\": {\"image\": \"r.example.org/a\", \"tag\": \"1\"}}";
    assertEquals(List.of(), images(read("a.tfvars.json", json)));
  }

  @Test
  void aPathComesBeforeWhatIsGuessed() {
    String text = "{kind: X, apiVersion: a/v1, spec: {image: a/web:1}}";
    DeploySpec spec =
        DeploySpec.read(
            "a.yaml", text.getBytes(StandardCharsets.UTF_8), List.of(SpecPath.parse("spec.image")));
    assertEquals(List.of("a/web:1"), images(spec));
    assertEquals(List.of(), spec.left());
  }

  @Test
  void onlyAnImageWithARegistryOrATagIsCertainlyOneInWhatIsGuessed() {
    String values =
        """
        image: r.example.org/b:1
        logoImage: assets/logo.png
        base: {image: ubuntu-2204}
        chart: {repository: charts/web, tag: 1}
        plain: {image: "shop/web:1"}
        test: {image: {repository: busybox, tag: 1}}
        web: {image: {registry: r.example.org, repository: web, tag: 1}}
        context: docker-image://a/base:1
        """;
    assertEquals(
        List.of(
            "r.example.org/b:1 false",
            "assets/logo.png true",
            "ubuntu-2204 true",
            "charts/web:1 true",
            "shop/web:1 false",
            "busybox:1 false",
            "r.example.org/web:1 false",
            "a/base:1 false"),
        read("values.yaml", values).mentions().stream()
            .map(each -> each.reference() + " " + each.perhaps())
            .toList());
  }

  @Test
  void aGuessedTextOfHclThatIsNoReferenceIsLeft() {
    for (String text : List.of("image = \"Not/A:1\"", "x_image = \"a/B/:1\"", "image = \"\"")) {
      DeploySpec spec = read("a.tf", text + "\n");
      assertEquals(List.of(), images(spec));
      assertEquals(1, spec.left().size());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "resource \"aws_s3_bucket\" \"product_images\" {\n  bucket = \"web\"\n}",
        "variable \"container_images\" {\n  description = \"Which ones: all\"\n}",
        "module \"images\" {\n  source  = \"a/b\"\n  version = \"1\"\n}",
        "job \"images\" {\n  datacenters = [\"dc1\"]\n  type = \"service\"\n}"
      })
  void labelsOfBlocksSayNothing(String text) {
    DeploySpec spec = read("main.tf", text + "\n");
    assertEquals(List.of(), images(spec));
    assertEquals(List.of(), spec.left());
  }

  @Test
  void objectsAndListsOfImagesAreImages() {
    assertEquals(List.of("a/web:1"), images(read("a.tf", "images = [\"a/web:1\"]\n")));
    String variable = "variable \"app_images\" {\n  default = { web = \"a/web:1\" }\n}\n";
    assertEquals(List.of("a/web:1"), images(read("a.tf", variable)));
    String json = "{\"variable\": {\"app_images\": {\"default\": {\"web\": \"a/web:1\"}}}}";
    assertEquals(List.of("a/web:1"), images(read("a.tf.json", json)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "RUN echo $((1<<3))\n",
        "RUN cat <<<\"$HOME\"\n",
        "RUN echo \"a <<EOF b\"\n",
        "RUN <<EOF\n  EOF\nFROM a/not:1\nEOF\n",
        "RUN 3<<-'EOF' cat\nFROM a/not:1\n\t\tEOF\n",
        "RUN <<\"the end\" sh\nFROM a/not:1\nthe end\n",
        "COPY <<A'  B'C /x\nFROM a/not:1\nA  BC\n",
        "RUN echo 'a <<EOF b'\n"
      })
  void aHeredocIsWhatBuildKitTakesForOne(String run) {
    String text = "FROM a/one:1\n" + run + "FROM a/two:1\n";
    assertEquals(List.of("a/one:1", "a/two:1"), images(read("Dockerfile", text)));
  }

  @Test
  void aHeredocWithoutAnEndIsAMistake() {
    DeploySpec spec = read("Dockerfile", "FROM a/one:1\nRUN <<EOF\n  EOF\n");
    assertTrue(spec.wrong().get(0).text().contains("`EOF` ends"), spec.wrong()::toString);
  }

  @Test
  void aReferenceOverTwoLinesIsLeft() {
    for (String text :
        List.of(
            "FROM a/web\\\n:1 AS x\n", "FROM x\\\n# c\ny\n", "COPY --from=a/web\\\n:1 /a /b\n")) {
      DeploySpec spec = read("Dockerfile", text);
      assertEquals(List.of(), images(spec));
      assertTrue(spec.left().get(0).text().contains("several lines"), spec.left()::toString);
    }
    assertEquals(List.of("a/web:1"), images(read("Dockerfile", "FROM \\\na/web:1\\\n AS x\n")));
  }

  @Test
  void aFileIsReadByWhatItIsCalled() {
    for (String name : List.of("Dockerfile-prod", "Dockerfile_linux", "Containerfile-x")) {
      assertEquals("Dockerfile", read(name, "FROM a/web:1\n").format());
    }
    assertFalse(read("dockerfile-values.yaml", "image: a/web:1\n").format().equals("Dockerfile"));
    String compose = "services: {a: {image: a/web:1}}\n";
    assertEquals("Compose", read("docker-compose.gitlab-ci.yml", compose).format());
    DeploySpec none = read("notes", "FROM a/web\n");
    assertTrue(none.wrong().get(0).text().contains("no deploy spec"), none.wrong()::toString);
    assertEquals(List.of(), read("empty.yaml", "# nothing\n").wrong());
  }
}
