package dev.imgstore.builder.disk.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.builder.disk.BytesVolume;
import dev.imgstore.builder.disk.Judge;
import dev.imgstore.builder.disk.Volumes;
import dev.imgstore.builder.export.DiskFile;
import dev.imgstore.model.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our OVA as tar and an XML parser read it, by the rules of DSP0243; and each rule broken once. */
@Tag("tools")
class OvfTest {
  private static final Pattern LINE = Pattern.compile("SHA256\\((.+)\\)= ([0-9a-f]{64})");

  @TempDir Path directory;
  private final List<String> names = new ArrayList<>();
  private final Map<String, byte[]> files = new HashMap<>();

  @BeforeEach
  void makeAppliance() throws Exception {
    Machine machine = new Machine("web", 2, 1024, Machine.Firmware.EFI);
    Container container = DiskFormat.OVA.container(Volumes.SEED, machine, Runnable::run);
    DiskFile.write(
        container, BytesVolume.of(Volumes.noise(1, 1 << 20)), directory.resolve("web.ova"));
    Judge judge = new Judge(directory);
    judge.run("tar", "xf", "web.ova");
    names.addAll(judge.run("tar", "tf", "web.ova").lines().toList());
    for (String name : names) {
      files.put(name, Files.readAllBytes(directory.resolve(name)));
    }
  }

  private byte[] file(String name) {
    return files.getOrDefault(name, new byte[0]);
  }

  /** Clauses 5.1 and 5.3: the order in the tar, and a manifest of all that comes with it. */
  private List<String> faults() throws IOException {
    List<String> faults = new ArrayList<>();
    if (!names.equals(List.of("web.ovf", "web.mf", "web-disk1.vmdk"))) {
      faults.add("files are missing or out of order: " + names);
    }
    List<String> listed = new ArrayList<>(List.of("web.mf"));
    for (String line : text("web.mf").lines().toList()) {
      Matcher parts = LINE.matcher(line);
      if (!parts.matches()) {
        faults.add("no line of a manifest: " + line);
      } else {
        listed.add(parts.group(1));
        if (!Digest.of(file(parts.group(1))).hex().equals(parts.group(2))) {
          faults.add("another digest than that of " + parts.group(1));
        }
      }
    }
    if (!listed.stream().sorted().toList().equals(names.stream().sorted().toList())) {
      faults.add("the manifest lists other files: " + listed);
    }
    Map<String, Long> sizes = new HashMap<>();
    names.stream()
        .filter(name -> !name.endsWith(".ovf") && !name.endsWith(".mf"))
        .forEach(name -> sizes.put(name, (long) file(name).length));
    faults.addAll(OvfJudge.faults(file("web.ovf"), sizes));
    return faults;
  }

  private String text(String name) {
    return new String(file(name), StandardCharsets.UTF_8);
  }

  private void edit(String name, String old, String now) {
    String text = text(name);
    assertTrue(text.contains(old), () -> old + " is not in " + text);
    files.put(name, text.replaceFirst(Pattern.quote(old), now).getBytes(StandardCharsets.UTF_8));
  }

  private void assertFound(String fault) throws IOException {
    List<String> faults = faults();
    assertTrue(faults.stream().anyMatch(each -> each.contains(fault)), () -> fault + ": " + faults);
  }

  @Test
  void ourApplianceHasNoFault() throws IOException {
    assertEquals(List.of(), faults());
    byte[] tar = Files.readAllBytes(directory.resolve("web.ova"));
    assertEquals("ustar", new String(tar, 257, 5, StandardCharsets.US_ASCII));
  }

  @Test
  void theDescriptorInABoxHasNoFault() throws IOException {
    byte[] descriptor =
        OvfDescriptor.of(
            Volumes.SEED, new Machine("w", 1, 64, Machine.Firmware.BIOS), "box-disk1.vmdk", 5, 512);
    assertEquals(List.of(), OvfJudge.faults(descriptor, Map.of("box-disk1.vmdk", 5L)));
  }

  @Test
  void faultsOfThePackageAreFound() throws IOException {
    names.add(names.remove(0));
    assertFound("out of order");
    names.add(0, names.remove(2));
    assertEquals(List.of(), faults());
    names.add("more.vmdk");
    assertFound("the manifest lists other files");
    assertFound("no reference names more.vmdk");
    names.remove("more.vmdk");
    file("web-disk1.vmdk")[3]++;
    assertFound("another digest than that of web-disk1.vmdk");
    edit("web.mf", "SHA256(web.ovf)= ", "SHA256(web.ovf) ");
    assertFound("no line of a manifest");
  }

