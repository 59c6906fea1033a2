import type { Problem } from './judge.ts'
import type { Look } from './look.ts'
import type { VerificationParams } from './params.ts'
import { type Identity, lsnBytes } from './upstream.ts'

/**
 * `state = streaming` alone proves little: it stays while replay is paused. The proof is that what the upstream had
 * written when this began has been replayed here, by a cluster of the same system identifier.
 */
export function judgeStandby(
  wanted: NonNullable<VerificationParams['standby']>,
  { recovery, standby }: Look,
  upstream: Identity | { unreachable: string } | null,
  log: string,
): Problem[] {
  const { host, port = '5432' } = wanted.upstream
  if (!recovery)
    return [
      {
        what: 'this is no standby: it is not in recovery',
        hint: 'Was it promoted? Rebuild it with pg_basebackup, which refuses to lose data.',
      },
    ]
  const problems: Problem[] = []
  if (standby.status !== 'streaming')
    problems.push({
      what: `the standby does not stream: its WAL receiver ${standby.status === null ? 'does not run' : `is ${standby.status}`}`,
      hint: `See ${log}: the upstream, its pg_hba.conf (an entry for replication), the passfile, or the slot.`,
    })
  else if (host !== undefined && (standby.host !== host || String(standby.port) !== port))
    problems.push({
      what: `the standby streams from ${standby.host}:${standby.port}, not from ${host}:${port}`,
      hint: 'primary_conninfo says from whom: see standby_signal.',
    })
  else if (wanted.slot !== undefined && standby.slot !== wanted.slot)
    problems.push({
      what: `the standby streams ${standby.slot ? `through slot ${standby.slot}` : 'without a slot'}, not through ${wanted.slot}`,
      hint: 'primary_slot_name says so: see standby_signal.',
    })
  if (standby.paused)
    problems.push({
      what: 'replay is paused',
      hint: `A setting that must not be less than the upstream's may be (see ${log}); else say: select pg_wal_replay_resume().`,
    })
  if (upstream === null) return problems
  if ('unreachable' in upstream)
    return [...problems, { what: `the upstream does not answer this host: ${upstream.unreachable}` }]
  if (upstream.system !== standby.system)
    problems.push({
      what: `the upstream is another system: its identifier is ${upstream.system}, the standby's ${standby.system}`,
      hint: 'The standby is a copy of another server.',
    })
  else if (lagBytes(upstream, standby.replayed) > 0n)
    problems.push({
      what: `replayed up to ${standby.replayed ?? 'nothing'}, and the upstream had written up to ${upstream.lsn}`,
    })
  return problems
}

/** Bytes of WAL that are still to be replayed of those the upstream had written. */
export function lagBytes(upstream: Identity, replayed: string | null): bigint {
  const lag = lsnBytes(upstream.lsn) - (replayed === null ? 0n : lsnBytes(replayed))
  return lag > 0n ? lag : 0n
}
