import * as z from 'zod'
import { Refusal } from '../../contract/errors.ts'
import { type Prediction, predict } from '../../contract/facts.ts'
import type { HostReader } from '../../contract/host.ts'
import { defineModule } from '../../contract/module.ts'
import { choice, flag } from '../../contract/params.ts'
import type { Change, Plan, Step } from '../../contract/plan.ts'
import { slotKey } from '../../postgres/catalog/slot.ts'
import { majorOf } from '../../postgres/catalog/version.ts'
import { type Cluster, requireCluster } from '../../postgres/cluster/cluster.ts'
import { keyOfCluster } from '../../postgres/cluster/key.ts'
import { clusterParams } from '../../postgres/cluster/meant.ts'
import { bringUp, predictStopped, stop } from '../../postgres/cluster/server.ts'
import { startConfSteps } from '../../postgres/conf/start-conf.ts'
import { lsnBytes } from '../../postgres/replication/upstream.ts'
import { type History, isAncestor, readHistory } from '../../postgres/rewind/history.ts'
import { type Keep, keepSteps, readKeep } from '../../postgres/rewind/keep.ts'
import {
  isCutShort,
  readRewindMark,
  rewindMarkOf,
  rewindMarkText,
  startConfIn,
  startConfLine,
} from '../../postgres/rewind/mark.ts'
import { type Control, readControl } from '../../postgres/standby/control.ts'
import { type Fence, liftInto, parseFence } from '../../postgres/standby/fence.ts'
import { signalChange, signalOf, writeSignal } from '../../postgres/standby/signal.ts'
import {
  requirePassfile,
  upstreamConninfo,
  upstreamName,
  upstreamParams,
  WHILE_COPYING,
} from '../../postgres/standby/upstream.ts'

const params = z.strictObject({
  ...clusterParams,
  upstream: upstreamParams.meta({
    description:
      'The server that took over, running. To rewind, the role needs EXECUTE on pg_ls_dir, pg_stat_file and pg_read_binary_file there (pg_rewind(1), Notes).',
    example: { host: 'vm4', user: 'replicator', passfile: '/var/lib/postgresql/play.pgpass' },
  }),
  diverged: choice('refuse', 'rewind').default('refuse').meta({
    description:
      'Where this server wrote something that the other one never got: `refuse`, or `rewind`, which throws that away. (pg_basebackup with `replace` keeps it in a directory aside.)',
  }),
  keep: flag().default(false).meta({
    description:
      'Before it is rewound, copy the whole data directory beside, as DIR.before-rewind-…; refused where there is no room. Nothing of play deletes the copy.',
  }),
})
type Params = z.output<typeof params>

interface State {
  cluster: Cluster
  /** The signal file of a standby, which it is already. */
  signal: boolean
  /** play's fence: it was a primary, and who has started it since got one that only reads. */
  fence: Fence | null
  /** Where no server runs but behind the fence. */
  control: Control | null
  history: History | { unreachable: string } | null
  /** The mark of an earlier rewind that began. */
  begun: string | null
  /** How the directory is copied before. */
  keep: Keep | null
  /** Its replication slots, of which pg_rewind leaves none. */
  slots: string[]
  /** The upstream is promoted, and this server shut down, by earlier tasks of this check. */
  handedOver: boolean
}

/** Turns a stopped primary into a standby of the server that took over from it. It is not started here. */
export const pgRewindModule = defineModule<Params, State>({
  name: 'pg_rewind',
  summary: 'Makes a stopped former primary a standby of its successor, rewinding it where they have parted',
  params,
  async inspect(host, given): Promise<State> {
    const cluster = await requireCluster(host, given)
    await requirePassfile(host, given.upstream)
    const text = await host.readFile(signalOf(cluster.dataDir))
    const fence = parseFence(text?.toString())
    const signal = text !== null && !fence
    const [slots, begun] = await Promise.all([
      host.list(`${cluster.dataDir}/pg_replslot`),
      readRewindMark(host, cluster.dataDir),
    ])
    const base = {
      cluster,
      signal,
      fence,
      control: null,
      history: null,
      begun,
      keep: null,
      slots: slots ?? [],
      handedOver: false,
    }
    if ((cluster.running && !fence) || signal) return base
    if (isHandedOver(host, cluster, given)) return { ...base, handedOver: true }
    const [control, history] = await Promise.all([
      readControl(host, cluster.version, cluster.dataDir),
      readHistory(host, cluster.version, { ...given.upstream, dbname: undefined }),
    ])
    const keep = given.keep && control ? await readKeep(host, cluster, control) : null
    return { ...base, control, history, keep }
  },
  plan,
  result({ state: { keep }, plan: { steps } }) {
    const rewound = steps.some(({ title }) => title === REWIND)
    return keep ? { rewound, kept: rewound ? keep.path : null } : { rewound }
  },
})

