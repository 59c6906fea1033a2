import type { Module } from '../../contract/module.ts'
import { compileCondition } from '../load/condition.ts'
import { notNow } from '../load/outside.ts'
import { extendScope, type Scope } from '../load/scope.ts'
import type { Entry, Play, Task } from '../load/types.ts'
import type { Fleet } from './fleet.ts'
import type { HostState } from './host-state.ts'
import type { PlayVars } from './host-variables.ts'
import { type Inherited, inherit } from './inherit.ts'
import { type InspectContext, type Inspected, inspectTask, readsNothing, stillMeans } from './inspect.ts'
import { textOf } from './keyword-value.ts'
import { itemsOf } from './loop.ts'
import { type Where, whereOf } from './where.ts'

/** A play as it will begin, as far as can be known before. */
export interface ComingPlay {
  play: Play
  hosts: readonly string[]
  playVars: PlayVars
}

interface Coming {
  task: Task
  inherited: Inherited
  play: Play
  /** The state of things that it was last gone through in: doing that again would find nothing new. */
  readIn?: string
}

interface Found {
  epoch: number
  version: number
  /** null: it failed, and will be tried in its turn. */
  inspected: Promise<Inspected | null>
}

/** Tasks read ahead: at first, and at most. */
const FIRST_WINDOW = 4
const LARGEST_WINDOW = 32
/** Inspections of one task and host beside each other: the items of its loop. */
const MOST_ITEMS = 50
/** Inspections that are under way or wait for their turn, over all hosts: each may hold the files it is to copy. */
const MOST_KEPT = 500

/**
 * Inspects tasks before their turn, so that a run with nothing to change need not wait for each answer before it asks
 * the next question. A task reads what tasks before it wrote only where these change something: with the first change,
 * planned or made, all that was read ahead is thrown away, and reading ahead begins again in small steps. Tasks that read
 * nothing are only made ready, the next one at a time, and stay so: they hang on variables alone.
 */
export class ReadAhead {
  readonly #coming: Coming[] = []
  readonly #place = new Map<Task, number>()
  readonly #found = new Map<Task, Map<string, Found>>()
  #window = FIRST_WINDOW

  constructor(
    readonly fleet: Fleet,
    readonly modules: ReadonlyMap<string, Module>,
    readonly selects: (tags: readonly string[]) => boolean,
    /** undefined where it cannot be known yet. */
    readonly prepare: (play: Play) => ComingPlay | undefined,
    plays: readonly { play: Play; inherited: Inherited }[],
  ) {
    for (const { play, inherited } of plays)
      for (const section of play.sections) this.#add(section.entries, play, inherited)
  }

