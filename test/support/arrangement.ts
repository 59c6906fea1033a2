import { exchanged } from './exchanged.ts'
import { ask } from './guests.ts'
import { inventory } from './play.ts'

export type Pair = 'vm3' | 'vm4'

/** vm3 and vm4 are a primary and its standby, either way round, and an inventory says which. */
export interface Arrangement {
  primary: Pair
  standby: Pair
  inventory: string
}

export const arrangements: Record<Pair, Arrangement> = {
  vm3: { primary: 'vm3', standby: 'vm4', inventory },
  vm4: { primary: 'vm4', standby: 'vm3', inventory: exchanged('vm3', 'vm4') },
}
export const otherWay = ({ standby }: Arrangement): Arrangement => arrangements[standby]

/** The timeline that a primary writes to; 0 of a standby; undefined where no server answers. */
export async function timelineOf(host: string): Promise<number | undefined> {
  const [timeline] = await ask(
    host,
    `select case when pg_is_in_recovery() then 0
     else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int end`,
  )
  return /^\d+$/.test(timeline ?? '') ? Number(timeline) : undefined
}

/**
 * Which of the two is the primary: of two primaries the one on the later timeline, as an operator would say.
 * `rivals`: both are. undefined: none is.
 */
export async function arrangement(): Promise<(Arrangement & { rivals: boolean }) | undefined> {
  const [vm3, vm4] = await Promise.all([timelineOf('vm3'), timelineOf('vm4')])
  if (!vm3 && !vm4) return undefined
  return { ...arrangements[(vm3 ?? 0) >= (vm4 ?? 0) ? 'vm3' : 'vm4'], rivals: Boolean(vm3 && vm4) }
}
