package dev.imgstore.builder.check;

import dev.imgstore.builder.sandbox.Surroundings;
import dev.imgstore.model.Platform;
import dev.imgstore.model.TreeId;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** An action that has a result and can run again. */
public interface Rerun {
  /** As people know it: {@code step compile}. */
  String name();

  /** Of what it is part. */
  Platform platform();

  /** What is recorded, by the name of the output. */
  SortedMap<String, TreeId> recorded();

  /** Paths in any output that may differ, with all below them. */
  List<String> tolerates();

  /** Whether there is no use in running it as anybody else. */
  boolean needsRoot();

  /** The package a path belongs to. */
  Optional<String> owner(TreePath path);

  /** Runs it; that it fails is a result. */
  Given run(Surroundings surroundings) throws IOException, InterruptedException;

  /**
   * What a run gave.
   *
   * @param outputs by name; none if it failed
   * @param failure how it failed, in a few words; empty if it did not
   */
  record Given(SortedMap<String, TreeId> outputs, String failure) {
    /** Copies in. */
    public Given {
      outputs = Collections.unmodifiableSortedMap(new TreeMap<>(outputs));
    }
  }
}
