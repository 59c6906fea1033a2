import { type Arrangement, arrangements } from '../support/arrangement.ts'
import { onGuest, sqlOnGuest } from '../support/guests.ts'

const PARENT = '/var/lib/postgresql/15'

/** How the standby's host is found: no cluster at all, or the one that its package makes, which nobody has used. */
export const BEGINNINGS = { bare: '', fresh: 'pg_createcluster --start 15 main' } as const
export type Beginning = keyof typeof BEGINNINGS

/** A host without its standby, its primary without the slot. */
export async function prepare(
  beginning: Beginning,
  { primary, standby }: Arrangement = arrangements.vm3,
): Promise<void> {
  await onGuest(
    standby,
    `[ ! -e /etc/postgresql/15/main ] || pg_dropcluster --stop 15 main; ! pgrep -x pg_basebackup || pkill -x pg_basebackup
     rm -rf ${PARENT} /var/lib/postgresql/play.pgpass; ${BEGINNINGS[beginning]}`,
  )
  const slots = 'from pg_replication_slots'
  await sqlOnGuest(primary, `select pg_terminate_backend(active_pid, 10000) ${slots} where active`)
  await sqlOnGuest(primary, `select pg_drop_replication_slot(slot_name) ${slots}`)
}