const REWIND = 'pg_rewind'
/** Seconds that a crash recovery may take. */
const RECOVERY = 3600

/** Planned here: this server shuts down and the other one is promoted, so that nothing will be between them. */
function isHandedOver(host: HostReader, cluster: Cluster, { upstream }: Params): boolean {
  const key = keyOfCluster(cluster)
  return host.predicted(key)?.running === false && host.predictedOn(upstream.host, key)?.recovery === false
}

function plan(state: State, given: Params): Plan {
  const { cluster, signal, fence, handedOver } = state
  const name = `cluster ${cluster.version}/${cluster.name}`
  if (signal || (cluster.running && cluster.recovery && !fence)) return withoutMark(state)
  if (cluster.running && !fence)
    throw new Refusal(
      `${name} runs, and is a primary`,
      'If another server took over from it, stop it first: `pg_cluster: { state: stopped }`.',
    )
  if (handedOver) return asStandby(state, [], [])
  if (hasJustEnded(state)) {
    const startConf = startConfIn(state.begun)
    const before = startConf ? startConfSteps(cluster, startConf) : []
    return asStandby(state, [], before, [{ do: 'remove', path: rewindMarkOf(cluster.dataDir) }])
  }
  const { control, history } = judge(state, name, given)
  return hasNothingOfItsOwn(state, control, history)
    ? asStandby(state, [], [])
    : rewind(state, control, history, given)
}

/** It follows already. A run that was cut short may have left its mark. */
function withoutMark({ cluster, begun }: State): Plan {
  const path = rewindMarkOf(cluster.dataDir)
  if (begun === null) return { changes: [], steps: [] }
  return {
    changes: [{ path, before: 'left over from a run that was cut short', after: null }],
    steps: [{ do: 'remove', path }],
  }
}

/** The run was cut short after pg_rewind, which ends with the control file of a server that recovers on the new timeline. */
function hasJustEnded({ begun, control, history }: State): boolean {
  if (begun === null || !control || !history || 'unreachable' in history) return false
  return (
    !isCutShort(begun, control) &&
    control.state === 'in archive recovery' &&
    control.systemIdentifier === history.systemIdentifier &&
    control.timeline === history.timeline
  )
}

/** Behind the fence nothing is written: it stands where it stood when it was fenced, or where its crash recovery ended. */
function hasNothingOfItsOwn({ fence }: State, control: Control, history: History): boolean {
  if (!isAncestor(control, history)) return false
  if (control.state === 'shut down') return true
  const left = history.left[control.timeline]
  const isRecovered = /recovery/.test(control.state) && control.minRecovery !== '0/0'
  return (
    fence !== null && isRecovered && left !== undefined && lsnBytes(control.minRecovery) <= lsnBytes(left)
  )
}

/** @throws {Refusal} where the two do not belong together, or nobody can tell */
function judge({ cluster, fence, control, history, begun }: State, name: string, { upstream }: Params) {
  if (!control)
    throw new Refusal(
      `${cluster.dataDir} is no complete data directory`,
      'Make a copy first: `pg_basebackup`.',
    )
  if (!history || 'unreachable' in history)
    throw new Refusal(
      `${upstreamName(upstream)} cannot be reached from here as ${upstream.user}`,
      'Start it, and let this host in: a line for database "replication" in its pg_hba.conf, and the right passfile here.',
      history ? [history.unreachable] : [],
    )
  if (history.systemIdentifier !== control.systemIdentifier)
    throw new Refusal(
      `${name} and ${upstreamName(upstream)} were never one server: their system identifiers differ`,
      'Make a copy: `pg_basebackup`.',
      [`here: ${control.systemIdentifier}`, `upstream: ${history.systemIdentifier}`],
    )
  if (isCutShort(begun, control))
    throw new Refusal(
      `an earlier pg_rewind of ${cluster.dataDir} was cut short: what it left cannot be trusted`,
      `Make a copy: \`pg_basebackup\` with \`replace: "${control.systemIdentifier}"\` moves it aside.`,
    )
  if (history.timeline === control.timeline && (fence || control.state !== 'shut down in recovery'))
    throw new Refusal(
      `${upstreamName(upstream)} is on timeline ${history.timeline}, as ${name} is: it has not taken over from it`,
      'Promote it first: `pg_promote`.',
    )
  if (history.left[control.timeline] === undefined)
    throw new Refusal(
      `${name} is on timeline ${control.timeline}, from which ${upstreamName(upstream)} (timeline ${history.timeline}) does not come`,
      'Make a copy: `pg_basebackup`.',
    )
  return { control, history }
}

