package dev.imgstore.builder.sandbox;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A filter of system calls for all that runs in a sandbox (ADR 25): what namespaces do not part is
 * answered as by a kernel that does not have it. It is a program of classic BPF as seccomp(2) takes
 * it: instructions of eight bytes over {@code struct seccomp_data}. It knows the machines amd64 and
 * arm64, also when they run 32-bit programs; on others it lets all pass.
 */
final class SyscallFilter {
  private static final int LOAD = 0x20; // BPF_LD | BPF_W | BPF_ABS
  private static final int IF_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
  private static final int IF_LEAST = 0x35; // BPF_JMP | BPF_JGE | BPF_K
  private static final int RETURN = 0x06; // BPF_RET | BPF_K

  private static final int NUMBER = 0; // offsets in struct seccomp_data, little endian
  private static final int MACHINE = 4;
  private static final int FIRST_ARGUMENT = 16;
  private static final int SECOND_ARGUMENT = 24;

  private static final int ALLOW = 0x7fff0000;
  private static final int ERROR = 0x00050000;
  private static final int EPERM = 1;
  private static final int ENOSYS = 38;
  private static final int EAFNOSUPPORT = 97;

  /** Numbers from here on are those of the x32 calls. */
  private static final int X32 = 0x40000000;

  private static final List<Integer> FAMILIES = List.of(1, 2, 10, 16); // unix, inet, inet6, netlink
  private static final List<Integer> TYPING = List.of(0x5412, 0x541c); // TIOCSTI, TIOCLINUX

  /**
   * The calls of one kind of program.
   *
   * @param machine {@code AUDIT_ARCH_*}
   * @param absent answered as if there were none: add_key, request_key, keyctl, bpf, userfaultfd,
   *     perf_event_open, open_by_handle_at and the three of io_uring
   * @param traces what takes another process as its second or first argument: ptrace;
   *     process_vm_readv and process_vm_writev
   * @param socketcall 0 where there is none
   */
  private record Calls(
      int machine, List<Integer> absent, Traces traces, int socket, int socketcall, int ioctl) {}

  private record Traces(int ptrace, int read, int write) {}

  private static final List<Calls> ALL =
      List.of(
          new Calls(
              0xc000003e, // x86_64
              List.of(248, 249, 250, 321, 323, 298, 304, 425, 426, 427),
              new Traces(101, 310, 311),
              41,
              0,
              16),
          new Calls(
              0xc00000b7, // aarch64
              List.of(217, 218, 219, 280, 282, 241, 265, 425, 426, 427),
              new Traces(117, 270, 271),
              198,
              0,
              29),
          new Calls(
              0x40000003, // i386
              List.of(286, 287, 288, 357, 374, 336, 342, 425, 426, 427),
              new Traces(26, 347, 348),
              359,
              102,
              54),
          new Calls(
              0x40000028, // arm
              List.of(309, 310, 311, 386, 388, 364, 371, 425, 426, 427),
              new Traces(26, 376, 377),
              281,
              102,
              54));

  private final List<int[]> program = new ArrayList<>();

  private SyscallFilter() {}

  /** The program. */
  static byte[] program() {
    SyscallFilter filter = new SyscallFilter();
    for (Calls calls : ALL) {
      SyscallFilter body = new SyscallFilter();
      body.calls(calls);
      filter.add(LOAD, 0, 0, MACHINE);
      filter.add(IF_EQUAL, 0, body.program.size(), calls.machine());
      filter.program.addAll(body.program);
    }
    filter.add(RETURN, 0, 0, ALLOW);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 * filter.program.size()).order(ByteOrder.LITTLE_ENDIAN);
    for (int[] each : filter.program) {
      bytes.putShort((short) each[0]).put((byte) each[1]).put((byte) each[2]).putInt(each[3]);
    }
    return bytes.array();
  }

  private void calls(Calls calls) {
    add(LOAD, 0, 0, NUMBER);
    if (calls.machine() == ALL.get(0).machine()) {
      add(IF_LEAST, 0, 1, X32);
      add(RETURN, 0, 0, ERROR | ENOSYS);
    }
    for (int absent : calls.absent()) {
      refuse(absent, ENOSYS);
    }
    // Only the low half of an argument counts for the kernel, so the high half must not mislead.
    refuseWith(calls.ioctl(), SECOND_ARGUMENT, TYPING, EPERM);
    // The first process of the step's namespace is ours, and has no filter.
    refuseWith(calls.traces().ptrace(), SECOND_ARGUMENT, List.of(1), EPERM);
    refuseWith(calls.traces().read(), FIRST_ARGUMENT, List.of(1), EPERM);
    refuseWith(calls.traces().write(), FIRST_ARGUMENT, List.of(1), EPERM);
    if (calls.socketcall() != 0) {
      refuseWith(calls.socketcall(), FIRST_ARGUMENT, List.of(1), ENOSYS); // its way to socket(2)
    }
    add(IF_EQUAL, 0, FAMILIES.size() + 2, calls.socket());
    add(LOAD, 0, 0, FIRST_ARGUMENT);
    for (int i = 0; i < FAMILIES.size(); i++) {
      add(IF_EQUAL, FAMILIES.size() - i, 0, FAMILIES.get(i));
    }
    add(RETURN, 0, 0, ERROR | EAFNOSUPPORT);
    add(RETURN, 0, 0, ALLOW);
  }

  private void refuse(int call, int error) {
    add(IF_EQUAL, 0, 1, call);
    add(RETURN, 0, 0, ERROR | error);
  }

  /** With one of these values as an argument; other values pass, and with them the call. */
  private void refuseWith(int call, int argument, List<Integer> values, int error) {
    add(IF_EQUAL, 0, 2 * values.size() + 2, call);
    add(LOAD, 0, 0, argument);
    for (int value : values) {
      refuse(value, error);
    }
    add(RETURN, 0, 0, ALLOW);
  }

  private void add(int code, int ifTrue, int ifFalse, int value) {
    program.add(new int[] {code, ifTrue, ifFalse, value});
  }
}
