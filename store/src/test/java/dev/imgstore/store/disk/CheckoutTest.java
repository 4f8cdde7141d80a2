package dev.imgstore.store.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.imgstore.model.TreeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What a checkout leaves where it fails. */
final class CheckoutTest extends ImportedDirectory {
  @Test
  void aCheckoutLeavesNothingHalfDone() throws IOException {
    Files.writeString(source.resolve("f"), "x");
    TreeId tree = take(later).tree();
    Path taken = Files.createDirectory(temporary.resolve("taken"));
    Files.writeString(taken.resolve("mine"), "y");
    assertThrows(java.nio.file.FileAlreadyExistsException.class, () -> checkOut(tree, taken));
    assertEquals("y", Files.readString(taken.resolve("mine")));
    Path link = Files.createSymbolicLink(temporary.resolve("link"), source);
    assertThrows(java.nio.file.FileAlreadyExistsException.class, () -> checkOut(tree, link));
    Path empty = Files.createDirectory(temporary.resolve("empty"));
    checkOut(tree, empty);
    assertEquals("x", Files.readString(empty.resolve("f")));
    try (var names = Files.list(temporary)) {
      assertFalse(names.anyMatch(name -> name.getFileName().toString().startsWith(".imgstore")));
    }
  }

  @Test
  void aCheckoutOfADamagedStoreFailsAndLeavesNothing() throws IOException {
    Files.write(source.resolve("f"), Samples.text(1, 100_000));
    TreeId tree = take(later).tree();
    store.close();
    try (var segments = Files.list(home.resolve("segments"))) {
      for (Path each : segments.toList()) {
        if (each.getFileName().toString().startsWith("content")) {
          byte[] bytes = Files.readAllBytes(each);
          bytes[200] ^= 1;
          Files.delete(each);
          Files.write(each, bytes);
        }
      }
    }
    store = DiskStore.open(home, notice -> {});
    Path out = temporary.resolve("out");
    assertThrows(dev.imgstore.store.StoreException.Corrupt.class, () -> checkOut(tree, out));
    try (var names = Files.list(temporary)) {
      assertEquals(2, names.count());
    }
  }
}
