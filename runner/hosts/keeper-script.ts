/**
 * The keeper of one run on one host, for perl, which is essential on Debian. It holds the machine's lock, and ends what
 * the run has started there when the controller says so or has been lost.
 *
 * The lock is an exclusive flock on a file that everybody may open: /run/play/lock, or /run/lock/play.lock for who may
 * not make the first one's folder; who holds one takes the other too where it is there. The file says who holds it: a line with the
 * run and the keeper's process, one with what the controller tells of itself, one with what is still to end. Its
 * time is that of the last sign of life.
 *
 * Commands of the run hold a file of the run's own (work.RUN, shared): where a keeper was killed, the next one finds
 * them by it. A run that ends well removes that file, so that what it left running on purpose holds nobody up.
 *
 * Arguments: the run, seconds of silence after which the controller is lost, seconds between TERM and KILL, and what the
 * controller tells of itself as one line in hexadecimal.
 * Reads lines: '.' a sign of life; '+PID' a shell to watch; 'stop' end all that runs; 'list' say what runs; 'done' it is over.
 * Says lines: 'got MACHINE FILE'; 'busy SECONDS-SILENT TEXT WHO' and ends (WHO: processes that hold it and are no keeper that the
 * text tells of); 'left TEXT' and ends; '.'; 'ended TEXT', 'runs TEXT',
 * 'over' when the lock is let go; 'stays TEXT' for each process (its number, its host side's words), then 'stopped' or 'listed'. Texts are hexadecimal.
 */
