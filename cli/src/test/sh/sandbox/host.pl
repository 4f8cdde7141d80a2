# A service of the host that no step may reach: prints its port, and ends when its input does.
use strict;
use warnings;
use Socket;

my $mark = $ENV{MARK};
sub service { # service FAMILY ADDRESS: a socket that listens there
  my ($family, $address) = @_;
  my $s;
  socket($s, $family, SOCK_STREAM, 0) && bind($s, $address) && listen($s, 5) or die "no service: $!\n";
  return $s;
}
my $tcp = service(AF_INET, pack_sockaddr_in(0, inet_aton("127.0.0.1")));
my $abstract = service(AF_UNIX, pack("S a*", AF_UNIX, "\0$mark"));
my $path = service(AF_UNIX, pack_sockaddr_un("/tmp/$mark"));
$| = 1;
print +(unpack_sockaddr_in(getsockname($tcp)))[0], "\n";
<STDIN>;
unlink("/tmp/$mark");
