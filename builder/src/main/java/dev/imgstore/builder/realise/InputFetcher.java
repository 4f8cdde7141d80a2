package dev.imgstore.builder.realise;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.store.FrameStore;
import java.io.IOException;

/** Gets one locked input from outside; {@code cli} plugs in the network, or what refuses it. */
public interface InputFetcher {
  /**
   * Puts a package into the store as it is. On return the store has the blob {@code
   * input.sha256()}. Called from several threads.
   */
  void fetch(Lock.Input input, FrameStore store) throws IOException;

  /**
   * Puts one file of an entry of {@code inputs} into the store as it is, with the same promise.
   *
   * @param source what the recipe says of the entry
   */
  void fetch(Lock.Fetched file, InputSource source, FrameStore store) throws IOException;
}
