package dev.imgstore.builder.disk.container;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * What DMTF DSP0243 1.1 says of the structure of a descriptor, asked of one, without its schema:
 * this is no validator of DMTF's, and knows only what is written here.
 */
final class OvfJudge {
  private static final String OVF = "http://schemas.dmtf.org/ovf/envelope/1";
  private static final String RASD =
      "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData";
  private static final String VSSD =
      "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData";

  /** ResourceType of CIM_ResourceAllocationSettingData: 1 to 33, and from here on vendors'. */
  private static final int VENDORS = 0x8000;

  private static final int LAST_TYPE = 33;
  private static final int PROCESSOR = 3;
  private static final int MEMORY = 4;
  private static final int NETWORK = 10;
  private static final int DISK = 17;

  /** IDE, SCSI, and others that hold storage. */
  private static final Set<Integer> CONTROLLERS = Set.of(5, 6, 20);

  /** OSType of CIM_OperatingSystem ends here. */
  private static final int LAST_SYSTEM = 114;

  private final List<String> faults = new ArrayList<>();
  private final Map<String, Long> sizes;

  private OvfJudge(Map<String, Long> sizes) {
    this.sizes = sizes;
  }

  /**
   * What is wrong with a descriptor; nothing if it is right.
   *
   * @param sizes the files beside it
   */
  static List<String> faults(byte[] descriptor, Map<String, Long> sizes) throws IOException {
    OvfJudge judge = new OvfJudge(sizes);
    judge.envelope(parsed(descriptor).getDocumentElement());
    return judge.faults;
  }

  private static Document parsed(byte[] descriptor) throws IOException {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setNamespaceAware(true);
    try {
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      return factory.newDocumentBuilder().parse(new ByteArrayInputStream(descriptor));
    } catch (ParserConfigurationException | SAXException e) {
      throw new IOException("no XML: " + new String(descriptor, StandardCharsets.UTF_8), e);
    }
  }

  private void require(boolean holds, String fault) {
    if (!holds) {
      faults.add(fault);
    }
  }

  /** Clause 7: References, sections, then one content. */
  private void envelope(Element envelope) {
    require(
        OVF.equals(envelope.getNamespaceURI()) && envelope.getLocalName().equals("Envelope"),
        "the document is no Envelope");
    List<String> order = children(envelope).map(OvfJudge::name).toList();
    require(
        order.equals(List.of("References", "DiskSection", "NetworkSection", "VirtualSystem")),
        "sections are missing, twice or out of order: " + order);
    for (Element section : children(envelope).filter(each -> !is(each, "References")).toList()) {
      require(
          children(section).findFirst().filter(first -> is(first, "Info")).isPresent(),
          name(section) + " does not begin with Info");
    }
    Set<String> files = references(envelope);
    Set<String> disks = disks(envelope, files);
    Set<String> networks = distinct(all(envelope, "Network"), "name");
    all(envelope, "VirtualSystem").forEach(system -> system(system, disks, networks));
  }

  /** Clause 7.1: each file once, with its size, and no file that nobody names. */
  private Set<String> references(Element envelope) {
    List<Element> files = all(envelope, "File");
    Set<String> names = distinct(files, "href");
    for (Element file : files) {
      String name = attribute(file, "href");
      Long size = sizes.get(name);
      require(size != null, "there is no file " + name);
      require(
          size == null || attribute(file, "size").equals(size.toString()),
          "the size of " + name + " is not " + attribute(file, "size"));
    }
    for (String name : sizes.keySet()) {
      require(names.contains(name), "no reference names " + name);
    }
    return distinct(files, "id");
  }

  /** Clause 9.1. */
  private Set<String> disks(Element envelope, Set<String> files) {
    List<Element> disks = all(envelope, "Disk");
    for (Element disk : disks) {
      String file = attribute(disk, "fileRef");
      require(files.contains(file), "a disk is of a file that is not there: " + file);
      require(number(attribute(disk, "capacity")) > 0, "a disk without capacity");
      require(attribute(disk, "format").startsWith("http://"), "a disk of no format");
    }
    return distinct(disks, "diskId");
  }

  /** Clauses 7.2, 8.1 and 9.12. */
  private void system(Element system, Set<String> disks, Set<String> networks) {
    require(!attribute(system, "id").isEmpty(), "the machine has no id");
    List<String> order = children(system).map(OvfJudge::name).toList();
    require(
        order.equals(List.of("Info", "Name", "OperatingSystemSection", "VirtualHardwareSection")),
        "parts of the machine are missing, twice or out of order: " + order);
    for (Element each : all(system, "OperatingSystemSection")) {
      long type = number(attribute(each, "id"));
      require(type >= 0 && type <= LAST_SYSTEM, "no operating system has the number " + type);
    }
    for (Element hardware : all(system, "VirtualHardwareSection")) {
      for (Element each : children(hardware).toList()) {
        boolean known = OVF.equals(each.getNamespaceURI());
        boolean optional = attribute(each, "required").equals("false");
        require(known || optional, "a stranger that is required: " + name(each));
      }
      fields(all(hardware, "System"), VSSD);
      items(all(hardware, "Item"), disks, networks);
    }
  }

