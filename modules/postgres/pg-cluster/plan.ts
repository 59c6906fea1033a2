import { Refusal } from '../../../contract/errors.ts'
import { type Prediction, predict } from '../../../contract/facts.ts'
import type { Change, Plan, Step } from '../../../contract/plan.ts'
import { type Cluster, targetOf } from '../../../postgres/cluster/cluster.ts'
import {
  createSteps,
  finishSteps,
  plannedCluster,
  predictFiles,
  predictVersion,
} from '../../../postgres/cluster/create.ts'
import { START_ERRORS, type State } from '../../../postgres/cluster/inspect.ts'
import { keyOfCluster } from '../../../postgres/cluster/key.ts'
import type { Params } from '../../../postgres/cluster/params.ts'
import { outdatedKey } from '../../../postgres/cluster/program.ts'
import { bringUp, predictStopped, stop } from '../../../postgres/cluster/server.ts'
import { goBack, trialSteps } from '../../../postgres/cluster/trial.ts'
import { type StartConf, startConfSteps } from '../../../postgres/conf/start-conf.ts'
import { filesReadKey } from '../../../postgres/hba/fact.ts'
import { type SettingsFact, settingsKey } from '../../../postgres/settings/catalogue.ts'
import { afterReload, afterStart, pendingRestart } from '../../../postgres/settings/running.ts'
import { planAbsent } from './drop.ts'

export function plan(given: State, params: Params): Plan {
  if (params.state === 'absent') return planAbsent(given, params)
  if (!given.cluster) return planCreate(given, params)
  const draft = new Draft(given.cluster, params)
  const state = finish(draft, given)
  const { cluster } = draft
  setStartConf(draft, state, params)
  switch (params.state) {
    case 'present':
      if (cluster.running && params.restart !== 'never' && !cluster.notReady)
        restartNeeded(draft, state, params)
      break
    case 'started':
      if (!cluster.running) start(draft, state, params)
      else if (params.restart !== 'never' && !cluster.notReady) restartNeeded(draft, state, params)
      break
    case 'stopped':
      if (cluster.running) stopNow(draft)
      break
    case 'restarted':
      if (cluster.running) restart(draft, state, params, 'asked for')
      else start(draft, state, params)
      break
    case 'reloaded':
      reload(draft, state)
  }
  return draft.plan
}

/** A plan in the making. */
class Draft {
  readonly plan: Plan & { predicts: Prediction[]; notes: string[] } = {
    changes: [],
    steps: [],
    predicts: [],
    notes: [],
  }
  readonly path: string
  constructor(
    public cluster: Cluster,
    params: Params,
  ) {
    this.path = `cluster ${cluster.version}/${cluster.name}`
    const { port, data_dir } = params
    if (data_dir !== undefined && data_dir !== cluster.dataDir)
      throw new Refusal(
        `${this.path} has its data in ${cluster.dataDir}, not in ${data_dir}`,
        'A data directory is not moved by this module: correct `data_dir`, or leave it out.',
      )
    if (port !== undefined && port !== cluster.port)
      this.plan.notes.push(
        `port ${port} is for a new cluster; this one has ${cluster.port} (pg_conf changes it)`,
      )
  }
  add(change: Change, steps: readonly Step[], predicts: readonly Prediction[] = []): void {
    this.plan.changes.push(change)
    this.plan.steps.push(...steps)
    this.plan.predicts.push(...predicts)
  }
}

function planCreate({ create }: State, params: Params): Plan {
  const { version, cluster: name, state } = params
  if (!create)
    throw new Refusal(
      `there is no cluster ${version}/${name}, so that it cannot be ${state}`,
      'Create it first: `pg_cluster: { state: started }`.',
    )
  const cluster = plannedCluster(params, create)
  const draft = new Draft(cluster, params)
  const files = predictFiles(cluster, create.files)
  draft.add(
    { path: draft.path, before: null, after: `port ${create.port}, data in ${create.dataDir}` },
    createSteps(params, create),
    [predict(keyOfCluster(cluster), cluster), ...files],
  )
  if (state === 'started') {
    refuseDisabled(create.startConf, draft)
    // The settings it runs with are computed when asked for, from the files that are there by then.
    draft.add(
      { path: draft.path, before: 'stopped', after: 'running' },
      bringUp('start', cluster, cluster, params.timeout),
      [predict(keyOfCluster(cluster), { ...cluster, running: true, recovery: false })],
    )
  }
  return draft.plan
}

