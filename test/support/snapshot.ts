import { command } from './play.ts'

/**
 * Everything that a check must leave as it is on a lab host: path, mode, owner, size, mtime and hash of each file,
 * without what the system itself keeps writing, and the catalogues where a server runs.
 */
export async function snapshot(host: string): Promise<string[]> {
  // Not by ssh and sudo, which leave traces of their own.
  const { code, stdout, stderr } = await command(['lab/lab', 'exec', host, 'sh', '-c', SNAPSHOT])
  if (code !== 0) throw new Error(`the snapshot of ${host} failed: ${stderr}`)
  return stdout.trim().split('\n').sort()
}

// Left out: kernel file systems, the journal and login records, what ssh and sudo note, the clock, and the files of a
// running cluster, which checkpoints and statistics rewrite: its catalogues are compared instead. A data directory
// that no server runs on is compared whole.
const SNAPSHOT = String.raw`
find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /var/log/journal -o -path /tmp \
  -o -path '/var/lib/postgresql/*/*' -o -path /var/lib/systemd/timesync -o -path /var/lib/sudo -o -path /var/lib/private \) -prune \
  -o -type f ! -name .sudo_as_admin_successful ! -path '/var/log/*' ! -path '/var/lib/systemd/*' -printf '%p %m %u:%g %s %T@ %C@\n'
find /etc /var/lib/dpkg/status /var/lib/apt/extended_states -xdev -type f -exec sha256sum {} + 2>/dev/null
ls -d /run/play* /tmp/play* 2>/dev/null
pgrep -u postgres -xc postgres | sed 's/[1-9][0-9]*/servers/'
for data in /var/lib/postgresql/*/*/; do
  [ ! -d "$data" ] || [ -e "$data/postmaster.pid" ] && kill -0 $(head -n 1 "$data/postmaster.pid") 2>/dev/null && continue
  find "$data" -printf '%p %m %u:%g %s %T@\n'
  find "$data" -type f -exec sha256sum {} +
done 2>/dev/null
for conf in /etc/postgresql/*/*/postgresql.conf; do
  [ -e "$conf" ] || continue
  sha256sum /var/lib/postgresql/*/main/postgresql.auto.conf
  ls /var/lib/postgresql/*/
  cd / && runuser -u postgres -- psql -XAtq -c "
    select 'role', rolname, rolpassword from pg_authid union all
    select 'sub', subname, subconninfo || subenabled || subslotname from pg_subscription union all
    select 'pub', pubname, puballtables::text from pg_publication union all
    select 'slot', slot_name, slot_type from pg_replication_slots union all
    select 'table', oid::regclass::text, relfilenode::text from pg_class where relkind = 'r' and oid >= 16384 union all
    select 'writes', relid::regclass::text, (n_tup_ins + n_tup_upd + n_tup_del)::text from pg_stat_user_tables order by 1, 2" 2>/dev/null || echo stopped
done`
