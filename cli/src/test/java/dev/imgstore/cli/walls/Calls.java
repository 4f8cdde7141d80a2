package dev.imgstore.cli.walls;

import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;
import java.util.function.Predicate;

/** What a call, a reference to a method, or a use of a field does to the world. */
final class Calls {
  private static final Set<String> FILE_TYPES =
      Set.of(
          "java.io.FileInputStream",
          "java.io.FileOutputStream",
          "java.io.FileReader",
          "java.io.FileWriter",
          "java.io.RandomAccessFile",
          "java.nio.file.Files",
          "java.nio.file.FileSystems",
          "java.util.zip.ZipFile",
          "java.util.jar.JarFile");

  private static final Set<String> HARMLESS_NET =
      Set.of(
          "java.net.URI",
          "java.net.URISyntaxException",
          "java.net.URLEncoder",
          "java.net.URLDecoder",
          "java.net.IDN");

  private static final Set<String> STREAMS_AND_ENDS =
      Set.of(
          "in",
          "out",
          "err",
          "exit",
          "getenv",
          "getProperty",
          "getProperties",
          "setProperty",
          "setOut",
          "setErr",
          "setIn",
          "console",
          "load",
          "loadLibrary");

  private Calls() {}

  /** The condition that some access of a class does this. */
  static ArchCondition<JavaClass> matching(String what, Predicate<AccessTarget> does) {
    return new ArchCondition<>(what) {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        for (JavaAccess<?> access : type.getAccessesFromSelf()) {
          if (does.test(access.getTarget())) {
            events.add(SimpleConditionEvent.satisfied(access, access.getDescription()));
          }
        }
      }
    };
  }

  static boolean opensFile(AccessTarget target) {
    String owner = target.getOwner().getName();
    if (FILE_TYPES.contains(owner)) {
      return true;
    }
    return switch (owner) {
      case "java.io.File" -> !constructs(target) && !target.getName().equals("toPath");
      case "java.nio.file.Path" -> target.getName().equals("toRealPath");
      case "java.nio.channels.FileChannel", "java.nio.channels.AsynchronousFileChannel" ->
          target.getName().equals("open");
      case "java.io.PrintStream", "java.io.PrintWriter", "java.util.Scanner" ->
          constructs(target)
              && target.getFullName().matches(".*\\((java\\.io\\.File|java\\.lang\\.String).*");
      default -> false;
    };
  }

  static boolean startsProcess(AccessTarget target) {
    String owner = target.getOwner().getName();
    return owner.equals("java.lang.ProcessBuilder")
        || owner.equals("java.lang.ProcessHandle")
        || is(target, "java.lang.Runtime", "exec");
  }

  static boolean usesNetwork(AccessTarget target) {
    String owner = target.getOwner().getName();
    return (owner.startsWith("java.net.") && !HARMLESS_NET.contains(owner))
        || owner.startsWith("javax.net.")
        || owner.startsWith("com.sun.net.")
        || owner.matches("java\\.nio\\.channels\\..*(Socket|Datagram)Channel")
        || is(target, "java.net.URI", "toURL");
  }

  static boolean isProcessWide(AccessTarget target) {
    String owner = target.getOwner().getName();
    return (owner.equals("java.lang.System") && STREAMS_AND_ENDS.contains(target.getName()))
        || is(target, "java.lang.Runtime", "exit")
        || is(target, "java.lang.Runtime", "halt")
        || is(target, "java.lang.Runtime", "addShutdownHook")
        || (owner.equals("java.lang.Throwable")
            && target.getFullName().endsWith("printStackTrace()"))
        || owner.equals("java.io.FileDescriptor");
  }

  static boolean asksTheMachine(AccessTarget target) {
    String owner = target.getOwner().getName();
    String name = target.getName();
    String full = target.getFullName();
    if (owner.startsWith("java.time.")) {
      return (name.equals("now") && full.endsWith("now()"))
          || (owner.equals("java.time.Clock") && name.startsWith("system"))
          || name.equals("systemDefault");
    }
    return switch (owner) {
      case "java.lang.System" -> name.equals("currentTimeMillis");
      case "java.util.Locale", "java.util.TimeZone" -> name.equals("getDefault");
      case "java.nio.charset.Charset" -> name.equals("defaultCharset");
      case "java.util.Date", "java.util.Random" -> constructs(target) && full.endsWith("()");
      case "java.util.UUID" -> name.equals("randomUUID");
      case "java.lang.Math" -> name.equals("random");
      case "java.util.concurrent.ThreadLocalRandom", "java.security.SecureRandom" -> true;
      case "java.lang.String" -> inDefaultLocale(full);
      default -> false;
    };
  }

  /** {@code %d} is written in other digits where the locale says so. */
  private static boolean inDefaultLocale(String full) {
    return full.matches(".*\\.format\\(java\\.lang\\.String, .*")
        || full.matches(".*\\.formatted\\(.*")
        || full.endsWith(".toLowerCase()")
        || full.endsWith(".toUpperCase()")
        || full.endsWith(".getBytes()");
  }

  private static boolean is(AccessTarget target, String owner, String name) {
    return target.getOwner().getName().equals(owner) && target.getName().equals(name);
  }

  private static boolean constructs(AccessTarget target) {
    return target.getName().equals("<init>");
  }
}
