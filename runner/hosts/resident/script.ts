import { FACTS_SCRIPT } from './facts-script.ts'
import { MACHINE_SCRIPT } from './machine-script.ts'
import { WALK_SCRIPT } from './walk-script.ts'

/**
 * A process that reads for a run, and writes nothing but its answers. It speaks in frames, both ways: a line `KIND NUMBER
 * LENGTH`, then so many bytes.
 *
 * To it: `ask`, lines `NUMBER USER VERB ARGUMENT`, the last in hexadecimal (no user: its own; root's acts for any other);
 * `open`, a stream to the Unix socket of a server, `USER`, a NUL and its path; `data` of that stream; `shut`, nothing more
 * comes on it, and where it says `idle` nothing is at work for it; `run`, a command that reads: a line with the user, then words in hexadecimal, the environment's first, behind
 * `--` the command's, and its input; `stop`, end that command; `drop`, nobody waits for that answer any more. From it: `ready`; `said`, lines `NUMBER
 * ANSWER`; `data`; `full`, a stream that is not open yet, since too many wait for its server to take them, and without data, that it is now; `end` of a stream,
 * with what went wrong, as `errno text`; `ran`, a line with the exit code and how many
 * bytes are its output, then these and what it said besides.
 *
 * A digest's argument is a path, and, behind a NUL, the size that it is wanted for: `~` where the file has another.
 *
 * An answer begins with `=` and what was found, is `0` where nothing is there and `/` where a folder is, `?` where there is
 * no such user, or `!` and why in hexadecimal. For these nothing is started but coreutils for digests and systemctl for units,
 * once for all that are asked together. Commands end with this process, and it ends when nobody listens any more.
 *
 * Where our end of a stream is gone, the server may be at work for us, and not see it: a commit that waits for a synchronous
 * standby looks at nothing. It is told once a second to cancel (BackendKeyData, then CancelRequest of the protocol), until
 * the session has ended.
 */
