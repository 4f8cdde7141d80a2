package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.builder.check.Finding;
import dev.imgstore.builder.check.RebuildReport;
import java.util.List;

/**
 * What a check of a build found.
 *
 * @param asked whether there was one
 * @param report of nothing, if not
 */
record Checked(boolean asked, RebuildReport report) {
  static final Checked NOT_ASKED = new Checked(false, RebuildReport.NONE);

  ExitCode code() {
    return report.findings().isEmpty() ? ExitCode.DONE : ExitCode.FOUND;
  }

  /** For people: one line for each finding, and how much was looked at. */
  String lines() {
    if (!asked) {
      return "";
    }
    StringBuilder lines = new StringBuilder(lines(report.findings()));
    report.tolerated().forEach(each -> lines.append(each).append(": differs, as it may\n"));
    int count = report.findings().size();
    lines.append("checked ").append(report.actions());
    lines.append(report.actions() == 1 ? " action: " : " actions: ");
    return lines.append(count(count)).append('\n').toString();
  }

  /** How many differences there are, in words. */
  static String count(int differences) {
    return differences == 0
        ? "nothing differs"
        : differences + (differences == 1 ? " difference" : " differences");
  }

  /** One line for each. */
  static String lines(List<Finding> findings) {
    StringBuilder lines = new StringBuilder();
    boolean several = findings.stream().map(Finding::platform).distinct().count() > 1;
    for (Finding each : findings) {
      lines.append(several ? each.platform() + ": " : "").append(each.line()).append('\n');
    }
    return lines.toString();
  }

  /** For programs; null if there was no check. */
  void put(ObjectNode json) {
    if (!asked) {
      json.putNull("check");
      return;
    }
    ObjectNode check = json.putObject("check").put("actions", report.actions());
    put(report.findings(), check.putArray("findings"));
    ArrayNode tolerated = check.putArray("tolerated");
    report.tolerated().forEach(tolerated::add);
    ArrayNode notices = check.putArray("notices");
    report.notices().forEach(notices::add);
  }

  /** For programs. */
  static void put(List<Finding> findings, ArrayNode list) {
    for (Finding each : findings) {
      list.addObject()
          .put("grade", each.grade().name().toLowerCase(java.util.Locale.ROOT))
          .put("platform", each.platform().toString())
          .put("action", each.action())
          .put("package", each.owner())
          .put("path", each.path())
          .put("kind", each.kind().toString())
          .put("what", each.what())
          .put("offset", each.offset())
          .put("was", each.was())
          .put("is", each.is());
    }
  }
}
