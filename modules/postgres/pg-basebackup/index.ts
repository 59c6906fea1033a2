import { Refusal } from '../../../contract/errors.ts'
import { type Prediction, predict, withdraw } from '../../../contract/facts.ts'
import { defineModule } from '../../../contract/module.ts'
import type { Change, Plan, Step } from '../../../contract/plan.ts'
import { fileKey } from '../../../contract/shared-facts.ts'
import { type Cluster, configDirOf } from '../../../postgres/cluster/cluster.ts'
import { predictFiles, predictVersion } from '../../../postgres/cluster/create.ts'
import { clusterKey } from '../../../postgres/cluster/key.ts'
import { isCutShort, rewindMarkOf } from '../../../postgres/rewind/mark.ts'
import { settingsKey } from '../../../postgres/settings/catalogue.ts'
import { clearSteps, copySteps } from '../../../postgres/standby/copy.ts'
import { inspect, requireUpstream, type State, temporaryOf } from '../../../postgres/standby/inspect.ts'
import { type Params, params } from '../../../postgres/standby/params.ts'
import { signalChange, signalOf, writeSignal } from '../../../postgres/standby/signal.ts'
import { leftMarks, refuseFilled } from '../../../postgres/standby/tablespaces.ts'
import { upstreamName } from '../../../postgres/standby/upstream.ts'
import { type Decision, decide } from './decide.ts'

/** A physical copy of a running server, as the beginning of a standby. It is not started here. */
export const pgBasebackupModule = defineModule<Params, State>({
  name: 'pg_basebackup',
  summary: 'Copies a running server for a standby; never replaces a data directory that holds something',
  changesNothing: (args) => args.check_only === true,
  params,
  inspect,
  plan,
  result: ({ state, plan: { changes, steps } }) => ({
    data_dir: state.dataDir,
    copied: steps.some((step) => step.do === 'exec' && step.title === 'the base backup'),
    replaced: changes.some(({ destructive }) => destructive) ? state.asideName : null,
    system_identifier: state.upstream.reachable
      ? state.upstream.systemIdentifier
      : (state.cluster?.systemIdentifier ?? null),
  }),
})

function plan(state: State, given: Params): Plan {
  const decision = decide(state, given)
  const plan = planFor(decision, state, given)
  if (given.check_only) return { changes: [], steps: [] }
  const kept = state.kept.map(
    (path) => `${path} is kept from an earlier run; remove it when nobody misses it`,
  )
  return kept.length > 0 ? { ...plan, notes: [...(plan.notes ?? []), ...kept] } : plan
}

function planFor(decision: Decision, state: State, given: Params): Plan {
  if (decision.kind === 'ok') return planClearing(state, given, decision.note)
  requireUpstream(state, given)
  refuseCopyAtWork(state)
  if (decision.kind === 'signal') return planSignal(state, given)
  if (state.temporary === 'foreign')
    throw new Refusal(
      `${temporaryOf(state.dataDir)} is in the way, and play did not make it`,
      'Move it away, then run again.',
    )
  refuseFilled(state.tablespaces)
  return planCopy(state, given, decision)
}

/** @throws {Refusal} */
function refuseCopyAtWork({ copying, dataDir }: State): void {
  if (!copying || copying.isLeft) return
  throw new Refusal(
    `another run copies into ${temporaryOf(dataDir)} at this moment (process ${copying.pids.join(', ')})`,
    'Let it end. If its run is gone, and only the connection did not notice: kill the process.',
  )
}

/** All is well, but for what a run left that was cut short after the copy had taken its place. */
function planClearing(state: State, given: Params, note: string | undefined): Plan {
  const plan: Plan = { changes: [], steps: [], notes: note ? [note] : [] }
  const clear = (path: string, steps: Step[]) => {
    plan.changes.push({ path, before: 'left over from a run that was cut short', after: null })
    plan.steps.push(...steps)
  }
  if (state.temporary === 'ours' && (!state.copying || state.copying.isLeft))
    clear(temporaryOf(state.dataDir), clearSteps(state, given))
  const mark = rewindMarkOf(state.dataDir)
  if (state.rewind !== null && !isCutShort(state.rewind, state.disk?.control ?? null))
    clear(mark, [{ do: 'remove', path: mark }])
  for (const path of leftMarks(state.tablespaces)) clear(path, [{ do: 'remove', path }])
  return plan
}

/** Complete, but a start would make a second primary of it. */
function planSignal(state: State, given: Params): Plan {
  return {
    changes: [
      signalChange(
        state.dataDir,
        `the copy of ${upstreamName(given.upstream)} is complete, but a start would make it a primary`,
      ),
    ],
    steps: [writeSignal(state.dataDir), ...clearSteps(state, given)],
    predicts: state.cluster ? [predict(keyOf(given), plannedStandby(state, given))] : [],
  }
}

function planCopy(state: State, given: Params, { aside, why }: Extract<Decision, { kind: 'copy' }>): Plan {
  const of = `copy of ${upstreamName(given.upstream)}${state.size ? `, about ${state.size}` : ''}`
  const change: Change = {
    path: `data directory ${state.dataDir}`,
    before: aside ? `what is there now${why ? ` (${why})` : ''}` : null,
    after: of,
    destructive: aside,
    reason: aside ? `the old one is kept as ${[state.asideName, ...asideOf(state)].join(', ')}` : undefined,
  }
  return {
    changes: [change],
    steps: copySteps(state, given, aside),
    predicts: predictsOf(state, given),
    notes: aside ? [state.asideName, ...asideOf(state)].map(kept) : [],
  }
}

const kept = (path: string): string => `the directory that was replaced is kept as ${path}`

/** Tablespaces that go aside with the data directory. */
const asideOf = ({ tablespaces }: State): string[] =>
  tablespaces.flatMap(({ is, aside }) => (is === 'own' ? [aside] : []))

const keyOf = (given: Params) => clusterKey(given.version, given.cluster)

function plannedStandby({ cluster, dataDir, create, upstream }: State, given: Params): Cluster {
  const { version, cluster: name } = given
  return {
    version,
    name,
    port: cluster?.port ?? create!.port,
    dataDir,
    configDir: configDirOf(version, name),
    socketDir: cluster?.socketDir ?? '/var/run/postgresql',
    running: false,
    recovery: true,
    serverVersion: cluster?.serverVersion ?? Number(version) * 10_000,
    systemIdentifier: upstream.reachable ? upstream.systemIdentifier : undefined,
    copyOf: upstreamName(given.upstream),
  }
}

function predictsOf(state: State, given: Params): Prediction[] {
  const planned = plannedStandby(state, given)
  const { dataDir, create } = state
  const file = (path: string, content: string) =>
    predict(fileKey(path), { content, owner: 'postgres', group: 'postgres', mode: '0600' })
  return [
    predict(keyOf(given), planned),
    withdraw(settingsKey(planned)),
    ...(create ? predictFiles(planned, create.files) : []),
    predictVersion(planned),
    file(signalOf(dataDir), ''),
    predict(fileKey(`${dataDir}/recovery.signal`), null),
    // Of the upstream's own one nothing is known here.
    file(
      `${dataDir}/postgresql.auto.conf`,
      '# Do not edit this file manually!\n# It will be overwritten by the ALTER SYSTEM command.\n',
    ),
  ]
}
