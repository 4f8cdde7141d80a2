package dev.imgstore.sync.serve;

import dev.imgstore.model.Digest;
import dev.imgstore.store.Root;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;

/** All repositories as of one moment. */
final class Repositories {
  private final Terms.Term term;
  private final Reaches reaches;
  private final Fresh fresh;

  Repositories(Terms.Term term, Reaches reaches, Fresh fresh) {
    this.term = term;
    this.reaches = reaches;
    this.fresh = fresh;
  }

  /** The one of this name, which may be empty. */
  Repository read(String name) throws IOException {
    return Repository.read(name, term, reaches, fresh);
  }

  /** Those that have a generation or a tag. */
  Set<String> names() throws IOException {
    Set<String> names = new TreeSet<>();
    for (String each : term.store().profiles().names()) {
      String name = Repository.ofProfile(each);
      if (Target.isName(name) && Repository.profileOf(name).equals(each)) {
        names.add(name);
      }
    }
    for (Root.Pin each : term.store().roots().pins()) {
      Repository.ofPin(each.name()).filter(Target::isName).ifPresent(names::add);
    }
    return names;
  }

  /**
   * True for a layer or configuration of any of them. Whoever may read one may read all, so this
   * tells nobody more than he could ask for.
   */
  boolean isSeenAnywhere(Digest blob) throws IOException {
    if (fresh.hasAnywhere(blob)) {
      return true;
    }
    for (String each : names()) {
      if (read(each).isNamed(blob)) {
        return true;
      }
    }
    return false;
  }
}
