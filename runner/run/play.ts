import { isDeepStrictEqual } from 'node:util'
import pLimit, { type LimitFunction } from 'p-limit'
import type { Module } from '../../contract/module.ts'
import type { Reach } from '../hosts/types.ts'
import { resolvePattern } from '../load/host-pattern.ts'
import { languageOf } from '../load/language.ts'
import { notNow, settled } from '../load/outside.ts'
import type { Layer } from '../load/scope.ts'
import type { Handler, Play, RoleUse, Strategy, Vars } from '../load/types.ts'
import { loadVarsFile } from '../load/vars-files.ts'
import type { ComingPlay, ReadAhead } from './ahead.ts'
import { runEntries } from './entries.ts'
import { gatherFacts } from './facts.ts'
import type { Fleet } from './fleet.ts'
import { Handlers } from './handlers.ts'
import type { HostState } from './host-state.ts'
import { layerOf, type PlayVars } from './host-variables.ts'
import { type Inherited, inherit } from './inherit.ts'
import { becomeUser } from './inspect.ts'
import { flagOf, serialOf, textOf } from './keyword-value.ts'
import { failedOutcome } from './outcome.ts'
import { reachOf, saysReach, WITHOUT_REACH } from './reach.ts'
import type { Tally } from './tally.ts'
import { variablesOf } from './where.ts'

export interface RunContext {
  fleet: Fleet
  ahead: ReadAhead
  modules: ReadonlyMap<string, Module>
  tally: Tally
  /** Begins work on a host when fewer than `forks` are worked on. */
  limitForks: LimitFunction
  selects: (tags: readonly string[]) => boolean
  /** Task name or number of --start-at-task; cleared when it is reached. */
  startAt: { name: string | undefined }
  forceHandlers: boolean
  forks: number
  /** What the command line gives every play: -b and --become-user stand below the play's own keywords. */
  base: Inherited
  /** Of the plays that have begun or are read ahead: one object a batch, so that what was rendered with it is kept. */
  knownPlayVars: Map<Play, PlayVars>
  begun: Set<Play>
  /** Set by the first Ctrl-C: nothing new is begun. */
  interrupted: () => boolean
  limit: (hosts: string[]) => string[]
}

/** What tasks of one batch of a play share. */
export interface BatchContext extends RunContext {
  play: Play
  playVars: PlayVars
  handlers: Handlers
  course: Course
}

/** What has been decided of the rest of a play. */
export interface Course {
  /** Hosts for which it has ended (`meta: end_host` and the like). */
  ended: Set<string>
  /** No batch after this one begins (`meta: end_play`). */
  playEnds: boolean
  /** Nothing more is begun, in later plays neither (`max_fail_percentage`). */
  broken: boolean
}

/**
 * Runs a play over its hosts, batch by batch.
 * @returns why later plays may not begin, on hosts of other plays either; null where they may
 */
export async function runPlay(play: Play, run: RunContext): Promise<string | null> {
  const { fleet, tally } = run
  const hosts = inOrder(play.order, run.limit(await settled(() => targetsOf(play, run), run))).filter(
    (name) => !tally.isLost(name),
  )
  if (hosts.length === 0) {
    fleet.options.emit({ event: 'play_start', play: play.name, hosts: [] })
    fleet.options.emit({ event: 'no_hosts', play: play.name, reason: 'no hosts matched, or none is left' })
    return null
  }
  const { batches, anyErrorsFatal } = await settled(() => {
    const { scope } = playScopes(play, hosts, run)
    return {
      batches: batchesOf(hosts, serialOf(play.serial, scope)),
      anyErrorsFatal: flagOf('any_errors_fatal', play.anyErrorsFatal, scope),
    }
  }, run)
  for (const [index, batch] of batches.entries()) {
    if (run.interrupted()) return 'interrupted'
    fleet.options.emit({
      event: 'play_start',
      play: play.name,
      hosts: batch,
      ...(batches.length > 1 ? { batch: [index + 1, batches.length] as [number, number] } : {}),
    })
    const { playEnds, broken } = await runBatch(play, batch, run)
    if (broken || (anyErrorsFatal && batch.some((name) => tally.isLost(name))))
      return 'any_errors_fatal or max_fail_percentage'
    if (playEnds) return null
    if (batch.every((name) => tally.isLost(name))) {
      // Ansible's rule: a batch that failed whole ends the run. Native playbooks say so themselves where they want it.
      if (languageOf(play.hostsPos.file) === 'jinja') return 'all hosts of a play have failed'
      if (batches.length > 1) return null
    }
  }
  return null
}

