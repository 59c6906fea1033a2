import type { Module } from '../../contract/module.ts'
import { PlayError } from '../errors.ts'
import type { Scope } from '../load/scope.ts'
import { renderValue } from '../load/template.ts'
import type { Located, Task, Vars } from '../load/types.ts'
import { readsNothing } from './inspect.ts'

export interface Item {
  value: unknown
  /** loop_var and index_var. */
  vars: Vars
  /** For the report; null outside loops. */
  label: string | null
}

/**
 * The items of a task's loop, or one nameless item where it has none.
 * @param hide takes secrets out of what a label shows: before it is cut, since half a secret is not known again
 * @throws {PlayError} where it is no list
 */
export function itemsOf(
  task: { loop?: Located; loopControl: Task['loopControl'] },
  scope: Scope,
  hide: (vars: Vars) => Vars = (vars) => vars,
): Item[] {
  if (!task.loop) return [{ value: undefined, vars: {}, label: null }]
  const { loop, loopControl } = task
  const list = renderValue(loop.value, scope, loop.locate)
  if (!Array.isArray(list)) {
    const found = list === null ? 'null' : typeof list === 'object' ? 'a mapping' : `a ${typeof list}`
    throw new PlayError('playbook', `loop needs a list, and this is ${found}`, {
      pos: loop.locate([]),
      hint:
        found === 'a mapping'
          ? 'Loop over its keys: `loop: "{{ keys thing }}"`.'
          : 'Write a list: `loop: [a, b]`.',
    })
  }
  return list.map((value, index) => {
    const own = { [loopControl.loopVar]: value }
    const vars = loopControl.indexVar ? { ...own, [loopControl.indexVar]: index } : own
    return { value, vars, label: labelOf(hide(own)[loopControl.loopVar]) }
  })
}

/** The item in a few words, unless loop_control gives a label. */
function labelOf(value: unknown): string {
  if (typeof value === 'string') return value
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 120 ? `${text.slice(0, 117)}…` : text
}

/** Items under way at once: so many answers and commands are held. */
const MOST_UNDER_WAY = 32

/** Whether an item's command may be sent before the one before it has answered: nothing of it hangs on the answer. */
export const travelTogether = (task: Task, module: Module): boolean =>
  readsNothing(task, module) && !task.until && !task.loopControl.pause

export interface Turn {
  /** All before it are done. */
  before: Promise<unknown>
  /** Called when the next item may begin; without, it begins when this one is done. */
  next: () => void
}

/** Runs items in order. @returns what came of them; @throws the first error, when all that began have ended */
export async function inTurn<Item, Result>(
  items: readonly Item[],
  run: (item: Item, index: number, turn: Turn) => Promise<Result>,
): Promise<Result[]> {
  const begun: Promise<Result>[] = []
  let before: Promise<unknown> = Promise.resolve()
  try {
    for (const [index, item] of items.entries()) {
      await begun[index - MOST_UNDER_WAY]
      await new Promise<void>((next, fail) => {
        const own = run(item, index, { before, next })
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
