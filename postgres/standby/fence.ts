import type { HostReader } from '../../contract/host.ts'
import type { Change, Step } from '../../contract/plan.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { readStartConf, type StartConf, startConfSteps } from '../conf/start-conf.ts'
import { signalOf, writeSignal } from './signal.ts'

/**
 * What keeps a former primary from being one again: a standby.signal of play's, without an upstream, and no start at
 * boot. PostgreSQL looks at the file alone, never at what is in it (26.2.2): whoever starts the server gets one that
 * only reads, and whose subscription workers cannot run.
 */
export interface Fence {
  /** The host that takes over, or has. */
  successor: string
  /** What start.conf said before. */
  startConf: StartConf
}

export const fenceText = ({ successor, startConf }: Fence): string =>
  `fenced by play: ${successor} takes over from this server; its start.conf said ${startConf}\n`
const FENCE = /^fenced by play: (\S+) takes over from this server; its start\.conf said (\w+)$/

/** Null where it is no fence: the signal file of a standby is anybody's. */
export function parseFence(text: string | undefined): Fence | null {
  const found = FENCE.exec(text?.trim() ?? '')
  return found ? { successor: found[1]!, startConf: found[2] as StartConf } : null
}

/** The fence of a cluster, running or not; null where there is none. */
export async function readFence(
  host: HostReader,
  { dataDir }: Pick<Cluster, 'dataDir'>,
): Promise<Fence | null> {
  return parseFence((await host.readFile(signalOf(dataDir)))?.toString())
}

export async function readStartConfOf(host: HostReader, { configDir }: Pick<Cluster, 'configDir'>) {
  return readStartConf((await host.readFile(`${configDir}/start.conf`))?.toString())
}

/**
 * The server that follows has a fence no longer: its signal file becomes that of any standby, and it starts at boot as
 * before. start.conf first: once the fence is gone nothing remembers what it said.
 */
export function liftInto(cluster: Cluster, fence: Fence): { changes: Change[]; steps: Step[] } {
  return {
    changes: [fenceChange(cluster, fence, 'the signal file of a standby', 'it follows its successor')],
    steps: [...startConfSteps(cluster, fence.startConf), writeSignal(cluster.dataDir)],
  }
}

export const fenceChange = (
  cluster: Pick<Cluster, 'dataDir'>,
  { successor }: Fence,
  after: string | null,
  reason: string,
): Change => ({
  path: signalOf(cluster.dataDir),
  before: `play's fence: ${successor} takes over`,
  after,
  reason,
})