/** The hosts that a play names, in inventory order. */
export function targetsOf(play: Play, { fleet }: Pick<RunContext, 'fleet'>): string[] {
  const { hosts, unknown } = resolveTargets(play, fleet)
  for (const name of unknown)
    fleet.options.emit({
      event: 'warning',
      message: `no host or group of the inventory matches "${name}" (${play.name})`,
    })
  return hosts
}

/** The same without a word; none where the pattern hangs on what is not known yet. */
export function targetsQuietly(play: Play, { fleet }: Pick<RunContext, 'fleet'>): string[] {
  try {
    return notNow(() => resolveTargets(play, fleet).hosts)
  } catch {
    return []
  }
}

/** A play's variables before it has begun; without those of files that hang on what is not known yet. */
export function playVarsFor(play: Play, hosts: string[], run: KnownPlays): PlayVars {
  const { fleet } = run
  try {
    if (play.varsFiles.length === 0) return notNow(() => playVarsOf(play, hosts, run))
    return { ...notNow(() => partsOf(play, fleet)), hosts, all: hosts }
  } catch {
    return { ...partsOf({ ...play, varsFiles: [] }, fleet), hosts, all: hosts }
  }
}

function resolveTargets(play: Play, fleet: Fleet, inventory = fleet.inventory) {
  const pattern = textOf('hosts', play.hosts, fleet.variables.hostScope('localhost'), play.hostsPos)
  return resolvePattern(inventory, pattern, play.hostsPos)
}

/** Also hosts that may turn out to belong to a group that the play names: they are locked before that is asked. */
export function possibleTargets(play: Play, { fleet }: Pick<RunContext, 'fleet'>): string[] {
  const named = targetsQuietly(play, { fleet })
  if (![...fleet.inventory.groups.values()].some(({ mayJoin }) => mayJoin)) return named
  const groups = new Map(
    [...fleet.inventory.groups].map(([name, group]) => [
      name,
      { ...group, hosts: [...group.hosts, ...(group.mayJoin ?? [])] },
    ]),
  )
  try {
    const wide = notNow(() => resolveTargets(play, fleet, { ...fleet.inventory, groups }).hosts)
    return [...new Set([...named, ...wide])]
  } catch {
    return named
  }
}

/** A play before it begins, for reading ahead; undefined where more must happen before it can be known. */
export function comingPlay(play: Play, run: Omit<RunContext, 'ahead'>): ComingPlay | undefined {
  const { fleet, tally } = run
  if (play.serial.length > 0) return undefined
  const isAlive = (name: string) => !tally.isLost(name)
  if (run.begun.has(play)) {
    const playVars = run.knownPlayVars.get(play)!
    return { play, hosts: playVars.hosts.filter(isAlive), playVars }
  }
  // What a file of variables says, and which one it is, may change until the play begins.
  if (play.varsFiles.length > 0) return undefined
  try {
    return notNow(upcoming)
  } catch {
    // A pattern that hangs on what is not known yet.
    return undefined
  }

  function upcoming(): ComingPlay | undefined {
    const hosts = run.limit(resolveTargets(play, fleet).hosts).filter(isAlive)
    const isUnknown = (name: string) => Object.keys(fleet.host(name).facts).length === 0
    const { playVars, scope } = playScopes(play, hosts, run)
    const reach = reachOf(play, scope, play.pos)
    for (const name of hosts) {
      const host = fleet.host(name)
      const asked = { fleet, playVars, inherited: inheritedOf(play, run.base), host, named: host }
      // Its own variables say where a host is once it has begun.
      if (host.reach?.variables || variablesOf(asked)) return undefined
      if (!isDeepStrictEqual(host.reach, reach)) return undefined
    }
    if (flagOf('gather_facts', play.gatherFacts, scope) && hosts.some(isUnknown)) return undefined
    return { play, hosts, playVars }
  }
}

async function runBatch(play: Play, batch: string[], run: RunContext): Promise<Course> {
  const { fleet, tally } = run
  const playVars = await settled(() => playVarsOf(play, batch, run), run)
  run.begun.add(play)
  const handlers = new Handlers(play.handlers)
  const course: Course = { ended: new Set(), playEnds: false, broken: false }
  const context: BatchContext = { ...run, play, playVars, handlers, course }
  const inherited = inheritedOf(play, run.base)
  const { reach, gathers } = await settled(() => {
    const { scope } = playScopes(play, batch, run)
    return {
      reach: reachOf(play, scope, play.pos),
      gathers: flagOf('gather_facts', play.gatherFacts, scope),
    }
  }, run)
  for (const name of batch) setReach(fleet.host(name), reach, playVars, inherited, fleet)
  if (gathers) await gatherAll(batch, inherited, context)
  await STRATEGY[play.strategy](
    batch,
    async (hosts) => {
      for (const section of play.sections) {
        const alive = hosts.filter((name) => !tally.isLost(name))
        await runEntries(section.entries, alive, inherited, context)
        await flushHandlers(hosts, inherited, context)
      }
    },
    context,
  )
  return course
}

