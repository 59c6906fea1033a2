import { SqlError } from '../../contract/errors.ts'
import type { SqlTarget } from '../../contract/plan.ts'
import { quoteWord } from '../../contract/quote.ts'
import { UnknownError } from '../../contract/unknown.ts'
import type { Connection } from '../hosts/types.ts'

/**
 * Reads the catalogues of a cluster that is stopped, for a check that plans to start it, without touching it: a
 * throw-away server runs over a copy-on-write view of the data directory in a mount namespace of its own. What it
 * writes goes to memory and is gone with it; it listens on no address, starts no replication, archives nothing, and
 * ends with this connection. Where the server's package is only planned too, it is unpacked beside, in memory. Needs
 * root and overlayfs on the host.
 */
export class Peek {
  static readonly #known = new WeakMap<Connection, Peek>()
  readonly #servers = new Map<string, Promise<SqlTarget>>()
  constructor(readonly connection: Connection) {}

  static of(connection: Connection): Peek {
    let peek = Peek.#known.get(connection)
    if (!peek) {
      peek = new Peek(connection)
      Peek.#known.set(connection, peek)
    }
    return peek
  }

  async query(
    on: SqlTarget,
    text: string,
    values: readonly unknown[] | undefined,
    apart: boolean,
  ): Promise<Record<string, unknown>[]> {
    const key = `${on.version}/${on.cluster}`
    let server = this.#servers.get(key)
    if (!server) {
      server = this.#start(on)
      this.#servers.set(key, server)
    }
    const { socketDir } = await server
    return (await this.connection.sql({ ...on, socketDir }, text, values, { readOnly: true, apart })).rows
  }

  async #start(on: SqlTarget): Promise<SqlTarget> {
    const { code, stdout, stderr } = await this.connection.shell(startScript(on), { as: 'root', timeout: 90 })
    if (code !== 0)
      throw new UnknownError(
        `cluster ${on.version}/${on.cluster} is stopped, and what is in it cannot be read without starting it: ${(stderr || stdout).trim().split('\n').at(-1)}`,
      )
    const target = { ...on, socketDir: stdout.trim().split('\n').at(-1)! }
    await this.#ready(target)
    return target
  }

  /** The socket is there before the server has recovered; its "starting up" is waited for. */
  async #ready(target: SqlTarget): Promise<void> {
    for (let look = 0; ; look += 1) {
      try {
        await this.connection.sql(target, 'select 1', undefined, { readOnly: true })
        return
      } catch (error) {
        if (!(error instanceof SqlError) || error.code !== '57P03' || look > 600) throw error
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
  }
}

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

/** Prints the socket's folder. The watcher ends the server when the shell that started it is gone. */
function startScript({ version, cluster, port }: SqlTarget): string {
  const config = quoteWord(`/etc/postgresql/${version}/${cluster}/postgresql.conf`)
  const packageName = quoteWord(`postgresql-${version}`)
  const bin = quoteWord(`/usr/lib/postgresql/${version}/bin/postgres`)
  const options = OVERRIDES.map((option) => `-c ${quoteWord(option)}`).join(' ')
  const inner = `set -e
mount -t tmpfs -o mode=0711 play-peek "$top/mem"
mkdir "$top/mem/upper" "$top/mem/work"
bin=${bin}
if [ ! -x "$bin" ]; then
  mkdir "$top/mem/deb"
  deb=$(ls -t /var/cache/apt/archives/${packageName}_*.deb 2>/dev/null | head -n 1)
  [ -n "$deb" ] || { cd "$top/mem/deb"; apt-get download -q ${packageName} >&2; deb=$(ls "$top/mem/deb/"*.deb); }
  dpkg-deb -x "$deb" "$top/mem/package"
  bin=$top/mem/package$bin
fi
chown --reference="$data" "$top/mem/upper" && chmod 0700 "$top/mem/upper"
mount -t overlay -o "lowerdir=$data,upperdir=$top/mem/upper,workdir=$top/mem/work" play-peek "$data"
rm -f "$data/postmaster.pid"
cd /
setpriv --reuid=postgres --regid=postgres --init-groups "$bin" -D "$data" -c config_file=${config} \\
  -c hba_file="$top/hba" -c unix_socket_directories="$top" -c external_pid_file= -c port=${Number(port)} ${options} >"$top/log" 2>&1 </dev/null &
server=$!
trap 'kill -INT $server 2>/dev/null; wait $server; exit' TERM
while kill -0 "$owner" 2>/dev/null && kill -0 $server 2>/dev/null; do sleep 0.5; done
kill -INT $server 2>/dev/null
wait $server || :
umount -l "$data" "$top/mem"
rm -rf "$top"`
  return `owner=$PPID
data=$(sed -n "s/^[[:space:]]*data_directory[[:space:]]*=\\{0,1\\}[[:space:]]*'\\([^']*\\)'.*/\\1/p" ${config} | tail -n 1)
[ -d "$data" ] || { echo "no data directory is named in its configuration" >&2; exit 1; }
top=$(mktemp -d /run/play-peek.XXXXXX) || exit 1
mkdir "$top/mem" && echo 'local all all peer' > "$top/hba" && chown -R postgres: "$top" && chmod 0755 "$top" && : > "$top/log"
chown postgres: "$top/log"
export top data owner
unshare --mount --propagation private setsid sh -c ${quoteWord(inner)} >/dev/null 2>"$top/err" </dev/null &
i=0
while [ ! -S "$top/.s.PGSQL.${Number(port)}" ]; do
  i=$((i+1))
  if [ $i -gt 600 ] || ! kill -0 $! 2>/dev/null; then cat "$top/err" "$top/log" >&2; rm -rf "$top"; exit 1; fi
  sleep 0.05
done
echo "$top"`
}