function rewind(state: State, control: Control, history: History, given: Params): Plan {
  const { cluster, slots, keep } = state
  const left = history.left[control.timeline]!
  const parted = `they parted at ${left} on timeline ${control.timeline}`
  const name = `cluster ${cluster.version}/${cluster.name}`
  if (given.diverged === 'refuse')
    throw new Refusal(
      `${name} may have written what ${upstreamName(given.upstream)} never got: ${parted}`,
      `\`diverged: rewind\` throws that away. \`pg_basebackup\` with \`replace: "${control.systemIdentifier}"\` copies anew, and keeps it in a directory aside.`,
      [
        `state: ${control.state}`,
        `latest checkpoint: ${control.checkpoint}`,
        `last write: ${control.modified}`,
      ],
    )
  const marker = rewindMarkOf(cluster.dataDir)
  const kept = keep ? keepSteps(cluster, keep) : { changes: [], steps: [] }
  const source = upstreamConninfo(given.upstream, {
    dbname: given.upstream.dbname ?? 'postgres',
    ...WHILE_COPYING,
  })
  const program = `/usr/lib/postgresql/${cluster.version}/bin/pg_rewind`
  const config = `${cluster.configDir}/postgresql.conf`
  const argv = [program, '--target-pgdata', cluster.dataDir, '--source-server', source, '--progress']
  // Its own crash recovery needs the configuration, which Debian keeps elsewhere.
  if (majorOf(cluster) >= 15) argv.push(`--config-file=${config}`)
  else if (control.state !== 'shut down' && !state.fence)
    throw new Refusal(
      `${name} was not shut down (${control.state})`,
      'Start it once and stop it, then run again.',
    )
  const change: Change = {
    path: `data directory ${cluster.dataDir}`,
    before: `on timeline ${control.timeline}, latest checkpoint ${control.checkpoint}`,
    after: `as ${upstreamName(given.upstream)}, on timeline ${history.timeline}`,
    destructive: true,
    reason: `${parted}: what was written here since is thrown away`,
  }
  const startConf = state.fence ? startConfLine(state.fence.startConf) : ''
  const mark: Step = {
    do: 'write_file',
    path: marker,
    content: `${rewindMarkText(control)}\n${startConf}`,
    mode: '0600',
  }
  const step: Step = {
    do: 'exec',
    title: REWIND,
    as: 'postgres',
    argv,
    env: { LC_ALL: 'C.UTF-8' },
    progress: true,
  }
  const plan = asStandby(
    state,
    [...kept.changes, change],
    [...kept.steps, ...recovered(state, control), mark, step],
    [{ do: 'remove', path: marker }],
  )
  const gone = slots.map((slot) => predict(slotKey(cluster, slot), null))
  return { ...plan, predicts: [...plan.predicts, ...gone] }
}

/** With the signal file, and never to be started without it. */
function asStandby(
  { cluster, fence }: State,
  changes: Change[],
  before: Step[],
  after: Step[] = [],
): Plan & { predicts: Prediction[] } {
  const name = `cluster ${cluster.version}/${cluster.name}`
  const standby = fence
    ? liftInto(cluster, fence)
    : {
        changes: [signalChange(cluster.dataDir, 'its successor is the primary')],
        steps: [writeSignal(cluster.dataDir)],
      }
  const stopped: Change = {
    path: name,
    before: 'running, and only reading',
    after: 'stopped',
    destructive: true,
  }
  return {
    changes: [...(cluster.running ? [stopped] : []), ...changes, ...standby.changes],
    steps: [...(cluster.running ? [stop(cluster)] : []), ...before, ...standby.steps, ...after],
    predicts: [
      ...predictStopped(cluster),
      predict(keyOfCluster(cluster), { ...cluster, running: false, recovery: true }),
    ],
  }
}

/**
 * pg_rewind recovers a server that crashed by itself, but not one that has a signal file, nor one that was stopped while it
 * recovered from a crash: of that it takes the last checkpoint for the end of its WAL, and may find nothing to rewind. Started
 * behind its fence it recovers without ever being a primary; without a fence as pg_rewind does it, in single-user mode.
 */
function recovered({ cluster, fence }: State, { state, minRecovery }: Control): Step[] {
  const isStoppedInCrash = state === 'shut down in recovery' && minRecovery === '0/0'
  if (cluster.running) return []
  if (fence && (isStoppedInCrash || !state.startsWith('shut down')))
    return [...bringUp('start', cluster, cluster, RECOVERY), stop(cluster)]
  return isStoppedInCrash ? [singleUser(cluster)] : []
}

/** Recovers, and ends at the end of its input, which is empty (postgres(1), Options for Single-User Mode). */
const singleUser = ({ version, configDir, dataDir }: Cluster): Step => ({
  do: 'exec',
  title: 'crash recovery',
  as: 'postgres',
  argv: [
    ...[`/usr/lib/postgresql/${version}/bin/postgres`, '--single', '-F', '-D', dataDir],
    ...['-c', `config_file=${configDir}/postgresql.conf`, 'template1'],
  ],
  env: { LC_ALL: 'C.UTF-8' },
  stdin: '',
})