/** What a run that was cut short left to do; and the state afterwards. */
function finish(draft: Draft, state: State): State {
  const { leftover, hasData } = state
  if (!leftover || leftover.foreign) return state
  const made = leftover.made && !hasData
  const { dataDir, folder } = leftover.place
  const change = made
    ? {
        path: draft.path,
        before: 'without its data: its creation was cut short',
        after: `data in ${dataDir}`,
      }
    : { path: folder, before: 'left over from a run that was cut short', after: null }
  const steps = finishSteps({ ...leftover, made })
  if (!made) {
    draft.add(change, steps)
    return state
  }
  const { cluster } = draft
  draft.cluster = { ...cluster, serverVersion: Number(cluster.version) * 10_000, fresh: true }
  draft.add(change, steps, [
    predict(keyOfCluster(cluster), draft.cluster),
    predictVersion({ dataDir, version: cluster.version }),
  ])
  return { ...state, cluster: draft.cluster, hasData: true }
}

/** As it is told; else a cluster that play has stopped for good starts at boot again as before, once it is started. */
function setStartConf(draft: Draft, { startConf, startConfBefore }: State, params: Params): void {
  const isStarted = params.state === 'started' || params.state === 'restarted'
  const wanted = params.start_conf ?? (isStarted ? startConfBefore : undefined)
  if (wanted === undefined || wanted === startConf) return
  draft.add(
    { path: `${draft.path} at boot`, before: startConf, after: wanted },
    startConfSteps(
      draft.cluster,
      wanted,
      params.state === 'stopped' ? (startConfBefore ?? startConf) : undefined,
    ),
  )
}

function refuseDisabled(startConf: StartConf, { path }: Draft): void {
  if (startConf === 'disabled')
    throw new Refusal(
      `${path} is disabled in its start.conf, so that it cannot be started`,
      'Set `start_conf: auto`, or manual.',
    )
}

/** Where the files say that the server listens, which may be elsewhere than it does now. */
function addressOf({ conf }: State, cluster: Cluster) {
  const value = (name: string) => conf?.effective.get(name)?.value
  return {
    port: Number(value('port') ?? cluster.port),
    socketDir: value('unix_socket_directories')?.split(',')[0]?.trim() || cluster.socketDir,
  }
}

function start(draft: Draft, state: State, params: Params): void {
  const { cluster } = draft
  refuseDisabled(params.start_conf ?? state.startConf, draft)
  refuseWithoutData(state, draft)
  refuseLessThanPrimary(state, draft)
  if (state.fence)
    draft.plan.notes.push(
      `${draft.path} is fenced: it will only read. ${state.fence.successor} takes over from it`,
    )
  const isCopy = cluster.copyOf !== undefined
  const running: Cluster = {
    ...cluster,
    running: true,
    recovery: state.recovery || (isCopy && cluster.recovery === true),
    // Its catalogue can be read on the host, unless it is not there yet, or only an earlier task would stop it.
    peek: !cluster.fresh && !isCopy && cluster.systemIdentifier === undefined ? true : undefined,
  }
  draft.add(
    { path: draft.path, before: 'stopped', after: 'running' },
    bringUp('start', cluster, addressOf(state, cluster), params.timeout),
    [predict(keyOfCluster(cluster), running), ...predictSettings(state, cluster, afterStart)],
  )
}

function restartNeeded(draft: Draft, state: State, params: Params): void {
  if (state.restarted) return
  const pending = pendingRestart(state.conf!.settings, state.conf!.effective)
  const reasons = [
    ...(state.outdated ? ['it runs a program that was replaced since'] : []),
    ...(pending.length > 0 ? [`${pending.join(', ')} ${pending.length > 1 ? 'wait' : 'waits'} for it`] : []),
  ]
  if (reasons.length === 0) return
  const reason = reasons.join('; ')
  if (state.lessThanPrimary.length === 0) restart(draft, state, params, reason)
  else
    draft.plan.notes.push(
      `a restart is put off (${reason}): the standby would not start again, because it allows less than its primary (${state.lessThanPrimary.join('; ')})`,
    )
}

