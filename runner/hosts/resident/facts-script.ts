/**
 * What facts are made of, for script.ts: the texts of the kernel and of /etc, mounts with their sizes, and what the kernel says of
 * interfaces (rtnetlink(7)). One answer, and nothing is started for it: pairs of a name and its bytes, each behind its length.
 */
export const FACTS_SCRIPT = String.raw`
sub slurp { my ($path) = @_; local $/; open my $file, "<", $path or return ""; my $text = <$file>; defined $text ? $text : "" }
# statfs(2) has no word in perl, and a number on each kind of machine; where it has another form it is not asked. A server that is
# away would be waited for: network file systems and FUSE are not asked either.
sub mounts_of {
  my $statfs = {x86_64 => 137, aarch64 => 43, riscv64 => 43, ppc64le => 99}->{$_[0]};
  my (%uuid, %bound, @said);
  if (opendir my $by, "/dev/disk/by-uuid") {
    for (readdir $by) { my $device = (stat "/dev/disk/by-uuid/$_")[6]; $uuid{$device} = $_ if $device }
  }
  for (split /\n/, slurp("/proc/self/mountinfo")) { my @of = split / /; $bound{$of[4]} = 1 if $of[3] ne "/" }
  for my $line (split /\n/, slurp("/proc/self/mounts")) {
    my ($from, $on, $type) = split / /, $line;
    next if $from !~ m{^[/\\]|:/} || $type eq "none";
    my ($path, $is_far, @size) = ($on, $from =~ m{^//|:/} || $type =~ /^fuse/);
    $path =~ s/\\(\d{3})/chr oct $1/ge;
    my $found = "\0" x 256;
    @size = (unpack "q11", $found)[1, 2, 4, 5, 6, 9] if $statfs && !$is_far && syscall($statfs, $path, $found) == 0;
    my $device = $is_far ? 0 : (stat $from)[6];
    push @said, join " ", $line, $bound{$on} ? 1 : 0, $device && $uuid{$device} || "-", @size;
  }
  join "\n", @said;
}
# A request to the kernel's routing, and all that it answers: until NLMSG_DONE or an error where it is a dump.
sub netlink {
  my ($type, $flags, $body) = @_;
  socket(my $kernel, 16, 3, 0) or return "";
  setsockopt $kernel, 1, 20, pack "l!l!", 1, 0;
  send $kernel, pack("L S S L L", 16 + length $body, $type, $flags, 1, 0) . $body, 0;
  my ($all, $part) = ("", "");
  while (defined recv($kernel, $part, 1 << 18, 0) && length $part) {
    $all .= $part;
    for (my $at = 0; $at + 16 <= length $part;) {
      my ($length, $kind, $how) = unpack "L S S", substr $part, $at, 8;
      return $all if $kind == 2 || $kind == 3 || !($how & 2) || $length < 16;
      $at += ($length + 3) & ~3;
    }
  }
  $all;
}
sub facts_of {
  my ($machine) = (split / /, self_of())[3];
  my @user = getpwuid $>;
  my %env = %ENV;
  @env{"USER", "LOGNAME", "HOME", "SHELL"} = @user[0, 0, 7, 8] if $acting ne "" && @user;
  my $now = time;
  my $zone = defined $ENV{TZ} && length $ENV{TZ} ? $ENV{TZ} : "";
  $zone =~ s/^://;
  my @said = (
    user => join("\n", map { defined $_ ? $_ : "" } @user[0, 2, 3, 6, 7, 8], $) + 0),
    clock => join(" ", $now, localtime $now),
    zone => slurp($zone eq "" ? "/etc/localtime" : $zone =~ m{^/} ? $zone : "/usr/share/zoneinfo/$zone") || $zone,
    mounts => mounts_of($machine),
    # Without what it counts (RTEXT_FILTER_SKIP_STATS).
    links => netlink(18, 0x301, pack "x16 S S L", 8, 29, 8),
    addresses => netlink(22, 0x301, pack "x16"),
    # As ip route get 8.8.8.8 and 2404:6800:400a:800::1012, which is how Ansible finds them.
    route4 => netlink(26, 1, pack "C C x10 S S C4", 2, 32, 8, 1, 8, 8, 8, 8),
    route6 => netlink(26, 1, pack "C C x10 S S H32", 10, 128, 20, 1, "24046800400a08000000000000001012"),
    cpus => join("", grep { /^(?:[Pp]rocessor|[Vv]endor(?:_id)?|model name|cpu|physical id|core id|cpu cores|siblings|# processors|max thread id)\s*:/ } split /^/, slurp("/proc/cpuinfo")),
    there => join(" ", grep { -e } qw(/.dockerenv /.dockerinit /run/.containerenv /proc/vz /proc/lve /proc/xen /dev/kvm /sys/module/kvm /sys/kernel/security/apparmor /sys/fs/selinux/enforce)),
  );
  for my $path (
    qw(/etc/os-release /etc/debian_version /etc/lsb-release /etc/machine-id /var/lib/dbus/machine-id /etc/resolv.conf /etc/hosts),
    qw(/proc/meminfo /proc/self/status /proc/1/comm /proc/1/cgroup /proc/1/environ /proc/uptime /proc/loadavg /proc/cmdline),
    (map { "/proc/sys/kernel/$_" } qw(osrelease hostname version)),
    qw(/proc/sys/crypto/fips_enabled /run/systemd/container /sys/hypervisor/type /sys/fs/selinux/enforce),
  ) { push @said, $path, slurp($path) }
  push @said, "env $_", $env{$_} for keys %env;
  my $folder;
  my $dmi = "/sys/class/dmi/id";
  if (opendir $folder, $dmi) { -f "$dmi/$_" && $_ ne "modalias" && $_ ne "uevent" and push @said, "dmi $_", slurp("$dmi/$_") for readdir $folder }
  my $facts = "/etc/ansible/facts.d";
  if (opendir $folder, $facts) {
    for (grep { /\.fact$/ && -f "$facts/$_" } readdir $folder) {
      my @at = stat _;
      $at[2] & 0100 ? push @said, "program $_", "" : push @said, "fact $_", $at[7] > 1 << 20 ? "" : slurp("$facts/$_");
    }
  }
  "= " . base64(pack "(N/a*)*", @said);
}
`
