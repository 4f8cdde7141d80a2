package dev.imgstore.builder.sandbox;

import java.io.IOException;

/** Ids for a sandbox, asked for only when one is needed. */
public interface SandboxIds {
  /**
   * The range this user may map.
   *
   * @throws IOException saying what to set up, where there is none
   */
  IdRange get() throws IOException;
}
