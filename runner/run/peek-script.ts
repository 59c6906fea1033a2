import type { SqlTarget } from '../../contract/plan.ts'
import { quoteWord } from '../../contract/quote.ts'

const OVERRIDES = [
  // Enough for whatever the data directory holds: slots, a standby's records of its primary. The files may say less.
  'wal_level=logical',
  'max_connections=500',
  'max_wal_senders=100',
  'max_replication_slots=100',
  'max_worker_processes=100',
  'max_prepared_transactions=100',
  'max_locks_per_transaction=256',
  'shared_buffers=16MB',
  'listen_addresses=',
  'max_logical_replication_workers=0',
  'primary_conninfo=',
  'restore_command=',
  'archive_mode=off',
  'autovacuum=off',
  'hot_standby=on',
  'logging_collector=off',
  'fsync=off',
  'ssl=off',
  'huge_pages=off',
  'shared_preload_libraries=',
]

/**
 * Prints the socket's folder. The watcher ends the server when the shell that started it is gone. What root works in stays
 * root's: the server's user has the socket's folder, which root only makes and removes, and descriptors of what root opened. The
 * data directory is entered once, must be his, and is not named by its path again: he may put a link there at any time. What lies
 * elsewhere (WAL and tablespaces, which links lead to, or other file systems) is covered where it is.
 */
export function startScript({ version, cluster, port }: SqlTarget): string {
  const config = quoteWord(`/etc/postgresql/${version}/${cluster}/postgresql.conf`)
  const packageName = quoteWord(`postgresql-${version}`)
  const bin = quoteWord(`/usr/lib/postgresql/${version}/bin/postgres`)
  const options = OVERRIDES.map((option) => `-c ${quoteWord(option)}`).join(' ')
  const inner = `set -e
mount -t tmpfs -o mode=0711 play-peek "$top/mem"
bin=${bin}
if [ ! -x "$bin" ]; then
  mkdir "$top/mem/deb"
  deb=$(ls -t /var/cache/apt/archives/${packageName}_*.deb 2>/dev/null | head -n 1)
  [ -n "$deb" ] || { cd "$top/mem/deb"; apt-get download -q ${packageName} >&2; deb=$(ls "$top/mem/deb/"*.deb); }
  dpkg-deb -x "$deb" "$top/mem/package"
  bin=$top/mem/package$bin
fi
cover() {
  [ "$(stat -c %U .)" = postgres ] || { echo "$2 belongs to $(stat -c %U .)" >&2; exit 1; }
  install -d -o postgres -g "$(stat -c %g .)" -m 0700 "$top/mem/upper$1"
  mkdir "$top/mem/work$1" "$top/mem/view$1"
  mount -t overlay -o "lowerdir=.,upperdir=$top/mem/upper$1,workdir=$top/mem/work$1" play-peek "$top/mem/view$1"
}
cd -- "$data"
cover 0 "the data directory $data"
rm -f "$top/mem/view0/postmaster.pid"
n=0
find . -maxdepth 2 '(' -type l -xtype d -o -type d '!' -name . '!' -path './*/*' ')' >"$top/mem/places"
while IFS= read -r place; do
  [ -L "$place" ] || mountpoint -q "$place" || continue
  n=$((n+1))
  what="what $place of the data directory $data leads to"
  if [ -L "$place" ]; then (cd -- "$place" && cover $n "$what" && mount --no-canonicalize --bind "$top/mem/view$n" .)
  else (cd -- "$place" && cover $n "$what"); mount --no-canonicalize --bind "$top/mem/view$n" "$top/mem/view0/$place"
  fi
done <"$top/mem/places"
mount --no-canonicalize --rbind "$top/mem/view0" .
cd /
$as_server "$bin" -D "$data" -c config_file=${config} \\
  -c hba_file="$top/hba" -c unix_socket_directories="$top/socket" -c external_pid_file= -c port=${Number(port)} ${options} >"$top/log" 2>&1 </dev/null &
server=$!
trap 'kill -INT $server 2>/dev/null; wait $server; exit' TERM
while kill -0 "$owner" 2>/dev/null && kill -0 $server 2>/dev/null; do sleep 0.5; done
kill -INT $server 2>/dev/null
wait $server || :
umount -l "$top/mem"
rm -rf "$top"`
  return `owner=$PPID
as_server='setpriv --reuid=postgres --regid=postgres --init-groups'
data=$($as_server sed -n "s/^[[:space:]]*data_directory[[:space:]]*=\\{0,1\\}[[:space:]]*'\\([^']*\\)'.*/\\1/p" ${config} | tail -n 1)
[ -d "$data" ] || { echo "no data directory is named in its configuration" >&2; exit 1; }
top=$(mktemp -d /run/play-peek.XXXXXX) || exit 1
mkdir "$top/mem" && install -d -o postgres -g postgres -m 0700 "$top/socket" && (umask 077; : >"$top/log"; : >"$top/err") &&
  echo 'local all all peer' >"$top/hba" && chmod 0644 "$top/hba" && chmod 0711 "$top" "$top/mem" || { rm -rf "$top"; exit 1; }
export top data owner as_server
unshare --mount --propagation private setsid sh -c ${quoteWord(inner)} >/dev/null 2>"$top/err" </dev/null &
i=0
while [ ! -S "$top/socket/.s.PGSQL.${Number(port)}" ]; do
  i=$((i+1))
  if [ $i -gt 600 ] || ! kill -0 $! 2>/dev/null; then cat "$top/err" "$top/log" >&2; rm -rf "$top"; exit 1; fi
  sleep 0.05
done
echo "$top/socket"`
}
