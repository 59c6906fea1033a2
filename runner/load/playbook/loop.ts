import type { Loop, LoopControl } from '../types.ts'
import { within } from '../yaml.ts'
import { checkKeywords } from './check-keywords.ts'
import { Fields, isTemplate } from './fields.ts'
import { LOOKUPS, LOOP_CONTROL } from './keyword-table.ts'

/** A list, a template that gives one, or what a lookup makes one of. */
export function readLoop(fields: Fields): Loop | undefined {
  const [key, ...more] = ['loop', ...LOOKUPS.map((name) => `with_${name}`)].filter((name) => fields.has(name))
  if (key === undefined) return undefined
  for (const other of more)
    fields.diagnostics.add('playbook', `a task has one loop, but this one has ${key} and ${other}`, {
      pos: fields.keyPos(other),
      hint: 'remove one of them',
    })
  if (key !== 'loop') return { ...within(fields.at, key), lookup: key.slice('with_'.length) }
  const value = fields.raw('loop')
  if (Array.isArray(value) || isTemplate(value)) return within(fields.at, 'loop')
  const hint =
    typeof value === 'string'
      ? `write loop: "{{ ${value} }}" if that is a variable`
      : 'start each item with "- "'
  return fields.wrong('loop', 'a list, or {{ }} that gives one', hint)
}

export function readLoopControl(fields: Fields): LoopControl {
  const at = fields.mapping('loop_control')
  if (!at) return { loopVar: 'item', breakWhen: [] }
  const control = new Fields(at, fields.diagnostics)
  checkKeywords(control, Object.keys(LOOP_CONTROL), 'loop_control')
  return {
    loopVar: control.identifier('loop_var') ?? 'item',
    indexVar: control.identifier('index_var'),
    label: control.text('label'),
    pause: control.number('pause', 0),
    extended: control.flag('extended'),
    extendedAllitems: control.flag('extended_allitems'),
    breakWhen: control.conditions('break_when'),
  }
}
