package dev.imgstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.imgstore.builder.sandbox.Sandbox;
import dev.imgstore.builder.sandbox.StepSandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** What this machine can do. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = "Say what this machine can do, and the fix for what it cannot.",
    footerHeading = "%nExample:%n",
    footer = "  imgstore doctor")
final class DoctorCommand implements Callable<Integer> {
  private static final long SMALL_SANDBOX = 1 << 20;
  private static final long LITTLE_SPACE = 2L << 30;

  @ParentCommand Imgstore root;

  /** One question and its answer. */
  private record Answer(String what, boolean good, String text) {}

  private interface Question {
    String ask() throws IOException, InterruptedException;
  }

  @Override
  public Integer call() throws InterruptedException {
    Machine machine = new Machine(root);
    List<Answer> answers = new ArrayList<>();
    answers.add(ask("java", () -> Runtime.version() + " on " + System.getProperty("os.arch")));
    answers.add(ask("store", this::space));
    answers.add(ask("Debian mirrors", () -> mirrors(machine)));
    answers.add(
        ask(
            "Debian keyring",
            () -> machine.keyring("debian-archive-keyring").length + " bytes of keys"));
    answers.add(ask("scripts: sandbox", () -> sandbox(machine)));
    answers.add(ask("steps", () -> steps(machine)));
    ObjectNode json = StoreCommand.object();
    ArrayNode list = json.putArray("answers");
    StringBuilder text = new StringBuilder();
    boolean good = true;
    for (Answer answer : answers) {
      good &= answer.good();
      list.addObject()
          .put("what", answer.what())
          .put("good", answer.good())
          .put("text", answer.text());
      text.append(answer.good() ? "ok   " : "FIX  ");
      text.append(answer.what()).append(": ").append(answer.text()).append('\n');
    }
    root.context().out().print(root.json ? json + "\n" : text.toString());
    return (good ? ExitCode.DONE : ExitCode.FOUND).number();
  }

  private static Answer ask(String what, Question question) throws InterruptedException {
    try {
      return new Answer(what, true, question.ask());
    } catch (IOException e) {
      String fix = String.valueOf(e.getMessage());
      return new Answer(
          what, false, fix.startsWith(what + " ") ? fix.substring(what.length() + 1) : fix);
    }
  }

  private String space() throws IOException {
    Path at = root.home().toAbsolutePath();
    for (Path above = at.getParent(); above != null && !Files.exists(at); above = at.getParent()) {
      at = above;
    }
    long free = Files.getFileStore(at).getUsableSpace();
    String said = root.home() + ", " + Table.bytes(free) + " free";
    if (!Files.isWritable(at)) {
      throw new IOException(
          root.home() + " cannot be written; set IMGSTORE_HOME or --store to a place that can");
    }
    if (free < LITTLE_SPACE) {
      throw new IOException(said + "; make room, or set IMGSTORE_HOME to a larger disk");
    }
    return said;
  }

  private static String mirrors(Machine machine) throws IOException {
    List<String> suites = new ArrayList<>();
    machine.aptSources().entries().forEach(entry -> suites.addAll(entry.suites()));
    if (suites.isEmpty()) {
      throw new IOException("apt names none; add one to /etc/apt/sources.list.d");
    }
    return "apt's, for " + String.join(", ", suites);
  }

  private static String sandbox(Machine machine) throws IOException, InterruptedException {
    try (Sandbox sandbox = Sandbox.open(machine.ids(), SMALL_SANDBOX)) {
      sandbox.makeDirectory("root");
      return "works";
    }
  }

  private static String steps(Machine machine) throws IOException, InterruptedException {
    try (StepSandbox sandbox = StepSandbox.open(machine.ids())) {
      return sandbox.boundsMemoryInAll()
          ? "work; limits: memory bounds all processes of a step together, in a control group;"
              + " processes too, if fewer than 4096"
          : "work; limits: memory bounds each process of a step by itself, and not what several"
              + " share, and processes each user number by itself (for a control group: systemd-run --user --scope imgstore build ..., or"
              + " root outside a container)";
    }
  }
}
