package dev.imgstore.builder.boot;

import dev.imgstore.builder.boot.VirtualMachine.Accelerator;
import dev.imgstore.builder.sandbox.HostProgram;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Starts a machine and waits until it is up. KVM is tried where it can be and given up when the
 * console stays silent; emulation is tried twice, since now and then an emulated machine hangs.
 * What says itself that it cannot start is not tried again.
 */
public final class BootTest {
  private final VirtualMachine machine;
  private final Limits limits;
  private final String marker;
  private final Map<String, String> environment;
  private final Guard guard;

  /**
   * How long is waited.
   *
   * @param kvm whether to try KVM
   * @param up until the machine is up, in each try
   * @param silent until KVM is given up if the console has not said anything
   */
  public record Limits(boolean kvm, Duration up, Duration silent) {}

  /** Ends a machine when we are ended. */
  public interface Guard {
    /**
     * Called with each machine that was started; it is closed later by who started it.
     *
     * @throws InterruptedException if nothing may be started any more; the machine is closed then
     */
    void started(HostProgram machine) throws InterruptedException;
  }

  /**
   * A test that can be run.
   *
   * @param marker what the console shows when it is up; empty for a login prompt or systemd's word
   * @param environment all that QEMU gets
   */
  public BootTest(
      VirtualMachine machine,
      Limits limits,
      String marker,
      Map<String, String> environment,
      Guard guard) {
    this.machine = machine;
    this.limits = limits;
    this.marker = marker;
    this.environment = Map.copyOf(environment);
    this.guard = guard;
  }

  /**
   * Runs it, for as long as twice the limit.
   *
   * @throws IOException if QEMU itself does not run
   */
  public BootReport run() throws IOException, InterruptedException {
    List<Accelerator> tries = new ArrayList<>(List.of(Accelerator.TCG, Accelerator.TCG));
    if (limits.kvm()) {
      tries.add(0, Accelerator.KVM);
    }
    Optional<BootReport> report = Optional.empty();
    for (Accelerator each : tries) {
      Try one = new Try(each);
      report = Optional.of(one.run());
      if (report.get().up() || one.isFinal) {
        break;
      }
    }
    return report.orElseThrow();
  }

  /** One machine, from its start to its end. */
  private final class Try {
    private static final byte[] END = {};

    private final Accelerator accelerator;
    private final Console console = new Console(marker);
    private final BlockingQueue<byte[]> printed = new LinkedBlockingQueue<>(64);
    private boolean isFinal;
    private boolean silent = true;

    Try(Accelerator accelerator) {
      this.accelerator = accelerator;
    }

    BootReport run() throws IOException, InterruptedException {
      long began = System.nanoTime();
      try (HostProgram qemu =
          new HostProgram(machine.command(accelerator), environment, new File("/"))) {
        guard.started(qemu);
        Thread reader = new Thread(() -> read(qemu.output()), "console");
        reader.setDaemon(true);
        reader.start();
        String why = await(qemu, began);
        reader.interrupt();
        long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        return new BootReport(
            console.isUp(), why, accelerator.text(), took, console.failed(), console.last());
      }
    }

    /** Why it is not up; empty if it is. */
    private String await(HostProgram qemu, long began) throws IOException, InterruptedException {
      while (!console.isUp()) {
        boolean quiet = silent && accelerator == Accelerator.KVM;
        Duration limit = quiet ? limits.silent() : limits.up();
        long left = limit.toNanos() - (System.nanoTime() - began);
        byte[] bytes = left <= 0 ? null : printed.poll(left, TimeUnit.NANOSECONDS);
        if (bytes == null) {
          return quiet
              ? "its console stayed silent under KVM"
              : "it was not up after " + limit.toSeconds() + " s";
        }
        if (bytes.length == 0) {
          return ended(qemu);
        }
        silent = false;
        console.add(bytes, bytes.length);
        if (console.isLost() && !console.isUp()) {
          isFinal = true;
          return "it said that it cannot start";
        }
      }
      return "";
    }

    private String ended(HostProgram qemu) throws IOException {
      if (silent && accelerator == Accelerator.TCG) {
        throw new IOException("QEMU does not run: " + qemu.complaint());
      }
      isFinal = accelerator == Accelerator.TCG;
      return "it turned itself off";
    }

    private void read(InputStream out) {
      byte[] buffer = new byte[8192];
      try {
        for (int n = read(out, buffer); n >= 0; n = read(out, buffer)) {
          printed.put(Arrays.copyOf(buffer, n));
        }
        printed.put(END);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // nobody reads any more
      }
    }

    /** What is closed under the reader has ended. */
    private static int read(InputStream out, byte[] buffer) {
      try {
        return out.read(buffer);
      } catch (IOException e) {
        return -1;
      }
    }
  }
}
