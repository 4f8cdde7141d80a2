package dev.imgstore.cli.walls;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import java.util.List;
import java.util.Set;

/** The rules. Who may do what is said here once; the style guide says why. */
final class Walls {
  /** The rooms that may open files. The sandbox names one, for where a program starts. */
  static final String[] FILES = {
    "dev.imgstore.store.disk",
    "dev.imgstore.builder.export",
    "dev.imgstore.builder.source.fetch",
    "dev.imgstore.cli"
  };

  static final String[] PROCESSES = {"dev.imgstore.builder.sandbox"};

  static final String[] SOCKETS = {
    "dev.imgstore.builder.source.fetch", "dev.imgstore.sync", "dev.imgstore.sync.."
  };

  static final String[] PROCESS_WIDE = {"dev.imgstore.cli"};

  /** All that a value may be made of. java.util.zip, concurrent and logging are not in it. */
  private static final String[] VALUES = {
    "java.lang",
    "java.lang.annotation",
    "java.lang.invoke",
    "java.lang.runtime",
    "java.util",
    "java.util.function",
    "java.util.regex",
    "java.util.stream",
    "java.time",
    "java.time.format",
    "java.security",
    "java.nio.charset",
    "org.jspecify.annotations",
    "dev.imgstore.model"
  };

  private static final Set<String> EMPTY_WORDS =
      Set.of("Util", "Utils", "Helper", "Manager", "Impl");

  private Walls() {}

  static List<Wall> all() {
    return List.of(
        new Wall(
            "packages do not depend on each other in circles",
            slices().matching("dev.imgstore.(**)").should().beFreeOfCycles(),
            "dev.imgstore.sync.planted.KnowsBuilder"),
        new Wall(
            "values are made of values and the language only",
            classes()
                .that()
                .resideInAPackage("dev.imgstore.model..")
                .should()
                .onlyDependOnClassesThat(partsOfValues()),
            "dev.imgstore.model.planted.NotAValue"),
        new Wall(
            "the store knows neither builder, nor the network, nor the command line",
            noClasses()
                .that()
                .resideInAPackage("dev.imgstore.store..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                    "dev.imgstore.builder..", "dev.imgstore.sync..", "dev.imgstore.cli.."),
            "dev.imgstore.store.planted.LooksUp"),
        new Wall(
            "the builder does not know registry-sync or the command line",
            noClasses()
                .that()
                .resideInAPackage("dev.imgstore.builder..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.imgstore.sync..", "dev.imgstore.cli.."),
            "dev.imgstore.builder.planted.KnowsSync"),
        new Wall(
            "registry-sync does not know the builder or the command line",
            noClasses()
                .that()
                .resideInAPackage("dev.imgstore.sync..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.imgstore.builder..", "dev.imgstore.cli.."),
            "dev.imgstore.sync.planted.KnowsBuilder"),
        new Wall(
            "files are opened in four rooms only",
            noClasses()
                .that()
                .resideOutsideOfPackages(FILES)
                .should(Calls.matching("open a file", Calls::opensFile)),
            "dev.imgstore.planted.OpensFiles"),
        new Wall(
            "processes are started in the sandbox only",
            noClasses()
                .that()
                .resideOutsideOfPackages(PROCESSES)
                .should(Calls.matching("start a process", Calls::startsProcess)),
            "dev.imgstore.planted.StartsProcesses"),
        new Wall(
            "SQL is spoken in the catalog only",
            noClasses()
                .that()
                .resideOutsideOfPackage("dev.imgstore.store.catalog")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "javax.sql..", "org.h2..", "org.postgresql.."),
            "dev.imgstore.planted.SpeaksSql"),
        new Wall(
            "sockets are opened in the fetcher and in sync only",
            noClasses()
                .that()
                .resideOutsideOfPackages(SOCKETS)
                .should(Calls.matching("use the network", Calls::usesNetwork)),
            "dev.imgstore.planted.OpensSockets"),
        new Wall(
            "what belongs to the whole process is touched by the command line only",
            noClasses()
                .that()
                .resideOutsideOfPackages(PROCESS_WIDE)
                .should(Calls.matching("use streams, environment or exit", Calls::isProcessWide)),
            "dev.imgstore.planted.TouchesTheProcess"),
        new Wall(
            "time, place and chance are handed in by the command line",
            noClasses()
                .that()
                .resideOutsideOfPackages(PROCESS_WIDE)
                .should(Calls.matching("ask for time, place or chance", Calls::asksTheMachine)),
            "dev.imgstore.planted.AsksTheMachine"),
        new Wall(
            "no class is called by an empty word",
            classes().should(Names.notEndIn(EMPTY_WORDS)),
            "dev.imgstore.planted.TreeHelper"),
        new Wall(
            "no package is called common",
            noClasses()
                .should()
                .resideInAnyPackage("..common..", "..util..", "..utils..", "..misc.."),
            "dev.imgstore.planted.common.Thing"),
        new Wall(
            "every package says what lives there and is null-marked",
            classes().should(Names.liveInMarkedPackage()),
            "dev.imgstore.planted.unmarked.Thing"));
  }

  /** A ByteArrayOutputStream is a growing array: it reads and writes nothing outside itself. */
  private static DescribedPredicate<JavaClass> partsOfValues() {
    Set<String> allowed = Set.of(VALUES);
    return DescribedPredicate.describe(
        "are values or the language's own",
        type -> {
          JavaClass part = type.getBaseComponentType();
          return part.isPrimitive()
              || allowed.contains(part.getPackageName())
              || part.getName().equals("java.io.ByteArrayOutputStream");
        });
  }
}
