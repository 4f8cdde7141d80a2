package dev.imgstore.cli;

import dev.imgstore.builder.recipe.Identity;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Who changes something, as the journal has it: {@code ann@build1 (as root; ci web #12)}. The user
 * who logged in, the host, the user that was become, and what settings say runs the command.
 */
final class Who {
  private static final Path NAME_OF_HOST = Path.of("/proc/sys/kernel/hostname");
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.-]{0,63}");
  private static final int LONGEST = 64;

  private Who() {}

  /** The one who runs this command. */
  static String runs(Imgstore root) {
    Context context = root.context();
    String sudo = context.environment("SUDO_USER");
    return sudo.isEmpty()
        ? said(context.user(), context.host(), "", identity(root))
        : said(sudo, context.host(), "as " + plain(context.user()), identity(root));
  }

  /**
   * Those who ask a server that this command runs, by the names of their tokens; {@code serve} for
   * those without.
   */
  static UnaryOperator<String> asking(Imgstore root) {
    String identity = identity(root);
    String host = root.context().host();
    return name ->
        name.isEmpty() ? said("serve", host, "", identity) : said(name, host, "serve", identity);
  }

  private static String said(String user, String host, String how, String identity) {
    String more = Stream.of(how, identity).filter(Who::isSaid).collect(Collectors.joining("; "));
    return plain(user) + (isSaid(host) ? "@" + host : "") + (isSaid(more) ? " (" + more + ")" : "");
  }

  private static boolean isSaid(String text) {
    return !text.isEmpty();
  }

  /** A mistake in settings keeps nobody from what needs none: it is told, and left out. */
  private static String identity(Imgstore root) {
    try {
      String text = SettingsFiles.read(root).identity();
      return text.isEmpty() ? "" : Identity.parse(text).in(root.context().environment());
    } catch (IOException e) {
      root.notice("what settings say of who runs this is not recorded: " + e.getMessage());
      return "";
    }
  }

  /** A name that forges no other part. */
  private static String plain(String name) {
    String plain = name.replaceAll("[^\\p{L}\\p{N}._@\\\\$+-]", "_");
    return plain.isEmpty() ? "unknown" : plain.substring(0, Math.min(LONGEST, plain.length()));
  }

  /**
   * Whether what the journal has is of this user, host or run: {@code ann}, {@code ann@build1},
   * {@code build1}, or what stands in the brackets.
   */
  static boolean isBy(String who, String typed) {
    int bracket = who.indexOf(" (");
    String name = bracket < 0 ? who : who.substring(0, bracket);
    if (who.equals(typed) || name.equals(typed) || name.startsWith(typed + "@")) {
      return true;
    }
    int end = who.endsWith(")") ? who.length() - 1 : who.length();
    return (name.contains("@") && name.substring(name.lastIndexOf('@') + 1).equals(typed))
        || (bracket >= 0 && List.of(who.substring(bracket + 2, end).split("; ")).contains(typed));
  }

  /**
   * The name of this machine, without a question to the network; empty if it has none that can be
   * told.
   */
  static String host(Map<String, String> environment) {
    String name = environment.getOrDefault("HOSTNAME", "");
    if (Files.isReadable(NAME_OF_HOST)) {
      // no channel: the first one of a process loads what is for the network, and opens sockets
      try (InputStream file = new FileInputStream(NAME_OF_HOST.toFile())) {
        name = new String(file.readAllBytes(), StandardCharsets.UTF_8).strip();
      } catch (IOException e) {
        // one that does not tell
      }
    }
    return HOST.matcher(name).matches() ? name : "";
  }
}
