package dev.imgstore.builder.realise;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.store.FrameStore;
import java.io.IOException;

/** Gets one locked input from outside; {@code cli} plugs in the network, or what refuses it. */
public interface InputFetcher {
  /**
   * Puts the input into the store as it is. On return the store has the blob {@code
   * input.sha256()}. Called from several threads.
   */
  void fetch(Lock.Input input, FrameStore store) throws IOException;
}
