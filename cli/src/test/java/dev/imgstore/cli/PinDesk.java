package dev.imgstore.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A desk with two generations of web, and a deploy spec. */
abstract class PinDesk {
  static final String HOST = "registry.example.org/shop/";

  @TempDir Path directory;
  Desk desk;

  @BeforeEach
  void prepare() throws IOException {
    desk = new Desk(directory.toRealPath());
    build("one");
    build("two");
  }

  @AfterEach
  void verify() {
    desk.verify();
  }

  String build(String text) throws IOException {
    desk.recipe(
        "web", "platforms: [linux/amd64, linux/arm64]\nfiles: [{path: /t, text: " + text + "}]\n");
    return desk.run("build", "web").with(0).image();
  }

  String image(String ref) {
    return desk.run("--json", "show", ref).with(0).json().path("image").asText();
  }

  static String compose(String... images) {
    StringBuilder text = new StringBuilder("# mine\nservices:\n");
    for (int i = 0; i < images.length; i++) {
      text.append("  s" + i + ":\n    image:  " + images[i] + "   # here\n");
    }
    return text.toString();
  }

  Path write(String... images) throws IOException {
    return desk.write("compose.yaml", compose(images));
  }

  String text() throws IOException {
    return Files.readString(desk.path("compose.yaml"));
  }

  List<String> pins() {
    List<String> pins = new ArrayList<>();
    for (JsonNode each : desk.run("--json", "pins").with(0).json().path("pins")) {
      pins.add(
          each.path("lines")
              + " "
              + each.path("reference").asText()
              + " "
              + each.path("image").asText()
              + (each.path("missingSince").asText().isEmpty() ? "" : " missing"));
    }
    return pins;
  }
}