function restart(draft: Draft, state: State, params: Params, reason: string): void {
  const { cluster } = draft
  refuseDisabled(params.start_conf ?? state.startConf, draft)
  refuseFileErrors(state, draft, 'restart')
  refuseLessThanPrimary(state, draft)
  refuseNotStartable(state, draft)
  const address = addressOf(state, cluster)
  draft.add(
    { path: draft.path, before: 'running', after: 'restarted', destructive: true, reason },
    [
      wouldStart(cluster),
      ...trialSteps(cluster, address.port, state.conf),
      ...bringUp('restart', cluster, address, params.timeout, goBack(state.conf)),
    ],
    [
      predict(keyOfCluster(cluster), { ...cluster }),
      predict(outdatedKey(cluster), false),
      ...predictSettings(state, cluster, afterStart),
    ],
  )
}

/** A server that runs on lets itself be told to reload, and does nothing; restarted, it would be down. */
function refuseFileErrors({ fileErrors }: State, { path }: Draft, action: string): void {
  if (fileErrors.length === 0) return
  throw new Refusal(
    `the ${action} of ${path} is refused: it would not start with its files as they are`,
    'Correct these lines first.',
    fileErrors,
  )
}

function refuseNotStartable({ notStartable, conf }: State, { path }: Draft): void {
  if (notStartable.length === 0) return
  throw new Refusal(
    `the restart of ${path} is refused: it would not start with the settings that wait for it`,
    `It runs on as it does. ${goBack(conf)}`,
    notStartable,
  )
}

/** The disk may not be mounted: a new cluster in its stead would hide what is on it. */
function refuseWithoutData({ hasData }: State, { path, cluster }: Draft): void {
  if (hasData) return
  const { configDir, dataDir } = cluster
  throw new Refusal(
    dataDir === ''
      ? `the configuration of ${path} in ${configDir} names no data directory`
      : `${path} has a configuration, but there is no data directory in ${dataDir}`,
    `Is its disk mounted? If an interrupted pg_createcluster left it so: \`mv ${configDir} /root/\`, then run again.`,
  )
}

/** "recovery aborted because of insufficient parameter settings": FATAL at the start, whatever ran before. */
function refuseLessThanPrimary({ lessThanPrimary }: State, { path }: Draft): void {
  if (lessThanPrimary.length === 0) return
  throw new Refusal(
    `${path} is a standby that would not start: it allows less than its primary does`,
    'Raise these here with pg_conf. To lower them, lower them on the primary first, and let this standby replay that.',
    lessThanPrimary,
  )
}

function stopNow(draft: Draft): void {
  const { cluster } = draft
  draft.add(
    { path: draft.path, before: 'running', after: 'stopped', destructive: true },
    [stop(cluster)],
    predictStopped(cluster),
  )
}

function reload(draft: Draft, state: State): void {
  const { cluster } = draft
  if (!cluster.running) throw new Refusal(`${draft.path} is not running, so that it cannot reload`)
  refuseFileErrors(state, draft, 'reload')
  draft.add(
    { path: `${draft.path} configuration`, before: 'as last read', after: 'reloaded' },
    [
      wouldStart(cluster),
      { do: 'sql', on: targetOf(cluster), text: 'select pg_reload_conf()', title: 'the reload' },
    ],
    predictSettings(state, cluster, afterReload),
  )
}

/** A reload with a broken file says yes and does nothing, and a restart ends in a server that is down: refuse both. */
const wouldStart = (cluster: Cluster): Step => ({
  do: 'sql',
  on: targetOf(cluster),
  title: 'the check of the configuration files',
  text: `do $$ declare found text; begin
  select string_agg(error, e'\\n') into found from (${START_ERRORS}) e;
  if found is not null then
    raise exception 'the server would not start with its configuration files as they are' using detail = found, hint = 'Correct these lines first.';
  end if;
end $$`,
})

function predictSettings(state: State, cluster: Cluster, apply: typeof afterStart): Prediction[] {
  if (!state.conf) return []
  const { settings, effective, tls } = state.conf
  const fact: SettingsFact = { settings: apply(settings, effective), errors: null, tlsRead: tls.planned }
  return [predict(settingsKey(cluster), fact), predict(filesReadKey(cluster), true)]
}
