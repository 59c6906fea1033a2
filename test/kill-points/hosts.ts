import { command, quote } from '../support/play.ts'

const PARENT = '/var/lib/postgresql/15'

/** How vm4 is found: no cluster at all, or the one that its package makes, which nobody has used. */
export const BEGINNINGS = { bare: '', fresh: 'pg_createcluster --start 15 main' } as const
export type Beginning = keyof typeof BEGINNINGS

/** On a host as root, also when its network is gone. @throws with what it said */
export async function onGuest(host: string, text: string): Promise<string> {
  const { code, stdout, stderr } = await command(['lab/lab', 'exec', host, 'sh', '-c', text])
  if (code !== 0) throw new Error(`on ${host}: ${text}: exit ${code}: ${stderr}${stdout}`)
  return stdout.trim()
}

/** vm4 without its standby, vm3 without its slot. */
export async function prepare(beginning: Beginning): Promise<void> {
  await onGuest(
    'vm4',
    `[ ! -e /etc/postgresql/15/main ] || pg_dropcluster --stop 15 main; ! pgrep -x pg_basebackup || pkill -x pg_basebackup
     rm -rf ${PARENT} /var/lib/postgresql/play.pgpass; ${BEGINNINGS[beginning]}`,
  )
  await ask('vm3', 'select pg_drop_replication_slot(slot_name) from pg_replication_slots')
}

/** What a healthy standby is, asked of the servers and the disk; every line is a fault. */
export async function faults(named: string): Promise<string[]> {
  const [primary, standby, left, folders] = await Promise.all([
    ask(
      'vm3',
      `${SAME}, (select string_agg(concat_ws(' ', slot_name, slot_type, active), ', ') from pg_replication_slots)`,
    ),
    ask(
      'vm4',
      `${SAME}, (select concat_ws(' ', pg_is_in_recovery(), status, slot_name) from (select) one
      left join pg_stat_wal_receiver on true), current_setting('max_logical_replication_workers')`,
    ),
    onGuest(
      'vm4',
      `find /etc /var/lib/postgresql -name '.*.play.??????'; pgrep -ax 'pg_(basebackup|verifybackup)' || true`,
    ),
    onGuest('vm4', `ls -A ${PARENT}`),
  ])
  const found: string[] = []
  const expect = (what: string, seen: string | undefined, wanted: string | undefined) => {
    if (seen !== wanted) found.push(`${what}: ${seen}, expected ${wanted}`)
  }
  expect('system identifier of vm4', standby[0], primary[0])
  expect('rows of vm4', standby[1], primary[1])
  expect('vm4', standby[2], 't streaming vm4')
  expect('subscription workers of vm4', standby[3], '0')
  expect('slots of vm3', primary[2], 'vm4 physical t')
  expect('left at work or half-written on vm4', left, '')
  for (const folder of folders.split('\n').filter((name) => name !== 'main'))
    if (!/^main\.replaced-by-play-\d+$/.test(folder)) found.push(`${PARENT}/${folder} was left behind`)
    else if (!named.includes(`${PARENT}/${folder}`)) found.push(`${PARENT}/${folder} is named nowhere`)
  return found
}

const SAME = `select (select system_identifier from pg_control_system()), (select concat_ws(' ',
  (select count(*) from test), (select count(*) from test2), (select count(*) from bulk)))`

/** The columns of one row; the error, where there is none. */
const ask = (host: string, text: string): Promise<string[]> =>
  onGuest(host, `cd / && runuser -u postgres -- psql -XAtq -c ${quote(text)}`).then(
    (row) => row.split('|'),
    (error) => [String(error)],
  )
