package dev.imgstore.builder.sandbox;

import dev.imgstore.builder.pack.CanonicalTar;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A user and mount namespace with a file system in memory at {@code /tmp}, kept alive by a process
 * that ends when this one does, however that happens; then everything in it is gone. Directories
 * are named by a single word. The caller closes it.
 *
 * <p>Inside, ids 0 to 65535 exist and are nobody's outside, also when root runs us.
 */
public final class Sandbox implements Closeable {
  /**
   * A file system in memory lists what was made last first. What is below a directory is made
   * before the directory gets its mode and time.
   */
  private static final String REVERSE =
      """
      set -e
      cd "/tmp/$1"
      mkdir "/tmp/$1.other"
      chmod --reference=. "/tmp/$1.other"
      find . -mindepth 1 -print0 | sort -zr |
        tar --create --null --no-recursion --verbatim-files-from --files-from=- --numeric-owner \
          --xattrs --xattrs-include='*' --format=posix --file=- |
        tar --extract --preserve-permissions --same-owner --numeric-owner --xattrs \
          --xattrs-include='*' --warning=no-timestamp --directory="/tmp/$1.other" --file=-
      touch --reference=. "/tmp/$1.other"
      cd /tmp
      rm -rf "/tmp/$1"
      mv "/tmp/$1.other" "/tmp/$1"
      """;

  /** Where the program of {@link SyscallFilter} is; no cell sees it. */
  static final String FILTER = "/tmp/filter";

  /** The most that {@code /run} and {@code /tmp} of a cell may each take in memory. */
  private static final long OWN_BYTES = 1L << 30;

  /** The most processes that each user of a cell may have. */
  private static final int PROCESSES = 8192;

  private final Process holder;

  private Sandbox(Process holder) {
    this.holder = holder;
  }

  /** Gets tar bytes into a directory of the sandbox. */
  public interface TarWriter {
    /** Writes a whole tar; does not close. */
    void write(OutputStream tar) throws IOException;
  }

  /** Takes tar bytes of a directory of the sandbox. */
  public interface TarReader<T> {
    /** Reads to the end; does not close. */
    T read(InputStream tar) throws IOException;
  }

  /**
   * Makes a sandbox.
   *
   * @param maxBytes the most its files may take in memory
   * @throws SandboxException if the machine has no namespaces for us, naming what to change
   */
  public static Sandbox open(IdRange ids, long maxBytes) throws IOException, InterruptedException {
    Process holder;
    try {
      holder =
          Spawn.start(
              List.of(
                  "unshare",
                  "--user",
                  "--mount",
                  "--propagation",
                  "private",
                  "--",
                  "sh",
                  "-c",
                  "echo up && exec cat >/dev/null"));
    } catch (IOException e) {
      throw new SandboxException(
          "running steps and package scripts needs the programs unshare, nsenter, mount and bwrap"
              + " (Debian: util-linux, mount and bubblewrap); install them, or build without steps"
              + " and with scripts: none",
          e);
    }
    Sandbox sandbox = new Sandbox(holder);
    try {
      byte[] up = holder.getInputStream().readNBytes(3);
      if (up.length < 3) {
        throw refused(Spawn.complaint(holder));
      }
      sandbox.mapIds(ids);
      sandbox.makeFiles(maxBytes);
      // A namespace below ours would give what runs inside privileges that we took from it.
      sandbox.must(
          "closing the sandbox",
          List.of("sh", "-c", "echo 0 > /proc/sys/user/max_user_namespaces"));
      return sandbox;
    } catch (IOException | InterruptedException | RuntimeException e) {
      sandbox.close();
      throw e;
    }
  }

  private void makeFiles(long maxBytes) throws IOException, InterruptedException {
    String words = "mount -t tmpfs -o \"mode=0755,size=$1\" imgstore /tmp && cat > " + FILTER;
    run(
        "making its file system",
        inside(List.of("sh", "-c", words, "sh", Long.toString(maxBytes))),
        SyscallFilter.program());
  }

  private static SandboxException refused(String complaint) {
    return new SandboxException(
        "this machine gives no user namespaces ("
            + complaint
            + "); allow them (sysctl kernel.unprivileged_userns_clone=1,"
            + " kernel.apparmor_restrict_unprivileged_userns=0 and user.max_user_namespaces above"
            + " 0; in a chroot there are none at all), or build without steps and with scripts: none");
  }