export const KEEPER_SCRIPT = String.raw`
use strict; use Fcntl qw(:DEFAULT :flock :mode);
my ($run, $silence, $patience, $info) = @ARGV;
$| = 1; umask 022; chdir "/";
$SIG{$_} = "IGNORE" for qw(HUP PIPE INT QUIT TSTP TTIN TTOU);
my $folder = "/run/play";
mkdir $folder, 0755 if $> == 0;
my @at = lstat $folder;
undef $folder unless @at && S_ISDIR($at[2]) && $at[4] == 0;
my ($first, $second) = ($folder ? "$folder/lock" : undef, "/run/lock/play.lock");
my (@held, $mine, $work);
my $waited = 0;

sub utter { print join(" ", @_), "\n" }
sub hex_of { unpack "H*", join "", @_ }
sub text_of { my ($file) = @_; open my $in, "<", $file or return ""; local $/; my $text = <$in>; defined $text ? $text : "" }

# The file, locked; 0 where another holds it; undef where there is none and none is to be made.
sub take {
  my ($path, $make) = @_;
  for (1 .. 50) {
    my $file;
    unless (sysopen($file, $path, O_RDWR | O_NOFOLLOW | O_NONBLOCK) || sysopen($file, $path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)) {
      return undef unless $!{ENOENT} && $make;
      sysopen($file, $path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0666) or ($!{EEXIST} ? next : return undef);
      chmod 0666, $file;
    }
    my @seen = stat $file;
    return undef unless S_ISREG($seen[2]) && $seen[3] <= 1;
    unless (flock $file, LOCK_EX | LOCK_NB) {
      # Whoever has just got it is about to say so: it may be this run, under another name of the machine.
      if (text_of($path) eq "" && $waited++ < 50) { select undef, undef, undef, 0.02; redo }
      busy($path);
      return 0;
    }
    my @there = lstat $path;
    next unless @there && $there[0] == $seen[0] && $there[1] == $seen[1];
    push @held, [$path, $file];
    truncate $file, 0; seek $file, 0, 0; syswrite $file, "$run $$\n";
    return $file;
  }
  undef;
}
sub busy {
  my ($path) = @_;
  my $text = text_of($path);
  if ($text =~ /^\Q$run\E /) { $mine = 1; return }
  my $silent = time - ((stat $path)[9] || time);
  my ($told) = $text =~ /^\S+ (\d+)\n\S/;
  my @who = grep { $_ != $$ } lockers($path);
  @who = () if defined $told && (!@who || grep { $_ == $told } @who);
  utter("busy", $silent < 0 ? 0 : $silent, hex_of($text), hex_of(join "\n", map { "$_ of user " . owner_of($_) . ": " . words($_) } @who));
  exit 0;
}
# Everybody may open the file, and anybody may write into it: the kernel knows who has locked it (proc(5), /proc/locks).
sub lockers {
  my ($path) = @_;
  my @at = stat $path or return;
  my @found = grep { -d "/proc/$_" } map { /^\d+: FLOCK +\S+ +WRITE +(\d+) +\S+:$at[1] / ? $1 : () } split /\n/, text_of("/proc/locks");
  @found ? @found : holders($path);
}
sub owner_of { my $uid = (stat "/proc/$_[0]")[4]; defined $uid ? scalar(getpwuid $uid) || $uid : "?" }
take($first, $> == 0) if $first;
unless (@held || $mine) {
  take($second, 1);
  # One that was made meanwhile.
  if ($> != 0 && -d "/run/play") { take("/run/play/lock", 0) }
}
elsif (!$mine) { take($second, 0) }
if (!@held && !$mine) { utter("none"); exit 0 }

# What a keeper that was killed has left at work.
my $home = $folder && -w $folder ? $folder : "/run/lock";
if (@held) {
  for my $old (grep { !/\.\Q$run\E$/ } glob "/run/play/work.* /run/lock/play.work.*") {
    sysopen my $file, $old, O_RDONLY | O_NOFOLLOW | O_NONBLOCK or next;
    if (flock $file, LOCK_EX | LOCK_NB) { unlink $old; next }
    my @who = map { "$_ " . words($_) } holders($old);
    utter("left", hex_of(join "\n", @who ? @who : "a process of another user"));
    exit 0;
  }
}
# As a person would name it: what the uncut one runs, not how.
sub words { my $text = text_of("/proc/$_[0]/cmdline"); $text =~ s/\0/ /g; $text =~ s/^perl -e .*? -- //s; $text =~ s/\s+/ /g; $text =~ s/ $//; $text =~ tr/\x00-\x1f\x7f/?/; substr $text, 0, 200 }
sub holders { my ($path) = @_; my %seen; for (glob "/proc/[0-9]*/fd/*") { my $to = readlink; $seen{$1} = 1 if defined $to && $to eq $path && m{^/proc/(\d+)/} } sort { $a <=> $b } keys %seen }

$work = ($home eq "/run/play" ? "$home/work." : "$home/play.work.") . $run;
sysopen my $made, $work, O_RDWR | O_CREAT | O_NOFOLLOW, 0644 or $work = "-";
sub note {
  for (@held) { my $file = $_->[1]; truncate $file, 0; seek $file, 0, 0; syswrite $file, join "", map { "$_\n" } @_ }
}
my $told = pack "H*", $info;
note("$run $$", $told, "");
my $machine = text_of("/etc/machine-id"); $machine =~ s/\W//g;
$0 = "play: the lock of run $run";
utter("got", $machine || "-", $work);

my %shells; # process => when it began
my ($heard, $unread) = (time, "");
sub began { my $stat = text_of("/proc/$_[0]/stat"); $stat =~ s/^.*\) //s or return undef; (split / /, $stat)[19] }
# The letter of its state and the process above it.
sub state_of { my $stat = text_of("/proc/$_[0]/stat"); $stat =~ s/^.*\) //s ? [split / /, $stat] : ["", 0] }
sub alive { my $stat = text_of("/proc/$_[0]/stat"); $stat =~ s/^.*\) //s && $stat !~ /^[ZX]/ }
sub is_uncut { text_of("/proc/$_[0]/environ") =~ /(?:^|\0)PLAY_UNCUT=1(?:\0|$)/ }
# Each process below these: its number, whether it must not be cut, whether it is the first of its command.
sub below {
  my (%children, @found);
  for (glob "/proc/[0-9]*/stat") { my ($id) = m{(\d+)}; my $stat = text_of($_); $stat =~ s/^.*\) //s or next; my ($state, $parent) = split / /, $stat; push @{$children{$parent}}, $id unless $state =~ /[ZX]/ }
  my @next = map { [$_, 0, 1] } @_;
  while (my $one = shift @next) {
    my ($above, $spared, $is_shell) = @$one;
    for my $id (@{$children{$above} || []}) {
      my $kept = $spared || is_uncut($id);
      push @found, [$id, $kept, $is_shell || $kept && !$spared]; push @next, [$id, $kept, 0];
    }
  }
  @found;
}
sub known { grep { my $since = began($_); defined $since && $since eq $shells{$_} } keys %shells }

my %kept;
sub stop {
  my @shells = known();
  # sudo stops itself when its child is stopped, sooner or later, and would stay so. Where it is not ours to wake, its
  # shell is not stopped.
  my (@sudos, %deaf);
  for my $shell (@shells) {
    for (my $up = state_of($shell)->[1]; $up && text_of("/proc/$up/comm") =~ /^sudo$/; $up = state_of($up)->[1]) {
      kill(0, $up) ? push @sudos, $up : ($deaf{$shell} = 1);
    }
  }
  my %before = map { $_ => 1 } %deaf ? glob "/proc/[0-9]*" : ();
  # They begin nothing more from here on, so that none of their commands is missed.
  kill "STOP", grep { !$deaf{$_} } @shells;
  # A shell runs one command at a time: where a part of it must not be cut, all of it must not.
  my @all;
  for my $shell (@shells) {
    my @its = below($shell);
    if (grep { $_->[1] } @its) { $_->[1] = 1 for @its }
    push @all, @its;
  }
  my %doomed = map { $_->[0] => words($_->[0]) } grep { !$_->[1] } @all;
  $kept{$_->[0]} ||= words($_->[0]) for grep { $_->[1] } @all;
  kill "KILL", @shells;
  # What those that were not stopped have begun in between holds the run's file, as they did.
  for (grep { !$before{$_} } %deaf ? glob "/proc/[0-9]*" : ()) {
    my ($id) = m{(\d+)$};
    next if (readlink "$_/fd/9" || "") ne $work;
    is_uncut($id) ? ($kept{$id} ||= words($id)) : ($doomed{$id} = words($id));
  }
  for (1 .. 500) {
    my @left = grep { (state_of($_)->[0] || "Z") ne "Z" } @sudos or last;
    kill "CONT", grep { state_of($_)->[0] eq "T" } @left;
    select undef, undef, undef, 0.02;
    breathe();
  }
  %shells = ();
  say_state();
  kill "TERM", keys %doomed;
  for (my $until = time + $patience; time < $until && grep { alive($_) } keys %doomed;) {
    for (below(keys %doomed)) { $_->[1] ? ($kept{$_->[0]} ||= words($_->[0])) : exists $doomed{$_->[0]} ? 1 : do { $doomed{$_->[0]} = words($_->[0]); kill "TERM", $_->[0] } }
    select undef, undef, undef, 0.05;
    breathe();
  }
  kill "KILL", grep { alive($_) } keys %doomed;
  forget_ended();
  utter($_->[1] ? "stays" : "ended", $_->[0], hex_of($_->[1] ? $kept{$_->[0]} : $doomed{$_->[0]}))
    for grep { $_->[2] && ($_->[1] ? exists $kept{$_->[0]} : 1) } @all;
}
sub forget_ended { delete $kept{$_} for grep { !alive($_) } keys %kept; }
sub say_state { note("$run $$", $told, "ending" . join "", map { "; $_ $kept{$_}" } sort { $a <=> $b } keys %kept) }
sub breathe { utime undef, undef, $_->[1] for @held }
sub leave {
  my ($well) = @_;
  unlink $work if $work ne "-";
  note();
  close $_->[1] for @held;
  utter("over");
  exit 0;
}
sub lost {
  stop();
  # What must not be cut goes on, and keeps the lock till it has ended.
  while (forget_ended(), %kept) { say_state(); breathe(); select undef, undef, undef, 0.3 }
  leave();
}
while (1) {
  my $ready = ""; vec($ready, 0, 1) = 1;
  my $n = select $ready, undef, undef, 1;
  if ($n > 0) {
    my $got = sysread STDIN, $unread, 4096, length $unread;
    lost() unless $got;
    $heard = time;
    while ($unread =~ s/^(.*)\n//) {
      my $line = $1;
      if ($line eq ".") { breathe(); utter(".") }
      elsif ($line =~ /^\+(\d+)$/) { my $since = began($1); $shells{$1} = $since if defined $since }
      elsif ($line eq "stop") { stop(); utter("stopped") }
      elsif ($line eq "list") { utter($_->[1] ? "stays" : "runs", $_->[0], hex_of(words($_->[0]))) for grep { $_->[2] } below(known()); utter("listed") }
      elsif ($line eq "done") { forget_ended(); %kept ? lost() : leave() }
    }
  }
  lost() if time - $heard >= $silence;
}
`

