import { Refusal } from '../../../contract/errors.ts'
import { parseConninfo } from '../../../postgres/conninfo.ts'
import { isCutShort } from '../../../postgres/rewind/mark.ts'
import type { State } from '../../../postgres/standby/inspect.ts'
import type { Params } from '../../../postgres/standby/params.ts'
import { upstreamName } from '../../../postgres/standby/upstream.ts'

/** What is to be done, and why. */
export type Decision =
  | { kind: 'ok'; note?: string }
  /** A complete copy that nothing marks as a standby yet. */
  | { kind: 'signal' }
  /** `aside`: what is there is moved aside first; `why` it may be. */
  | { kind: 'copy'; aside: boolean; why?: string }

/**
 * The states that must be told apart before a data directory is replaced. Only what holds nothing, or what the task
 * names by its system identifier, ever is. @throws {Refusal}
 */
export function decide(state: State, params: Params): Decision {
  const { cluster, disk } = state
  if (cluster?.copyOf !== undefined) return decidePlannedCopy(state, params)
  if (cluster?.running && state.fence) return decideFenced(state, params)
  if (cluster?.running) return cluster.recovery ? decideStandby(state, params) : decidePrimary(state, params)
  if (!disk || disk.empty) return { kind: 'copy', aside: false }
  if (disk.server !== undefined)
    throw new Refusal(
      `a server (process ${disk.server}) runs on ${disk.path}, but does not answer on its socket`,
      'Find out why, or stop it, then run again.',
    )
  if (disk.ours) return { kind: 'copy', aside: false }
  if (disk.pgVersion === undefined)
    throw new Refusal(
      `${disk.path} holds files that are no data directory of PostgreSQL`,
      'Move them away yourself; play deletes nothing.',
      [`it holds: ${disk.names.slice(0, 8).join(', ')}${disk.names.length > 8 ? ', …' : ''}`],
    )
  if (!disk.control) return decidePartial(state)
  return decideStopped(state, params)
}

function decidePlannedCopy({ cluster }: State, { upstream }: Params): Decision {
  if (cluster!.copyOf === upstreamName(upstream)) return { kind: 'ok' }
  throw new Refusal(
    `an earlier task of this run already makes it a copy of ${cluster!.copyOf}, not of ${upstreamName(upstream)}`,
  )
}

/** It was a primary, whoever started it: whether it has something of its own is not seen here. */
function decideFenced(state: State, params: Params): Decision {
  const identifier = state.cluster?.systemIdentifier ?? state.disk?.control?.systemIdentifier
  if (params.replace !== undefined && params.replace === identifier) return named()
  const { message, details } = refusal(
    `it was a primary, and is fenced (${state.fence!.successor} takes over): what it wrote since they parted would be lost`,
    state,
    identifier,
  )
  throw new Refusal(
    message,
    'Let it follow: playbooks/switchover.yaml, where one was interrupted, or playbooks/rejoin.yaml.',
    details,
  )
}

/** A running standby is what is wanted, if it is one of this upstream. */
function decideStandby(state: State, params: Params): Decision {
  const { cluster, upstream } = state
  if (cluster!.systemIdentifier === undefined) return { kind: 'ok' }
  if (upstream.reachable) {
    if (upstream.systemIdentifier === cluster!.systemIdentifier)
      return params.rebuild ? anew() : { kind: 'ok' }
    if (params.replace === cluster!.systemIdentifier) return named()
    throw refusal(
      `it is a standby of another system than ${upstreamName(params.upstream)}`,
      state,
      cluster!.systemIdentifier,
    )
  }
  const follows = parseConninfo(state.primaryConninfo ?? '')
  const isSame =
    follows?.host === params.upstream.host && (follows.port ?? '5432') === String(params.upstream.port)
  if (isSame)
    return {
      kind: 'ok',
      note: `${upstreamName(params.upstream)} cannot be reached, so that its system identifier was not compared (${upstream.why})`,
    }
  throw unreachable(state, params)
}

function decidePrimary(state: State, params: Params): Decision {
  const { cluster, upstream, holdings } = state
  if (cluster!.notReady)
    throw new Refusal(
      `the server is not ready to be looked at: ${cluster!.notReady}`,
      'Run again when it has started.',
    )
  const identifier = cluster!.systemIdentifier
  if (
    identifier !== undefined &&
    upstream.reachable &&
    upstream.systemIdentifier === identifier &&
    params.replace !== identifier
  )
    throw refusal(
      `it is a running primary with the very system identifier of ${upstreamName(params.upstream)}: that server itself, or a standby that was promoted`,
      state,
      identifier,
    )
  if (holdings && holdings.userData.length > 0) {
    if (params.replace !== undefined && params.replace === identifier) return named()
    throw refusal('it is a primary that holds data', state, identifier)
  }
  return { kind: 'copy', aside: true, why: 'it holds nothing but what a new cluster holds' }
}