  private void mapIds(IdRange ids) throws IOException, InterruptedException {
    String pid = Long.toString(holder.pid());
    if (ids.privileged()) {
      mapAsRoot(pid, ids);
      return;
    }
    String count = Integer.toString(IdRange.COUNT);
    try {
      run("mapping ids", List.of("newuidmap", pid, "0", Long.toString(ids.firstUid()), count));
      run("mapping ids", List.of("newgidmap", pid, "0", Long.toString(ids.firstGid()), count));
    } catch (IOException e) {
      throw new SandboxException(
          "giving the sandbox its range of ids failed ("
              + e.getMessage()
              + "); install newuidmap (Debian: uidmap) and give this user 65536 ids in /etc/subuid and"
              + " /etc/subgid (usermod --add-subuids 100000-165535 --add-subgids 100000-165535 NAME)",
          e);
    }
  }

  private static void mapAsRoot(String pid, IdRange ids) throws IOException, InterruptedException {
    try {
      run(
          "mapping ids",
          List.of(
              "sh",
              "-c",
              "echo \"0 $2 $4\" > /proc/$1/uid_map && echo \"0 $3 $4\" > /proc/$1/gid_map",
              "sh",
              pid,
              Long.toString(ids.firstUid()),
              Long.toString(ids.firstGid()),
              Integer.toString(IdRange.COUNT)));
    } catch (SandboxException e) {
      throw new SandboxException(
          "giving the sandbox its range of ids failed ("
              + e.getMessage()
              + "); if this is a container, it has too few ids of its own: run imgstore outside, or"
              + " build without steps and with scripts: none",
          e);
    }
  }

  /** A number no other sandbox of this machine has now. */
  long id() {
    return holder.pid();
  }

  /** The process that started the sandbox. */
  long parent() {
    return holder.toHandle().parent().map(ProcessHandle::pid).orElse(0L);
  }

  /** Makes an empty directory. */
  public void makeDirectory(String name) throws IOException, InterruptedException {
    must("making a directory", List.of("mkdir", "/tmp/" + name));
  }

  /** Unpacks a tar into a directory, with owners, modes and attributes as in the tar. */
  public void extract(String directory, TarWriter tar) throws IOException, InterruptedException {
    Process process =
        Spawn.start(
            packing(
                directory,
                List.of(
                    "sh",
                    "-c",
                    "\"$@\" && touch --date=@" + CanonicalTar.TIME + " /tmp/" + directory,
                    "sh",
                    "tar",
                    "--extract",
                    "--preserve-permissions",
                    "--same-owner",
                    "--numeric-owner",
                    "--xattrs",
                    "--xattrs-include=*",
                    "--keep-directory-symlink",
                    "--warning=no-timestamp",
                    "--directory=/tmp/" + directory,
                    "--file=-")));
    try {
      FutureTask<String> complaint = Spawn.later(() -> Spawn.complaint(process));
      Pipe in = new Pipe(process.getOutputStream());
      IOException broken = null;
      try (in) {
        tar.write(in);
      } catch (IOException e) {
        if (!in.isBroken()) {
          throw e; // the writer's own
        }
        broken = e; // tar ended early: what it printed says why
      }
      ended("unpacking into the sandbox", process, complaint, broken);
    } finally {
      process.destroyForcibly();
    }
  }

  /** Makes a directory, and each below, list its entries the other way round. */
  public void reverse(String directory) throws IOException, InterruptedException {
    run("turning directories round", packing(".", List.of("sh", "-c", REVERSE, "sh", directory)));
  }

  /** Packs a directory: sorted, with numeric owners and all attributes the namespace shows. */
  public <T> T archive(String directory, TarReader<T> reader)
      throws IOException, InterruptedException {
    Process process =
        Spawn.start(
            packing(
                directory,
                List.of(
                    "tar",
                    "--create",
                    "--numeric-owner",
                    "--xattrs",
                    "--xattrs-include=*",
                    "--sort=name",
                    "--format=posix",
                    "--warning=no-file-ignored",
                    "--directory=/tmp/" + directory,
                    "--file=-",
                    ".")));
    try {
      process.getOutputStream().close();
      FutureTask<String> complaint =
          Spawn.later(() -> Spawn.text(process.getErrorStream(), Spawn.MAX_COMPLAINT));
      T result;
      try (InputStream out = process.getInputStream()) {
        result = reader.read(out);
        while (out.skip(1 << 16) > 0 || out.read() >= 0) {
          // tar pads its last record; it must be able to write all of it
        }
      }
      ended("packing the sandbox", process, complaint, null);
      return result;
    } finally {
      process.destroyForcibly();
    }
  }

  /**
   * Runs a command with a directory of the sandbox as its root: own processes, network (loopback
   * only), host name and devices, and no privilege outside what package scripts need on their own
   * files. When it ends, all it started has ended: the command's parent is the first process of its
   * own namespace.
   */
  public Cell.Ended run(Cell cell) throws IOException, InterruptedException {
    return run(cell, Surroundings.FIXED);
  }