  /** Old text, new text, fault. */
  private static final String[][] PLANTED = {
    {"<Envelope ", "<Envelope xmlns:x=\"y\" ", "another digest than that of web.ovf"},
    {"ovf/envelope/1\" xmlns:ovf", "ovf/envelope/2\" xmlns:ovf", "no Envelope"},
    {"<Info>The disk of the machine</Info>", "", "DiskSection does not begin with Info"},
    {"ovf:href=\"web-disk1.vmdk\"", "ovf:href=\"w.vmdk\"", "there is no file w.vmdk"},
    {"ovf:size=\"", "ovf:size=\"1", "the size of web-disk1.vmdk is not 1"},
    {"ovf:fileRef=\"file1\"", "ovf:fileRef=\"file2\"", "not there: file2"},
    {"ovf:capacity=\"1048576\"", "ovf:capacity=\"0\"", "without capacity"},
    {"ovf:format=\"http:", "ovf:format=\"none:", "of no format"},
    {"ovf:diskId=\"disk1\"", "ovf:diskId=\"\"", "Disk: missing or twice"},
    {"<Network ovf:name=\"NAT\">", "<Network ovf:name=\"LAN\">", "in no network: NAT"},
    {"<VirtualSystem ovf:id=\"web\">", "<VirtualSystem>", "the machine has no id"},
    {"<Name>web</Name>", "", "parts of the machine are missing"},
    {"ovf:id=\"101\"", "ovf:id=\"1010\"", "no operating system has the number 1010"},
    {"ovf:required=\"false\"", "ovf:required=\"true\"", "a stranger that is required: Config"},
    {"<vssd:InstanceID>0</vssd:InstanceID>", "", "without InstanceID"},
    {"<rasd:Address>0<", "<rasd:Zone>1</rasd:Zone><rasd:Address>0<", "fields out of order"},
    {"<rasd:ElementName>Disk</rasd:ElementName>", "", "nameless"},
    {"<rasd:Parent>3</rasd:Parent>", "<vssd:Parent>3</vssd:Parent>", "a field of another"},
    {"<rasd:InstanceID>5<", "<rasd:InstanceID>4<", "two items have the InstanceID 4"},
    {"<rasd:ResourceType>20<", "<rasd:ResourceType>34<", "no resource has the type 34"},
    {"<rasd:ResourceType>3<", "<rasd:ResourceType>1<", "no processor"},
    {"<rasd:ResourceType>4<", "<rasd:ResourceType>1<", "no memory"},
    {"<rasd:Parent>3<", "<rasd:Parent>9<", "no item is the Parent 9"},
    {"<rasd:Parent>3<", "<rasd:Parent>2<", "at no controller: 2"},
    {"<rasd:VirtualQuantity>2<", "<rasd:VirtualQuantity>0<", "nothing of resource 3"},
    {"byte * 2^20", "MegaBytes", "no unit of resource 4"},
    {"ovf:/disk/disk1", "ovf:/disk/disk2", "a drive is of no disk"},
    {"ovf:/disk/disk1", "ovf:/file/file1", "no drive holds the disk disk1"},
    {
      "<rasd:AutomaticAllocation>true<",
      "<rasd:AddressOnParent>0</rasd:AddressOnParent><rasd:Parent>3</rasd:Parent>"
          + "<rasd:AutomaticAllocation>true<",
      "two items are at 3 0"
    },
  };

  @Test
  void faultsOfTheDescriptorAreFound() throws IOException {
    byte[] good = file("web.ovf");
    for (String[] each : PLANTED) {
      files.put("web.ovf", good);
      edit("web.ovf", each[0], each[1]);
      assertFound(each[2]);
    }
    files.put("web.ovf", good);
    String section =
        text("web.ovf").replaceAll("(?s).*(<NetworkSection>.*</NetworkSection>).*", "$1");
    edit("web.ovf", section, "");
    assertFound("sections are missing");
    files.put("web.ovf", good);
    edit("web.ovf", section, Matcher.quoteReplacement(section + section));
    assertFound("sections are missing, twice");
    assertFound("Network: missing or twice: NAT");
  }
}
