/**
 * What an installation would bring, with the package lists as they will be: reads into a throw-away folder under
 * /run that is gone when it ends. Nothing of apt's own state is written, and no hook of the host runs.
 *
 * Arguments: which lists to fetch first (`none`, `planned` sources only, `all`), then the words for apt-get -s.
 * Standard input: planned sources and keys, one a line, `put PATH BASE64`, `source PATH BASE64` or `remove PATH`;
 * `@ROOT@` in a source stands for the throw-away folder. Exit code 91: the lists could not be fetched.
 */
export const APT_PREVIEW_SCRIPT = `set -u
umask 022
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
fetch=$1
shift
dir=$(mktemp -d /run/play.XXXXXX) || exit 90
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' HUP INT TERM
chmod 755 "$dir"
mkdir -p "$dir/etc/apt/sources.list.d" "$dir/planned" "$dir/lists/partial" "$dir/cache/archives/partial"
: > "$dir/etc/apt/sources.list"
test -f /etc/apt/sources.list && cp /etc/apt/sources.list "$dir/etc/apt/sources.list"
for file in /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
  test -f "$file" && cp "$file" "$dir/etc/apt/sources.list.d/"
done
for file in /var/lib/apt/lists/*; do
  test -f "$file" || continue
  case $file in
    */lock) ;;
    *Release | *Release.gpg) cp -p "$file" "$dir/lists/" ;;
    *) ln -s "$file" "$dir/lists/" ;;
  esac
done
while read -r kind path data; do
  mkdir -p "$dir$(dirname "$path")"
  case $kind in
    put) printf %s "$data" | base64 -d > "$dir$path" ;;
    source)
      printf %s "$data" | base64 -d | sed "s|@ROOT@|$dir|g" > "$dir$path"
      cp "$dir$path" "$dir/planned/"
      ;;
    remove) rm -f "$dir$path" ;;
  esac
done
cat > "$dir/apt.conf" <<END
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::Etc::sourcelist "$dir/etc/apt/sources.list";
Dir::Etc::sourceparts "$dir/etc/apt/sources.list.d";
Dir::State::lists "$dir/lists";
Dir::Cache "$dir/cache";
APT::Update::Error-Mode "any";
Debug::NoLocking "1";
END
case $fetch in
  planned) apt-get update -q -c "$dir/apt.conf" -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$dir/planned" -o APT::Get::List-Cleanup=0 -o pkgCacheFile::Generate=false > "$dir/out" 2>&1 ;;
  all) apt-get update -q -c "$dir/apt.conf" -o pkgCacheFile::Generate=false > "$dir/out" 2>&1 ;;
  none) : > "$dir/out" ;;
esac
code=$?
if test $code -ne 0 || grep -q '^[WE]: Failed to fetch' "$dir/out"; then
  cat "$dir/out" >&2
  exit 91
fi
apt-get -s -y -c "$dir/apt.conf" "$@"
`

/**
 * For perl (perl-base is essential on Debian): waits until none of apt's locks is held, since apt itself waits for
 * one of them only (DPkg::Lock::Timeout). Arguments: seconds, then lock files. Fails naming the holder, whom
 * F_GETLK tells; the layout is struct flock's of 64-bit Linux, and elsewhere apt's own message must do.
 */
export const APT_LOCK_SCRIPT = `use strict; use Fcntl;
my ($limit, @locks) = @ARGV;
for (my $waited = 0; ; $waited++) {
  my ($held, $pid);
  for my $lock (@locks) {
    open(my $file, "+<", $lock) or next;
    my $flock = pack("s s x4 q q i x4", F_WRLCK, 0, 0, 0, 0);
    fcntl($file, F_GETLK, $flock) or next;
    my ($type, undef, undef, undef, $holder) = unpack("s s x4 q q i x4", $flock);
    next if $type == F_UNLCK;
    ($held, $pid) = ($lock, $holder);
    last;
  }
  exit 0 unless defined $held;
  if ($waited >= $limit) {
    my $name = "unknown";
    if (open(my $comm, "<", "/proc/$pid/comm")) { $name = <$comm>; chomp $name; }
    print STDERR "$held is held by process $pid ($name), and still was after $limit s.\\n",
      "Let that process end (ps -fp $pid shows what it does), then run again; lock_timeout sets how long to wait.\\n";
    exit 1;
  }
  sleep 1;
}
`
