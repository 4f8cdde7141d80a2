package dev.imgstore.builder.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.imgstore.builder.recipe.DiskConfig.Initrd;
import dev.imgstore.builder.recipe.DiskConfig.Partition;
import dev.imgstore.builder.recipe.DiskConfig.Root;
import dev.imgstore.builder.recipe.DiskConfig.Starter;
import dev.imgstore.model.Problem;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a recipe says of its disk, and what the image gets of it. */
class DiskPartTest {
  private static RecipeReader.Result result(String yaml) {
    return RecipeReader.read("vm.yaml", yaml.getBytes(StandardCharsets.UTF_8), new TreeMap<>());
  }

  private static Recipe recipe(String yaml) {
    return result(yaml)
        .match(RecipeReader.Read::recipe, wrong -> fail(wrong.problems().toString()));
  }

  private static List<String> problems(String yaml) {
    return result(yaml)
        .match(
            read -> fail("read: " + read),
            wrong -> wrong.problems().stream().map(Problem::text).toList());
  }

  /** The texts and targets of the files by path. */
  private static Map<String, String> files(Recipe recipe) {
    return recipe.files().stream()
        .collect(
            Collectors.toMap(
                file -> file.path().toString(),
                file ->
                    file instanceof FileEntry.Inline inline
                        ? inline.text()
                        : ((FileEntry.Unit) file).name()));
  }

  private static String label(Recipe recipe) {
    return recipe.image().labels().getOrDefault(DiskConfig.LABEL, "");
  }

  private static final String FULL =
      """
      disk:
        boot: [uefi, bios]
        cmdline: console=ttyS0
        hostname: vm.example
        size: 4g
        swap: 512m
        grow: true
        initrd: packaged
        marker: "login:"
        units: [nginx.service]
        partitions:
          - {mount: /var, size: 1g}
          - {mount: /srv/data, size: 2m}
      """;

  @Test
  void theImageHasTheDiskAsALabel() {
    DiskConfig disk = DiskConfig.parse(label(recipe(FULL)));
    List<Partition> partitions =
        List.of(new Partition("/srv/data", 2 << 20), new Partition("/var", 1L << 30));
    assertEquals(
        new DiskConfig(
            List.of(Starter.UEFI, Starter.BIOS),
            "console=ttyS0",
            4L << 30,
            256 << 20,
            512 << 20,
            partitions,
            Initrd.PACKAGED,
            "login:",
            Root.WRITABLE),
        disk);
    assertEquals("srv-data", disk.partitions().get(0).label());
    assertEquals(label(recipe(FULL)), disk.toString());
  }

  @Test
  void theImageHasTheFilesOfTheMachine() {
    Map<String, String> files = files(recipe(FULL));
    assertEquals("vm.example\n", files.get("/etc/hostname"));
    assertEquals(
        """
        PARTLABEL=root / ext4 defaults,x-systemd.growfs 0 0
        PARTLABEL=srv-data /srv/data ext4 defaults 0 2
        PARTLABEL=var /var ext4 defaults 0 2
        PARTLABEL=swap none swap defaults 0 0
        """,
        files.get("/etc/fstab"));
    assertEquals("[Partition]\nType=root\n", files.get("/etc/repart.d/50-root.conf"));
    assertEquals(
        "nginx.service", files.get("/etc/systemd/system/multi-user.target.wants/nginx.service"));
    assertEquals(4, files.size());
  }

  @Test
  void userDataIsAScriptAndItsUnit() {
    Map<String, String> files = files(recipe("disk: {user-data: true}\n"));
    String script = files.getOrDefault("/usr/lib/imgstore/user-data", "");
    String unit = files.getOrDefault("/usr/lib/systemd/system/imgstore-user-data.service", "");
    assertTrue(script.startsWith("#!/bin/sh\n"), script);
    assertTrue(unit.contains("ExecStart=/usr/lib/imgstore/user-data\n"), unit);
    assertTrue(files.containsValue("imgstore-user-data.service"), files::toString);
    assertEquals(1, files(recipe("disk: {user-data: false}\n")).size());
  }

