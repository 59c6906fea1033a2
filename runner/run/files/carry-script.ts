/**
 * What a file has besides owner and mode, in perl: access lists and extended attributes, read of what is open and written to
 * what is open. perl-base has no words for them, and getfacl(1) need not be there: the kernel is called by number, which each
 * kind of machine has of its own (syscall(2)). On one that is not listed nothing is carried over.
 *
 * `carry PATH, FROM, TO, MODE`: TO gets all that FROM has, and keeps nothing of what its folder has handed down. The list comes
 * with the rights of the mode already: for no moment may anybody read what the mode denies him. Left out are sums and
 * rights that hold for the old bytes alone, which the kernel drops as well where a file is written.
 *
 * `bare PATH, ON`: takes the lists off, the one that a folder hands down too. `group_rights FROM, MODE`: a mode as it is without the
 * list, in which the group's place is taken by the most that anybody has but the owner.
 */
export const CARRY_SCRIPT = String.raw`
use Config ();
my %numbers = (
  x86_64 => [190, 193, 196, 199], aarch64 => [7, 10, 13, 16], riscv64 => [7, 10, 13, 16], loongarch64 => [7, 10, 13, 16],
  i386 => [228, 231, 234, 237], i486 => [228, 231, 234, 237], i586 => [228, 231, 234, 237], i686 => [228, 231, 234, 237],
  arm => [228, 231, 234, 237], powerpc64le => [211, 214, 217, 220], s390x => [226, 229, 232, 235],
);
my ($machine) = $Config::Config{archname} =~ /^([^-]+)/;
my ($fset, $fget, $flist, $fremove) = @{$numbers{$machine} || []};
sub names_of {
  my ($file) = @_;
  my $list = "\0" x 65536;
  my $n = syscall($flist, fileno $file, $list, length $list);
  $n < 0 ? () : split /\0/, substr $list, 0, $n;
}
sub value_of {
  my ($file, $name) = @_;
  my $value = "\0" x 65536;
  my $n = syscall($fget, fileno $file, $name, $value, length $value);
  $n < 0 ? undef : substr $value, 0, $n;
}
my $of_bytes = qr/^security\.(capability|ima|evm)$/;
# An access list with the rights of a mode, as chmod makes it: of the owner, of the mask or else the group, of others.
sub with_mode {
  my ($list, $mode) = @_;
  my ($version, @entries) = unpack "V (v v V)*", $list;
  return $list unless $version == 2;
  my $masked = 0;
  for (my $at = 0; $at < @entries; $at += 3) { $masked = 1 if $entries[$at] == 0x10 }
  for (my $at = 0; $at < @entries; $at += 3) {
    my $tag = $entries[$at];
    my $shift = $tag == 0x01 ? 6 : $tag == ($masked ? 0x10 : 0x04) ? 3 : $tag == 0x20 ? 0 : next;
    $entries[$at + 1] = $mode >> $shift & 7;
  }
  pack "V (v v V)*", $version, @entries;
}
sub bare {
  my ($path, $on) = @_;
  return unless defined $fset;
  for my $name (grep { /^system\.posix_acl_/ } names_of($on)) {
    syscall($fremove, fileno $on, $name) == 0 or fail($path, "its $name, which is not root's, cannot be taken off: $!");
  }
}
sub group_rights {
  my ($from, $mode) = @_;
  my $list = defined $fset ? value_of($from, "system.posix_acl_access") : undef;
  my ($version, @entries) = unpack "V (v v V)*", defined $list ? $list : "";
  for (my $at = 0; $at < @entries; $at += 3) { $mode &= ~0070 | $entries[$at + 1] << 3 if $entries[$at] == 0x04 }
  $mode;
}
sub carry {
  my ($path, $from, $to, $mode) = @_;
  return unless defined $fset;
  my %wanted = map { my $value = value_of($from, $_); defined $value ? ($_, $value) : () } grep { !/$of_bytes/ } names_of($from);
  my $list = "system.posix_acl_access";
  $wanted{$list} = with_mode($wanted{$list}, $mode) if exists $wanted{$list};
  for my $name (grep { !/$of_bytes|^security\./ && !exists $wanted{$_} } names_of($to)) {
    syscall($fremove, fileno $to, $name) == 0 or fail($path, "its $name, which its folder has handed down, cannot be taken from the new one: $!");
  }
  for my $name (sort keys %wanted) {
    my $now = value_of($to, $name);
    next if defined $now && $now eq $wanted{$name};
    syscall($fset, fileno $to, $name, $wanted{$name}, length $wanted{$name}, 0) == 0 or fail($path, "its $name cannot be carried over to the new one: $!");
  }
}
`
