/** What a host says of itself, for script.ts: packages, users, groups, processes. Nothing is started for it. */
export const MACHINE_SCRIPT = String.raw`
# What dpkg knows of packages, by their names, or of all (*): NAME ARCHITECTURE WANT STATUS VERSION. Its journal has what its
# status has not yet.
sub packages_of {
  my %wanted = map { $_ => 1 } split / /, $_[0];
  my $home = "/var/lib/dpkg";
  my $folder;
  my @journal = opendir($folder, "$home/updates") ? sort grep { /^\d+$/ } readdir $folder : ();
  my %found;
  for my $path ("$home/status", map { "$home/updates/$_" } @journal) {
    open my $file, "<", $path or die ["", "$!"];
    local $/ = "";
    while (my $one = <$file>) {
      $one =~ /^Package: (\S+)/m && ($wanted{$1} || $wanted{"*"}) or next;
      my $name = $1;
      my ($architecture) = $one =~ /^Architecture: (\S+)/m;
      my ($want, $status) = $one =~ /^Status: (\S+) \S+ (\S+)/m or next;
      my ($version) = $one =~ /^Version: (\S+)/m;
      $architecture = "-" unless defined $architecture;
      $found{"$name $architecture"} = join " ", $name, $architecture, $want, $status, defined $version ? $version : "-";
    }
  }
  "= " . join "/", map { $found{$_} } sort keys %found;
}
# Who reads, on what kind of machine, and the address that it is known by outside: no packet is sent for that.
sub self_of {
  my $machine;
  my ($file, $away);
  if (open $file, "<", "/proc/sys/kernel/arch") { chomp($machine = <$file>) }
  else { require POSIX; $machine = (POSIX::uname())[4] }
  my $address = "";
  if (socket($away, 2, 2, 0)) {
    $address = join ".", unpack "x4 C4", getsockname $away if connect $away, pack "S n C4 x8", 2, 9, 192, 0, 2, 1;
  }
  join " ", "=", name_of("u", $>), $> + 0, $machine, $address;
}
# Users and groups as the host finds them, by nsswitch.conf.
sub user_of { my @of = (getpwnam $_[0])[0, 2, 3, 7, 8]; @of ? join " ", "=", map { hex_of(defined $_ ? $_ : "") } @of : "0" }
sub group_of { my @of = (getgrnam $_[0])[0, 2, 3]; @of ? join " ", "=", map { hex_of(defined $_ ? $_ : "") } @of : "0" }
# Every process with a command line: NUMBER PARENT WORDS, these in hexadecimal, with a NUL behind each.
sub processes_of {
  opendir my $folder, "/proc" or die ["", "$!"];
  my @found;
  for my $id (grep { /^\d+$/ } readdir $folder) {
    local $/;
    open my $line, "<", "/proc/$id/cmdline" or next;
    my $words = <$line>;
    open my $stat, "<", "/proc/$id/stat" or next;
    push @found, "$id $1 " . hex_of($words) if defined $words && length $words && (<$stat> || "") =~ /\) \S (\d+)/;
  }
  "= " . join "/", @found;
}
`
