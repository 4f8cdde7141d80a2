package dev.imgstore.builder.disk.initrd;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.imgstore.builder.disk.DiskException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * Finds modules and all they need, in an order in which they can be loaded. What a module needs is
 * read from itself; what is built into the kernel from {@code modules.builtin}. A module's wish
 * (softdep) is followed if it can be met, also when it names an algorithm and not a module.
 */
final class KernelModules {
  private static final int MAX_DEPTH = 64;

  /** Of all modules together, which are held until the disk is written; usual are 20 MiB. */
  private static final int MOST_BYTES = 96 << 20;

  private static final int XZ_MEMORY_KIB = 128 * 1024;
  private static final String BUILTIN = "modules.builtin";

  private final ModuleFiles files;
  private final SortedMap<String, String> paths = new TreeMap<>();
  private final Set<String> builtin = new HashSet<>();
  private final Map<String, List<String>> algorithms = new HashMap<>();
  private final Map<String, byte[]> loaded = new LinkedHashMap<>();
  private final Set<String> begun = new HashSet<>();
  private boolean algorithmsRead;
  private int room = MOST_BYTES;

  private KernelModules(ModuleFiles files) throws IOException {
    this.files = files;
    for (String path : files.paths()) {
      nameOf(path).ifPresent(name -> paths.putIfAbsent(name, path));
    }
    if (files.paths().contains(BUILTIN)) {
      String lines = new String(files.read(BUILTIN), StandardCharsets.UTF_8);
      lines.lines().forEach(line -> nameOf(line).ifPresent(builtin::add));
    }
  }

  /**
   * Modules by name, in the order to load them, not compressed.
   *
   * @param required names without which there is no starting
   * @param useful names that are taken if this kernel has them
   * @throws DiskException if a required one, or what one needs, is missing or damaged
   */
  static Map<String, byte[]> select(
      ModuleFiles files, Collection<String> required, Collection<String> useful)
      throws IOException {
    KernelModules modules = new KernelModules(files);
    for (String name : useful) {
      if (modules.paths.containsKey(ModuleInfo.canonical(name))) {
        modules.load(ModuleInfo.canonical(name), "the machine", 0);
      }
    }
    for (String name : required) {
      modules.load(ModuleInfo.canonical(name), "the machine", 0);
    }
    return modules.loaded;
  }

  /** A name, if this is the path of a module. */
  private static Optional<String> nameOf(String path) {
    String file = path.substring(path.lastIndexOf('/') + 1);
    int end = file.indexOf(".ko");
    return end <= 0 ? Optional.empty() : Optional.of(ModuleInfo.canonical(file.substring(0, end)));
  }

  private void load(String name, String user, int depth) throws IOException {
    if (builtin.contains(name) || !begun.add(name)) {
      return;
    }
    String path = paths.get(name);
    if (path == null) {
      throw new DiskException(
          "this kernel has no module "
              + name
              + ", which "
              + user
              + " needs; add the package that holds it, or take another kernel");
    }
    if (depth > MAX_DEPTH) {
      throw new DiskException("kernel modules need each other too deeply, at " + name);
    }
    byte[] bytes = read(path);
    room -= bytes.length;
    if (room < 0) {
      throw new DiskException(
          "the modules that the root needs have more than "
              + (MOST_BYTES >> 20)
              + " MiB, at "
              + path
              + "; take another kernel");
    }
    ModuleInfo info = ModuleInfo.read(path, bytes);
    for (String wanted : info.wants()) {
      for (String provider : providers(wanted)) {
        load(provider, name, depth + 1);
      }
    }
    for (String needed : info.needs()) {
      load(needed, name, depth + 1);
    }
    loaded.put(name, bytes);
  }

  private List<String> providers(String wanted) throws IOException {
    if (paths.containsKey(wanted)) {
      return List.of(wanted);
    }
    if (!algorithmsRead) {
      algorithmsRead = true;
      readAlgorithms();
    }
    return algorithms.getOrDefault(wanted, List.of());
  }

  /**
   * Who offers what by another name; only algorithms are wished for so, and only these are read.
   */
  private void readAlgorithms() throws IOException {
    for (Map.Entry<String, String> module : paths.entrySet()) {
      String path = module.getValue();
      if (path.startsWith("kernel/crypto/") || path.contains("/crypto/")) {
        for (String alias : ModuleInfo.read(path, read(path)).aliases()) {
          algorithms
              .computeIfAbsent(ModuleInfo.canonical(alias), a -> new ArrayList<>())
              .add(module.getKey());
        }
      }
    }
  }

  private byte[] read(String path) throws IOException {
    byte[] stored = files.read(path);
    if (path.endsWith(".ko")) {
      return stored;
    }
    try (InputStream in = open(path, stored)) {
      byte[] bytes = in.readNBytes(ModuleFiles.MAX_BYTES + 1);
      if (bytes.length > ModuleFiles.MAX_BYTES) {
        throw new IOException("it is larger than any module");
      }
      return bytes;
    } catch (DiskException e) {
      throw e;
    } catch (IOException e) {
      throw new DiskException("the kernel module " + path + " is damaged: " + e.getMessage());
    }
  }

  private static InputStream open(String path, byte[] stored) throws IOException {
    InputStream in = new ByteArrayInputStream(stored);
    if (path.endsWith(".xz")) {
      return new XZInputStream(in, XZ_MEMORY_KIB);
    }
    if (path.endsWith(".gz")) {
      return new GZIPInputStream(in);
    }
    if (path.endsWith(".zst")) {
      return new ZstdInputStreamNoFinalizer(in);
    }
    throw new DiskException("the kernel module " + path + " is compressed in an unknown way");
  }
}
