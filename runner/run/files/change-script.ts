import { WALK_SCRIPT } from '../../hosts/resident/walk-script.ts'
import { CARRY_SCRIPT } from './carry-script.ts'

/**
 * Changes files: the only text of `play` that does. What stands together is written first, then synced, which takes the
 * disk once and not a thousand times, then renamed: at every moment a path holds all of the old or all of the new, and
 * what fails before the renaming leaves every old file as it is. Owner and mode are set on what is open, never by name.
 *
 * Standard input, for each step: a line of words, in hexadecimal where they are free text, `-` for what is left out; for
 * `write` then the bytes. Standard output: how many steps are done. On a failure: exit code 1, and `PATH WHY CODE KIND` on
 * standard error, the first two in hexadecimal: CODE is what a program ended with, and KIND says which. Its argument is the
 * time of the run, for the names of copies.
 */
export const CHANGE_SCRIPT = String.raw`
${WALK_SCRIPT}
${CARRY_SCRIPT}
use IO::Handle;
umask 077; $| = 1;
my @made;
my $done = 0;
my $run = shift;
# Standard input is read past perl's own buffers: closing these in a child would turn a file back for the parent.
my $ahead = "";
sub more { sysread STDIN, $ahead, 65536, length $ahead }
sub next_line {
  my $end;
  while (($end = index $ahead, "\n") < 0) { return undef unless more() }
  my $line = substr $ahead, 0, $end + 1, "";
  chomp $line;
  $line;
}
# What is written, but not yet renamed, goes.
sub forget {
  for (@made) { eval { $through = $_->{through}; enter($_->{folder}); unlink $_->{temporary} } }
  @made = ();
}
sub id_of {
  my ($path, $text, $what, $numbered) = @_;
  return undef if $text eq "-";
  $text = pack "H*", $text;
  my $id = $text =~ /^\d+$/ ? $text : $numbered->($text);
  defined $id or fail($path, "there is no $what '$text'");
  $id;
}
sub user { id_of(@_[0, 1], "user", sub { scalar getpwnam $_[0] }) }
sub group { id_of(@_[0, 1], "group", sub { scalar getgrnam $_[0] }) }
# $on: a handle, or '.'. chown clears set-id bits, so the mode comes second.
sub set {
  my ($path, $on, $uid, $gid, $mode, @now) = @_;
  my ($to_user, $to_group) = (defined $uid && $uid != $now[4] ? $uid : -1, defined $gid && $gid != $now[5] ? $gid : -1);
  my $owned = $to_user != -1 || $to_group != -1;
  if ($owned) { chown $to_user, $to_group, $on or fail($path, because()) }
  return unless defined $mode;
  chmod $mode, $on or fail($path, because()) if $owned || ($now[2] & 07777) != $mode;
}
# Whether somebody who may not read what is there would be let in.
sub widens {
  my ($uid, $gid, $mode, @at) = @_;
  my $is_folder = ($at[2] & 0170000) == 0040000;
  return 0 if ($at[2] & ($is_folder ? 0005 : 0004)) == ($is_folder ? 0005 : 0004) || !$is_folder && $at[7] == 0;
  defined $uid && $uid && $uid != $at[4] || defined $gid && $gid != $at[5] && $at[2] & 0070 || defined $mode && ($mode & ~$at[2] & 0077);
}
# Who may rename in a folder, or in one above it, could have put somebody else's file under a name whose rights are about to be
# widened. The folder is the one that was entered last.
sub not_tricked {
  my ($path, @at) = @_;
  return if $me || !grep { $_ ne $at[4] } keys %way, namers(($at[2] & 0170000) == 0040000, $at[4]);
  fail($path, "it can be read by user " . named($at[4]) . " alone, and stands in a folder where others could have given it this name: its rights are not widened");
}
# Whether somebody else had a hand in what is in the entered folder, or in the way there: what it hands down is not root's wish then.
# Not asked of what is done with another user's rights. $uid: who may have had.
sub hands { my ($uid) = @_; return if $me || defined $floor; grep { !defined $uid || $_ ne $uid } keys %way, namers(0, 0) }
# What is given to another owner there does not keep whom its old one let in.
sub unlist {
  my ($path, $on, $uid, @at) = @_;
  bare($path, $on) if defined $uid && $uid != $at[4] && hands();
}
# The content was read, by root, from a file of these rights, in this folder.
sub not_opened {
  my ($path, $origin, $uid, $gid, $mode) = @_;
  my ($from_uid, $from_gid, $from_mode, $folder) = split /,/, $origin;
  return if $me || !%way && !namers(0, $from_uid);
  my @now = stat ".";
  "$now[0]:$now[1]" eq $folder or fail($path, "its folder is another one than when it was read");
  my @at = (0, 0, 0100000 | oct $from_mode, 1, $from_uid, $from_gid, 0, 1);
  not_tricked($path, @at) if widens($uid, $gid, $mode, @at);
}
sub octal { $_[0] eq "-" ? undef : oct $_[0] }
# Runs a program in the entered folder, with the rights that are left; what it says, and its exit code. $into: where its
# output goes instead, so that only its complaints are said.
sub run_here {
  my ($into, @argv) = @_;
  my $pid = open my $said, "-|";
  defined $pid or return ("$!", 1);
  unless ($pid) {
    open STDERR, ">&", \*STDOUT;
    open STDOUT, ">&", $into if $into;
    open STDIN, "<", "/dev/null";
    ($(, $<) = ($), $>) if $> != $<;
    no warnings; exec { $argv[0] } @argv; print "$argv[0]: $!\n"; IO::Handle::flush(*STDOUT); CORE::exit(127);
  }
  local $/; my $text = <$said>; close $said;
  ($text, $? >> 8 || $? & 127);
}
sub fresh {
  my ($path, $name, $make) = @_;
  for (1 .. 100) {
    my $new = sprintf ".%s.play.%06x", substr($name, 0, 200), int rand 1 << 24;
    return $new if $make->($new);
    fail($path, because()) unless $!{EEXIST};
  }
  fail($path, "$!");
}
sub fill { my ($path, $file, $part) = @_; for (my $at = 0; $at < length $part;) { my $n = syswrite $file, $part, length($part) - $at, $at; defined $n or fail($path, "$!"); $at += $n } }
# The old file, opened to be asked what it has. Who may not read it may not ask, and could not have replaced its access list either.
sub handle_of {
  my ($path, $name, @at) = @_;
  sysopen my $file, $name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK or return undef;
  my @now = stat $file;
  @now && $now[0] == $at[0] && $now[1] == $at[1] or fail($path, "it was replaced while it was opened");
  $file;
}
sub keep_old {
  my ($path, $name, @old) = @_;
  my $from = open_file($path, $name, @old);
  my @t = localtime;
  my $stamp = sprintf "%04d%02d%02dT%02d%02d%02d", $t[5] + 1900, $t[4] + 1, @t[3, 2, 1, 0];
  my ($to, $file);
  for my $n (0 .. 99) {
    $to = "$name.$stamp" . ($n ? ".$n" : "") . "~";
    last if sysopen $file, $to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600;
    fail($path, "its copy $to: $!") unless $!{EEXIST};
  }
  copy_old($path, $from, $file, @old);
}
# Its bytes, owner, mode and times.
sub copy_old {
  my ($path, $from, $file, @old) = @_;
  while (my $n = sysread $from, my $part, 65536) { fill($path, $file, $part) }
  carry($path, $from, $file, $old[2]);
  set($path, $file, @old[4, 5], $old[2] & 07777, stat $file);
  utime @old[8, 9], $file;
  $file->sync; close $file or fail($path, "$!");
}
# What somebody wrote is kept under /var/backups/play, which is root's alone: once for each run, the last ten. A copy beside
# it might be read as configuration.
sub archive {
  my ($path, $folder, $name, @old) = @_;
  return if $me || $old[7] > 1 << 20 || length $name > 200;
  my $from = open_file($path, $name, @old);
  my $to = "/var/backups/play$folder";
  eval { enter($to, sub { mkdir $_[1], 0700 or $!{EEXIST} or fail($_[0], because()) }); 1 } or fail($path, "its copy in $to: " . (ref $@ ? $@->[1] : $@));
  $others and fail($path, "its copy: others than root may write to $to");
  if (sysopen my $file, "$name.$run", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600) {
    copy_old($path, $from, $file, @old);
    opendir my $list, "." or fail($path, "its copy: $!");
    my @kept = sort grep { /^\Q$name\E\.\d{8}T\d{6}Z$/ } readdir $list;
    unlink splice @kept, 0, @kept - 10 if @kept > 10;
  }
  else { $!{EEXIST} or fail($path, "its copy: $!") }
  enter($folder);
}
sub content {
  my ($path, $left, $file) = @_;
  while ($left > 0) {
    fail($path, "the content broke off") unless length $ahead || more();
    my $part = substr $ahead, 0, $left, "";
    fill($path, $file, $part);
    $left -= length $part;
  }
}
# Enters the folder of a path: what fails is said of the path.
sub into {
  my ($path, $folder) = @_;
  eval { enter($folder); 1 } or die ref $@ ? [$path, $@->[1]] : $@;
}
sub write_file {
  my ($path, $led, $mode, $user, $group, $bytes, $flags, $origin, $checks, @argv) = @_;
  $through = $led eq "-" ? undef : $led;
  my @validate = splice @argv, 0, $checks;
  my ($folder, $name) = parted($path);
  into($path, $folder);
  my $file;
  my $new = fresh($path, $name, sub { sysopen $file, $_[0], O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600 });
  my $one = { path => $path, through => $through, folder => $folder, name => $name, temporary => $new, file => $file };
  push @made, $one;
  if (@argv) {
    my ($said, $code) = run_here($file, map { pack "H*", $_ } @argv);
    die [$path, $said, $code, "output"] if $code;
  }
  else { content($path, $bytes, $file) }
  my @old = lstat $name;
  if (-l _) {
    fail($path, "it is a link, where play expects a file of its own") unless $flags & 2;
    @old = ();
  }
  -d _ and fail($path, "it is a folder") if @old;
  my ($uid, $gid) = (user($path, $user), group($path, $group));
  # Where others than its owner may write to the folder, whose the old one is says nothing: it may have been put there to be given the new content.
  $open && !$me && !defined $uid && $old[4] && $old[4] != $owner and fail($path, "it belongs to user " . named($old[4]) . ", in a folder that others may write to: say whose it is to be") if @old;
  my $group_said = defined $gid;
  if (@old) { $uid = $old[4] unless defined $uid; $gid = $old[5] unless defined $gid }
  if (defined $floor && defined $uid && $uid != $floor) { fail($path, "a link of user " . named($floor) . " leads there, through which only files of that user are written") }
  my $said = octal($mode);
  $mode = defined $said ? $said : @old ? $old[2] & ($uid == $old[4] ? 07777 : 01777) : 0644;
  not_opened($path, $origin, $uid, $gid, $mode) if $origin ne "-";
  # An access list, a group and a name may be a trick of whoever could rename the file. They count where nobody but its owner could.
  my $from = @old && ($old[2] & 0170000) == 0100000 ? handle_of($path, $name, @old) : undef;
  my $theirs = hands(!@old || $uid == $old[4] ? $uid : undef);
  $theirs && @old && !$group_said && $uid == $old[4] && $origin eq "-" && $gid != $groups[0] && ($mode & 0044) == 0040
    and fail($path, "its group " . (getgrgid $gid || $gid) . " would read it, in a folder where others could have given it this name: say which group it is to have");
  if ($theirs) {
    bare($path, $file);
    $mode = group_rights($from, $mode) if $from && !defined $said;
    # Nor does the folder give its group to what is made in it.
    $gid = $groups[0] unless $group_said || @old && $uid == $old[4];
  }
  elsif ($from) { carry($path, $from, $file, $mode) }
  set($path, $file, $uid, $gid, $mode, stat $file);
  if (@validate) {
    my $there = "$folder$new";
    my @argv = map { my $word = pack "H*", $_; $word =~ s/%s/$there/g; $word } @validate;
    my ($said, $code) = run_here(undef, @argv);
    $said =~ s/\Q$there\E/$path/g;
    die [$path, $said, $code, "validate"] if $code;
  }
  $one->{old} = [@old] if $flags & 1;
  $one->{archive} = [@old] if $flags & 4 && @old && ($old[2] & 0170000) == 0100000 && !defined $floor;
}
sub commit {
  for my $one (@made) { $one->{file}->sync or fail($one->{path}, "$!") }
  while (my $one = $made[0]) {
    my ($path, $name) = @$one{qw(path name)};
    $through = $one->{through};
    enter($one->{folder});
    keep_old($path, $name, @{$one->{old}}) if $one->{old} && @{$one->{old}};
    archive($path, @$one{qw(folder name)}, @{$one->{archive}}) if $one->{archive};
    my @wrote = stat $one->{file};
    rename $one->{temporary}, $name or fail($path, because());
    my @now = lstat $name;
    shift @made;
    @now && $now[0] == $wrote[0] && $now[1] == $wrote[1] or fail($path, "it was replaced while it was written");
    close $one->{file} or fail($path, "$!");
    $done++;
  }
  undef $through;
}
# Without rights for others until the lists are off that the folder above hands down: with a list, the mode is the most of it.
sub make_folder {
  my ($path, $name) = @_;
  my $theirs = hands();
  my $mask = umask 022;
  my $ok = mkdir $name, $theirs ? 0700 : 0777;
  my $why = because();
  umask $mask;
  unless ($ok) { return if $!{EEXIST}; fail($path, $why) }
  return unless $theirs;
  my @at = lstat $name;
  sysopen my $new, $name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_DIRECTORY or fail($path, because());
  my @now = stat $new;
  @at && $now[4] == 0 && $now[0] == $at[0] && $now[1] == $at[1] or fail($path, "it was replaced while it was made");
  bare($path, $new);
  # A group is another user's wish in a folder of his; in one of root's it is root's.
  my $setgid = grep({ $_ ne "any" } keys %way) || $owner ? 0 : $now[2] & 02000;
  chown -1, $groups[0], $new or fail($path, because()) unless $setgid || $now[5] == $groups[0];
  chmod 0755 | $setgid, $new or fail($path, because());
}
# Looks at the folder above, and comes back.
sub guard_folder {
  my ($path, $uid, $gid, $mode, @at) = @_;
  return if $path =~ m{^/+$} || defined $floor || !widens($uid, $gid, $mode, @at) || is_empty();
  my ($folder) = parted($path);
  undef $entered;
  enter($folder);
  not_tricked($path, @at);
  enter($path);
  my @now = stat ".";
  $now[0] == $at[0] && $now[1] == $at[1] or fail($path, "it was replaced while it was entered");
}
# The same of the entered folder, which its old owner may have had his way with too.
sub unlist_folder {
  my ($path, $uid, @at) = @_;
  return if !defined $uid || $uid == $at[4] || !hands();
  sysopen my $on, ".", O_RDONLY | O_DIRECTORY or fail($path, because());
  bare($path, $on);
}
sub is_empty { opendir my $list, "." or return 0; !grep { !/^\.\.?$/ } readdir $list }
sub directory {
  my ($path, $led, $mode, $user, $group) = @_;
  $through = $led eq "-" ? undef : $led;
  enter($path, \&make_folder);
  my @now = stat ".";
  guard_folder($path, user($path, $user), group($path, $group), octal($mode), @now);
  unlist_folder($path, user($path, $user), @now);
  set($path, ".", user($path, $user), group($path, $group), octal($mode), @now);
  undef $entered;
}
sub attributes {
  my ($path, $led, $mode, $user, $group, $flags) = @_;
  my $touch = $flags & 1;
  my $any_name = $flags & 2;
  $through = $led eq "-" ? undef : $led;
  my ($uid, $gid) = (user($path, $user), group($path, $group));
  $mode = octal($mode);
  my ($folder, $name) = $path =~ m{^/+$} ? ("/", ".") : parted($path);
  into($path, $folder);
  my @at = lstat $name or fail($path, because());
  if (-d _) {
    enter($path);
    my @now = stat ".";
    $now[0] == $at[0] && $now[1] == $at[1] or fail($path, "it was replaced while it was entered");
    guard_folder($path, $uid, $gid, $mode, @now) unless $any_name;
    unlist_folder($path, $uid, @now);
    set($path, ".", $uid, $gid, $mode, @now);
    if ($touch) { utime undef, undef, "." or fail($path, because()) }
  }
  elsif (-f _ && (!$me || $at[2] & 0400)) {
    my $file = open_file($path, $name, @at);
    archive($path, $folder, $name, @at) if $flags & 4 && !defined $floor;
    not_tricked($path, @at) if !$any_name && !defined $floor && widens($uid, $gid, $mode, @at);
    unlist($path, $file, $uid, @at);
    set($path, $file, $uid, $gid, $mode, @at);
    if ($touch) { utime undef, undef, $file or fail($path, because()) }
  }
  elsif (-l _) {
    my $to = join ":", map { defined $_ ? $_ : "" } $uid, $gid;
    my ($said, $code) = $to eq ":" ? ("", 0) : run_here(undef, "chown", "-h", $to, "--", "./$name");
    fail($path, $said) if $code;
  }
  else {
    fail($path, "it is in a folder where others may put another one into its place") if $others && !$me;
    set($path, $name, $uid, $gid, $mode, @at);
    if ($touch) { utime undef, undef, $name or fail($path, because()) }
  }
}
sub link_to {
  my ($path, $target) = @_;
  my ($folder, $name) = parted($path);
  into($path, $folder);
  my $new = fresh($path, $name, sub { symlink pack("H*", $target), $_[0] });
  return if rename $new, $name;
  my $why = because();
  unlink $new;
  fail($path, $why);
}
sub remove {
  my ($path) = @_;
  my ($folder, $name) = parted($path);
  eval { enter($folder); 1 } or ref $@ && $@->[1] =~ /^(No such file|Not a directory)/ ? return : die $@;
  my ($said, $code) = run_here(undef, "rm", "-rf", "--", "./$name");
  undef $entered;
  fail($path, $said) if $code;
}
my %does = (directory => \&directory, attributes => \&attributes, link => \&link_to, remove => \&remove);
$SIG{$_} = sub { die ["the files", "interrupted"] } for qw(TERM HUP INT);
my $ok = eval {
  while (defined(my $line = next_line())) {
    my ($what, $path, @words) = split / /, $line;
    $path = pack "H*", $path;
    if ($what eq "write") { write_file($path, @words); next }
    commit();
    $does{$what}->($path, @words);
    undef $through;
    $done++;
  }
  commit();
  1;
};
unless ($ok) {
  my $why = ref $@ ? $@ : ["play", $@];
  forget();
  print $done;
  print STDERR join(" ", unpack("H*", $why->[0]), unpack("H*", $why->[1]), $why->[2] || 0, $why->[3] || "change"), "\n";
  exit 1;
}
print $done;
`