/** Without a control file no server can have run on it since: the copy was cut short. */
function decidePartial({ disk }: State): Decision {
  if (disk!.backupLabel) return { kind: 'copy', aside: true, why: 'it is a base backup that was cut short' }
  throw new Refusal(
    `${disk!.path} has no readable global/pg_control, and nothing says that it is a base backup that was cut short`,
    'It may be a damaged cluster. Look at it, and move it away yourself; play deletes nothing.',
  )
}

function decideStopped(state: State, params: Params): Decision {
  const { disk, upstream } = state
  if (!state.cluster)
    throw new Refusal(
      `${disk!.path} is a data directory, but there is no cluster ${params.version}/${params.cluster} that it belongs to`,
      'Move it away yourself, or give this cluster another `data_dir`; play deletes nothing.',
      [`system identifier: ${disk!.control!.systemIdentifier}`, `last write: ${disk!.control!.modified}`],
    )
  if (state.fence) return decideFenced(state, params)
  const control = disk!.control!
  if (params.replace === control.systemIdentifier && !isCompleteCopy(state)) return named()
  if (disk!.userData.length === 0 && !disk!.standbySignal && !disk!.backupLabel)
    return { kind: 'copy', aside: true, why: 'it holds nothing but what a new cluster holds' }
  if (!upstream.reachable) {
    if (disk!.standbySignal && follows(state, params))
      return {
        kind: 'ok',
        note: `${upstreamName(params.upstream)} cannot be reached, so that its system identifier was not compared (${upstream.why})`,
      }
    throw unreachable(state, params)
  }
  if (isCompleteCopy(state) && disk!.standbySignal) return params.rebuild ? anew() : { kind: 'ok' }
  if (isCompleteCopy(state)) return { kind: 'signal' }
  if (control.systemIdentifier !== upstream.systemIdentifier)
    throw refusal(
      `it belongs to another system than ${upstreamName(params.upstream)}, and holds data`,
      state,
      control.systemIdentifier,
    )
  throw refusal(
    `it is a stopped primary with the system identifier of ${upstreamName(params.upstream)}: what it wrote since they parted would be lost`,
    state,
    control.systemIdentifier,
  )
}

/** Of this upstream, and either marked as a standby or never started since it was copied; not what half a rewind left. */
function isCompleteCopy({ disk, upstream, rewind }: State): boolean {
  if (isCutShort(rewind, disk!.control)) return false
  if (!upstream.reachable || disk!.control!.systemIdentifier !== upstream.systemIdentifier) return false
  return disk!.standbySignal || disk!.backupLabel || disk!.control!.state === 'shut down in recovery'
}

function follows({ primaryConninfo }: State, { upstream }: Params): boolean {
  const found = parseConninfo(primaryConninfo ?? '')
  return found?.host === upstream.host && (found.port ?? '5432') === String(upstream.port)
}

const anew = (): Decision => ({ kind: 'copy', aside: true, why: 'a standby, which has nothing of its own' })
const named = (): Decision => ({ kind: 'copy', aside: true, why: 'the task names its system identifier' })

function refusal(what: string, state: State, identifier: string | undefined): Refusal {
  const { cluster, disk, holdings, dataDir } = state
  const control = disk?.control
  const modified = control?.modified ?? holdings?.modified
  return new Refusal(
    `${dataDir} is not replaced: ${what}`,
    identifier === undefined
      ? undefined
      : `If it may be moved aside all the same, say so: \`replace: "${identifier}"\`.`,
    [
      ...(identifier === undefined ? [] : [`system identifier here: ${identifier}`]),
      ...(state.upstream.reachable
        ? [`system identifier of the upstream: ${state.upstream.systemIdentifier}`]
        : []),
      `server: ${cluster?.running ? (cluster.recovery ? 'running, a standby' : 'running, a primary') : (control?.state ?? 'stopped')}`,
      ...(holdings?.databases.length ? [`databases: ${holdings.databases.join(', ')}`] : []),
      ...(holdings?.userData.length ? [`it holds ${holdings.userData.join(', ')}`] : []),
      ...(disk?.userData.length ? [`it holds ${disk.userData.join(', ')}`] : []),
      ...(disk?.size ? [`size: ${disk.size}`] : []),
      ...(modified ? [`last write: ${modified}`] : []),
    ],
  )
}

const unreachable = ({ upstream, dataDir }: State, params: Params): Refusal =>
  new Refusal(
    `${upstreamName(params.upstream)} cannot be reached, so that nobody can tell whether ${dataDir} is a copy of it`,
    'Start it, and let this host in: a line for database "replication" in its pg_hba.conf, and the right passfile here.',
    upstream.reachable ? [] : [upstream.why],
  )
