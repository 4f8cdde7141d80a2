# Runs as a step and tries each way out. Prints a line for each: what was tried, and what came of it.
use strict;
use warnings;
use Socket;
use Errno;
use Fcntl;

my $arm = `uname -m` =~ /aarch64/;
my %call = $arm
  ? (add_key => 217, request_key => 218, keyctl => 219, ptrace => 117, bpf => 280, userfaultfd => 282, io_uring => 425,
     perf => 241, handle => 264, open_handle => 265, process_read => 270, process_write => 271, unshare => 97, mount => 40,
     clone3 => 435, mknodat => 33, reboot => 142, settime => 112,
     sethostname => 161, swapon => 224, acct => 89, syslog => 116)
  : (add_key => 248, request_key => 249, keyctl => 250, ptrace => 101, bpf => 321, userfaultfd => 323, io_uring => 425,
     perf => 298, handle => 303, open_handle => 304, process_read => 310, process_write => 311, unshare => 272, mount => 165,
     clone3 => 435, mknodat => 259, reboot => 169, settime => 227,
     sethostname => 170, swapon => 167, acct => 163, syslog => 103);

sub outcome { # outcome RESULT: the name of the error, or what was got
  my ($got) = @_;
  if (defined $got && $got ne "-1") { return "DONE $got" }
  for my $name (qw(EPERM ENOSYS EACCES ENOENT ESRCH ECONNREFUSED ENETUNREACH EAFNOSUPPORT EROFS ENOSPC EINVAL EBADF EIO ENODEV)) {
    no strict 'refs';
    return $name if $! == &{"Errno::$name"}();
  }
  return "error " . ($! + 0);
}
sub says { my ($what, $got) = @_; print "$what: $got\n"; }
sub tries { # tries WHAT NUMBER ARGUMENTS...: a system call
  my ($what, $number, @arguments) = @_;
  $! = 0;
  my $got = syscall($number, @arguments);
  says($what, outcome($got));
}
sub connects { # connects WHAT FAMILY ADDRESS
  my ($what, $family, $address) = @_;
  $! = 0;
  socket(my $s, $family, SOCK_STREAM, 0) or return says($what, "socket " . outcome(-1));
  $! = 0;
  says($what, connect($s, $address) ? "CONNECTED" : outcome(-1));
}
sub opens { # opens WHAT FILE FLAGS
  my ($what, $file, $flags) = @_;
  $! = 0;
  says($what, sysopen(my $f, $file, $flags, 0644) ? "OPENED" : outcome(-1));
}

sub refuses { # refuses WHAT FILE FLAGS: whether the machine has it or not
  my ($what, $file, $flags) = @_;
  says($what, sysopen(my $f, $file, $flags) ? "OPENED" : "not opened");
}

# the network
connects("a loopback service", AF_INET, pack_sockaddr_in($ENV{PORT}, inet_aton("127.0.0.1")));
connects("another address", AF_INET, pack_sockaddr_in(80, inet_aton("192.0.2.1")));
connects("an abstract socket", AF_UNIX, pack("S a*", AF_UNIX, "\0$ENV{MARK}"));
connects("a socket in the file system", AF_UNIX, pack_sockaddr_un("/tmp/$ENV{MARK}"));
for my $family ([vsock => 40], [alg => 38], [packet => 17], [bluetooth => 31], [tipc => 30], [rds => 21], [can => 29]) {
  $! = 0;
  says("a socket of the family $family->[0]", socket(my $s, $family->[1], SOCK_STREAM, 0) ? "MADE" : outcome(-1));
}
$! = 0;
says("a raw socket", socket(my $raw, AF_INET, SOCK_RAW, 1) ? "MADE" : outcome(-1));