/** How the hosts of a batch go through its play (docs.ansible.com, Controlling playbook execution: strategies). */
const STRATEGY: Record<
  Strategy,
  (batch: string[], go: (hosts: string[]) => Promise<void>, context: BatchContext) => Promise<unknown>
> = {
  linear: (batch, go) => go(batch),
  free: (batch, go) => Promise.all(batch.map((name) => go([name]))),
  host_pinned: (batch, go, { forks }) => {
    const limit = pLimit(forks)
    return Promise.all(batch.map((name) => limit(() => go([name]))))
  },
}

function inOrder(order: Play['order'], hosts: string[]): string[] {
  switch (order) {
    case 'inventory':
      return hosts
    case 'reverse_inventory':
      return hosts.toReversed()
    case 'sorted':
      return hosts.toSorted()
    case 'reverse_sorted':
      return hosts.toSorted().reverse()
    case 'shuffle':
      return hosts
        .map((name) => ({ name, at: Math.random() }))
        .toSorted((one, other) => one.at - other.at)
        .map(({ name }) => name)
  }
}

/** Runs the handlers that these hosts were told to run. @returns the hosts that failed in them */
export async function flushHandlers(
  batch: readonly string[],
  inherited: Inherited,
  context: BatchContext,
): Promise<Set<string>> {
  const failed = new Set<string>()
  const { handlers, tally, play } = context
  const said = await settled(() => {
    const { scope } = playScopes(play, context.playVars.hosts, context)
    return flagOf('force_handlers', play.forceHandlers, scope)
  }, context)
  const force = said ?? context.forceHandlers
  for (const handler of handlers.all) {
    const able = batch.filter((name) => (force ? !tally.isUnreachable(name) : !tally.isLost(name)))
    const hosts = able.filter((name) => handlers.isNotified(handler, name))
    const unsure = able.filter((name) => handlers.unsure(handler, name) !== undefined)
    const why = handlers.unsure(handler, unsure[0] ?? '')
    handlers.clear(handler, [...hosts, ...unsure])
    await run(handler, hosts, inherited)
    await run(handler, unsure, { ...inherited, unsure: why })
  }
  return failed

  async function run(handler: Handler, hosts: string[], from: Inherited): Promise<void> {
    if (hosts.length === 0) return
    for (const name of await runEntries([handler], hosts, from, context, 'handler')) failed.add(name)
  }
}

/** Keywords of the play itself are what its first host says. */
function playScopes(play: Play, hosts: string[], run: Omit<RunContext, 'ahead'>) {
  const playVars = playVarsOf(play, hosts, run)
  const { fleet } = run
  const scope = () =>
    fleet.variables.scope(fleet.host(hosts[0] ?? 'localhost'), playVars, inheritedOf(play, run.base))
  return { playVars, scope }
}

/** @param said by the keywords of a play */
function setReach(
  host: HostState,
  said: Reach | undefined,
  playVars: PlayVars,
  inherited: Inherited,
  fleet: Fleet,
): void {
  const variables = variablesOf({ fleet, playVars, inherited, host, named: host })
  host.reach = variables ? { ...said, variables } : said
}

const maySayReach = (play: Play): boolean =>
  saysReach(play) ||
  [play.varsFiles, play.roles, play.prompts, Object.keys(play.vars)].some(({ length }) => length > 0)

/** Before the first play: how each host is reached where it is locked. */
export async function nameReaches(plays: readonly Play[], run: Omit<RunContext, 'ahead'>): Promise<void> {
  if (!plays.some(maySayReach)) return
  for (const play of plays.toReversed()) {
    const hosts = run.limit(targetsQuietly(play, run))
    if (hosts.length === 0) continue
    // Its variables are only looked at where it has hosts by now, and says how they are reached.
    const scope = () => playScopes(play, hosts, run).scope()
    const reach = await settled(() => reachOf(play, scope, play.pos), run)
    const playVars = playVarsFor(play, hosts, run)
    for (const name of hosts)
      setReach(run.fleet.host(name), reach, playVars, inheritedOf(play, run.base), run.fleet)
  }
}

type KnownPlays = Pick<RunContext, 'fleet' | 'knownPlayVars' | 'limit'>

function playVarsOf(play: Play, hosts: string[], run: KnownPlays): PlayVars {
  const found = run.knownPlayVars.get(play)
  if (found?.hosts.length === hosts.length && found.hosts.every((name, index) => name === hosts[index]))
    return found
  const all = run.limit(resolveTargets(play, run.fleet).hosts)
  const made = { ...partsOf(play, run.fleet), hosts, all }
  run.knownPlayVars.set(play, made)
  return made
}

