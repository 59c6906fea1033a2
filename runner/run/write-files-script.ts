/**
 * Writes many files in one process, as write-file.ts does one: under a temporary name beside, 0600 until each has its
 * owner and mode, synced, then renamed. First all are written, then all are synced, which takes the disk once and not a
 * thousand times, then all are renamed. What fails before the renaming leaves every old file as it is. Says how many it
 * renamed.
 *
 * For perl, which is essential on Debian. Standard input, for each file: a line of five words (path in hexadecimal, mode,
 * owner, group, bytes; `-` for what is left out), then the bytes. On a failure: the path, a newline, why; exit code 1.
 */
export const WRITE_FILES_SCRIPT = String.raw`
use strict; use Fcntl; use IO::Handle;
binmode STDIN; umask 077; $| = 1;
my @made;
my $renamed = 0;
sub fail { my ($path, $why) = @_; unlink $_->{temporary} for @made; print $renamed; print STDERR "$path\n$why\n"; exit 1 }
$SIG{$_} = sub { fail("the files", "interrupted") } for qw(TERM HUP INT);
while (defined(my $line = <STDIN>)) {
  chomp $line;
  my ($hex, $mode, $owner, $group, $left) = split / /, $line;
  my $path = pack "H*", $hex;
  my ($folder, $name) = $path =~ m{^(.*/)([^/]+)$}s or fail($path, "this is no absolute path");
  my ($file, $temporary);
  for (1 .. 100) {
    $temporary = sprintf "%s.%s.play.%06x", $folder, $name, int rand 1 << 24;
    last if sysopen $file, $temporary, O_WRONLY | O_CREAT | O_EXCL, 0600;
    fail($path, "$!") unless $!{EEXIST};
  }
  push @made, { path => $path, temporary => $temporary, file => $file };
  while ($left > 0) {
    my $got = read STDIN, my $part, $left < 65536 ? $left : 65536;
    fail($path, "the content broke off") unless $got;
    for (my $at = 0; $at < $got;) {
      my $n = syswrite $file, $part, $got - $at, $at;
      fail($path, "$!") unless defined $n;
      $at += $n;
    }
    $left -= $got;
  }
  my @old = lstat $path;
  @old = () if -l _;
  my $uid = $owner eq "-" ? (@old ? $old[4] : -1) : $owner =~ /^\d+$/ ? $owner : getpwnam $owner;
  fail($path, "there is no user '$owner'") unless defined $uid;
  my $gid = $group eq "-" ? (@old ? $old[5] : -1) : $group =~ /^\d+$/ ? $group : getgrnam $group;
  fail($path, "there is no group '$group'") unless defined $gid;
  if ($uid != -1 || $gid != -1) { chown $uid, $gid, $file or fail($path, "$!") }
  chmod $mode eq "-" ? (@old ? $old[2] & 07777 : 0644) : oct $mode, $file or fail($path, "$!");
}
for my $one (@made) { $one->{file}->sync or fail($one->{path}, "$!"); close $one->{file} or fail($one->{path}, "$!") }
while (my $one = shift @made) {
  if (rename $one->{temporary}, $one->{path}) { $renamed++; next }
  unshift @made, $one;
  fail($one->{path}, "$!");
}
print $renamed;
`
