import { command, sqlOn } from '../support/play.ts'

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
  await sqlOn('vm3', `select pg_drop_replication_slot(slot_name) from pg_replication_slots`)
}

/** What a healthy standby is, asked of the servers and the disk; every line is a fault. */
export async function faults(named: string): Promise<string[]> {
  const found: string[] = []
  const expect = async (what: string, look: Promise<string>, wanted: string) => {
    const seen = await look.catch((error) => String(error))
    if (seen !== wanted) found.push(`${what}: ${seen}, expected ${wanted}`)
  }
  const identifier = 'select system_identifier from pg_control_system()'
  await expect('vm4 in recovery', sqlOn('vm4', 'select pg_is_in_recovery()'), 't')
  await expect(
    'its WAL receiver',
    sqlOn('vm4', 'select status, slot_name from pg_stat_wal_receiver'),
    'streaming|vm4',
  )
  await expect('its system identifier', sqlOn('vm4', identifier), await sqlOn('vm3', identifier))
  await expect('its workers', sqlOn('vm4', 'show max_logical_replication_workers'), '0')
  await expect('its rows', sqlOn('vm4', COUNTS), await sqlOn('vm3', COUNTS))
  await expect(
    'slots of vm3',
    sqlOn('vm3', `select slot_name, slot_type, active from pg_replication_slots`),
    'vm4|physical|t',
  )
  await expect('copies at work on vm4', onGuest('vm4', 'pgrep -ax pg_basebackup || true'), '')
  await expect(
    'half-written files on vm4',
    onGuest('vm4', `find /etc /var/lib/postgresql -name '.*.play.??????'`),
    '',
  )
  const folders = (await onGuest('vm4', `ls -A ${PARENT}`)).split('\n')
  for (const folder of folders.filter((name) => name !== 'main'))
    if (!/^main\.replaced-by-play-\d+$/.test(folder)) found.push(`${PARENT}/${folder} was left behind`)
    else if (!named.includes(`${PARENT}/${folder}`)) found.push(`${PARENT}/${folder} is named nowhere`)
  return found
}

const COUNTS = 'select (select count(*) from test), (select count(*) from test2), (select count(*) from bulk)'
