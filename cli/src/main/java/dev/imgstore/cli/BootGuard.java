package dev.imgstore.cli;

import dev.imgstore.builder.boot.BootTest;
import dev.imgstore.builder.sandbox.HostProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Ends the machine, and removes the disk that has no name yet, when Ctrl-C ends this process. */
final class BootGuard implements BootTest.Guard, AutoCloseable {
  private final Path disk;
  private final Thread hook = new Thread(this::end, "boot-test-end");
  private Optional<HostProgram> machine = Optional.empty();
  private boolean ended;

  BootGuard(Path disk) {
    this.disk = disk;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  @Override
  public synchronized void started(HostProgram started) throws InterruptedException {
    machine = Optional.of(started);
    if (ended) {
      started.close();
    }
    requireNotEnded();
  }

  synchronized void requireNotEnded() throws InterruptedException {
    if (ended) {
      throw new InterruptedException();
    }
  }

  /** What the process does at its end. */
  synchronized void end() {
    ended = true;
    machine.ifPresent(HostProgram::close);
    try {
      Files.deleteIfExists(disk);
    } catch (IOException e) {
      // it says by its name whose it is, and nobody is left to be told
    }
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the process is ending, and the hook runs
    }
  }
}
