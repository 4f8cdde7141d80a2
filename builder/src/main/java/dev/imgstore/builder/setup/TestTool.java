package dev.imgstore.builder.setup;

import dev.imgstore.builder.setup.shell.Host;
import dev.imgstore.builder.setup.shell.Host.Answer;
import dev.imgstore.builder.setup.shell.Host.Variables;
import dev.imgstore.builder.tree.TreeEditor;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.util.List;

/** {@code [} and {@code test} (POSIX utilities, test). */
final class TestTool implements Tool {
  private static final int BAD = 2;

  private final TreeEditor tree;

  TestTool(TreeEditor tree) {
    this.tree = tree;
  }

  @Override
  public Answer run(List<String> words, String input, Variables variables) throws IOException {
    List<String> rest = words;
    if (!rest.isEmpty() && rest.get(rest.size() - 1).equals("]")) {
      rest = rest.subList(0, rest.size() - 1);
    }
    int status = either(rest);
    return status == Host.UNKNOWN ? Answer.NOT_KNOWN : new Answer(status, "");
  }

  private int either(List<String> words) throws IOException {
    int at = words.size() > 3 ? words.indexOf("-o") : -1;
    if (at > 0) {
      int left = both(words.subList(0, at));
      return left == 0 ? 0 : either(words.subList(at + 1, words.size()));
    }
    return both(words);
  }

  private int both(List<String> words) throws IOException {
    int at = words.size() > 3 ? words.indexOf("-a") : -1;
    if (at > 0) {
      int left = one(words.subList(0, at));
      return left != 0 ? left : both(words.subList(at + 1, words.size()));
    }
    return one(words);
  }

  private int one(List<String> words) throws IOException {
    if (words.isEmpty()) {
      return 1;
    }
    if (words.size() == 1) {
      return answer(!words.get(0).isEmpty());
    }
    if (words.size() != 3 && words.get(0).equals("!")) {
      int status = one(words.subList(1, words.size()));
      return status > 1 || status < 0 ? status : 1 - status;
    }
    if (words.size() == 2) {
      return unary(words.get(0), words.get(1));
    }
    return words.size() == 3 ? binary(words) : BAD;
  }

  private int binary(List<String> words) throws IOException {
    String left = words.get(0);
    String right = words.get(2);
    switch (words.get(1)) {
      case "=", "==" -> {
        return answer(left.equals(right));
      }
      case "!=" -> {
        return answer(!left.equals(right));
      }
      case "-nt", "-ot" -> {
        return Host.UNKNOWN;
      }
      default -> {
        if (left.equals("!")) {
          int status = one(words.subList(1, 3));
          return status > 1 || status < 0 ? status : 1 - status;
        }
        return numbers(left, words.get(1), right);
      }
    }
  }

  private static int numbers(String left, String operator, String right) {
    if (!left.matches("-?[0-9]{1,9}") || !right.matches("-?[0-9]{1,9}")) {
      return BAD;
    }
    int order = Integer.compare(Integer.parseInt(left), Integer.parseInt(right));
    return switch (operator) {
      case "-eq" -> answer(order == 0);
      case "-ne" -> answer(order != 0);
      case "-lt" -> answer(order < 0);
      case "-le" -> answer(order <= 0);
      case "-gt" -> answer(order > 0);
      case "-ge" -> answer(order >= 0);
      default -> BAD;
    };
  }

  private int unary(String operator, String operand) throws IOException {
    if (operator.equals("-n")) {
      return answer(!operand.isEmpty());
    } else if (operator.equals("-z")) {
      return answer(operand.isEmpty());
    } else if (operator.equals("-t")) {
      return 1;
    } else if (operand.isEmpty()) {
      return 1;
    } else if (operator.equals("-L") || operator.equals("-h")) {
      return answer(tree.leaf(Place.own(tree, operand)).orElse(null) instanceof Node.Symlink);
    }
    TreePath path = Place.real(tree, operand);
    Node leaf = tree.leaf(path).orElse(null);
    int mode = tree.meta(path).map(meta -> meta.mode()).orElse(0);
    return switch (operator) {
      case "-e", "-r", "-w" -> answer(tree.exists(path));
      case "-f" -> answer(leaf instanceof Node.File);
      case "-d" -> answer(tree.isDirectory(path));
      case "-x" -> answer((mode & 0111) != 0);
      case "-s" -> answer(leaf instanceof Node.File file && file.size() > 0);
      case "-u" -> answer((mode & 04000) != 0);
      case "-g" -> answer((mode & 02000) != 0);
      case "-p" -> answer(leaf instanceof Node.Fifo);
      case "-b", "-c", "-S" -> 1;
      default -> Host.UNKNOWN;
    };
  }

  private static int answer(boolean yes) {
    return yes ? 0 : 1;
  }
}
