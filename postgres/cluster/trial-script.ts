/**
 * Would the server start again with its files as they are? A second one is started beside it: same program, arguments,
 * environment and configuration, on a scratch data directory that holds the control file and no write-ahead log. So it goes as
 * far as the postmaster does by itself (libraries, TLS, sockets, shared memory, the log, pg_hba.conf) and ends where the
 * startup process finds nothing to replay: nobody can log in to it, and nothing of it is left. `postgres -C` reads settings,
 * and tries none of this.
 *
 * It takes another port where the server keeps its own. Memory that the server gives back counts as free. Run as the server's
 * user. Arguments: the data directory, the port that the files name. Exit code 1 with what the trial logged: it would not start.
 * No server, nothing to lose: 0.
 */
export const TRIAL_SCRIPT = String.raw`
use strict; use Fcntl; use Socket;
my ($data, $port) = @ARGV;
sub text { open my $file, "<", $_[0] or return ""; local $/; my $text = <$file>; defined $text ? $text : "" }
my ($pid, $old_port) = (split /\n/, text("$data/postmaster.pid"))[0, 3];
exit 0 unless defined $old_port && $pid =~ /^\d+$/;
my ($program, @given) = split /\0/, text("/proc/$pid/cmdline");
exit 0 unless defined $program && $program =~ m{^/.*/postgres$} && -x $program;
my @options;
while (defined(my $word = shift @given)) {
  if ($word eq "-D") { shift @given } elsif ($word !~ /^-D/) { push @options, $word }
}
# A configuration that stands in the data directory is found by -D.
unshift @options, "-c", "config_file=$data/postgresql.conf" unless grep { /config_file=/ } @options;
my %environment = map { /^([^=]+)=(.*)/s ? ($1, $2) : () } split /\0/, text("/proc/$pid/environ");
%ENV = (%environment, LC_ALL => "C", TZ => "UTC");
my $top;
for (1 .. 100) { my $try = sprintf "/tmp/play-start.%08x", int rand 1 << 32; if (mkdir $try, 0700) { $top = $try; last } }
defined $top or die "no folder in /tmp: $!\n";
my $scratch = "$top/data";
my $log = "$top/log";
mkdir $scratch, 0700;
# Files that settings may name relative to the data directory are there by links; what is the server's own is not.
opendir my $names, $data or die "$data: $!\n";
for my $name (readdir $names) {
  next if $name =~ /^(\.\.?|base|global|log|pg_(?!hba\.conf$|ident\.conf$).*|PG_VERSION|postmaster\..*|.*\.signal|backup_label.*|tablespace_map.*|current_logfiles)$/;
  symlink "$data/$name", "$scratch/$name";
}
mkdir "$scratch/$_", 0700 for qw(base global pg_notify pg_stat pg_stat_tmp pg_tblspc pg_dynshmem pg_replslot pg_snapshots pg_subtrans);
sub copy {
  my ($name) = @_;
  open my $to, ">", "$scratch/$name" or die "$scratch/$name: $!\n";
  print $to text("$data/$name");
  close $to or die "$scratch/$name: $!\n";
}
copy($_) for qw(PG_VERSION global/pg_control);
sub free_port { socket my $s, AF_INET, SOCK_STREAM, 0; bind $s, sockaddr_in(0, INADDR_LOOPBACK); (sockaddr_in(getsockname $s))[0] }
my $child;
my $collected = "play-start-$$.log";
sub clean { kill "KILL", -$child if $child; system "rm", "-rf", "--", $top }
$SIG{$_} = sub { clean(); exit 1 } for qw(TERM INT HUP);
sub try {
  my ($at) = @_;
  my @mine = ("data_directory=$scratch", "port=$at", "external_pid_file=$top/pid", "log_destination=stderr", "log_filename=$collected",
    "log_min_messages=warning", "log_line_prefix=", "lc_messages=C", "fsync=off", "max_logical_replication_workers=0");
  my @words = ($program, "-D", $scratch, @options, map { ("-c", $_) } @mine);
  # Held by all that it starts, the collector of the log too, which outlives it.
  local $^F = 100;
  pipe my $ends, my $held or die "$!\n";
  $child = fork;
  defined $child or die "$!\n";
  unless ($child) {
    setpgrp; chdir $scratch;
    open STDIN, "<", "/dev/null"; open STDOUT, ">", $log; open STDERR, ">&", \*STDOUT;
    exec { $program } @words; print STDERR "FATAL:  $program: $!\n"; CORE::exit(127);
  }
  close $held;
  vec(my $wait = "", fileno $ends, 1) = 1;
  my $ended = select $wait, undef, undef, 30;
  kill "KILL", -$child unless $ended;
  waitpid $child, 0;
  undef $child;
  my $said = text($log);
  # The collector of the log has the rest.
  if ($said =~ /will appear in directory "(.*)"/) {
    my $file = ($1 =~ m{^/} ? $1 : "$scratch/$1") . "/$collected";
    $said .= text($file);
    unlink $file;
  }
  $ended ? $said : "FATAL:  it neither started nor ended within 30 s\n$said";
}
# What the running server has of it, it gives back. Bytes.
sub own { my ($name) = @_; my $sum = 0; while (text("/proc/$pid/maps") =~ /^([0-9a-f]+)-([0-9a-f]+) .*\/\Q$name\E \(deleted\)$/mg) { $sum += hex($2) - hex($1) } $sum }
sub memory { my %of = map { /^(\w+):\s+(\d+)( kB)?/ ? ($1, $3 ? $2 * 1024 : $2) : () } split /\n/, text("/proc/meminfo"); \%of }
sub fits {
  my ($bytes, $huge) = @_;
  no warnings "portable";
  my $of = memory();
  return $bytes <= ($of->{HugePages_Free} - $of->{HugePages_Rsvd}) * $of->{Hugepagesize} + own("anon_hugepage") if $huge;
  text("/proc/sys/vm/overcommit_memory") == 2 && $bytes <= $of->{CommitLimit} - $of->{Committed_AS} + own("zero");
}
sub starts {
  my ($said) = @_;
  return 1 if $said =~ /startup process \(PID \d+\)/;
  return 0 unless $said =~ /could not map anonymous shared memory/ && $said =~ /currently (\d+) bytes/;
  my $bytes = $1;
  open my $asked, "-|", $program, "-D", $scratch, @options, "-c", "data_directory=$scratch", "-C", "huge_pages";
  fits($bytes, <$asked> =~ /^on/);
}
# Its own port is free once it has ended.
my $keeps = $port == $old_port;
my $said = "";
for (1 .. 3) { $said = try($keeps ? free_port() : $port); last unless $keeps && $said =~ /Address already in use/ }
my $ok = starts($said);
clean();
exit 0 if $ok;
print STDERR "It would not start with its files as they are. A trial beside it logged:\n", grep { !/^LOG:  (starting|listening|redirecting|database system is)/ && !/^HINT:  Future log/ } map { "$_\n" } split /\n/, $said;
exit 1;
`