/** A play's variables are a layer of their own, and how its hosts are reached is kept with them: its tasks inherit the rest. */
const withoutVars = new WeakMap<Play, Play>()

export function inheritedOf(play: Play, base: Inherited): Inherited {
  const own = withoutVars.get(play) ?? { ...play, vars: {}, ...WITHOUT_REACH }
  withoutVars.set(play, own)
  return inherit(base, own)
}

const partsOf = (play: Play, fleet: Fleet): Omit<PlayVars, 'hosts' | 'all'> => ({
  name: play.name,
  below: play.roles.flatMap(({ exported }) => exported.defaults.map(layerOf)),
  layers: [...playLayers(play, fleet), ...play.roles.flatMap(({ exported }) => exported.vars.map(layerOf))],
  roles: [...play.roles],
  dir: play.dir,
})

/** A role that is included is one of the play's from then on, which sees its variables where it is public. */
export function addRole(role: RoleUse, isPublic: boolean, playVars: PlayVars, fleet: Fleet): void {
  if (isPublic) {
    playVars.below.push(...role.exported.defaults.map(layerOf))
    playVars.layers.push(...role.exported.vars.map(layerOf))
  }
  playVars.roles.push(role)
  fleet.changeVariables()
}

/** vars_files stand above the play's vars (Ansible, Understanding variable precedence). */
function playLayers(play: Play, fleet: Fleet): Layer[] {
  const scope = fleet.variables.hostScope('localhost')
  const own: Layer = { vars: play.vars, data: false, locate: (name) => play.varsAt?.locate([name]) }
  const files = play.varsFiles.map(({ path, pos }) => {
    const located = loadVarsFile(resolvePath(play.dir, textOf('vars_files', path, scope, pos)), pos)
    return { vars: located.value, data: false, locate: (name: string) => located.locate([name]) }
  })
  const prompted: Layer = { vars: play.prompted ?? {}, data: true }
  return [own, prompted, ...files]
}

const resolvePath = (dir: string, path: string): string => (path.startsWith('/') ? path : `${dir}/${path}`)

/** Gathers the facts of the hosts that have none yet. */
async function gatherAll(batch: string[], inherited: Inherited, context: BatchContext): Promise<void> {
  const { fleet, tally, play } = context
  const missing = batch
    .map((name) => fleet.host(name))
    .filter((host) => Object.keys(host.facts).length === 0 && !tally.isLost(host.name))
  if (missing.length === 0) return
  const head = { play: play.name, task: 'Gathering Facts', kind: 'facts' as const }
  fleet.options.emit({ event: 'task_start', ...head, at: `${play.file}:${play.pos.line}` })
  await Promise.all(missing.map(gather))
  if (missing.some(({ name }) => tally.isLost(name))) fleet.loseHosts()

  async function gather(host: HostState): Promise<void> {
    const started = performance.now()
    const base = { ...head, module: 'setup', host: host.name, item: null }
    try {
      const as = await settled(
        () => becomeUser(inherited, fleet.variables.scope(host, context.playVars, inherited), play.pos),
        context,
      )
      const facts = await gatherFacts(await fleet.options.connect(host.name), as)
      // Of env and local: what is a secret by its name.
      fleet.options.masker.learnResult('', facts.ansible_facts as Vars)
      host.setFacts(facts)
      host.reached = true
      tally.count(host.name, 'ok')
      fleet.options.emit({
        event: 'task_result',
        ...base,
        status: 'ok',
        changes: [],
        duration_ms: performance.now() - started,
      })
    } catch (error) {
      const outcome = failedOutcome(error)
      tally.count(host.name, outcome.status)
      const { status, message, error: described } = outcome
      const duration_ms = performance.now() - started
      fleet.options.emit({
        event: 'task_result',
        ...base,
        status,
        changes: [],
        duration_ms,
        message,
        error: described,
      })
    }
  }
}

/** Batches by `serial`: counts or percentages of all hosts; the last entry repeats. */
export function batchesOf(hosts: readonly string[], serial: readonly (number | string)[]): string[][] {
  if (serial.length === 0) return [[...hosts]]
  const batches: string[][] = []
  for (let at = 0, index = 0; at < hosts.length; index += 1) {
    const wanted = serial[Math.min(index, serial.length - 1)]!
    const size =
      typeof wanted === 'string' && wanted.endsWith('%')
        ? Math.max(1, Math.floor((hosts.length * Number.parseFloat(wanted)) / 100))
        : Math.max(1, Number(wanted) || hosts.length)
    batches.push(hosts.slice(at, at + size))
    at += size
  }
  return batches
}
