package dev.imgstore.builder.setup;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalInt;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ModesTest {
  @ParameterizedTest
  @CsvSource({
    "755, 644, false, 755",
    "0640, 4755, false, 640",
    "u+s, 755, false, 4755",
    "u-s, 4755, false, 755",
    "g+s, 755, false, 2755",
    "+t, 755, true, 1755",
    "a+x, 644, false, 755",
    "+x, 644, false, 755",
    "go-rwx, 777, false, 700",
    "u=rw, 777, false, 677",
    "'u=rwx,g=rx,o=', 000, false, 750",
    "a+X, 644, false, 644",
    "a+X, 644, true, 755",
    "ug+rw-x, 111, false, 661",
    "755, 2700, true, 2755",
    "00755, 2700, true, 755",
  })
  void modesChangeAsChmodChangesThem(String text, String old, boolean directory, String expected) {
    assertEquals(
        OptionalInt.of(Integer.parseInt(expected, 8)),
        Modes.change(text, Integer.parseInt(old, 8), directory));
  }

  @ParameterizedTest
  @CsvSource({"x", "u+q", "999", "--reference=f", "''"})
  void whatIsNoModeIsEmpty(String text) {
    assertEquals(OptionalInt.empty(), Modes.change(text, 0, false));
  }
}
