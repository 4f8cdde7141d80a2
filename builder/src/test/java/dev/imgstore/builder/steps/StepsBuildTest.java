package dev.imgstore.builder.steps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.imgstore.builder.recipe.Recipe;
import dev.imgstore.builder.recipe.RecipeReader;
import dev.imgstore.builder.recipe.Step;
import dev.imgstore.builder.sandbox.IdRange;
import dev.imgstore.builder.sandbox.Surroundings;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Digest;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.Platform;
import dev.imgstore.model.Tree;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import dev.imgstore.store.Store;
import dev.imgstore.store.Transaction;
import dev.imgstore.store.Trees;
import dev.imgstore.store.disk.DiskStore;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Steps in a real sandbox, with the machine's busybox as their root. */
@Tag("tools")
@Timeout(120)
class StepsBuildTest {
  private static final Platform PLATFORM = Platform.parse("linux/amd64");
  private static final String FIVE =
      """
      steps:
        one: {root: ./root, inputs: {src: ./src}, run: "sed s/#.*// /src > $out/f"}
        two: {root: ./root, inputs: {in: one}, run: "tr a-z A-Z < /in/f > $out/f"}
        three: {root: ./root, inputs: {in: two}, run: "cat /in/f /in/f > $out/f"}
        four: {root: ./root, inputs: {in: three, src: ./other}, run: "cat /in/f /src > $out/f"}
        five: {root: ./root, inputs: {in: {from: four, at: /usr/in}}, run: [cp, /usr/in/f, /outputs/out]}
      """;

  private final ExecutorService pool = Executors.newFixedThreadPool(2);
  private final Map<String, String> files =
      new TreeMap<>(Map.of("src", "text # comment", "other", "more"));
  private final Store store;
  private StepPorts ports = StepPorts.none(2);
  private int ran;
  private String told = "";

  StepsBuildTest() throws IOException {
    store = DiskStore.open(new MemoryFilesystem(), notice -> {});
  }

  @BeforeEach
  void asRoot() {
    assumeTrue(System.getProperty("user.name").equals("root"), "the range of ids here is root's");
    assumeTrue(Files.isExecutable(Path.of("/bin/busybox")), "needs busybox-static");
  }

  @AfterEach
  void close() throws IOException {
    pool.shutdownNow();
    store.close();
  }

  private static Recipe recipe(String text) {
    return RecipeReader.read("r.yaml", text.getBytes(StandardCharsets.UTF_8), new TreeMap<>())
        .match(
            RecipeReader.Read::recipe,
            mistakes -> {
              throw new AssertionError(mistakes.problems().toString());
            });
  }

  private static TreeId busybox(Transaction into) throws IOException {
    TreeEditor root = TreeEditor.empty(into);
    root.putFile(
        TreePath.of("/bin/busybox"),
        Files.readAllBytes(Path.of("/bin/busybox")),
        Meta.of(0755, 0, 0));
    for (String each : List.of("sh", "sed", "tr", "cat", "cp", "ls", "sleep", "mkdir", "date")) {
      root.put(
          TreePath.of("/bin/" + each),
          new Node.Symlink(Bytes.utf8("busybox"), Meta.of(0777, 0, 0)));
    }
    root.putDirectory(TreePath.of("/usr"), Meta.of(0755, 0, 0));
    root.putFile(TreePath.of("/usr/there"), new byte[] {'y'}, Meta.of(0644, 0, 0));
    return root.write();
  }

  private TreeId local(Transaction into, Node node) throws IOException {
    return Trees.put(into, new Tree(new TreeMap<>(Map.of(Name.of("entry"), node))));
  }

  private StepsRequest request(Recipe recipe, Transaction into) throws IOException {
    TreeMap<String, TreeId> locals = new TreeMap<>();
    locals.put("root", local(into, new Node.Directory(busybox(into), Meta.of(0755, 0, 0))));
    for (Map.Entry<String, String> each : files.entrySet()) {
      byte[] bytes = each.getValue().getBytes(StandardCharsets.UTF_8);
      locals.put(
          each.getKey(),
          local(into, new Node.File(into.put(bytes), bytes.length, Meta.of(0644, 0, 0))));
    }
    return new StepsRequest(
        "test",
        PLATFORM,
        Recipe.DEFAULT_EPOCH,
        recipe.steps(),
        new TreeMap<>(),
        locals,
        new TreeMap<>());
  }

  private StepsBuild.Watcher watcher() {
    told = "";
    return new StepsBuild.Watcher() {
      @Override
      public void at(long done, long total) {
        told += done + "/" + total + " ";
      }

      @Override
      public void reused() {
        told += "reused ";
      }

      @Override
      public void ran() {
        told += "ran ";
      }
    };
  }

