import { Refusal } from '../../contract/errors.ts'
import { jsonText } from '../../contract/exact-json.ts'
import type { Module } from '../../contract/module.ts'
import { UnknownError } from '../../contract/unknown.ts'
import { PlayError, type Pos } from '../errors.ts'
import type { Scope } from '../load/scope.ts'
import { renderValue } from '../load/template.ts'
import type { Loop, LoopControl, RoleUse, Task, Vars } from '../load/types.ts'
import { readsNothing } from './inspect.ts'
import { flagOf, textOf } from './keyword-value.ts'
import { foldersOf } from './places.ts'
import { type Around, toleratesUndefined, WITH } from './with.ts'

export interface Item {
  value: unknown
  /** loop_var, index_var, and what Ansible says of the loop. */
  vars: Vars
  /** For the report; null outside loops. */
  label: string | null
}

/** What has a loop: a task, or an include. */
export interface Looping {
  loop?: Loop
  loopControl: LoopControl
  dir: string
  role?: RoleUse
  /** `template` looks for a first file in templates/, and so on, as in Ansible. */
  module?: string
}

/** Where loops look for files, and whether it is the task's turn. */
export type LoopPlace = { playDir: string } & Pick<Around, 'now' | 'check'>

/**
 * The items of a task's loop, or one nameless item where it has none.
 * @param hide takes secrets out of what a label shows: before it is cut, since half a secret is not known again
 * @throws {PlayError} where it is no list
 */
export function itemsOf(
  task: Looping,
  scope: Scope,
  place: LoopPlace,
  hide: (vars: Vars) => Vars = (vars) => vars,
): Item[] {
  if (!task.loop) return [{ value: undefined, vars: {}, label: null }]
  const { loopControl } = task
  const list = listOf(task, task.loop, scope, place)
  const extended = flagOf('extended', loopControl.extended, scope) === true
  const withAll = extended && flagOf('extended_allitems', loopControl.extendedAllitems, scope) !== false
  return list.map((value, index) => {
    const own = { [loopControl.loopVar]: value }
    const vars: Vars = { ...own, ansible_loop_var: loopControl.loopVar }
    if (loopControl.indexVar) {
      vars[loopControl.indexVar] = index
      vars.ansible_index_var = loopControl.indexVar
    }
    if (extended) vars.ansible_loop = { ...position(list, index), ...(withAll ? { allitems: list } : {}) }
    return { value, vars, label: labelOf(hide(own)[loopControl.loopVar]) }
  })
}

function listOf(task: Looping, loop: Loop, scope: Scope, place: LoopPlace): unknown[] {
  if (loop.lookup !== undefined) return lookedUp(task, loop, loop.lookup, scope, place)
  const list = renderValue(loop.value, scope, loop.locate)
  if (Array.isArray(list)) return list
  const found = list === null ? 'null' : typeof list === 'object' ? 'a mapping' : `a ${typeof list}`
  throw new PlayError('playbook', `loop needs a list, and this is ${found}`, {
    pos: loop.locate([]),
    hint:
      found === 'a mapping'
        ? 'Loop over its keys: `loop: "{{ keys thing }}"`.'
        : 'Write a list: `loop: [a, b]`.',
  })
}

function lookedUp(task: Looping, loop: Loop, name: string, scope: Scope, place: LoopPlace): unknown[] {
  const terms = toleratesUndefined(name)
    ? renderedWhereDefined(loop.value, scope, loop.locate)
    : renderValue(loop.value, scope, loop.locate)
  const { playDir, now, check } = place
  try {
    return WITH[name]!(terms, {
      dirs: foldersOf(task, playDir),
      kind: kindFor(task.module ?? ''),
      now,
      check,
    })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new PlayError('playbook', error.message, { pos: loop.locate([]), hint: error.hint })
  }
}

/** As in Ansible the name of the module says it. */
const kindFor = (module: string): Around['kind'] =>
  module.includes('template') ? 'templates' : module.includes('var') ? 'vars' : 'files'

/** Parts whose variables are not there are left out. */
function renderedWhereDefined(value: unknown, scope: Scope, locate: Loop['locate']): unknown {
  if (Array.isArray(value))
    return value.flatMap((part, index) => {
      const found = renderedWhereDefined(part, scope, (path = []) => locate([index, ...path]))
      return found === undefined ? [] : [found]
    })
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, part]) => {
        const found = renderedWhereDefined(part, scope, (path = []) => locate([key, ...path]))
        return found === undefined ? [] : [[key, found]]
      }),
    )
  try {
    return renderValue(value, scope, locate)
  } catch (error) {
    if (error instanceof PlayError && error.code === 'variable') return undefined
    throw error
  }
}

/** `ansible_loop` (docs.ansible.com, Extended loop variables). */
function position(list: readonly unknown[], index: number): Vars {
  const { length } = list
  return {
    ...{ index: index + 1, index0: index, revindex: length - index, revindex0: length - index - 1 },
    ...{ first: index === 0, last: index + 1 === length, length },
    ...(index > 0 ? { previtem: list[index - 1] } : {}),
    ...(index + 1 < length ? { nextitem: list[index + 1] } : {}),
  }
}

/** What `loop_control` calls an item; undefined where it says nothing, or only the run will know. @throws {PlayError} */
export function labelIn(label: string | undefined, scope: Scope, pos: Pos): string | undefined {
  try {
    return label === undefined ? undefined : textOf('label', label, scope, pos)
  } catch (error) {
    if (error instanceof UnknownError) return undefined
    throw error
  }
}

/** The item in a few words, unless loop_control gives a label. */
function labelOf(value: unknown): string {
  if (typeof value === 'string') return value
  const text = jsonText(value) ?? String(value)
  return text.length > 120 ? `${text.slice(0, 117)}…` : text
}

/** Items under way at once: so many answers and commands are held. */
const MOST_UNDER_WAY = 32

/** Whether an item's command may be sent before the one before it has answered: nothing of it hangs on the answer. */
export const travelTogether = (task: Task, module: Module): boolean =>
  readsNothing(task, module) &&
  !task.until &&
  task.async === undefined &&
  !task.loopControl.pause &&
  task.loopControl.breakWhen.length === 0

export interface Turn {
  /** All before it are done. */
  before: Promise<unknown>
  /** Called when the next item may begin; without, it begins when this one is done. */
  next: () => void
  /** None after this one begins. */
  stop: () => void
}

/** Runs items in order. @returns what came of them; @throws the first error, when all that began have ended */
export async function inTurn<Item, Result>(
  items: readonly Item[],
  run: (item: Item, index: number, turn: Turn) => Promise<Result>,
): Promise<Result[]> {
  const begun: Promise<Result>[] = []
  let before: Promise<unknown> = Promise.resolve()
  let stopped = false
  const stop = () => {
    stopped = true
  }
  try {
    for (const [index, item] of items.entries()) {
      await begun[index - MOST_UNDER_WAY]
      if (stopped) break
      await new Promise<void>((next, fail) => {
        const own = run(item, index, { before, next, stop })
        own.then(() => next(), fail)
        begun.push(own)
        before = Promise.all([before, own])
        before.catch(() => {})
      })
    }
    return await Promise.all(begun)
  } finally {
    await Promise.allSettled(begun)
  }
}
