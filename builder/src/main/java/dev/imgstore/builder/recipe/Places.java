package dev.imgstore.builder.recipe;

import dev.imgstore.model.Problem;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the parts of a recipe were written, so that a mistake found later, a package nobody has or
 * a file that is not there, is told with its place too. Immutable once handed out.
 */
public final class Places {
  private final String file;

  /** Looked through only when something is wrong: hashing records costs a start more. */
  private final List<Placed> places = new ArrayList<>();

  private record Placed(Object part, Place place) {}

  Places(String file) {
    this.file = file;
  }

  void put(Object part, Place place) {
    places.add(new Placed(part, place));
  }

  /** A mistake in a requested package. */
  public Problem problem(PackageRequest request, String text) {
    return at(request, text);
  }

  /** A mistake in an entry of {@code files}; at its {@code from} if it has one. */
  public Problem problem(FileEntry entry, String text) {
    return at(entry, text);
  }

  /** A mistake in an entry of {@code inputs}. */
  public Problem problem(InputSource source, String text) {
    return at(source, text);
  }

  /** A mistake in a user. */
  public Problem problem(User user, String text) {
    return at(user, text);
  }

  /** A mistake in a group. */
  public Problem problem(Group group, String text) {
    return at(group, text);
  }

  /** A mistake in a step's root, or one of its inputs. */
  public Problem problem(Step.Source source, String text) {
    return at(source, text);
  }

  /** A mistake in a step's root that is another recipe. */
  public Problem problem(Step.OfRecipe root, String text) {
    return at(root, text);
  }

  /** A mistake in the recipe that has no place. */
  public Problem problem(String text) {
    return new Problem(file, 0, 0, text);
  }

  private Problem at(Object part, String text) {
    Place place =
        places.stream()
            .filter(each -> each.part().equals(part))
            .findFirst()
            .map(Placed::place)
            .orElse(Place.NONE);
    return new Problem(place.file(file), place.line(), place.column(), text);
  }
}
