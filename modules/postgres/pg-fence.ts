import * as z from 'zod'
import { Refusal } from '../../contract/errors.ts'
import type { HostReader } from '../../contract/host.ts'
import { defineModule } from '../../contract/module.ts'
import { choice, text } from '../../contract/params.ts'
import type { Plan } from '../../contract/plan.ts'
import { type Cluster, requireCluster } from '../../postgres/cluster/cluster.ts'
import { clusterParams } from '../../postgres/cluster/meant.ts'
import { predictStopped, stop } from '../../postgres/cluster/server.ts'
import { type StartConf, startConfSteps } from '../../postgres/conf/start-conf.ts'
import { serverOf } from '../../postgres/standby/data-dir.ts'
import {
  type Fence,
  fenceChange,
  fenceText,
  parseFence,
  readStartConfOf,
} from '../../postgres/standby/fence.ts'
import { signalOf, writeSignal } from '../../postgres/standby/signal.ts'

const params = z.strictObject({
  ...clusterParams,
  state: choice('present', 'absent').default('present').meta({
    description:
      '`present`: of a stopped primary. Whoever starts it gets a server that only reads, and it does not start at boot. `absent`: the server is a primary again at its next start, which is not done here. The signal file of a standby is never taken away.',
  }),
  successor: text({ expected: 'the name of a host', fits: /^\S+$/ }).optional().meta({
    unset: 'needed with `state: present`',
    description: 'The host that takes over, which the fence names. Wanted with `state: present`.',
    example: 'vm4',
  }),
})
type Params = z.infer<typeof params>

interface State {
  cluster: Cluster
  signal: boolean
  fence: Fence | null
  startConf: StartConf
  /** PG_VERSION is there. */
  isDataDir: boolean
  /** The process of a server that runs on it, although it does not answer. */
  server?: number
}

/** Keeps a stopped primary from being one again, whoever starts it, until it follows its successor. */
export const pgFenceModule = defineModule<Params, State>({
  name: 'pg_fence',
  summary:
    'Fences a stopped primary: whoever starts it gets a server that only reads, until the fence is lifted',
  params,
  async inspect(host: HostReader, given): Promise<State> {
    const cluster = await requireCluster(host, given)
    const [signal, startConf, version, server] = await Promise.all([
      host.readFile(signalOf(cluster.dataDir)),
      readStartConfOf(host, cluster),
      host.stat(`${cluster.dataDir}/PG_VERSION`),
      !cluster.running ? serverOf(host, cluster.dataDir) : undefined,
    ])
    return {
      cluster,
      signal: signal !== null,
      fence: parseFence(signal?.toString()),
      startConf,
      isDataDir: version !== null || cluster.fresh === true,
      server,
    }
  },
  plan: (state, given) => (given.state === 'present' ? planFence(state, given) : planLift(state)),
})

function planFence({ cluster, signal, fence, startConf, isDataDir, server }: State, given: Params): Plan {
  const name = `cluster ${cluster.version}/${cluster.name}`
  if (given.successor === undefined)
    throw new Refusal('a fence names who takes over', 'Say which host: `successor: vm4`.')
  if (signal && !fence) return { changes: [], steps: [], notes: [`${name} is a standby: it needs no fence`] }
  if (cluster.running && !fence)
    throw new Refusal(
      `${name} runs${cluster.notReady ? `: ${cluster.notReady}` : ', and is a primary'}`,
      'Stop it first: `pg_cluster: { state: stopped }`.',
    )
  if (server !== undefined)
    throw new Refusal(
      `a server (process ${server}) runs on ${cluster.dataDir}, but does not answer on its socket`,
      'Find out why, or stop it, then run again.',
    )
  if (!isDataDir) throw new Refusal(`${cluster.dataDir} is no data directory: it has no PG_VERSION`)
  const wanted: Fence = { successor: given.successor, startConf: fence?.startConf ?? startConf }
  const plan: Plan = { changes: [], steps: [] }
  if (fence?.successor !== wanted.successor) {
    const after = `play's fence: ${wanted.successor} takes over`
    const change = {
      path: signalOf(cluster.dataDir),
      before: null,
      after,
      reason: 'whoever starts it now gets a server that only reads',
    }
    plan.changes.push(fence ? fenceChange(cluster, fence, after, change.reason) : change)
    plan.steps.push(writeSignal(cluster.dataDir, fenceText(wanted)))
  }
  if (startConf === 'auto') {
    plan.changes.push({ path: `${name} at boot`, before: startConf, after: 'manual' })
    plan.steps.push(...startConfSteps(cluster, 'manual'))
  }
  return plan
}

/** One that somebody has started meanwhile only reads, and goes on so until it is started anew. */
function planLift({ cluster, fence, startConf }: State): Plan {
  if (!fence) return { changes: [], steps: [] }
  const name = `cluster ${cluster.version}/${cluster.name}`
  const plan: Plan = { changes: [], steps: [] }
  if (cluster.running) {
    plan.changes.push({
      path: name,
      before: 'running, and only reading',
      after: 'stopped',
      destructive: true,
    })
    plan.steps.push(stop(cluster))
    plan.predicts = predictStopped(cluster)
  }
  if (startConf !== fence.startConf) {
    plan.changes.push({ path: `${name} at boot`, before: startConf, after: fence.startConf })
    plan.steps.push(...startConfSteps(cluster, fence.startConf))
  }
  plan.changes.push(fenceChange(cluster, fence, null, 'it is a primary at its next start'))
  // Last of all: it remembers what start.conf said.
  plan.steps.push({ do: 'remove', path: signalOf(cluster.dataDir) })
  return plan
}
