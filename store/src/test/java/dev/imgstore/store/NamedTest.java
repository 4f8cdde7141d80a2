package dev.imgstore.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.imgstore.model.Digest;
import dev.imgstore.store.disk.DiskStore;
import dev.imgstore.testkit.MemoryFilesystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What blobs name is told by their content alone. */
final class NamedTest {
  @Test
  void whatHasAFormatNumberIsNotARecordForThat() throws IOException {
    for (String text :
        new String[] {"{\"format\":2,\"inputs\":[]}\n", "{\"format\":1}", "{", "", "x"}) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      try (Store store = DiskStore.open(new MemoryFilesystem(), notice -> {});
          Transaction transaction = store.begin()) {
        Digest blob = transaction.putMetadata(bytes);
        assertEquals(Optional.empty(), Named.read(transaction, blob, bytes), text);
        transaction.flush();
        assertTrue(store.lease(blob), text);
      }
    }
  }
}
