package dev.imgstore.store.catalog;

import java.io.IOException;
import java.util.List;
import java.util.function.Predicate;

/**
 * What can be asked of a store's generations. Every implementation gives the same answers, sorted;
 * each is of the journal as it was when the question began, or newer.
 */
public interface Answers {
  /**
   * Where packages of this name are installed.
   *
   * @param versions which versions count
   * @param scope which parts count
   */
  List<PackageHit> packages(String name, Predicate<String> versions, Predicate<Part> scope)
      throws IOException;

  /** Where such files are. */
  List<FileHit> files(FilePattern pattern, Predicate<Part> scope) throws IOException;

  /** The parts in scope. */
  List<Part> parts(Predicate<Part> scope) throws IOException;

  /** The names of all packages, sorted, each once. */
  List<String> packageNames() throws IOException;
}
