import type { Arrangement } from './arrangement.ts'
import { HOSTS } from './clients.ts'
import { onGuest } from './guests.ts'

/** What is on a host that a run could have left there. */
const LOOK = String.raw`
list() { while IFS= read -r line; do [ -z "$line" ] || printf '%s\t%s\n' "$1" "$line"; done; }
psql() { (cd / && runuser -u postgres -- psql -XAtq -c "$1") 2>&1; }
psql "select slot_name || ' ' || slot_type || case when active then '' else ', which nobody streams from' end
  from pg_replication_slots" | list slot
psql "select p.proname || ' to ' || r.rolname from pg_proc p, pg_roles r where not r.rolsuper and r.rolname not like 'pg\_%'
  and p.oid in ('pg_ls_dir(text,boolean,boolean)'::regprocedure, 'pg_stat_file(text,boolean)'::regprocedure,
  'pg_read_binary_file(text)'::regprocedure, 'pg_read_binary_file(text,bigint,bigint,boolean)'::regprocedure)
  and has_function_privilege(r.oid, p.oid, 'execute')" | list grant
find /etc /var/lib/postgresql /var/backups /tmp /run -xdev -path '/var/lib/postgresql/*/*/base' -prune -o \
  \( -name '.*.play.*' -o -name '*.play-*' -o -name 'play-peek.*' -o -name play-new \) -print 2>/dev/null | list temporary
ls -A /var/lib/postgresql/15 | list folder
ls -A /etc/postgresql/15 | list configuration
for conf in /etc/postgresql/15/*/start.conf; do echo "$(basename "$(dirname "$conf")") $(grep -m 1 '^[a-z]' "$conf")"; done | list start
for data in /var/lib/postgresql/15/*/; do
  for name in standby.signal recovery.signal; do [ ! -e "$data$name" ] || echo "$(basename "$data") $name"; done; done | list signal
for file in /run/play/*; do [ ! -f "$file" ] || flock -n "$file" true || echo "$file"; done | list lock
ps -eo pid=,ppid=,user:32=,args= | list process
`
export interface Expected extends Arrangement {
  /** Clusters of each host that are there besides, and rest. */
  resting?: readonly string[]
  /** The cluster that serves. */
  cluster?: string
  /** What was said meanwhile: a folder that was moved aside is named in it. */
  said?: string
}

/** Everything that is on a host and should not be, and the other way; each line is a fault. */
export async function leftovers(expected: Expected): Promise<string[]> {
  const faults = await Promise.all(
    HOSTS.map(async (host) => {
      const seen = new Map<string, string[]>()
      for (const line of (await onGuest(host, LOOK)).split('\n')) {
        const [kind, text] = line.split('\t') as [string, string]
        seen.set(kind, [...(seen.get(kind) ?? []), text])
      }
      return judge(host, (kind) => seen.get(kind) ?? [], expected).map((fault) => `${host}: ${fault}`)
    }),
  )
  return faults.flat()
}

/** What play keeps for its user, and names. */
const ASIDE = /\.(replaced-by-play-\d+|before-rewind-.+|discarded-since-.+)$/

/** The programs that a run starts, and that must not outlive it. */
const PROGRAMS =
  /(^|[ /])(pg_(basebackup|verifybackup|rewind|dump|dumpall|waldump|receivewal|createcluster|dropcluster|ctlcluster|ctl)|initdb|dpkg|apt-get|perl)( |$)/

function judge(host: string, seen: (kind: string) => string[], expected: Expected): string[] {
  const { cluster = 'main', resting = [], said = '', standby } = expected
  const faults: string[] = []
  const same = (what: string, found: string[], wanted: string[]) => {
    for (const one of found) if (!wanted.includes(one)) faults.push(`${what} ${one} is left over`)
    for (const one of wanted) if (!found.includes(one)) faults.push(`${what} ${one} is missing`)
  }
  const clusters = [cluster, ...resting]
  same('slot', seen('slot'), slotsOf(host, expected))
  same('configuration', seen('configuration'), clusters)
  const aside = (name: string) => ASIDE.test(name)
  same(
    'folder',
    seen('folder').filter((name) => !aside(name)),
    clusters,
  )
  for (const name of seen('folder').filter(aside))
    if (!said.includes(`/var/lib/postgresql/15/${name}`)) faults.push(`folder ${name} is named nowhere`)
  same(
    'start.conf:',
    seen('start').filter((line) => line.startsWith(`${cluster} `)),
    [`${cluster} auto`],
  )
  same(
    'signal file',
    seen('signal').filter((line) => line.startsWith(`${cluster} `)),
    host === standby ? [`${cluster} standby.signal`] : [],
  )
  for (const path of seen('temporary')) if (!ASIDE.test(path)) faults.push(`${path} is left over`)
  for (const grant of seen('grant')) faults.push(`execute on ${grant} is left over`)
  for (const path of seen('lock')) faults.push(`${path} is locked`)
  return [...faults, ...processes(seen('process'), cluster)]
}

function slotsOf(host: string, { primary, standby }: Arrangement): string[] {
  if (host === 'vm1') return [`vm2_from_vm1 logical`, `${primary}_from_vm1 logical`]
  if (host === 'vm2') return [`vm1_from_vm2 logical`, `${primary}_from_vm2 logical`]
  return host === primary ? [`${standby} physical`] : []
}

function processes(lines: string[], cluster: string): string[] {
  const server = new RegExp(`/bin/postgres -D /var/lib/postgresql/15/${cluster} `)
  return lines.flatMap((line) => {
    const { pid, args } = /^ *(?<pid>\d+) +\d+ +\S+ +(?<args>.*)$/.exec(line)!.groups as Record<
      string,
      string
    >
    if (/\/bin\/postgres -D /.test(args!))
      return server.test(`${args} `) ? [] : [`process ${pid} still runs: ${args}`]
    return PROGRAMS.test(args!.slice(0, 200)) && !args!.includes('list()')
      ? [`process ${pid} still runs: ${args!.slice(0, 120)}`]
      : []
  })
}
