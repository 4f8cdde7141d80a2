package dev.imgstore.builder.setup.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class InterpreterTest {
  /** Knows say, yes and no; says everything into a list. */
  private static final class Recorder implements Host {
    private final List<String> said = new ArrayList<>();
    private final Map<String, String> files = new TreeMap<>();

    @Override
    public Answer run(List<String> words, String input, Variables variables) {
      return switch (words.get(0)) {
        case "say" -> {
          said.add(String.join("|", words.subList(1, words.size())));
          yield Answer.DONE;
        }
        case "yes", "true" -> Answer.DONE;
        case "no", "false" -> Answer.NO;
        case "echo" -> new Answer(0, String.join(" ", words.subList(1, words.size())) + "\n");
        case "cat" -> new Answer(0, input);
        default -> Answer.NOT_KNOWN;
      };
    }

    @Override
    public boolean write(String path, String text, boolean append) {
      files.merge(path, text, (a, b) -> append ? a + b : b);
      return true;
    }

    @Override
    public String read(String path) {
      return files.getOrDefault(path, UNKNOWN_TEXT);
    }

    @Override
    public List<String> glob(String pattern) {
      return pattern.equals("/etc/*.conf") ? List.of("/etc/a.conf", "/etc/b.conf") : List.of();
    }
  }

  private final Recorder host = new Recorder();

  private List<Complaint> run(String script, String... arguments) throws IOException {
    try {
      return Interpreter.run(host, script, List.of(arguments), Map.of("SET", "value", "NONE", ""));
    } catch (SyntaxFault e) {
      throw new AssertionError(e);
    }
  }

  private List<String> says(String script, String... arguments) throws IOException {
    host.said.clear();
    assertEquals(List.of(), run(script, arguments), script);
    return List.copyOf(host.said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '§',
      value = {
        "say a 'b c' \"d e\"~a|b c|d e",
        "say $SET \"$SET\" '$SET' ${SET}x~value|value|$SET|valuex",
        "x='a b'; say $x \"$x\"~a|b|a b",
        "say ${SET:-no} ${NONE:-yes} ${NONE-no}end ${MISSING-yes}~value|yes|end|yes",
        "say ${SET:+yes} ${NONE:+no} end~yes|end",
        "x=/usr/lib/a.tar.gz; say ${x##*/} ${x#*/} ${x%.*} ${x%%.*}~"
            + "a.tar.gz|usr/lib/a.tar.gz|/usr/lib/a.tar|/usr/lib/a",
        "say \"${#SET}\" $#~5|2",
        "say \"$@\" \"$*\" $1 $2~one|two three|one two three|one|two|three",
        "say $(echo a b) \"$(echo a b)\" `echo c`~a|b|a b|c",
        "say \"x $(echo \"$(echo \"in in\")\") y\"~x in in y",
        "say a\\ b \\$SET \"\\$SET\" \\\\~a b|$SET|$SET|\\",
        "say /etc/*.conf '/etc/*.conf' /none/*~/etc/a.conf|/etc/b.conf|/etc/*.conf|/none/*",
        "if no; then say 1; elif yes; then say 2; else say 3; fi~2",
        "yes && say 1 || say 2~1",
        "no && say 1 || say 2~2",
        "! no && say 1~1",
        "case abc in x|y) say 1;; a*) say 2;; *) say 3;; esac~2",
        "case \"a*\" in 'a*') say 1;; esac~1",
        "case b in [!a]) say 1 ;; esac~1",
        "f() { say \"$1\" $#; return 1; }; f 'x y' || say end~x y|1,end",
        "set -- p q; shift; say $1~q",
        "for i in 1 2 3; do [ $i ] 2>/dev/null; done; say end~!",
        "for i in a b c; do case $i in b) continue;; esac; say $i; done~a,c",
        "for i in a b c; do say $i; break; done~a",
        "while yes; do say once; break; done~once",
        "(x=inner; say $x); say \"[$x]\"~inner,[]",
        "{ say a; say b; } >/dev/null~a,b",
        "say a; exit 0; say b~a",
        "echo text | cat | say end~end",
        "export X=1 Y=2; say $X$Y~12",
        "x=0; x=1 say $x end # a comment~0|end",
        "say a#b '#c'~a#b|#c",
        "say one \\\\n two~one|two",
      })
  void scriptsDoWhatAShellDoes(String script, String expected) throws IOException {
    if ("!".equals(expected)) {
      assertEquals(1, run(script.replace("\\n", "\n")).size()); // "[" is not known to this host
      return;
    }
    assertEquals(expected, String.join(",", says(script.replace("\\n", "\n"), "one", "two three")));
  }

  @Test
  void textsAndFilesAreRead() throws IOException {
    says(
        """
        cat > /etc/x <<EOF
        a $SET
        EOF
        cat >> /etc/x <<-'EOF'
        \tb $SET
        \tEOF
        echo c >> /etc/x
        say "$(cat < /etc/x)"
        """);
    assertEquals("a value\nb $SET\nc\n", host.files.getOrDefault("/etc/x", ""));
    assertEquals(List.of("a value\nb $SET\nc"), host.said);
  }

  @Test
  void unknownCommandsAreNamedOnceAndNothingIsGuessed() throws IOException {
    List<Complaint> complaints =
        run(
            """
            say before
            if mystery; then say yes; else say no; fi
            x=$(mystery)
            say "$x"
            case $x in a) say a;; *) say other;; esac
            mystery && say and || say or
            for i in 1 2; do mystery $i; done
            echo "$x"
            echo "$x" > /etc/file
            say after
            """);
    assertEquals(List.of("before", "after"), host.said);
    assertEquals(List.of(2, 3, 4, 5, 6, 7, 9), complaints.stream().map(Complaint::line).toList());
    assertEquals("mystery && say and || say or", complaints.get(4).text());
    assertEquals(Map.of(), host.files);
  }

  @Test
  void endlessScriptsEnd() throws IOException {
    assertTrue(run("while yes; do yes; done").get(0).text().contains("takes too long"));
    assertTrue(run("f() { f; }; f").get(0).text().contains("takes too long"));
  }

  @Test
  void whatIsNoShellIsRefused() {
    for (String bad :
        new String[] {
          "if yes; then say",
          "say 'a",
          "say \"a",
          "f() {",
          "case x in a) say",
          "say $(say",
          "fi",
          ")",
          "cat <<EOF\nnever",
          "a | | b",
          "${x!y}",
          "((((((",
          ";;"
        }) {
      assertThrows(SyntaxFault.class, () -> Interpreter.run(host, bad, List.of(), Map.of()), bad);
    }
    String deep = "(".repeat(5000) + "say" + ")".repeat(5000);
    assertThrows(SyntaxFault.class, () -> Interpreter.run(host, deep, List.of(), Map.of()));
  }
}
