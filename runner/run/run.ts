import pLimit from 'p-limit'
import type { Module } from '../../modules/contract.ts'
import type { Connection } from '../hosts/types.ts'
import { selectTask } from '../load/tags.ts'
import type { Inventory, Play, Vars } from '../load/types.ts'
import type { Event } from '../report/events.ts'
import type { Masker } from '../report/mask.ts'
import { ReadAhead } from './ahead.ts'
import { Fleet, type Guard } from './fleet.ts'
import { type Inherited, NOTHING_INHERITED } from './inherit.ts'
import { comingPlay, inheritedOf, type RunContext, runPlay } from './play.ts'
import { Tally } from './tally.ts'

export interface RunInput {
  plays: readonly Play[]
  playbooks: string[]
  inventory: Inventory
  modules: ReadonlyMap<string, Module>
  extraVars: Vars
  check: boolean
  guard?: Guard
  forks: number
  tags: string[]
  skipTags: string[]
  startAtTask?: string
  forceHandlers: boolean
  become: boolean
  becomeUser?: string
  /** Hosts of --limit; undefined for no limit. */
  limit?: readonly string[]
  connect: (name: string) => Promise<Connection>
  /** Given the fleet before anything runs: connections need the hosts' variables. */
  onFleet: (fleet: Fleet) => void
  masker: Masker
  emit: (event: Event) => void
  interrupted: () => boolean
  version: string
}

/** Ansible's exit code for a run that the user stopped. */
const INTERRUPTED = 99

/** Runs the plays in order. @returns the exit code */
export async function run(input: RunInput): Promise<number> {
  const started = performance.now()
  const tally = new Tally()
  const fleet = new Fleet({
    inventory: input.inventory,
    extraVars: input.extraVars,
    check: input.check,
    guard: input.guard,
    connect: input.connect,
    masker: input.masker,
    emit: input.emit,
    playbookDir: input.plays[0]?.dir ?? '.',
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
    base,
    knownPlayVars: new Map(),
    begun: new Set(),
    interrupted: input.interrupted,
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
  const hosts = [...(limited ?? input.inventory.hosts.keys())]
  input.emit({
    event: 'run_start',
    playbooks: input.playbooks,
    check: input.check,
    hosts,
    version: input.version,
  })
  for (const play of input.plays) {
    if (input.interrupted()) break
    if (await runPlay(play, context)) continue
    const left = input.plays.length - input.plays.indexOf(play) - 1
    if (left > 0 && !input.interrupted())
      input.emit({
        event: 'warning',
        message: `any_errors_fatal: the run ends here, and ${left} ${left === 1 ? 'play was' : 'plays were'} not begun`,
      })
    break
  }
  const exit_code = input.interrupted() ? INTERRUPTED : tally.exitCode
  const duration_ms = Math.round(performance.now() - started)
  input.emit({ event: 'recap', hosts: tally.hosts, check: input.check, duration_ms, exit_code })
  return exit_code
}
