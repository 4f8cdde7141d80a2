package dev.imgstore.testkit;

import static dev.imgstore.testkit.Facts.digest;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.imgstore.model.ActionKey;
import dev.imgstore.model.Digest;
import dev.imgstore.store.Actions;
import dev.imgstore.store.BlobReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What every {@link Actions} does. */
public abstract class ActionsContract {
  private static final ActionKey KEY = new ActionKey(digest("key"));

  /** No records yet; results are present if {@code blobs} has them. */
  protected abstract Actions actions(BlobReader blobs) throws IOException;

  @Test
  void anUnknownKeyIsAMiss() throws IOException {
    assertEquals(Optional.empty(), actions(new MemoryBlobStore()).find(KEY));
  }

  @Test
  void theFirstRecordedResultWins() throws IOException {
    MemoryBlobStore blobs = new MemoryBlobStore();
    Actions actions = actions(blobs);
    Digest first = put(blobs, "first");
    actions.record(KEY, first);
    actions.record(KEY, put(blobs, "second"));
    actions.record(KEY, first);
    actions.record(new ActionKey(digest("other")), put(blobs, "third"));
    assertEquals(Optional.of(first), actions.find(KEY));
  }

  @Test
  void aResultThatIsGoneGivesWayToTheNext() throws IOException {
    MemoryBlobStore blobs = new MemoryBlobStore();
    Actions actions = actions(blobs);
    actions.record(KEY, digest("never stored"));
    assertEquals(Optional.empty(), actions.find(KEY));
    Digest second = put(blobs, "second");
    actions.record(KEY, second);
    assertEquals(Optional.of(second), actions.find(KEY));
  }

  private static Digest put(MemoryBlobStore blobs, String text) throws IOException {
    return blobs.put(text.getBytes(StandardCharsets.UTF_8));
  }
}