  /** A task has begun: those behind it are read, as far as the window goes. */
  begin(task: Task): void {
    let read = 0
    for (const coming of this.#after(task)) {
      if (read === this.#window || !this.#read(coming)) return
      read += 1
    }
  }

  /** The commands of a task are on their way: meanwhile the next is made ready, where nothing has to be read for it. */
  makeReady(task: Task): void {
    const [next] = this.#after(task)
    if (next && this.#readsNothing(next.task)) this.#read(next)
  }

  /** A task is done. `calm`: it changed nothing, and planned nothing. */
  end(task: Task, calm: boolean): void {
    const at = this.#place.get(task) ?? -1
    for (const other of this.#found.keys()) {
      const isPast = this.#place.get(other)! <= at
      if (isPast || (!calm && !this.#readsNothing(other))) this.#found.delete(other)
    }
    this.#window = calm ? Math.min(LARGEST_WINDOW, Math.max(2, this.#window * 2)) : 0
  }

  /** Whether something of it was read before its turn. */
  has = ({ task, host }: InspectContext, item: number): boolean =>
    this.#found.get(task)?.has(keyOf(host, item)) === true

  /** What was read before its turn, where it is still true. */
  async take(context: InspectContext, item: number, scope: Scope): Promise<Inspected | undefined> {
    const key = keyOf(context.host, item)
    const found = this.#found.get(context.task)?.get(key)
    this.#found.get(context.task)?.delete(key)
    const isOld = () => found?.epoch !== this.fleet.epoch && !this.#readsNothing(context.task)
    if (!found || isOld()) return undefined
    const inspected = await found.inspected
    const isReached = inspected && (await this.#isReached(inspected, context))
    if (!isReached || isOld()) return undefined
    // Variables may have changed whom the task is delegated to.
    if (inspected.target !== context.target) return undefined
    return found.version === this.fleet.version || stillMeans(inspected, context, scope)
      ? inspected
      : undefined
  }

  /** Whether the task would go there by the same connection: variables may have changed that say how. */
  async #isReached({ connection }: Inspected, { target, reach }: InspectContext): Promise<boolean> {
    return !reach?.variables || connection === (await this.fleet.options.connect(target.name, reach))
  }

  /** The tasks behind one, as far as tags let them run; none where its own place is not known. */
  *#after(task: Task): Generator<Coming> {
    for (let next = (this.#place.get(task) ?? Infinity) + 1; next < this.#coming.length; next += 1)
      if (this.selects(this.#coming[next]!.inherited.tags)) yield this.#coming[next]!
  }

  #readsNothing = (task: Task): boolean => readsNothing(task, this.modules.get(task.module)!)

  #add(entries: readonly Entry[], play: Play, parent: Inherited): void {
    for (const entry of entries) {
      const inherited = inherit(parent, entry)
      // What is included is decided when it is reached; rescue runs where something went wrong.
      if (entry.kind === 'block') this.#add([...entry.block, ...entry.always], play, inherited)
      if (entry.kind !== 'task') continue
      this.#place.set(entry, this.#coming.length)
      this.#coming.push({ task: entry, inherited, play })
    }
  }

  /** @returns whether there is any use in looking further */
  #read(coming: Coming): boolean {
    const { epoch, version } = this.fleet
    const state = `${epoch} ${version}`
    if (coming.readIn === state) return true
    const module = this.modules.get(coming.task.module)!
    const play = this.prepare(coming.play)
    if (!play) return false
    // Where a variable says it, every host is read: too many are no harm.
    const hosts =
      coming.inherited.runOnce === true || module.oncePerPlay ? play.hosts.slice(0, 1) : play.hosts
    let isWhole = true
    for (const name of hosts) {
      if (this.#kept() >= MOST_KEPT) return false
      const host = this.fleet.host(name)
      if (host.reached) this.#readOn(host, coming, play, module)
      else isWhole = false
    }
    if (isWhole) coming.readIn = state
    return true
  }

  #kept(): number {
    let count = 0
    for (const found of this.#found.values()) count += found.size
    return count
  }

  #readOn(host: HostState, { task, inherited }: Coming, play: ComingPlay, module: Module): void {
    const { fleet } = this
    try {
      for (const [index, inner, where] of notNow(() => this.#due(host, task, inherited, play))) {
        if (!where.target.reached) continue
        const playDir = play.play.dir
        this.#start({ fleet, task, module, inherited, playDir, host, ...where }, index, inner)
      }
    } catch {
      // What it needs may be known by then; if not, it says so in its turn.
    }
  }

  /** The items for which the task would be done: where, and with which variables. */
  #due(
    host: HostState,
    task: Task,
    inherited: Inherited,
    { play, playVars }: ComingPlay,
  ): [index: number, scope: Scope, where: Where][] {
    const { fleet } = this
    const scope = fleet.variables.scope(host, playVars, inherited)
    const place = { playDir: play.dir, now: false, check: fleet.options.check }
    const items = itemsOf(task, scope, place).slice(0, MOST_ITEMS)
    return [...items.entries()].flatMap(([index, { vars }]) => {
      const inner = task.loop ? extendScope(scope, vars, true) : scope
      if (!inherited.when.every((condition) => compileCondition(condition).test(inner))) return []
      const { delegateTo } = inherited
      const named =
        delegateTo === undefined ? host : fleet.host(textOf('delegate_to', delegateTo, inner, task.pos))
      const asked = { fleet, playVars, inherited, host, named, ...(task.loop ? { item: vars } : {}) }
      return [[index, inner, whereOf(asked, () => inner, task.pos)]]
    })
  }

  #start(context: InspectContext, item: number, scope: Scope): void {
    const { epoch, version } = this.fleet
    const known = this.#found.get(context.task) ?? new Map<string, Found>()
    this.#found.set(context.task, known)
    const key = keyOf(context.host, item)
    if (known.get(key)?.epoch === epoch) return
    const inspected = inspectTask(context, scope, 'ahead').catch(() => null)
    known.set(key, { epoch, version, inspected })
  }
}

const keyOf = (host: HostState, item: number): string => `${item} ${host.name}`