/**
 * Runs a program that must not be cut off in its middle: what it says goes on being read when nobody listens any more, so
 * that it does not end by a broken pipe, and a hang-up does not reach it. Its descendants are known by PLAY_UNCUT in
 * their environment. Arguments: `--`, then the program and its arguments. Exits as the program did.
 */
export const UNCUT_SCRIPT = String.raw`
use strict; use POSIX ":sys_wait_h";
shift @ARGV if $ARGV[0] eq "--";
$SIG{HUP} = $SIG{PIPE} = "IGNORE";
pipe my $out, my $out_in or die; pipe my $err, my $err_in or die;
my $pid = fork; die "fork: $!" unless defined $pid;
if (!$pid) {
  $SIG{PIPE} = "DEFAULT";
  open STDOUT, ">&", $out_in; open STDERR, ">&", $err_in;
  close $_ for $out, $err, $out_in, $err_in;
  exec { $ARGV[0] } @ARGV;
  print STDERR "$ARGV[0]: $!\n"; POSIX::_exit($!{ENOENT} ? 127 : 126);
}
close $out_in; close $err_in;
my %from = (fileno $out => [$out, *STDOUT], fileno $err => [$err, *STDERR]);
my $status;
while (%from) {
  my $ready = ""; vec($ready, $_, 1) = 1 for keys %from;
  my $n = select $ready, undef, undef, 0.2;
  if ($n <= 0) { last if defined $status; if (waitpid($pid, WNOHANG) == $pid) { $status = $? } next }
  for my $id (grep { vec $ready, $_, 1 } keys %from) {
    my ($source, $to) = @{$from{$id}};
    my $got = sysread $source, my $data, 65536;
    if (!$got) { delete $from{$id}; next }
    for (my $at = 0; $at < $got;) { my $n = syswrite $to, $data, $got - $at, $at; last unless defined $n; $at += $n }
  }
}
if (!defined $status) { waitpid $pid, 0; $status = $? }
exit($status & 127 ? 128 + ($status & 127) : $status >> 8);
`