  @Test
  void cloudInitLooksAtDisksOnly() {
    String path = "/etc/cloud/cloud.cfg.d/90-imgstore.cfg";
    Map<String, String> files = files(recipe("packages: [cloud-init]\ndisk: {}\n"));
    assertEquals("datasource_list: [NoCloud, None]\n", files.get(path));
    assertFalse(files(recipe("packages: [nginx]\ndisk: {}\n")).containsKey(path));
    assertTrue(recipe("packages: [cloud-init]\n").files().isEmpty());
  }

  @Test
  void anEmptyDiskIsEnough() {
    Recipe recipe = recipe("disk: {}\n");
    assertEquals(Map.of("/etc/fstab", "PARTLABEL=root / ext4 defaults 0 0\n"), files(recipe));
    assertEquals(
        new DiskConfig(
            List.of(Starter.UEFI),
            "console=tty0 console=ttyS0",
            0,
            256 << 20,
            0,
            List.of(),
            Initrd.OWN,
            "",
            Root.WRITABLE),
        DiskConfig.parse(label(recipe)));
    assertFalse(recipe("{}\n").image().labels().containsKey(DiskConfig.LABEL));
  }

  @Test
  void aVerifiedRootIsInTheLabelAndNotInTheTableOfMounts() {
    Recipe recipe =
        recipe("disk: {root: verity, swap: 1m, partitions: [{mount: /var, size: 1m}]}\n");
    DiskConfig disk = DiskConfig.parse(label(recipe));
    assertEquals(Root.VERITY, disk.root());
    assertEquals(0, disk.free());
    Map<String, String> files = files(recipe);
    String fstab = files.getOrDefault("/etc/fstab", "");
    assertFalse(fstab.contains(" / "), fstab);
    assertTrue(fstab.contains("PARTLABEL=var /var ext4") && fstab.contains("swap"), fstab);
    assertEquals("", files.get("/etc/machine-id"));
    assertEquals(
        label(recipe("disk: {}\n")), label(recipe("disk: {root: writable}\n")), "same digest");
    assertFalse(label(recipe("disk: {}\n")).contains("\"root\""));
  }

  @Test
  void whatAVerifiedRootCannotHaveIsToldAtItsPlace() {
    List<String> all =
        problems(
            """
            disk:
              root: verity
              free: 1g
              grow: true
              user-data: true
              initrd: packaged
              partitions:
                - {mount: /root/verity, size: 1m}
            """);
    assertEquals(5, all.size(), all::toString);
    for (String key : List.of("`free`", "`grow`", "`user-data`", "`initrd: packaged`")) {
      assertTrue(
          all.stream().anyMatch(each -> each.startsWith(key) && each.contains("`root: verity`")),
          () -> key + " in " + all);
    }
    assertTrue(all.stream().anyMatch(each -> each.contains("`root-verity`")), all::toString);
    assertTrue(
        problems("disk: {root: read-only}\n").get(0).contains("verity"),
        () -> problems("disk: {root: read-only}\n").toString());
    recipe("disk: {root: verity, grow: false, user-data: false, size: 4g}\n");
  }

  @Test
  void filesOfTheRecipeComeInsteadOfTheMachines() {
    Recipe recipe = recipe("disk: {hostname: a}\nfiles: [{path: /etc/hostname, text: b}]\n");
    assertEquals("b", files(recipe).get("/etc/hostname"));
    assertEquals(2, recipe.files().size());
  }

  @Test
  void mistakesAreToldTogether() {
    List<String> all =
        problems(
            """
            disk:
              hostname: a_b
              size: 1g
              free: 1g
              cmdline: "a\\nb"
              units: [nginx]
              partitions:
                - {mount: /usr, size: 1g}
                - {mount: /, size: 1g}
                - {mount: /root, size: 1g}
                - {mount: /a/b, size: 1g}
                - {mount: /a-b, size: 1g}
                - {size: 1g}
            """);
    assertEquals(9, all.size(), all::toString);
    assertTrue(
        all.stream().anyMatch(each -> each.contains("needed before anything")), all::toString);
    assertTrue(all.stream().anyMatch(each -> each.contains("`root`")), all::toString);
    assertTrue(all.stream().anyMatch(each -> each.contains("`a-b`")), all::toString);
  }

