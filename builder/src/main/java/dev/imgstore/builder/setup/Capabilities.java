package dev.imgstore.builder.setup;

import dev.imgstore.model.Bytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** File capabilities as cap_from_text(3) spells and capabilities(7) stores them, version 2. */
final class Capabilities {
  private static final int VERSION_2 = 0x02000000;
  private static final int EFFECTIVE = 1;
  private static final Pattern CLAUSE = Pattern.compile("([a-z_,]+)[+=]([eip]+)");

  /** In the order of their numbers in linux/capability.h. */
  private static final List<String> NAMES =
      List.of(
          "cap_chown",
          "cap_dac_override",
          "cap_dac_read_search",
          "cap_fowner",
          "cap_fsetid",
          "cap_kill",
          "cap_setgid",
          "cap_setuid",
          "cap_setpcap",
          "cap_linux_immutable",
          "cap_net_bind_service",
          "cap_net_broadcast",
          "cap_net_admin",
          "cap_net_raw",
          "cap_ipc_lock",
          "cap_ipc_owner",
          "cap_sys_module",
          "cap_sys_rawio",
          "cap_sys_chroot",
          "cap_sys_ptrace",
          "cap_sys_pacct",
          "cap_sys_admin",
          "cap_sys_boot",
          "cap_sys_nice",
          "cap_sys_resource",
          "cap_sys_time",
          "cap_sys_tty_config",
          "cap_mknod",
          "cap_lease",
          "cap_audit_write",
          "cap_audit_control",
          "cap_setfcap",
          "cap_mac_override",
          "cap_mac_admin",
          "cap_syslog",
          "cap_wake_alarm",
          "cap_block_suspend",
          "cap_audit_read",
          "cap_perfmon",
          "cap_bpf",
          "cap_checkpoint_restore");

  private Capabilities() {}

  /** The attribute's value for one clause, such as {@code cap_net_raw+ep}; empty if not known. */
  static Optional<Bytes> value(String text) {
    Matcher matcher = CLAUSE.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long set = 0;
    for (String name : String.valueOf(matcher.group(1)).split(",", -1)) {
      int bit = NAMES.indexOf(name);
      if (bit < 0) {
        return Optional.empty();
      }
      set |= 1L << bit;
    }
    String how = String.valueOf(matcher.group(2));
    long permitted = how.contains("p") ? set : 0;
    long inheritable = how.contains("i") ? set : 0;
    ByteBuffer value = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
    value.putInt(VERSION_2 | (how.contains("e") ? EFFECTIVE : 0));
    value.putInt((int) permitted).putInt((int) inheritable);
    value.putInt((int) (permitted >>> 32)).putInt((int) (inheritable >>> 32));
    return Optional.of(Bytes.of(value.array()));
  }
}