  /** Fields are in the order of their names, as CIM's schema has them. */
  private void fields(List<Element> parents, String space) {
    require(!parents.isEmpty(), "there is no System or Item");
    for (Element parent : parents) {
      List<String> names = children(parent).map(OvfJudge::name).toList();
      require(names.equals(names.stream().sorted().toList()), "fields out of order: " + names);
      require(new HashSet<>(names).size() == names.size(), "a field is twice: " + names);
      require(names.contains("ElementName"), "nameless: " + names);
      require(names.contains("InstanceID"), "without InstanceID: " + names);
      for (Element field : children(parent).toList()) {
        require(space.equals(field.getNamespaceURI()), "a field of another: " + name(field));
      }
    }
  }

  /** Clause 8.1 to 8.3, tables 4 and 5. */
  private void items(List<Element> items, Set<String> disks, Set<String> networks) {
    fields(items, RASD);
    Map<String, Long> types = new HashMap<>();
    Set<String> places = new HashSet<>();
    for (Element item : items) {
      String id = field(item, "InstanceID");
      long type = number(field(item, "ResourceType"));
      require(types.put(id, type) == null, "two items have the InstanceID " + id);
      boolean known = (type >= 1 && type <= LAST_TYPE) || (type >= VENDORS && type <= 0xffff);
      require(known, "no resource has the type " + type);
      String place = field(item, "Parent") + " " + field(item, "AddressOnParent");
      require(place.isBlank() || places.add(place), "two items are at " + place);
    }
    require(types.containsValue((long) PROCESSOR), "no processor");
    require(types.containsValue((long) MEMORY), "no memory");
    Set<String> used = new HashSet<>();
    for (Element item : items) {
      long type = number(field(item, "ResourceType"));
      String parent = field(item, "Parent");
      long above = types.getOrDefault(parent, 0L);
      require(parent.isEmpty() || types.containsKey(parent), "no item is the Parent " + parent);
      if (type == PROCESSOR || type == MEMORY) {
        require(number(field(item, "VirtualQuantity")) > 0, "nothing of resource " + type);
        String unit = type == PROCESSOR ? "hertz * 10^6" : "byte * 2^20";
        require(field(item, "AllocationUnits").equals(unit), "no unit of resource " + type);
      } else if (type == NETWORK) {
        String network = field(item, "Connection");
        require(networks.contains(network), "a card is in no network: " + network);
      } else if (type == DISK) {
        String disk = field(item, "HostResource");
        used.add(disk);
        require(CONTROLLERS.contains((int) above), "a disk is at no controller: " + parent);
        require(
            disk.startsWith("ovf:/disk/") && disks.contains(disk.substring(10)),
            "a drive is of no disk: " + disk);
      }
    }
    for (String disk : disks) {
      require(used.contains("ovf:/disk/" + disk), "no drive holds the disk " + disk);
    }
  }

  private Set<String> distinct(List<Element> elements, String attribute) {
    Set<String> values = new HashSet<>();
    for (Element each : elements) {
      String value = attribute(each, attribute);
      require(!value.isEmpty() && values.add(value), name(each) + ": missing or twice: " + value);
    }
    return values;
  }

  private static Stream<Element> children(Element parent) {
    NodeList all = parent.getChildNodes();
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < all.getLength(); i++) {
      if (all.item(i) instanceof Element element) {
        elements.add(element);
      }
    }
    return elements.stream();
  }

  private static List<Element> all(Element parent, String name) {
    NodeList all = parent.getElementsByTagNameNS(OVF, name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < all.getLength(); i++) {
      elements.add((Element) all.item(i));
    }
    return elements;
  }

  private static boolean is(Element element, String name) {
    return OVF.equals(element.getNamespaceURI()) && name(element).equals(name);
  }

  private static String name(Element element) {
    return element.getLocalName();
  }

  /** Empty if it is missing. */
  private static String attribute(Element element, String name) {
    return element.getAttributeNS(OVF, name);
  }

  private static String field(Element item, String name) {
    NodeList fields = item.getElementsByTagNameNS(RASD, name);
    return fields.getLength() == 0 ? "" : fields.item(0).getTextContent();
  }

  private static long number(String text) {
    return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : -1;
  }
}
