import pLimit from 'p-limit'
import type { Module } from '../../contract/module.ts'
import { exitCodeOf, PlayError } from '../errors.ts'
import { selectTask } from '../load/tags.ts'
import type { Inventory, Play, Vars } from '../load/types.ts'
import type { Event } from '../report/events.ts'
import type { Masker } from '../report/mask.ts'
import { ReadAhead } from './ahead.ts'
import { Fleet, type FleetOptions, type Guard } from './fleet.ts'
import { type Inherited, NOTHING_INHERITED } from './inherit.ts'
import { refusalOf } from './keyword-value.ts'
import { lookAtLocks } from './lock-look.ts'
import { lockWishes } from './lock-wishes.ts'
import type { Locks } from './locks.ts'
import { comingPlay, inheritedOf, nameReaches, type RunContext, runPlay } from './play.ts'
import { Tally } from './tally.ts'

export interface RunInput {
  plays: readonly Play[]
  playbooks: string[]
  inventory: Inventory
  modules: ReadonlyMap<string, Module>
  extraVars: Vars
  check: boolean
  /** How many -v. */
  verbosity: number
  /** Bytes that are kept of each stream of a user's command. */
  maxOutput: number
  guard?: Guard
  derived?: FleetOptions['derived']
  onGrown?: FleetOptions['onGrown']
  /** undefined with --no-lock. */
  locks?: Locks
  /** A check whose finding is going to be carried out takes the locks already. */
  lock: boolean
  forks: number
  tags: string[]
  skipTags: string[]
  startAtTask?: string
  forceHandlers: boolean
  become: boolean
  becomeUser?: string
  /** Hosts of --limit; undefined for no limit. */
  limit?: readonly string[]
  ofRun: FleetOptions['ofRun']
  loginUser: FleetOptions['loginUser']
  otherwise: FleetOptions['otherwise']
  connect: FleetOptions['connect']
  ask: FleetOptions['ask']
  renew: FleetOptions['renew']
  readInventory: FleetOptions['readInventory']
  /** Given the fleet before anything runs: connections need the hosts' variables. */
  onFleet: (fleet: Fleet) => void
  masker: Masker
  emit: (event: Event) => void
  interrupted: () => boolean
  version: string
}

/** Ansible's exit code for a run that the user stopped. */
const INTERRUPTED = 99
/** What was asked for is not there: the code of bad input. */
const NEVER_BEGUN = 4

/** Runs the plays in order. @returns the exit code */
export async function run(input: RunInput): Promise<number> {
  const started = performance.now()
  const tally = new Tally()
  const interrupted = () => input.interrupted() || input.locks?.lost !== undefined
  const fleet = new Fleet({
    inventory: input.inventory,
    extraVars: input.extraVars,
    check: input.check,
    verbosity: input.verbosity,
    maxOutput: input.maxOutput,
    guard: input.guard,
    derived: input.derived,
    onGrown: input.onGrown,
    locks: input.check ? undefined : input.locks,
    interrupted,
    ask: input.ask,
    ofRun: input.ofRun,
    loginUser: input.loginUser,
    otherwise: input.otherwise,
    connect: input.connect,
    renew: input.renew,
    readInventory: input.readInventory,
    masker: input.masker,
    emit: input.emit,
    playbookDir: input.plays[0]?.dir ?? '.',
    lost: () => tally.lost,
  })
  const limited = input.limit ? new Set(input.limit) : null
  input.onFleet(fleet)
  const base: Inherited = {
    ...NOTHING_INHERITED,
    become: input.become || undefined,
    becomeUser: input.becomeUser,
  }
  const known: Omit<RunContext, 'ahead'> = {
    fleet,
    modules: input.modules,
    tally,
    limitForks: pLimit(input.forks),
    selects: (tags) => selectTask([...tags], input.tags, input.skipTags),
    startAt: { name: input.startAtTask },
    forceHandlers: input.forceHandlers,
    forks: input.forks,
    base,
    knownPlayVars: new Map(),
    begun: new Set(),
    interrupted,
    limit: (hosts) => (limited ? hosts.filter((name) => limited.has(name)) : hosts),
  }
  const coming = input.plays.map((play) => ({ play, inherited: inheritedOf(play, base) }))
  const context: RunContext = {
    ...known,
    ahead: new ReadAhead(
      fleet,
      input.modules,
      known.selects,
      (play) => (known.startAt.name === undefined ? comingPlay(play, known) : undefined),
      coming,
    ),
  }
  await nameReaches(input.plays, known).catch((error: unknown) => {
    throw refusalOf(error)
  })
  const wishes = lockWishes(input.plays, known)
  if (input.lock) await input.locks?.takeAll(wishes)
  const looked = input.lock ? undefined : lookAtLocks(wishes, input)
  const hosts = [...(limited ?? input.inventory.hosts.keys())]
  input.emit({
    event: 'run_start',
    playbooks: input.playbooks,
    check: input.check,
    hosts,
    version: input.version,
  })
  /** What is wrong with a play itself ends the run. */
  let ended: { by: unknown } | undefined
  for (const play of input.plays) {
    if (interrupted()) break
    let why: string | null
    try {
      why = await runPlay(play, context)
    } catch (error) {
      // Ctrl-C while a play waited for a program: what was done until then is told as ever.
      if (error instanceof PlayError && error.code === 'interrupted') break
      ended = { by: refusalOf(error) }
      break
    }
    if (why === null) continue
    const left = input.plays.length - input.plays.indexOf(play) - 1
    if (left > 0 && !interrupted())
      input.emit({
        event: 'warning',
        message: `${why}: the run ends here, and ${left} ${left === 1 ? 'play was' : 'plays were'} not begun`,
      })
    break
  }
  await looked
  const never = known.startAt.name !== undefined && !interrupted()
  if (never)
    input.emit({
      event: 'warning',
      message: `no task that was come to is called '${known.startAt.name}' (--start-at-task): nothing was done`,
    })
  const lost = input.locks?.lost === undefined ? 0 : 2
  const exit_code = ended
    ? exitCodeOf(ended.by)
    : input.interrupted()
      ? INTERRUPTED
      : tally.exitCode | lost | (never ? NEVER_BEGUN : 0)
  const no_lock = input.lock && !input.locks && wishes.size > 0 ? { no_lock: true as const } : {}
  const duration_ms = Math.round(performance.now() - started)
  input.emit({ event: 'recap', hosts: tally.hosts, check: input.check, duration_ms, exit_code, ...no_lock })
  if (ended) throw ended.by
  return exit_code
}
