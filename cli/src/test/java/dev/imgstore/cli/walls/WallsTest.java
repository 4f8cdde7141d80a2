package dev.imgstore.cli.walls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule holds for the product, and fails on the violation planted for it. */
final class WallsTest {
  /** Test classes come from a folder, or as the test jar of another module. */
  private static final ImportOption PRODUCT =
      location -> !location.contains("/test-classes/") && !location.contains("-tests.jar");

  private static final ImportOption PLANTED =
      location -> location.contains("/test-classes/") && location.contains("/planted/");

  private static final JavaClasses product = read(PRODUCT);
  private static final JavaClasses planted = read(PLANTED);

  private static JavaClasses read(ImportOption which) {
    return new ClassFileImporter().withImportOption(which).importPackages("dev.imgstore");
  }

  static List<Wall> walls() {
    return Walls.all();
  }

  @ParameterizedTest
  @MethodSource("walls")
  void holdsForTheProduct(Wall wall) {
    wall.rule().check(product);
  }

  @ParameterizedTest
  @MethodSource("walls")
  void failsOnThePlantedViolation(Wall wall) {
    AssertionError failure = assertThrows(AssertionError.class, () -> wall.rule().check(planted));
    assertTrue(String.valueOf(failure.getMessage()).contains(wall.offender()), failure::getMessage);
  }

  @Test
  void classesOfEveryModuleWereFound() {
    assertTrue(product.size() > 100, () -> "only " + product.size() + " classes");
    for (String room : List.of("model", "store", "store.disk", "builder", "sync", "cli")) {
      assertTrue(has("dev.imgstore." + room), room);
    }
  }

  @Test
  void everyRoomWithALicenceIsThere() {
    Stream.of(Walls.FILES, Walls.PROCESSES, Walls.SOCKETS, Walls.PROCESS_WIDE)
        .flatMap(Arrays::stream)
        .filter(room -> !room.endsWith(".."))
        .forEach(room -> assertTrue(has(room), room));
  }

  @Test
  void everyPlantedClassIsThereForARule() {
    TreeSet<String> wanted = new TreeSet<>(Walls.all().stream().map(Wall::offender).toList());
    TreeSet<String> found = new TreeSet<>();
    for (JavaClass type : planted) {
      for (String offender : wanted) {
        if (type.getName().startsWith(offender)) {
          found.add(offender);
        }
      }
    }
    assertEquals(wanted, found);
  }

  private static boolean has(String room) {
    return product.stream().anyMatch(type -> type.getPackageName().equals(room));
  }
}
