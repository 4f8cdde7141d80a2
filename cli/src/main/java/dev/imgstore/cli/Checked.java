package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.builder.check.Finding;
import dev.imgstore.builder.check.RebuildReport;

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
    StringBuilder lines = new StringBuilder();
    boolean several = report.findings().stream().map(Finding::platform).distinct().count() > 1;
    for (Finding each : report.findings()) {
      lines.append(several ? each.platform() + ": " : "").append(each.line()).append('\n');
    }
    report.tolerated().forEach(each -> lines.append(each).append(": differs, as it may\n"));
    int count = report.findings().size();
    lines.append("checked ").append(report.actions());
    lines.append(report.actions() == 1 ? " action: " : " actions: ");
    lines.append(
        count == 0 ? "nothing differs" : count + (count == 1 ? " difference" : " differences"));
    return lines.append('\n').toString();
  }

  /** For programs; null if there was no check. */
  void put(ObjectNode json) {
    if (!asked) {
      json.putNull("check");
      return;
    }
    ObjectNode check = json.putObject("check").put("actions", report.actions());
    ArrayNode findings = check.putArray("findings");
    for (Finding each : report.findings()) {
      findings
          .addObject()
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
    ArrayNode tolerated = check.putArray("tolerated");
    report.tolerated().forEach(tolerated::add);
    ArrayNode notices = check.putArray("notices");
    report.notices().forEach(notices::add);
  }
}
