import { PlayError } from '../errors.ts'
import type { Scope } from '../load/scope.ts'
import { renderValue } from '../load/template.ts'
import type { Located, Task, Vars } from '../load/types.ts'

export interface Item {
  value: unknown
  /** loop_var and index_var. */
  vars: Vars
  /** For the report; null outside loops. */
  label: string | null
}

/** The items of a task's loop, or one nameless item where it has none. @throws {PlayError} where it is no list */
export function itemsOf(task: { loop?: Located; loopControl: Task['loopControl'] }, scope: Scope): Item[] {
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
  return list.map((value, index) => ({
    value,
    vars: {
      [loopControl.loopVar]: value,
      ...(loopControl.indexVar ? { [loopControl.indexVar]: index } : {}),
    },
    label: labelOf(value),
  }))
}

/** The item in a few words, unless loop_control gives a label. */
function labelOf(value: unknown): string {
  if (typeof value === 'string') return value
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 120 ? `${text.slice(0, 117)}…` : text
}
