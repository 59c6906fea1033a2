import type { WantedCluster } from '../../topology/wanted.ts'
import type { FoundCluster, Surroundings } from '../look/found.ts'
import type { ServerLook } from '../look/look.ts'
import type { Finding } from './compare.ts'

/** It is a primary, and whom it is to follow is none, or was one before it. */
export function tookOver(
  server: ServerLook,
  { upstream }: WantedCluster,
  servers: Surroundings['servers'],
): boolean {
  if (server.recovery || upstream === null) return false
  const above = servers.get(upstream)
  if (!above || above.recovery) return true
  return (above.timeline ?? 0) < (server.timeline ?? 0) && above.system === server.system
}

export const TOOK_OVER =
  'It took over: write that into the inventory. switchover.yaml and failover.yaml end with what to write; one that was interrupted is run again.'

/** A server's role, and whether a standby streams from where it should. */
export function compareStandby(
  server: ServerLook,
  wanted: WantedCluster,
  found: FoundCluster,
  { servers }: Surroundings,
): Finding[] {
  const differ = (what: string, hint?: string): Finding => ({ kind: 'difference', what, hint })
  const { standby } = server
  if (wanted.upstream === null)
    return standby
      ? [differ(`it is a standby of ${found.upstream ?? 'nobody'}, and the inventory wants a primary`)]
      : []
  if (!standby)
    return [
      differ(
        `it is a primary, and the inventory wants a standby of ${wanted.upstream}`,
        tookOver(server, wanted, servers)
          ? TOOK_OVER
          : 'Was it promoted? pg_basebackup rebuilds it, and refuses to lose data.',
      ),
    ]
  const log = `/var/log/postgresql/postgresql-${wanted.version}-${wanted.cluster}.log`
  const findings: Finding[] = []
  if (!found.streaming)
    findings.push(
      differ(
        `it does not stream from its primary: its WAL receiver ${standby.status === null ? 'does not run' : `is ${standby.status}`}`,
        `See ${log}: the primary, its pg_hba.conf (an entry for replication), the passfile, or the slot.`,
      ),
    )
  if (found.upstream !== wanted.upstream)
    findings.push(
      differ(
        `it follows ${found.upstream ?? 'nobody'}, not ${wanted.upstream}`,
        'primary_conninfo says from whom: see standby_signal.',
      ),
    )
  else if (found.slot !== wanted.slot && wanted.slot !== null)
    findings.push(
      differ(
        `it streams ${found.slot === null ? 'without a slot' : `through slot ${found.slot}`}, not through ${wanted.slot}`,
        'primary_slot_name says so: see standby_signal.',
      ),
    )
  const above = servers.get(wanted.upstream)
  if (above && above.system !== server.system)
    findings.push(
      differ(
        `it is a copy of another server: its system identifier is ${server.system}, that of ${wanted.upstream} ${above.system}`,
      ),
    )
  return findings
}