export const RESIDENT_SCRIPT = String.raw`
${WALK_SCRIPT}
$0 = "play: reads for a run";
$SIG{PIPE} = "IGNORE";
binmode STDIN; binmode STDOUT;
my $MOST = 200 << 20;    # of a file that is read as a whole
my $FULL = 4 << 20;      # that waits to be said, and then servers have to wait
my ($own, @own_groups) = ($me, @groups);
my ($in, $out, $acting, $gone) = ("", "", "", 0);
my (%streams, %jobs, %runs, %names);

sub hex_of { unpack "H*", $_[0] }
sub say_frame { my ($kind, $number, $data) = @_; $out .= "$kind $number " . length($data) . "\n" . $data unless $gone }

# Acts with the effective rights of a user; of its own with "".
sub act_as {
  my ($user) = @_;
  # A link of somebody's may have left less.
  if ($user eq $acting) { become(0); return }
  undef $entered;
  ($me, @groups) = ($own, @own_groups);
  become(0);
  $acting = "";
  return if $user eq "";
  my $uid = getpwnam $user;
  defined $uid or die ["", "?"];
  $own == 0 or $uid == $own or die ["", "?"];
  if ($uid != $own) { become($uid); $me = $uid; @groups = split / /, $) }
  $acting = $user;
}

sub name_of { my ($kind, $id) = @_; my $name = $names{"$kind $id"}; unless (defined $name) { $name = $kind eq "u" ? getpwuid $id : getgrgid $id; $name = "UNKNOWN" unless defined $name; $names{"$kind $id"} = $name } $name }
sub stat_of {
  my ($path) = @_;
  my @at = lstat $path;
  @at or die ["", "$!"];
  my $to = -l _ ? readlink $path : "";
  join " ", "=", @at[2, 4, 5, 7, 9], map { hex_of($_) } name_of("u", $at[4]), name_of("g", $at[5]), defined $to ? $to : "";
}
sub base64 {
  my $text = pack "u", $_[0];
  $text =~ s/^.//mg; $text =~ s/\n//g;
  $text =~ tr{\x60 -_}{AA-Za-z0-9+/};
  my $over = (3 - length($_[0]) % 3) % 3;
  $text =~ s/.{$over}$/"=" x $over/e if $over;
  $text;
}
sub read_of {
  my ($path) = @_;
  my ($name, @at) = enter($path, undef, 1);
  return "/" if !defined $name || -d _;
  -f _ or fail($path, "it is neither a file nor a folder");
  my $file = open_file($path, $name, @at);
  my @now = stat $file;
  my ($text, $got) = ("");
  my @folder = stat ".";
  while ($got = sysread $file, my $part, 1 << 18) {
    $text .= $part;
    length $text <= $MOST or fail($path, "it has more than $MOST bytes, which is more than is read as a whole");
  }
  defined $got or fail($path, because());
  join " ", "=", @now[4, 5], sprintf("%04o", $now[2] & 07777), "$folder[0]:$folder[1]", base64($text);
}
# Names hold no slash.
sub list_of {
  my ($path) = @_;
  undef $entered;
  enter($path);
  opendir my $folder, "." or fail($path, because());
  my @found = grep { $_ ne "." && $_ ne ".." } readdir $folder;
  s/([%\n])/sprintf "%%%02x", ord $1/ge for @found;
  "= " . join "/", @found;
}
${MACHINE_SCRIPT}
${FACTS_SCRIPT}
my %LOOKS = (
  stat => \&stat_of, read => \&read_of, list => \&list_of, packages => \&packages_of, processes => \&processes_of,
  user => \&user_of, group => \&group_of, self => \&self_of, facts => \&facts_of, now => sub { "= " . time },
);
# What takes a program, which is started once for all that are asked together.
my %TOGETHER = (sha256 => sub { digest("sha256sum", @_) }, blake2b => sub { digest("b2sum", @_) }, unit => \&units);

sub ask {
  my ($lines) = @_;
  my ($said, %together) = ("");
  %names = ();
  for (split /\n/, $lines) {
    my ($number, $user, $verb, $arg) = split / /, $_, 4;
    $arg = pack "H*", $arg;
    my $answer = eval {
      act_as($user);
      if ($TOGETHER{$verb}) {
        push @{$together{"$verb $user"}}, [$number, $arg];
        "";
      } else { $LOOKS{$verb}->($arg) }
    };
    unless (defined $answer) {
      my $why = ref $@ ? $@->[1] : $@;
      $answer = $why eq "?" ? "?" : $why =~ /^(No such file or directory|Not a directory)/ ? "0" : "! " . hex_of($why);
    }
    $said .= "$number $answer\n" if length $answer;
  }
  for (keys %together) {
    my ($verb, $user) = split / /, $_, 2;
    my @all = @{$together{$_}};
    while (my @part = splice @all, 0, 200) { $TOGETHER{$verb}->($user, @part) }
  }
  eval { act_as("") };
  say_frame("said", 0, $said) if length $said;
}
# In a child: a user for good, with his own home, as a shell of him would begin.
sub act_for_good {
  my ($user) = @_;
  act_as($user);
  my ($uid, $gids) = ($>, $));
  return if $uid == $own;
  $> = 0; $) = $gids; $( = (split / /, $gids)[0]; $< = $uid; $> = $uid;
  my ($name, $home) = (getpwuid $uid)[0, 7];
  @ENV{qw(USER LOGNAME HOME)} = ($name, $name, $home);
}
sub start {
  my ($user, $in, $out, $err, $argv, @env) = @_;
  my $pid = fork;
  return $pid if !defined $pid || $pid;
  setpgrp;
  my $done = eval {
    chdir "/";
    act_for_good($user);
    open STDIN, $in->[0], $in->[1]; open STDOUT, ">&", $out; open STDERR, $err->[0], $err->[1];
    $SIG{PIPE} = "DEFAULT";
    /^([^=]+)=(.*)$/s and $ENV{$1} = $2 for @env;
    exec { $argv->[0] } @$argv;
    print STDERR "$argv->[0]: $!\n";
    1;
  };
  print STDERR ref $@ ? $@->[1] : $@ unless $done;
  exit($!{ENOENT} ? 127 : 126);
}
sub digest {
  my ($program, $user, @wanted) = @_;
  my (%at, @open, $said);
  for (@wanted) {
    my ($number, $arg) = @$_;
    my ($path, $size) = split /\0/, $arg;
    # Opened here, and read by its number: under the name there may be a named pipe by then, and whoever reads that waits.
    my $file = eval {
      act_as($user);
      my ($name, @is) = enter($path, undef, 1);
      defined $name ? open_file($path, $name, @is) : undef;
    };
    if (!$file || !-f $file) { $said .= "$number 0\n" }
    elsif (defined $size && -s _ != $size) { $said .= "$number ~\n" }
    else { fcntl $file, F_SETFD, 0; push @open, $file; $at{"/proc/self/fd/" . fileno $file} = $_ }
  }
  say_frame("said", 0, $said) if defined $said;
  act_as($user);
  return unless @open;
  pipe my $from, my $to or die "pipe: $!";
  my $pid = start($user, ["<", "/dev/null"], $to, [">", "/dev/null"], [$program, "-z", "--", sort keys %at]);
  defined $pid or die "fork: $!";
  job($from, $pid, sub { digested($program, $user, \%at, @_) }, values %at);
}
# What answers questions, each with its number: when nobody waits for one any more it is ended, and the others are asked again.
sub job {
  my ($from, $pid, $ended, @wanted) = @_;
  $jobs{fileno $from} = { from => $from, said => "", pid => $pid, ended => $ended, wanted => { map { $_->[0] => 1 } @wanted } };
}
sub drop {
  my ($number) = @_;
  for my $job (values %jobs) {
    $job->{wanted} && delete $job->{wanted}{$number} or next;
    $job->{cut} = 1;
    kill "KILL", -$job->{pid}, $job->{pid};
  }
}
sub left { my ($job, @wanted) = @_; grep { $job->{wanted}{$_->[0]} } @wanted }
# What systemd says of units, one behind the other.
sub units {
  my ($user, @wanted) = @_;
  pipe my $from, my $to or die "pipe: $!";
  my $what = "Id,LoadState,ActiveState,SubState,Result,UnitFileState,FragmentPath,DropInPaths,TriggeredBy,CanReload,NeedDaemonReload";
  my @show = ("systemctl", "show", "-p", $what, "--");
  my $pid = start($user, ["<", "/dev/null"], $to, [">&", $to], [@show, map { $_->[1] } @wanted], "LC_ALL=C");
  defined $pid or die "fork: $!";
  job($from, $pid, sub { shown($user, \@wanted, @_) }, @wanted);
}
sub shown {
  my ($user, $wanted, $said, $job) = @_;
  if ($job->{cut}) { my @left = left($job, @$wanted); units($user, @left) if @left; return }
  my @found = split /\n\n/, $said;
  my $is_whole = @found == @$wanted && !grep { !/^LoadState=/m } @found;
  # One that systemd does not take for a name spoils the answer for all.
  if (!$is_whole && @$wanted > 1) { units($user, $_) for @$wanted; return }
  say_frame("said", 0, join "", map { "$_->[0] " . ($is_whole ? "= " : "! ") . hex_of($is_whole ? shift @found : $said) . "\n" } @$wanted);
}
sub digested {
  my ($program, $user, $at, $said, $job) = @_;
  if ($job->{cut}) { my @left = left($job, values %$at); digest($program, $user, @left) if @left; act_as(""); return }
  # "<digits>  <path>"; -z: names as they are.
  my %found = map { /^([0-9a-f]+)  (.*)$/s ? ($2 => $1) : () } split /\0/, $said;
  say_frame("said", 0, join "", map { "$at->{$_}[0] " . (defined $found{$_} ? "= $found{$_}" : "0") . "\n" } keys %$at);
}

sub run {
  my ($number, $data) = @_;
  my ($head, $input) = split /\n/, $data, 2;
  my ($user, @words) = split / /, $head;
  my (@env, @argv);
  while (@words) { my $word = shift @words; last if $word eq "--"; push @env, pack "H*", $word }
  @argv = map { pack "H*", $_ } @words;
  eval { act_as($user); 1 } or return say_frame("ran", $number, "? 0\n");
  act_as("");
  pipe my $in, my $in_to; pipe my $out, my $out_to; pipe my $err, my $err_to;
  my $pid = start($user, ["<&", $in], $out_to, [">&", $err_to], \@argv, @env);
  return say_frame("ran", $number, "126 0\nfork: $!\n") unless defined $pid;
  # It is less than a pipe holds.
  syswrite $in_to, $input if length $input;
  my $one = $runs{$number} = { pid => $pid, open => 2 };
  for (["out", $out], ["err", $err]) {
    my ($name, $from) = @$_;
    $jobs{fileno $from} = { from => $from, said => "", ended => sub { $one->{$name} = $_[0]; $one->{open}-- } };
  }
}
# Once both its streams have ended it is about to.
sub reap {
  for my $number (keys %runs) {
    my $one = $runs{$number};
    next if $one->{open};
    next unless waitpid($one->{pid}, 1) == $one->{pid};
    delete $runs{$number};
    my $code = $? & 127 ? 128 + ($? & 127) : $? >> 8;
    say_frame("ran", $number, "$code " . length($one->{out}) . "\n" . $one->{out} . $one->{err});
  }
}
sub stop { my ($number) = @_; my $one = $runs{$number} or return; kill "TERM", -$one->{pid}; $one->{kill} = time + 2 }

# AF_UNIX, SOCK_STREAM and SOCK_NONBLOCK are Linux's numbers: loading the Socket module would take four times as long as all the rest of the start.
# A server that takes no connections, and whose queue is full, would keep everybody waiting: it is asked again instead.
sub connected { my ($path) = @_; my $server; return socket($server, 1, 1 | 2048, 0) && connect($server, pack "SZ*", 1, $path) ? $server : undef }
sub open_stream {
  my ($number, $user, $path) = @_;
  my ($server, $is_full);
  my $why = eval {
    act_as($user);
    $server = connected($path);
    $is_full = $!{EAGAIN};
    $server || $is_full ? "" : ($! + 0) . " $!";
  };
  $why = ref $@ ? "? $user" : "0 $@" unless defined $why;
  eval { act_as("") };
  if (length $why) { delete $streams{$number}; return say_frame("end", $number, $why) }
  my $one = $streams{$number} ||= { user => $user, path => $path, in => "", head => "" };
  $one->{at} = $server;
  say_frame("full", $number, $server ? "" : "1") if !$server == !$one->{again};
  $one->{again} = $server ? undef : time + 1;
}
sub close_stream { my ($number) = @_; my $one = delete $streams{$number} or return; close $one->{at} if $one->{at}; say_frame("end", $number, "") }
sub from_server {
  my ($number, $one) = @_;
  my $got = sysread $one->{at}, my $data, 65536;
  return if !defined $got && $!{EAGAIN};
  return close_stream($number) unless $got;
  say_frame("data", $number, $data);
  return unless defined $one->{head};
  $one->{head} .= $data;
  while (defined $one->{head} && length $one->{head} >= 5) {
    my ($type, $length) = unpack "aN", $one->{head};
    last if length $one->{head} < 1 + $length;
    $one->{key} = substr $one->{head}, 5, 8 if $type eq "K";
    $one->{head} = $type =~ /[KEZ]/ ? undef : substr $one->{head}, 1 + $length;
  }
}
sub to_server {
  my ($number, $one) = @_;
  my $put = syswrite $one->{at}, $one->{in};
  if (defined $put) { substr $one->{in}, 0, $put, "" }
  elsif (!$!{EAGAIN}) { $one->{in} = "" }
  shutdown $one->{at}, 1 if $one->{shut} && $one->{in} eq "";
}
# A server that has not let us in yet (no BackendKeyData) does nothing for us.
sub shut {
  my ($number, $is_idle) = @_;
  my $one = $streams{$number} or return;
  unless ($one->{at} && defined $one->{key} && !$is_idle) {
    syswrite $one->{at}, $one->{in} if $one->{at} && length $one->{in};
    return close_stream($number);
  }
  $one->{shut} = 1; $one->{cancel} = time + 1; $one->{until} = time + 600;
  shutdown $one->{at}, 1 if $one->{in} eq "";
}
# The server says that it has heard it by hanging up; one that says nothing is not told again.
sub cancel {
  my ($number, $one) = @_;
  return close_stream($number) if time > $one->{until};
  $one->{cancel} = time + 1;
  return if $one->{cancelling} && !defined(sysread $one->{cancelling}, my $end, 1) && $!{EAGAIN};
  $one->{cancelling} = connected($one->{path}) or return;
  syswrite $one->{cancelling}, pack("NN", 16, 80877102) . $one->{key};
}

sub frames {
  my $at = 0;
  while ((my $end = index $in, "\n", $at) >= 0) {
    my ($kind, $number, $length) = split / /, substr $in, $at, $end - $at;
    last if length($in) < $end + 1 + $length;
    my $data = substr $in, $end + 1, $length;
    $at = $end + 1 + $length;
    if ($kind eq "ask") { ask($data) }
    elsif ($kind eq "open") { open_stream($number, split /\0/, $data, 2) }
    elsif ($kind eq "data") { $streams{$number}{in} .= $data if $streams{$number} }
    elsif ($kind eq "shut") { shut($number, length $data) }
    elsif ($kind eq "run") { run($number, $data) }
    elsif ($kind eq "stop") { stop($number) }
    elsif ($kind eq "drop") { drop($number) }
  }
  substr $in, 0, $at, "";
}

say_frame("ready", 0, "");
until ($gone && !%streams) {
  my ($r, $w, $has_shut) = ("", "", 0);
  vec($r, 0, 1) = 1 unless $gone;
  vec($w, 1, 1) = 1 if length $out;
  my $has_queued = 0;
  for (values %streams) {
    unless ($_->{at}) { $has_queued = 1; next }
    my $fd = fileno $_->{at};
    vec($r, $fd, 1) = 1 if length $out < $FULL;
    vec($w, $fd, 1) = 1 if length $_->{in};
    $has_shut = 1 if $_->{shut};
  }
  vec($r, $_, 1) = 1 for keys %jobs;
  my $is_ending = grep { !$_->{open} } values %runs;
  my $is_stopped = grep { $_->{kill} } values %runs;
  select $r, $w, undef, $is_ending ? 0.01 : $has_shut || $is_stopped || $has_queued ? 0.5 : undef;
  if (vec $w, 1, 1) {
    my $put = syswrite STDOUT, $out, 65536;
    if (defined $put) { substr $out, 0, $put, "" } elsif (!$!{EINTR} && !$!{EAGAIN}) { $out = "" }
  }
  for (keys %jobs) {
    next unless vec $r, $_, 1;
    my $job = $jobs{$_};
    next if sysread $job->{from}, $job->{said}, 65536, length $job->{said};
    delete $jobs{$_};
    waitpid $job->{pid}, 0 if $job->{pid};
    $job->{ended}->($job->{said}, $job);
  }
  for (values %runs) { if ($_->{kill} && time >= $_->{kill}) { kill "KILL", -$_->{pid} } }
  reap() if %runs;
  for my $number (keys %streams) {
    my $one = $streams{$number};
    unless ($one->{at}) { open_stream($number, $one->{user}, $one->{path}) if time >= $one->{again}; next }
    my $fd = fileno $one->{at};
    to_server($number, $one) if vec $w, $fd, 1;
    from_server($number, $one) if vec $r, $fd, 1;
    cancel($number, $one) if $streams{$number} && $one->{shut} && time >= $one->{cancel};
  }
  if (vec $r, 0, 1) {
    my $got = sysread STDIN, $in, 1 << 18, length $in;
    if ($got) { frames() }
    elsif (defined $got || !$!{EINTR}) {
      ($gone, $out) = (1, "");
      kill "KILL", map { -$_->{pid} } (grep { $_->{pid} } values %jobs), values %runs;
      %jobs = %runs = ();
      shut($_) for keys %streams;
    }
  }
}
`
