package dev.imgstore.builder.check;

/** How much is varied. */
public enum Grade {
  /** What no sandbox fixes: time, processors, the order of directories, chance. */
  VARIES,
  /** What the sandbox fixes as well. */
  STRICT
}