  @Test
  void aPartitionIsNotMountedWhereTheMachineStarts() {
    for (String mount :
        List.of(
            "/usr/lib", "/etc/systemd", "/boot/efi", "/dev/shm", "/proc/x", "/sbin/x", "/lib64")) {
      String yaml = "disk: {partitions: [{mount: " + mount + ", size: 1m}]}\n";
      assertEquals(1, problems(yaml).size(), mount);
    }
    for (String mount :
        List.of("/usr/local", "/usr/src/linux", "/home", "/var/lib/mysql", "/tmp")) {
      String yaml = "disk: {partitions: [{mount: " + mount + ", size: 1m}]}\n";
      assertEquals(1, DiskConfig.parse(label(recipe(yaml))).partitions().size(), mount);
    }
  }

  @Test
  void whatNoTableHoldsIsAMistake() {
    assertTrue(problems("disk: {swap: 20t}\n").get(0).contains("8t"));
    assertTrue(
        problems("disk: {partitions: [{mount: /esp, size: 1m}]}\n").get(0).contains("`esp`"));
    StringBuilder many = new StringBuilder("disk:\n  partitions:\n");
    for (int i = 0; i < 125; i++) {
      many.append("    - {mount: /p").append(i).append(", size: 1m}\n");
    }
    assertTrue(
        problems(many.toString()).get(0).contains("at most 123 entries; leave some out"),
        () -> problems(many.toString()).toString());
  }

  private static List<Starter> boot(String value) {
    return DiskConfig.parse(label(recipe("disk: {boot: " + value + "}\n"))).boot();
  }

  @Test
  void whatStartsTheMachineIsAWordOrAList() {
    assertEquals(List.of(Starter.UEFI), boot("uefi"));
    assertEquals(List.of(Starter.BIOS), boot("bios"));
    assertEquals(List.of(Starter.BIOS), boot("[bios]"));
    assertEquals(List.of(Starter.UEFI, Starter.BIOS), boot("[uefi, bios]"));
    assertEquals(
        label(recipe("disk: {boot: [uefi, bios]}\n")),
        label(recipe("disk: {boot: [bios, uefi]}\n")));
  }

  @Test
  void aWrongStarterIsToldWithItsPlace() {
    Map<String, String> wrong =
        Map.of(
            "boot: []", "9: `boot` names at least one of `bios` and `uefi`",
            "boot: [uefi, uefi]", "16: `boot`: `uefi` is here twice",
            "boot: [bios, grub]", "16: `boot`: `grub` is unknown; it can be `bios`, `uefi`",
            "boot: uefy", "9: `boot`: `uefy` is unknown; did you mean `uefi`?",
            "boot: {bios: true}", "9: `boot` is a list, this is a mapping; write `boot: [...]`",
            "boot:", "8: `boot` has no value; give it one or leave the key out");
    wrong.forEach(
        (line, told) -> {
          List<Problem> problems =
              result("disk:\n  " + line + "\n")
                  .match(read -> fail("read: " + line), refused -> refused.problems());
          assertEquals(
              List.of("2:" + told),
              problems.stream().map(p -> p.line() + ":" + p.column() + ": " + p.text()).toList());
        });
  }

  @Test
  void onlyAPcHasABios() {
    String arm = "platforms: [linux/amd64, linux/arm64]\ndisk: {boot: ";
    assertEquals(
        List.of("`boot`: machines of linux/arm64 have no BIOS; leave `bios` out"),
        problems(arm + "[uefi, bios]}\n"));
    assertEquals(List.of(Starter.UEFI), DiskConfig.parse(label(recipe(arm + "uefi}\n"))).boot());
  }

