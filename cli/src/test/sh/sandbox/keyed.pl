# Runs a command with a session keyring of its own that has a key in it, named by the mark.
use strict;
use warnings;

my $arm = `uname -m` =~ /aarch64/;
my ($add, $control) = $arm ? (217, 219) : (248, 250);
syscall($control, 1, 0) > 0 or warn "no session keyring: $!\n"; # KEYCTL_JOIN_SESSION_KEYRING
my $value = "secret";
my ($type, $name) = ("user", "HOST-$ENV{MARK}");
my $key = syscall($add, $type, $name, $value, length $value, -3);
$key > 0 or warn "no key: $!\n";
syscall($control, 5, $key + 0, 0x3f3f3f3f); # KEYCTL_SETPERM: whoever finds it may read it
exec @ARGV or die "$ARGV[0]: $!\n";