  /** Runs all, as a build does, and reads the file {@code f} of an output. */
  private String build(String recipe, String step) throws Exception {
    try (Transaction transaction = store.begin();
        StepsBuild build =
            new StepsBuild(store, transaction, ports, IdRange::ofRoot, pool, watcher())) {
      try {
        Map<Step.Output, TreeId> outputs = build.run(request(recipe(recipe), transaction));
        TreeId tree = Objects.requireNonNull(outputs.get(new Step.Output(step, "out")));
        return new String(
            TreeEditor.of(transaction, tree).read(TreePath.of("/f"), 1 << 20),
            StandardCharsets.UTF_8);
      } finally {
        ran = build.ran();
        transaction.flush();
        build.keep();
      }
    }
  }

  private static String one(String run) {
    return "steps: {one: {root: ./root, inputs: {src: ./src}, run: '" + run + "'}}";
  }

  private String failure(String recipe) {
    return String.valueOf(assertThrows(StepFailed.class, () -> build(recipe, "one")).getMessage());
  }

  @Test
  void aChangeThatGivesTheSameStopsThere() throws Exception {
    assertEquals("TEXT TEXT more", build(FIVE, "five"));
    assertEquals(5, ran);
    assertEquals("TEXT TEXT more", build(FIVE, "five"));
    assertEquals(0, ran);
    files.put("src", "text # another comment");
    assertEquals("TEXT TEXT more", build(FIVE, "five"));
    assertEquals(1, ran, "the comment runs step one, whose output is what it was");
    assertTrue(told.startsWith("0/5 ") && told.endsWith("5/5 "), told);
    assertEquals(4, told.split("reused ", -1).length - 1, told);
    assertEquals(1, told.split("ran ", -1).length - 1, told);
    files.put("other", "MORE");
    assertEquals("TEXT TEXT MORE", build(FIVE, "five"));
    assertEquals(2, ran);
    files.put("other", "more");
    build(FIVE, "five");
    assertEquals(0, ran, "the first results are still there");
  }

  @Test
  void everyInputIsInTheKey() throws Exception {
    String recipe = one("date -r /src > $out/f");
    build(recipe, "one");
    build(recipe.replace("'}}", "', env: {A: b}}}"), "one");
    assertEquals(1, ran);
    build(recipe.replace("'}}", "', outputs: [out, doc]}}"), "one");
    assertEquals(1, ran);
    build(recipe.replace("src: ./src", "src: ./src, two: ./src"), "one");
    assertEquals(1, ran);
    build(recipe.replace("'}}", "', limits: {time: 9m, output: 1m, cpus: 1}}}"), "one");
    assertEquals(0, ran, "limits are not in it");
    build(recipe.replace("one:", "uno:"), "uno");
    assertEquals(0, ran, "names of steps are not in it");
  }

  @Test
  void inputsAreThereAtTheOneTime() throws Exception {
    assertEquals(
        "1980-01-01\n", build(one("date -I -r /src > $out/f"), "one"), "the time of inputs");
    assertEquals("y", build(one("cat /usr/there > $out/f"), "one"), "beside an input in it");
  }

  @Test
  void aFailureShowsTheLastLinesAndKeepsWhatWasDone() throws Exception {
    String message =
        failure(
            """
            steps:
              one:
                root: ./root
                inputs: {two: two}
                run: "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22; do echo line $i; done; exit 4"
              two: {root: ./root, run: "echo x > $out/f"}
            """);
    assertTrue(message.startsWith("step one failed with exit code 4; the last"), message);
    assertFalse(message.contains("line 2\n"), message);
    assertTrue(message.contains("line 22\n"), message);
    String key = message.replaceFirst("(?s).*imgstore logs ([0-9a-f]+) .*", "$1");
    ActionKey log =
        store.actions().startingWith(key).stream()
            .filter(each -> store(each).startsWith("line 1\n"))
            .findFirst()
            .orElseThrow();
    assertTrue(store(log).contains("line 22\n"));
    build("steps: {two: {root: ./root, run: 'echo x > $out/f'}}", "two");
    assertEquals(0, ran, "what succeeded beside a failure is kept");
  }

