package dev.imgstore.builder.source.debian;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.imgstore.builder.source.debian.DebianException.Malformed;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class ControlFileProperties {

  @Property
  void readingWhatWasPrintedGivesTheSame(@ForAll("stanzas") Stanza stanza) throws Malformed {
    Stanza again = ControlFile.readOne("test", stanza.print().getBytes(UTF_8));
    assertEquals(stanza.print(), again.print());
    for (Stanza.Field field : stanza.fields()) {
      assertEquals(field.value(), again.get(field.name()).orElseThrow());
    }
  }

  @Provide
  Arbitrary<Stanza> stanzas() {
    Arbitrary<String> line =
        Arbitraries.strings()
            .withCharRange('!', '~')
            .withChars('é', ':')
            .ofMinLength(1)
            .ofMaxLength(9);
    Arbitrary<String> value =
        Combinators.combine(line.list().ofMaxSize(2), line.list().ofMaxSize(3))
            .as(
                (words, lines) ->
                    String.join(" ", words)
                        + (lines.isEmpty() ? "" : "\n" + String.join("\n", lines)));
    return Combinators.combine(
            Arbitraries.strings()
                .withCharRange('A', 'Z')
                .ofLength(5)
                .list()
                .uniqueElements()
                .ofMinSize(1)
                .ofMaxSize(5),
            value.list().ofSize(5))
        .as(
            (names, values) -> {
              List<Stanza.Field> fields = new ArrayList<>();
              for (int i = 0; i < names.size(); i++) {
                fields.add(new Stanza.Field(names.get(i), values.get(i), i + 1));
              }
              return new Stanza(fields);
            });
  }
}
