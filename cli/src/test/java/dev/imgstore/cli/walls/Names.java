package dev.imgstore.cli.walls;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;
import org.jspecify.annotations.NullMarked;

/** What classes and packages are called, and what packages say of themselves. */
final class Names {
  private Names() {}

  static ArchCondition<JavaClass> notEndIn(Set<String> words) {
    return new ArchCondition<>("not end in one of " + words.stream().sorted().toList()) {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        for (String word : words) {
          if (type.getSimpleName().endsWith(word)) {
            events.add(SimpleConditionEvent.violated(type, type.getName() + " ends in " + word));
          }
        }
      }
    };
  }

  static ArchCondition<JavaClass> liveInMarkedPackage() {
    return new ArchCondition<>("live in a package with a null-marked package-info") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        boolean marked =
            type.getPackage()
                .tryGetPackageInfo()
                .map(info -> info.isAnnotatedWith(NullMarked.class))
                .orElse(false);
        if (!marked) {
          events.add(
              SimpleConditionEvent.violated(
                  type, "the package of " + type.getName() + " has no @NullMarked package-info"));
        }
      }
    };
  }
}