  private String store(ActionKey key) {
    try {
      Digest newest = store.actions().results(key).get(0);
      return new String(store.blobs().read(newest, 1 << 20), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void limitsEndAStepAndSaySo() {
    String slow = one("sleep 100").replace("'}}", "', limits: {time: 300ms}}}");
    assertTrue(failure(slow).contains("took longer than"), failure(slow));
    String large = one("cat /dev/zero > $out/f").replace("'}}", "', limits: {output: 1m}}}");
    assertTrue(failure(large).contains("may write 1048576 bytes"), failure(large));
  }

  @Test
  void aSecretThatComesOutFailsTheStepAndIsNotStored() throws Exception {
    ports =
        new StepPorts(
            2,
            2,
            StepPorts.OnFail.DROP,
            (step, name, secret) -> Bytes.utf8("s3cret-value"),
            ports.recipes());
    String used = one("cat /run/secrets/t | tr a-z A-Z > $out/f");
    assertEquals("S3CRET-VALUE", build(used.replace("'}}", "', secrets: {t: {env: T}}}}"), "one"));
    for (String leak :
        List.of("cat /run/secrets/t > $out/f", "cat /run/secrets/t", "cat /run/secrets/t; false")) {
      String message = failure(one(leak).replace("'}}", "', secrets: {t: {env: T}}}}"));
      assertTrue(message.contains("secret t"), message);
      assertFalse(message.contains("s3cret-value"), message);
      assertFalse(
          store.blobs().has(Digest.of("s3cret-value".getBytes(StandardCharsets.UTF_8))),
          "the value is stored");
    }
  }

  @Test
  void aSecretThatOnlyARerunPrintsIsNotTold() throws Exception {
    ports =
        new StepPorts(
            2,
            2,
            StepPorts.OnFail.DROP,
            (step, name, secret) -> Bytes.utf8("s3cret-value"),
            ports.recipes());
    for (String end : List.of("exit 1", "true")) {
      String leak = "if test $(hostname) = other; then cat /run/secrets/t; " + end + "; fi";
      String recipe =
          one(leak + "; echo ok > $out/f").replace("'}}", "', secrets: {t: {env: T}}}}");
      build(recipe, "one");
      try (Transaction transaction = store.begin();
          StepsAgain again =
              new StepsAgain(
                  store,
                  store.actions(),
                  transaction,
                  ports,
                  IdRange::ofRoot,
                  Surroundings.Order.SORTED)) {
        StepsAgain.Action action =
            again.actions(request(recipe(recipe), transaction), Map.of()).get(0);
        assertEquals("", again.run(action, Surroundings.FIXED).failure());
        StepsAgain.Given given = again.run(action, Surroundings.FIXED.withHostName("other"));
        assertEquals("it printed the value of the secret t", given.failure());
        assertTrue(given.outputs().isEmpty());
      }
    }
  }

  @Test
  void equalStepsRunOnce() throws Exception {
    assertEquals(
        "x",
        build(
            """
            steps:
              one: {root: ./root, run: "sleep 0.2; printf x > $out/f"}
              two: {root: ./root, run: "sleep 0.2; printf x > $out/f"}
            """,
            "two"));
    assertEquals(1, ran);
  }

  @Test
  void anInputBelowALinkOfTheRootIsRefused() {
    StepFault fault =
        assertThrows(
            StepFault.class,
            () ->
                build(
                    "steps: {one: {root: ./root, inputs: {a: {from: ./src, at: /bin/sh/x}}, run:"
                        + " x}}",
                    "one"));
    assertTrue(fault.toString().contains("/bin/sh"), fault.toString());
  }

  @Test
  void anOutputThatIsNoDirectoryAnyMoreIsAFailure() {
    assertTrue(failure(one("rm -r $out; echo > $out")).contains("output out"));
  }

  /** The texts of what is recorded under keys that begin as the message says. */
  private List<String> logged(String message) throws IOException {
    String key = message.replaceFirst("(?s).*imgstore logs ([0-9a-f]+) .*", "$1");
    return store.actions().startingWith(key).stream().map(this::store).toList();
  }

  @Test
  void aStepWhoseOutputsAreRefusedHasALogAndAnAttempt() throws Exception {
    ports =
        new StepPorts(
            2,
            2,
            StepPorts.OnFail.KEEP,
            (step, name, secret) -> Bytes.utf8("s3cret-value"),
            ports.recipes());
    Map<String, String> bad =
        Map.of(
            "mkfifo $out/p", "it is a pipe",
            "rm -r $out; echo > $out", "output out",
            "head -c 2000000 /dev/zero > $out/f; ln $out/f $out/g; truncate -s 9000000 $out/h",
                "limits: output");
    for (Map.Entry<String, String> each : bad.entrySet()) {
      for (String secrets : List.of("", ", secrets: {t: {env: T}}")) {
        String run = "echo " + each.getKey().hashCode() + secrets.length() + "; " + each.getKey();
        String message =
            failure(one(run).replace("'}}", "', limits: {output: 8m}" + secrets + "}}"));
        assertTrue(message.startsWith("step one failed: "), message);
        assertTrue(message.contains(each.getValue()), message);
        List<String> logged = logged(message);
        assertTrue(
            logged.contains(each.getKey().hashCode() + "" + secrets.length() + "\n"),
            logged.toString());
        assertTrue(logged.stream().anyMatch(text -> text.contains("\"exitCode\":1,")), message);
      }
    }
  }

  @Test
  void hostileRemainsHideNoFailure() throws Exception {
    ports = new StepPorts(2, 2, StepPorts.OnFail.KEEP, ports.secrets(), ports.recipes());
    String run = "seq 30; truncate -s 9000000 $out/h; exit 7";
    String message = failure(one(run).replace("'}}", "', limits: {output: 8m}}}"));
    assertTrue(message.startsWith("step one failed with exit code 7; "), message);
    assertTrue(message.contains("\nwhat it had written is not kept: "), message);
    assertFalse(message.contains("imgstore shell"), message);
    List<String> logged = logged(message);
    assertTrue(logged.stream().anyMatch(text -> text.endsWith("\n29\n30\n")), logged.toString());
    assertTrue(logged.stream().anyMatch(text -> text.contains("\"exitCode\":7,")), message);
  }
}
