/**
 * How every file of a host is reached, in perl, which is Essential on Debian. A path is never given to the kernel whole:
 * each folder from / on is entered, and must be what was looked at before it was entered (device and inode), so that
 * nobody can put another one into its place in between. Then the file is named relative to its folder.
 *
 * What somebody else than root may write to is not believed: a link of another user is followed with the rights of that user,
 * to whom it can show nothing that he could not reach by himself, and by another user than root not at all. Whoever may
 * write to the folder does not matter: access lists are not seen in its mode. `$through`: such a link has led to the path already.
 *
 * `enter PATH` goes into a folder; `$others` then says whether somebody else may change what is in it (`$owner_alone`: its owner and
 * root, `$open`: others than its owner, by its mode, `$keeps_names`: not what is somebody else's), `%way` who could have led the path elsewhere, and `$floor` whose
 * rights are left, undef for all. `fail PATH, WHY` ends it.
 */
export const WALK_SCRIPT = String.raw`
use strict; use Fcntl;
my ($me, @groups) = ($>, split / /, $));
my ($others, $owner, $floor, $entered, $through, $open, $owner_alone, $keeps_names, %way);
sub fail { my ($path, $why) = @_; die [$path, $why] }
sub named { my ($uid) = @_; my $name = getpwuid $uid; defined $name ? $name : $uid }
# Takes the rights of a user, with his groups; of root again with 0.
sub become {
  my ($uid) = @_;
  return if $me || $> == $uid;
  $> = 0;
  $) = "@groups";
  return unless $uid;
  my ($name, $gid) = (getpwuid $uid)[0, 3];
  $gid = 65534 unless defined $gid;
  my %of;
  if (defined $name) {
    setgrent;
    while (my @group = getgrent) { $of{$group[2]} = 1 if grep { $_ eq $name } split / /, $group[3] }
    endgrent;
  }
  # perlvar: the first is the effective one, and the rest is the list, to which it belongs too.
  $) = join " ", $gid, $gid, grep { $_ != $gid } keys %of;
  $> = $uid;
  $> == $uid or fail("/", "cannot act as " . named($uid));
}
sub whose {
  my ($mode, $gid);
  ($mode, $owner, $gid) = (@_)[2, 4, 5];
  $owner_alone = !($mode & 0022);
  # Sticky: what is another user's is not renamed by others.
  $keeps_names = $mode & 01000;
  $open = $mode & 0002 || $mode & 0020 && ($me == 0 || $gid != $groups[0]) || 0;
  $others = $owner != 0 && $owner != $me || $open || 0;
}
# Who else than root could have given what is in the entered folder its name: numbers of users, or 'any'. Sticky: what is another
# user's is not renamed by others; but a file, unlike a folder, can be moved there out of a folder of theirs.
sub namers {
  my ($is_folder, $uid) = @_;
  return () unless $others;
  return ($owner) if $owner_alone;
  $keeps_names && $is_folder ? grep { $_ } $owner, $uid : ("any");
}
# The rights with which a link leads on.
sub follow {
  my ($path, $uid) = @_;
  return if defined $floor || $uid == 0 || $uid == $me;
  fail($path, "it is a link of user " . named($uid) . ", who could make it lead anywhere") if $me;
  become($floor = $uid);
}
sub because { defined $floor ? "$! (as user " . named($floor) . ", whose link leads there)" : "$!" }
# $make: what makes a folder that is missing. $leaf: the path is one of a file, links followed; gives its name, and lstat.
sub enter {
  my ($path, $make, $leaf) = @_;
  my $wanted = join "\0", $path, defined $through ? $through : "";
  return if !$leaf && defined $entered && $entered eq $wanted;
  undef $entered; undef $floor; %way = ();
  become(0);
  follow($path, $through) if defined $through;
  my ($links, @todo) = (0, split m{/+}, $path);
  chdir "/" or fail($path, "$!");
  whose(stat ".");
  while (@todo) {
    my $name = shift @todo;
    next if $name eq "" || $name eq ".";
    my $is_last = $leaf && !grep { $_ ne "" && $_ ne "." } @todo;
    my @at = lstat $name;
    unless (@at) {
      fail($path, because()) unless $make && $!{ENOENT};
      $make->($path, $name);
      @at = lstat $name or fail($path, because());
    }
    if (-l _) {
      fail($path, "Too many levels of symbolic links") if ++$links > 40;
      my $to = readlink $name;
      defined $to or fail($path, because());
      $way{$_} = 1 for namers(0, $at[4]);
      follow($path, $at[4]);
      unshift @todo, split m{/+}, $to;
      if ($to =~ m{^/}) { chdir "/" or fail($path, because()); whose(stat ".") }
      next;
    }
    return ($name, @at) if $is_last;
    $name eq ".." or $way{$_} = 1 for namers(1, $at[4]);
    -d _ or fail($path, "Not a directory");
    chdir $name or fail($path, because());
    my @now = stat ".";
    @now && $now[0] == $at[0] && $now[1] == $at[1] or $name eq ".." or fail($path, "it was replaced while it was entered");
    whose(@now);
  }
  $entered = $wanted unless $leaf;
  return;
}
sub parted { my ($path) = @_; my ($folder, $name) = $path =~ m{^(/(?:.*/)?)([^/]+)/*$}s; defined $name && $name !~ /^\.\.?$/ or fail($path, "this is no absolute path of a file"); ($folder, $name) }
# Opens a regular file of the entered folder, the very one that lstat saw. Never waits for a named pipe.
sub open_file {
  my ($path, $name, @at) = @_;
  sysopen my $file, $name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK or fail($path, because());
  my @now = stat $file;
  @now && $now[0] == $at[0] && $now[1] == $at[1] or fail($path, "it was replaced while it was opened");
  # A second name of somebody else's file may be a trick of whoever owns the folder.
  $others && $now[3] > 1 && $now[4] != $owner && !defined $floor && !$me and fail($path, "it has another name elsewhere, and stands in a folder of user " . named($owner));
  $file;
}
`