# the host's environment, files and processes
my @found;
for my $file (glob("/proc/[0-9]*/environ /proc/[0-9]*/cmdline /proc/self/mountinfo /proc/keys /proc/cmdline")) {
  next if $file eq "/proc/$$/environ"; # it has the mark from us
  open(my $f, "<", $file) or next;
  local $/;
  push @found, $file if (<$f> // "") =~ /HOST-$ENV{MARK}/;
}
says("the mark of the host's processes", @found ? "FOUND in @found" : "nowhere");
says("a file of the host", -e "/home" || -e "/root" || -e "/var" || -e "/sys" || -e "/etc/passwd" ? "SEEN" : "nowhere");
says("processes", scalar(grep { /^\d+$/ } map { s{/proc/}{}r } glob("/proc/*")) < 6 ? "few" : "MANY");
$! = 0;
says("a signal to the host's process", kill(0, $ENV{HOST_PID}) ? "SENT" : outcome(-1));
tries("tracing the host's process", $call{ptrace}, 16, $ENV{HOST_PID} + 0, 0, 0);
tries("tracing the first process", $call{ptrace}, 16, 1, 0, 0);
my $buffer = "\0" x 64;
my $vector = pack("QQ", unpack("Q", pack("P", $buffer)), 64);
tries("reading the first process", $call{process_read}, 1, $vector, 1, $vector, 1, 0);
tries("writing the first process", $call{process_write}, 1, $vector, 1, $vector, 1, 0);
opens("the first process's memory", "/proc/1/mem", O_RDWR);
opens("the same as a thread's", "/proc/1/task/1/mem", O_RDWR);

# what is written
opens("a file of the root", "/bin/plain", O_WRONLY);
opens("a new file in the root", "/bin/new", O_WRONLY | O_CREAT);
opens("a new file at the top", "/new", O_WRONLY | O_CREAT);
opens("a new device", "/dev/new", O_WRONLY | O_CREAT);
opens("the script", "/run/script", O_WRONLY);
refuses("sysrq", "/proc/sysrq-trigger", O_WRONLY);
refuses("the core pattern", "/proc/sys/kernel/core_pattern", O_WRONLY);
refuses("the number of namespaces", "/proc/sys/user/max_user_namespaces", O_WRONLY);
refuses("the machine's memory", "/proc/kcore", O_RDONLY);
refuses("the kernel's messages", "/dev/kmsg", O_RDONLY);
refuses("a disk", "/dev/vda", O_RDONLY);
refuses("the processor's registers", "/dev/cpu/0/msr", O_RDONLY);
refuses("a clock", "/dev/rtc0", O_RDONLY);
refuses("fuse", "/dev/fuse", O_RDWR);
says("devices", join(" ", sort map { s{.*/}{}r } glob("/dev/*")));
tries("making a disk's node", $call{mknodat}, -100, "/tmp/disk", 0060644, 0xfe00);
tries("making a character device", $call{mknodat}, -100, "/tmp/mem", 0020644, 0x101);

# more privileges
tries("a mount", $call{mount}, "x", "/tmp", "tmpfs", 0, 0);
tries("a writable root", $call{mount}, "none", "/bin", 0, 0x1020, 0);
for my $space ([user => 0x10000000], [mount => 0x20000], [pid => 0x20000000], [net => 0x40000000], [time => 0x80]) {
  tries("a $space->[0] namespace", $call{unshare}, $space->[1]);
}
my $clone = pack("Q8", 0x10000000, 0, 0, 0, 17, 0, 0, 0);
tries("a clone in a user namespace", $call{clone3}, $clone, 64);
tries("another host name", $call{sethostname}, "x", 1);
tries("the clock", $call{settime}, 0, pack("qq", 1, 1));
tries("a reboot", $call{reboot}, 0xfee1dead, 672274793, 0x89abcdef, 0);
tries("swap", $call{swapon}, "/tmp/x", 0);
tries("accounting", $call{acct}, "/tmp/x");
tries("the kernel's log", $call{syslog}, 3, $buffer, 64);

# what namespaces do not part
tries("adding a key", $call{add_key}, "user", "mine", "x", 1, -3);
tries("looking for a key", $call{request_key}, "user", "HOST-$ENV{MARK}", 0, 0);
tries("reading the session's keys", $call{keyctl}, 11, -3, $buffer, 64);
tries("bpf", $call{bpf}, 0, $buffer, 64);
tries("userfaultfd", $call{userfaultfd}, 1);
tries("io_uring", $call{io_uring}, 8, $buffer);
tries("perf events", $call{perf}, $buffer, 0, -1, -1, 0);
sysopen(my $directory, "/bin", O_RDONLY);
my $handle = pack("Li", 128, 0) . "\0" x 128;
my $mount = pack("i", 0);
tries("a handle", $call{handle}, -100, "/bin/busybox", $handle, $mount, 0);
tries("a file by its handle", $call{open_handle}, fileno($directory), $handle, O_RDONLY);
if (open(my $pts, "+<", "/dev/ptmx")) {
  $! = 0;
  my $x = "x";
  says("typing into a terminal", ioctl($pts, 0x5412, $x) ? "TYPED" : outcome(-1));
}

# the time of day, in what is there
my %times;
for my $file (qw(/ /bin /bin/busybox /usr/bin/perl /run /run/script /build /outputs /outputs/out /tmp /dev/shm /secret)) {
  my @stat = stat($file) or next;
  $times{"$stat[9]"} = 1;
}
says("times of files", join(" ", sort keys %times));
open(my $stat, "<", "/proc/stat");
says("the time of the start", join(" ", map { /btime (\d+)/ ? $1 : () } <$stat>));
says("clocks in /proc", join(" ", grep { -s $_ } "/proc/driver/rtc") || "none");
