package dev.imgstore.sync.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Descriptor;
import dev.imgstore.sync.ImageName;
import dev.imgstore.sync.Registry;
import dev.imgstore.sync.RegistryException;
import dev.imgstore.sync.RegistryException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A client of a server on bare sockets, and what it is refused with. */
abstract class HostileRegistry {
  static final byte[] BLOB = DockerRegistryTest.random(300_000);
  static final Descriptor DESCRIBED = DockerRegistryTest.described(BLOB);
  @TempDir Path directory;

  static Registry open(FaultServer server) {
    return open(server, Settings.of(List.of(), "", Settings.IMPATIENT));
  }

  static Registry open(FaultServer server, RegistrySettings how) {
    return RegistryClients.writing(ImageName.parse(server.host() + "/a"), how);
  }

  RegistrySettings withPassword(FaultServer server) throws IOException {
    return Settings.of(
        List.of(Settings.login(directory, server.host(), "hidden")), "", Settings.IMPATIENT);
  }

  static String refused(Kind kind, Executable what) {
    RegistryException failure = assertThrows(RegistryException.class, what);
    String said = String.valueOf(failure.getMessage());
    assertEquals(kind, failure.kind(), said);
    assertTrue(said.length() < 1000, said);
    return said;
  }

  static void read(Registry registry) throws IOException {
    try (InputStream in = registry.open(DESCRIBED)) {
      assertArrayEquals(BLOB, in.readAllBytes());
    }
  }
}
