package dev.imgstore.builder.setup;

import dev.imgstore.builder.setup.shell.Host.Answer;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Enabling systemd units, as deb-systemd-helper(1p) does on a first installation. */
final class UnitLinks {
  private static final Meta LINK = Meta.of(0777, 0, 0);
  private static final List<String> PLACES =
      List.of("/etc/systemd/system", "/lib/systemd/system", "/usr/lib/systemd/system");

  private final TreeEditor tree;

  UnitLinks(TreeEditor tree) {
    this.tree = tree;
  }

  void addTo(Map<String, Tool> tools) {
    tools.put("deb-systemd-helper", (words, input, variables) -> run(words));
  }

  private Answer run(List<String> words) throws IOException {
    List<String> operands = Arguments.read(words, "").operands();
    if (words.contains("--user") || operands.isEmpty()) {
      return Answer.DONE;
    }
    switch (operands.get(0)) {
      case "debian-installed" -> {
        return Answer.NO; // nothing was ever enabled before
      }
      case "enable" -> {
        for (String unit : operands.subList(1, operands.size())) {
          enable(unit);
        }
        return Answer.DONE;
      }
      default -> {
        return Answer.DONE; // was-enabled says yes on a first installation
      }
    }
  }

  private void enable(String unit) throws IOException {
    for (String place : PLACES) {
      String path = place + "/" + unit;
      Optional<String> text = Place.text(tree, path);
      if (text.isEmpty()) {
        continue;
      }
      for (String line : text.get().lines().map(String::strip).toList()) {
        String[] pair = line.split("=", 2);
        if (pair.length == 2) {
          for (String other : pair[1].strip().split("\\s+", -1)) {
            link(pair[0].strip(), other, unit, path);
          }
        }
      }
      return;
    }
  }

  private void link(String key, String other, String unit, String target) throws IOException {
    if (other.isEmpty() || other.contains("/")) {
      return;
    }
    String link =
        switch (key) {
          case "WantedBy" -> other + ".wants/" + unit;
          case "RequiredBy" -> other + ".requires/" + unit;
          case "Alias" -> other;
          default -> "";
        };
    if (!link.isEmpty()) {
      TreePath path = Place.own(tree, PLACES.get(0) + "/" + link);
      if (!tree.exists(path)) {
        tree.put(path, new Node.Symlink(Bytes.utf8(target), LINK));
      }
    }
  }
}
