package dev.imgstore.builder.disk.gpt;

import java.util.UUID;

/**
 * What a partition is for, as firmware and systemd look for it (UEFI 2.10, table 5.7; UAPI DPS).
 */
public enum PartitionType {
  /** The FAT file system from which UEFI starts. */
  EFI_SYSTEM("c12a7328-f81f-11d2-ba4b-00a0c93ec93b"),
  /** Raw sectors from which a BIOS goes on starting the machine. */
  BIOS_BOOT("21686148-6449-6e6f-744e-656564454649"),
  /** The root of a system for x86-64. */
  ROOT_AMD64("4f68bce3-e8cd-4db1-96e7-fbcaf984b709"),
  /** The hashes of a verity root for x86-64. */
  ROOT_AMD64_VERITY("2c7357ed-ebd2-46d9-aec1-23d437ec2bf5"),
  /** The root of a system for 64-bit ARM. */
  ROOT_ARM64("b921b045-1df0-41c3-af44-4c6f280d3fae"),
  /** The hashes of a verity root for 64-bit ARM. */
  ROOT_ARM64_VERITY("df3300ce-d69f-4c92-978c-9bfb0f38d820"),
  /** Variable data of one system. */
  VAR("4d21b016-b534-45c2-a9fb-5c16e091fd2d"),
  /** Any Linux file system. */
  LINUX_DATA("0fc63daf-8483-4772-8e79-3d69d8477de4"),
  /** Swap space. */
  SWAP("0657fd6d-a4ab-43c4-84e5-0933c84b4f4f");

  private final UUID id;

  PartitionType(String id) {
    this.id = UUID.fromString(id);
  }

  /** The type's GUID. */
  public UUID id() {
    return id;
  }
}