  /** The same in other surroundings; the environment is the cell's. */
  public Cell.Ended run(Cell cell, Surroundings surroundings)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>();
    if (surroundings.processors() > 0) {
      words.addAll(List.of("taskset", "--cpu-list", "0-" + (surroundings.processors() - 1)));
    }
    words.addAll(List.of("prlimit", "--core=0:0", "--nproc=" + PROCESSES + ":" + PROCESSES));
    words.addAll(List.of("sh", "-c", "exec \"$@\" 9<" + FILTER, "imgstore-cell"));
    words.addAll(List.of("bwrap", "--seccomp", "9", "--unshare-pid", "--unshare-net"));
    words.addAll(List.of("--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"));
    words.addAll(List.of("--die-with-parent", "--as-pid-1", "--new-session", "--clearenv"));
    words.addAll(
        List.of("--hostname", surroundings.hostName(), "--bind", "/tmp/" + cell.root(), "/"));
    words.addAll(List.of("--proc", "/proc", "--dev", "/dev"));
    for (String own : List.of("/run", "/tmp")) {
      words.addAll(List.of("--size", Long.toString(OWN_BYTES), "--tmpfs", own));
    }
    words.addAll(List.of("--chdir", "/", "--cap-drop", "ALL"));
    for (String capability : CAPABILITIES) {
      words.addAll(List.of("--cap-add", capability));
    }
    if (!surroundings.preload().isEmpty()) {
      words.addAll(List.of("--ro-bind", surroundings.preload(), Surroundings.PRELOADED));
    }
    for (Map.Entry<String, String> variable : cell.environment().entrySet()) {
      words.addAll(List.of("--setenv", variable.getKey(), variable.getValue()));
    }
    words.add("--");
    words.add("/bin/sh");
    words.addAll(List.of("-c", "umask " + surroundings.umask() + "; \"$@\"; exit $?", "sh"));
    words.addAll(cell.command());
    Process process = Spawn.builder(inside(words)).redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      FutureTask<String> output =
          Spawn.later(() -> Spawn.text(process.getInputStream(), cell.maxOutput()));
      boolean ended = process.waitFor(cell.limit().toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        Spawn.kill(process);
        process.waitFor();
      }
      return new Cell.Ended(process.exitValue(), Spawn.got(output), !ended);
    } finally {
      process.destroyForcibly();
    }
  }

  /** What a package's script or a step may do to its own files; nothing reaches beyond. */
  static final List<String> CAPABILITIES =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_DAC_READ_SEARCH",
          "CAP_FOWNER",
          "CAP_FSETID",
          "CAP_SETFCAP",
          "CAP_SETGID",
          "CAP_SETUID",
          "CAP_SYS_CHROOT",
          "CAP_KILL");

  /** Ends all that runs inside; its files are gone with it. */
  @Override
  public void close() {
    holder.destroyForcibly();
  }

  void must(String doing, List<String> command) throws IOException, InterruptedException {
    run(doing, inside(command));
  }

  private static void run(String doing, List<String> command)
      throws IOException, InterruptedException {
    run(doing, command, new byte[0]);
  }

  private static void run(String doing, List<String> command, byte[] input)
      throws IOException, InterruptedException {
    Process process = Spawn.start(command);
    try {
      FutureTask<String> complaint = Spawn.later(() -> Spawn.complaint(process));
      IOException broken = null;
      try (OutputStream in = process.getOutputStream()) {
        in.write(input);
      } catch (IOException e) {
        broken = e; // it ended early: what it printed says why
      }
      ended(doing, process, complaint, broken);
    } finally {
      process.destroyForcibly();
    }
  }

  private static void ended(
      String doing, Process process, FutureTask<String> complaint, @Nullable IOException broken)
      throws IOException, InterruptedException {
    int code = process.waitFor();
    String said = Spawn.got(complaint).strip();
    if (code != 0 || broken != null) {
      throw new SandboxException(
          doing + " failed (" + (said.isEmpty() ? "exit code " + code : said) + ")", broken);
    }
  }

  /** The words that run a command of the host in the namespaces. */
  List<String> inside(List<String> command) {
    List<String> words = new ArrayList<>(List.of("nsenter", "--target"));
    words.addAll(List.of(Long.toString(holder.pid()), "--user", "--mount", "--"));
    words.addAll(command);
    return words;
  }

  /** A program of the host that may write to one directory of the sandbox and nowhere else. */
  private List<String> packing(String directory, List<String> command) {
    String there = "/tmp/" + directory;
    List<String> words = new ArrayList<>(List.of("bwrap", "--unshare-pid", "--unshare-net"));
    words.addAll(List.of("--die-with-parent", "--ro-bind", "/", "/", "--bind", there, there, "--"));
    words.addAll(command);
    return inside(words);
  }
}
