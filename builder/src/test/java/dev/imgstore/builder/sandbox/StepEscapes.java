package dev.imgstore.builder.sandbox;

import dev.imgstore.builder.tar.TarBytes;
import dev.imgstore.model.Bytes;
import dev.imgstore.model.Meta;
import dev.imgstore.model.Name;
import dev.imgstore.model.Node;
import dev.imgstore.model.TreePath;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a step may try, and what it must see instead. The root is the machine's busybox. */
final class StepEscapes {
  static final String TREE = "busybox";
  static final StepCell.Limits LIMITS =
      new StepCell.Limits(Duration.ofSeconds(60), 64L << 20, 8L << 20, List.of(0), 24, 1);

  private StepEscapes() {}

  /** By what is tried: a script, and all it must print. */
  static Map<String, List<String>> all(int port) {
    Map<String, List<String>> all = new LinkedHashMap<>();
    all.put(
        "the network",
        List.of(
            "grep -c : /proc/net/dev; nc -w 3 127.0.0.1 " + port + " </dev/null; echo $?",
            "1\nnc: can't connect to remote host (127.0.0.1): Connection refused\n1\n"));
    all.put(
        "the host's files",
        List.of(
            "ls /; ls /proc/1; ls /proc/self/root/", twice("bin build dev outputs proc run tmp")));
    all.put(
        "the host's environment",
        List.of(
            "env | sort; cat /proc/[0-9]*/environ | tr '\\0' '\\n' | sort -u; id -u",
            twice("PATH=/bin PWD=/build SHLVL=1 X=y_z' out=/outputs/out").replace('_', ' ')
                + "0\n"));
    all.put(
        "the host's processes",
        List.of(
            "[ $(ls /proc | grep -c '^[0-9]*$') -lt 7 ] && echo few; hostname; umask",
            "few\nlocalhost\n0022\n"));
    all.put(
        "writing outside",
        List.of(
            "for f in /bin/x /run/x /x /dev/x /proc/sys/kernel/hostname /proc/sysrq-trigger; do (echo 1 > $f) 2>/dev/null && echo $f; done; mount -o remount,rw /bin 2>/dev/null && echo mount; rm -f /bin/busybox 2>/dev/null; ls -l /bin | wc -l",
            "2\n"));
    all.put(
        "more privileges",
        List.of(
            "mount -t tmpfs x /tmp 2>&1; unshare -Urm true 2>&1; mknod $out/d b 7 0 2>&1; chroot / true && echo chroot",
            "mount: permission denied (are you root?)\nunshare: unshare(0x10020000): No space left on device\nmknod: /outputs/out/d: Operation not permitted\nchroot\n"));
    all.put(
        "the time of files",
        List.of(
            "stat -c %Y / /bin /bin/busybox /run/script; cat /proc/uptime; grep btime /proc/stat",
            "315532800\n315532800\n315532800\n315532800\n0.00 0.00\nbtime 315532800\n"));
    all.put(
        "more memory",
        List.of("dd if=/dev/zero of=/dev/null bs=100M count=1 2>&1", "dd: out of memory\n"));
    all.put(
        "more disk",
        List.of(
            "for d in $out /build /tmp /dev/shm; do dd if=/dev/zero of=$d/x bs=1M count=20 2>&1 | grep -o 'No space.*'; rm $d/x; done",
            "No space left on device\n".repeat(4)));
    all.put(
        "more files",
        List.of(
            "i=0; while [ $i -lt 5000 ] && echo > /tmp/$i; do i=$((i+1)); done 2>/dev/null; [ $i -lt 4200 ] && echo some",
            "some\n"));
    all.put(
        "more processes",
        List.of(
            "(i=0; while [ $i -lt 60 ]; do sleep 50 & i=$((i+1)); done) 2>/tmp/err; read l </tmp/err; case $l in *fork*) echo bounded;; esac",
            "bounded\n"));
    all.put("more processors", List.of("nproc", "1\n"));
    return all;
  }

  private static String twice(String words) {
    String lines = words.replace(' ', '\n') + "\n";
    return lines + lines;
  }

  /** The tree that the cells have as their root. */
  static void plant(StepSandbox sandbox) throws IOException, InterruptedException {
    byte[] busybox = Files.readAllBytes(Path.of("/bin/busybox"));
    byte[] header = TarBytes.header('0', "bin/busybox", "", busybox.length);
    TarBytes.put(header, 100, "0000755");
    TarBytes.put(header, 136, "02263523000"); // 315532800
    byte[] padding = new byte[Math.floorMod(-busybox.length, 512)];
    byte[] directory = TarBytes.header('5', "bin/", "", 0);
    TarBytes.put(directory, 100, "0000755");
    TarBytes.put(directory, 136, "02263523000");
    byte[] tar =
        new TarBytes()
            .raw(TarBytes.sum(directory))
            .raw(TarBytes.sum(header))
            .raw(busybox)
            .raw(padding)
            .end();
    sandbox.plant(TREE, out -> out.write(tar));
  }

  static StepCell cell(String script, StepCell.Limits limits, SortedMap<String, Bytes> secrets) {
    TreePath bin = TreePath.of("/bin");
    SortedMap<TreePath, Node> skeleton = new TreeMap<>();
    skeleton.put(bin, new Node.Directory(ControlFiles.NOTHING, Meta.of(0755, 0, 0)));
    SortedMap<String, String> environment = new TreeMap<>();
    environment.put("PATH", "/bin");
    environment.put("X", "y z'");
    environment.put("out", "/outputs/out");
    return new StepCell(
        skeleton,
        List.of(new StepCell.Mount(TREE, bin, bin)),
        Bytes.utf8(script),
        List.of("/bin/busybox", "sh", StepCell.SCRIPT),
        environment,
        List.of("out"),
        secrets,
        limits,
        false);
  }

  static StepCell.Ended run(StepSandbox sandbox, String script)
      throws IOException, InterruptedException {
    return sandbox.run(cell(script, LIMITS, new TreeMap<>()), InputStream::readAllBytes);
  }

  /** Tries everything; what did not go as it must. */
  static List<String> failures(StepSandbox sandbox, int port)
      throws IOException, InterruptedException {
    List<String> failures = new ArrayList<>();
    for (Map.Entry<String, List<String>> each : all(port).entrySet()) {
      String script = each.getValue().get(0);
      String said = run(sandbox, script).log().text();
      if (!said.equals(each.getValue().get(1))) {
        failures.add(each.getKey() + ": " + said);
      }
    }
    return failures;
  }

  static TreePath path(String name) {
    return TreePath.ROOT.child(Name.of(name));
  }
}
