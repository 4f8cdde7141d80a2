package dev.imgstore.builder.disk.container;

import dev.imgstore.builder.disk.Derived;
import dev.imgstore.model.Digest;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * The description of a machine with one disk and one network card (DMTF DSP0243 1.1; the numbers of
 * hardware are CIM's, DSP1041 and CIM_ResourceAllocationSettingData).
 */
final class OvfDescriptor {
  private static final String TEXT =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <Envelope ovf:version="1.0" xml:lang="en-US" xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData" xmlns:vmw="http://www.vmware.com/schema/ovf">
        <References>
          <File ovf:id="file1" ovf:href="{href}" ovf:size="{size}"/>
        </References>
        <DiskSection>
          <Info>The disk of the machine</Info>
          <Disk ovf:diskId="disk1" ovf:fileRef="file1" ovf:capacity="{capacity}" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>
        </DiskSection>
        <NetworkSection>
          <Info>The network of the machine</Info>
          <Network ovf:name="NAT">
            <Description>Any network</Description>
          </Network>
        </NetworkSection>
        <VirtualSystem ovf:id="{name}">
          <Info>A machine</Info>
          <Name>{name}</Name>
          <OperatingSystemSection ovf:id="101">
            <Info>The operating system</Info>
            <Description>Linux, 64 bits</Description>
          </OperatingSystemSection>
          <VirtualHardwareSection>
            <Info>The hardware</Info>
            <System>
              <vssd:ElementName>Hardware</vssd:ElementName>
              <vssd:InstanceID>0</vssd:InstanceID>
              <vssd:VirtualSystemIdentifier>{id}</vssd:VirtualSystemIdentifier>
              <vssd:VirtualSystemType>vmx-13</vssd:VirtualSystemType>
            </System>
            <Item>
              <rasd:AllocationUnits>hertz * 10^6</rasd:AllocationUnits>
              <rasd:Description>Processors</rasd:Description>
              <rasd:ElementName>Processors</rasd:ElementName>
              <rasd:InstanceID>1</rasd:InstanceID>
              <rasd:ResourceType>3</rasd:ResourceType>
              <rasd:VirtualQuantity>{processors}</rasd:VirtualQuantity>
            </Item>
            <Item>
              <rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits>
              <rasd:Description>Memory</rasd:Description>
              <rasd:ElementName>Memory</rasd:ElementName>
              <rasd:InstanceID>2</rasd:InstanceID>
              <rasd:ResourceType>4</rasd:ResourceType>
              <rasd:VirtualQuantity>{memory}</rasd:VirtualQuantity>
            </Item>
            <Item>
              <rasd:Address>0</rasd:Address>
              <rasd:Description>SATA controller</rasd:Description>
              <rasd:ElementName>SATA controller</rasd:ElementName>
              <rasd:InstanceID>3</rasd:InstanceID>
              <rasd:ResourceSubType>AHCI</rasd:ResourceSubType>
              <rasd:ResourceType>20</rasd:ResourceType>
            </Item>
            <Item>
              <rasd:AddressOnParent>0</rasd:AddressOnParent>
              <rasd:ElementName>Disk</rasd:ElementName>
              <rasd:HostResource>ovf:/disk/disk1</rasd:HostResource>
              <rasd:InstanceID>4</rasd:InstanceID>
              <rasd:Parent>3</rasd:Parent>
              <rasd:ResourceType>17</rasd:ResourceType>
            </Item>
            <Item>
              <rasd:AutomaticAllocation>true</rasd:AutomaticAllocation>
              <rasd:Connection>NAT</rasd:Connection>
              <rasd:ElementName>Network card</rasd:ElementName>
              <rasd:InstanceID>5</rasd:InstanceID>
              <rasd:ResourceSubType>E1000</rasd:ResourceSubType>
              <rasd:ResourceType>10</rasd:ResourceType>
            </Item>
            <vmw:Config ovf:required="false" vmw:key="firmware" vmw:value="{firmware}"/>
          </VirtualHardwareSection>
        </VirtualSystem>
      </Envelope>
      """;

  private OvfDescriptor() {}

  /**
   * The document.
   *
   * @param size bytes of the disk's file
   * @param capacity bytes of the disk
   */
  static byte[] of(Digest seed, Machine machine, String diskName, long size, long capacity) {
    Map<String, String> values = new TreeMap<>();
    values.put("href", diskName);
    values.put("size", Long.toString(size));
    values.put("capacity", Long.toString(capacity));
    values.put("name", machine.name());
    values.put("id", Derived.uuid(seed, "machine").toString());
    values.put("processors", Integer.toString(machine.processors()));
    values.put("memory", Integer.toString(machine.memoryMib()));
    values.put("firmware", machine.firmware() == Machine.Firmware.EFI ? "efi" : "bios");
    String text = TEXT;
    for (Map.Entry<String, String> value : values.entrySet()) {
      text = text.replace("{" + value.getKey() + "}", value.getValue());
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