  @Test
  void aDiskFromBeforeThereWasAChoiceStartsByUefi() {
    String label = DiskConfig.parse("{\"format\":1,\"cmdline\":\"a\"}").toString();
    assertTrue(label.contains("\"boot\": [\"uefi\"]"), label);
    assertThrows(
        IllegalArgumentException.class, () -> DiskConfig.parse("{\"format\":1,\"boot\":[]}"));
  }

  @Test
  void aLabelThatNoDiskCouldFollowIsRefused() {
    String srv = "{\"mount\":\"/srv\",\"size\":8388608}";
    String proof = "{\"mount\":\"/root-verity\",\"size\":8388608}";
    for (String odd :
        List.of(
            "\"partitions\":[{\"mount\":\"/usr\",\"size\":4194304}]",
            "\"swap\":8796093022209",
            "\"free\":1125899906842625",
            "\"size\":999999999999999999",
            "\"partitions\":[" + srv + "," + srv + "]",
            "\"root\":\"verity\",\"partitions\":[" + proof + "]")) {
      assertThrows(
          IllegalArgumentException.class,
          () -> DiskConfig.parse("{\"format\":1," + odd + "}"),
          odd);
    }
    DiskConfig writable = DiskConfig.parse("{\"format\":1,\"partitions\":[" + proof + "]}");
    assertEquals("root-verity", writable.partitions().get(0).label());
  }

  @Test
  void whichRootStartsIsNotForTheCommandLine() {
    for (String word : List.of("root=/dev/vda1", "a roothash=00", "rootfstype=ext4 b")) {
      List<String> all = problems("disk: {cmdline: '" + word + "'}\n");
      assertEquals(1, all.size(), word);
      assertTrue(all.get(0).contains("leave `root=`"), all::toString);
    }
    assertTrue(label(recipe("disk: {cmdline: 'rootflags=noatime x.root=1'}\n")).contains("x.root"));
  }

  @Test
  void aLabelByHandIsADiskOrAMistake() {
    String good = label(recipe("disk: {swap: 1m}\n"));
    Recipe again = recipe("image: {labels: {" + DiskConfig.LABEL + ": '" + good + "'}}\n");
    assertEquals(good, label(again));
    assertEquals(
        1, problems("image: {labels: {" + DiskConfig.LABEL + ": '{\"format\": 2}'}}\n").size());
    assertEquals(
        1,
        problems("disk: {}\nimage: {labels: {" + DiskConfig.LABEL + ": '" + good + "'}}\n").size());
  }

  /** An image may come from anywhere. */
  @Test
  void aLabelOfWhatNoTableHoldsIsRefused() {
    String two = "{\"mount\": \"/a/b\", \"size\": 1}, {\"mount\": \"/a-b\", \"size\": 1}";
    StringBuilder many = new StringBuilder("{\"mount\": \"/p\", \"size\": 1}");
    for (int i = 0; i < 123; i++) {
      many.append(", {\"mount\": \"/p").append(i).append("\", \"size\": 1}");
    }
    for (String label :
        List.of(
            "\"size\": 1125899906842625",
            "\"free\": 9223372036854775807",
            "\"swap\": 9223372036854775807",
            "\"partitions\": [" + two + "]",
            "\"partitions\": [" + many + "]")) {
      assertThrows(
          IllegalArgumentException.class,
          () -> DiskConfig.parse("{\"format\": 1, " + label + "}"),
          label);
    }
  }

  @Test
  void strangeLabelsAreRefused() {
    for (String label : List.of("", "[]", "{\"size\": -1}", "{\"later\": 1}", "{", "x: [")) {
      assertThrows(IllegalArgumentException.class, () -> DiskConfig.parse(label), label);
    }
  }

  @Test
  void aCharacterAcrossTheBlocksOfTheLibraryIsRead() {
    for (int length = 1015; length < 1030; length++) {
      result("# " + "y".repeat(length) + "🎉\nname: vm\n"); // threw
    }
  }
}
