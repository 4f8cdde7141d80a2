package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.store.CheckReport;
import dev.imgstore.store.Store;
import java.io.IOException;
import picocli.CommandLine.Command;

/** Reads every byte of the store. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = "Re-hash everything in the store and name what is wrong.",
    footerHeading = "%nExample:%n",
    footer = "  imgstore verify && echo all is well")
final class VerifyCommand extends StoreCommand {
  @Override
  ExitCode run(Store store) throws IOException {
    CheckReport report = store.check();
    ObjectNode json = object().put("blobs", report.blobs()).put("bytes", report.bytes());
    ArrayNode list = json.putArray("findings");
    StringBuilder text = new StringBuilder();
    for (CheckReport.Finding finding : report.findings()) {
      list.addObject()
          .put("file", finding.file())
          .put("what", finding.what())
          .put("fault", finding.fault());
      text.append(line(finding)).append('\n');
    }
    int count = report.findings().size();
    text.append(
        "verified %d blobs, %s: %s%n"
            .formatted(
                report.blobs(),
                Table.bytes(report.bytes()),
                count == 0 ? "all is well" : count + (count == 1 ? " finding" : " findings")));
    print(json, text.toString());
    return count == 0 ? ExitCode.DONE : ExitCode.FOUND;
  }

  /** A fault says itself what it is about, mostly, and to run what runs here. */
  private static String line(CheckReport.Finding finding) {
    String fault = finding.fault().replace("; run imgstore verify", "");
    boolean named = finding.file().endsWith(finding.what()) || fault.startsWith(finding.what());
    String what = named ? fault : finding.what() + ": " + fault;
    boolean placed = fault.startsWith(finding.file()) || fault.contains(" in " + finding.file());
    return placed ? what : finding.file() + ": " + what;
  }
}
