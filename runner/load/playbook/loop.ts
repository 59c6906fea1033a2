import type { Located, Task } from '../types.ts'
import { within } from '../yaml.ts'
import { checkKeywords } from './check-keywords.ts'
import { Fields, isTemplate } from './fields.ts'

const LOOP_CONTROL = ['loop_var', 'index_var', 'label', 'pause']

/** A list, or a template that gives one. */
export function readLoop(fields: Fields): Located | undefined {
  if (!fields.has('loop')) return undefined
  const value = fields.raw('loop')
  if (Array.isArray(value) || isTemplate(value)) return within(fields.at, 'loop')
  const hint =
    typeof value === 'string'
      ? `write loop: "{{ ${value} }}" if that is a variable`
      : 'start each item with "- "'
  return fields.wrong('loop', 'a list, or {{ }} that gives one', hint)
}

export function readLoopControl(fields: Fields): Task['loopControl'] {
  const at = fields.mapping('loop_control')
  if (!at) return { loopVar: 'item' }
  const control = new Fields(at, fields.diagnostics)
  checkKeywords(control, LOOP_CONTROL, 'loop_control')
  return {
    loopVar: control.identifier('loop_var') ?? 'item',
    indexVar: control.identifier('index_var'),
    label: control.text('label'),
    pause: control.number('pause', 0),
  }
}
