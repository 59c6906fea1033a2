import type { HostReader } from '../../contract/host.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { buildConninfo } from '../conninfo.ts'
import { psqlOf, psqlReason, SERVER_USER } from '../subscription/publisher.ts'
import { IDENTIFY_SCRIPT } from './identify-script.ts'

export interface Identity {
  system: string
  /** Where it had written and flushed to, or a standby had received to. */
  lsn: string
}

/** IDENTIFY_SYSTEM, as this host's standby would reach the upstream; or why it does not answer. */
export async function identify(
  host: HostReader,
  cluster: Cluster,
  upstream: Readonly<Record<string, unknown>>,
): Promise<Identity | { unreachable: string }> {
  const conninfo = buildConninfo({
    connect_timeout: '5',
    ...upstream,
    dbname: undefined,
    replication: 'true',
  })
  const argv = ['sh', '-c', IDENTIFY_SCRIPT, 'sh', psqlOf(cluster), conninfo]
  const { code, stdout, stderr } = await host.read(argv, { as: SERVER_USER })
  const [system, , lsn] = stdout.trim().split('|')
  if (code === 0 && system && lsn) return { system, lsn }
  return { unreachable: psqlReason(stderr, code) }
}

/** A log sequence number as a count of bytes. */
export function lsnBytes(lsn: string): bigint {
  const [high, low] = lsn.split('/')
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`)
}
