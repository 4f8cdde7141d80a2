package dev.imgstore.builder.realise;

import dev.imgstore.builder.lock.Lock;
import dev.imgstore.builder.recipe.InputSource;
import dev.imgstore.model.Platform;
import dev.imgstore.store.FrameStore;
import java.io.IOException;
import java.util.List;

/** Where the inputs of one kind come from, or of all kinds; {@code cli} plugs it in. */
public interface InputUniverse {
  /**
   * What a named entry of a recipe means today; every file of it is in the store on return. Called
   * from several threads.
   *
   * @param input the name of the entry
   * @param platforms of the recipe, for what differs between them
   * @param before what it meant when it was locked last; empty if it never was
   */
  List<Lock.Fetched> lock(
      String input,
      InputSource source,
      List<Platform> platforms,
      List<Lock.Fetched> before,
      FrameStore store)
      throws IOException;

  /**
   * Whether what was locked is still what the recipe means, where files beside it have a say.
   *
   * @param locked the files of the entry
   */
  boolean isCurrent(InputSource source, List<Lock.Fetched> locked) throws IOException;

  /**
   * Puts one locked file into the store as it is. On return the store has the blob {@code
   * file.sha256()}. Called from several threads.
   */
  void fetch(Lock.Fetched file, InputSource source, FrameStore store) throws IOException;
}
