package dev.imgstore.builder.realise;

import dev.imgstore.model.TreeId;
import java.io.IOException;

/** The entries of a recipe's {@code inputs} as trees of the store, on one platform. */
public interface InputTrees {
  /**
   * The tree of an input, made when it is first asked for. All it holds is in the transaction of
   * the build. Safe for many threads.
   *
   * @param name a name under {@code inputs}
   */
  TreeId tree(String name) throws IOException;
}
