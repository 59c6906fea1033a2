import { didYouMean } from '../nearest.ts'
import { type Located, META_ACTIONS, type Meta } from '../types.ts'
import { checkKeywords } from './check-keywords.ts'
import type { Context, Mapping } from './context.ts'
import { describe } from './describe.ts'
import { Fields } from './fields.ts'
import { readInheritable } from './inherit.ts'
import { META_KEYWORDS, unqualified } from './keywords.ts'

const keyOf = (value: Mapping): string | undefined =>
  Object.keys(value).find((key) => unqualified(key) === 'meta')

export const isMeta = (value: Mapping): boolean => keyOf(value) !== undefined

/** `meta: flush_handlers` and the like (docs.ansible.com, meta module). */
export function readMeta(at: Located<Mapping>, context: Context): Meta | undefined {
  const fields = new Fields(at, context.diagnostics)
  const key = keyOf(at.value)!
  checkKeywords(fields, [...META_KEYWORDS, key], 'meta', context)
  const rest = {
    kind: 'meta' as const,
    ...{ pos: at.locate(), file: context.file, dir: context.dir, name: fields.text('name') ?? 'meta' },
    ...readInheritable(fields),
  }
  const value = fields.raw(key)
  const action = META_ACTIONS.find((one) => one === (typeof value === 'string' ? value.trim() : value))
  if (action) return { ...rest, action }
  context.diagnostics.add('playbook', `meta does not know ${describe(value)}`, {
    pos: fields.pos(key),
    hint: didYouMean(String(value), META_ACTIONS, `it takes ${META_ACTIONS.join(', ')}`),
  })
  return undefined
}
