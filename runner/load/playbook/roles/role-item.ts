import { jsonText } from '../../../../contract/exact-json.ts'
import type { Inheritable, Located } from '../../types.ts'
import { isMapping, within } from '../../yaml.ts'
import type { Context, Mapping } from '../context.ts'
import { describe } from '../describe.ts'
import { Fields } from '../fields.ts'
import { readInheritable } from '../inherit.ts'
import { placedOn } from '../keywords.ts'
import { renderStatic } from '../static.ts'
import type { Asked } from './read-role.ts'

const NAMES = ['role', 'name']
/** What the old way of listing requirements puts beside a role; it is about fetching it. */
const FETCHING = ['src', 'scm', 'version', 'galaxy_info']

/** An item of `roles:` or of a role's dependencies: a name, or a mapping with keywords and parameters beside it. */
export function readRoleItem(at: Located, context: Context): { asked: Asked; from: Inheritable } | undefined {
  if (typeof at.value === 'string') return readRoleItem(asMapping(at), context)
  if (!isMapping(at.value)) {
    const found = describe(at.value)
    context.diagnostics.add('playbook', `a role is a name or a mapping, but this is ${found}`, {
      pos: at.locate(),
      hint: 'write - NAME, or - role: NAME with its variables under vars:',
    })
    return undefined
  }
  const fields = new Fields(at as Located<Mapping>, context.diagnostics)
  const key = NAMES.find((name) => fields.has(name))
  const written = key === undefined ? undefined : fields.text(key)
  if (key === undefined)
    context.diagnostics.add('playbook', 'this names no role', {
      pos: at.locate(),
      hint: 'write - role: NAME',
    })
  if (key === undefined || written === undefined) return undefined
  const name = renderStatic(written, fields.pos(key), 'a role', context)
  if (name === undefined) return undefined
  const keywords: readonly string[] = placedOn('role')
  const params = fields.keys().filter((field) => ![...keywords, ...NAMES, ...FETCHING].includes(field))
  const own = readInheritable(fields)
  const given = Object.fromEntries(params.map((param) => [param, fields.raw(param)]))
  return {
    asked: {
      name,
      pos: fields.pos(key),
      from: {},
      vars: [{ vars: own.vars, at: own.varsAt }],
      params: [{ vars: given, at: within(at) }],
      once: true,
      key: jsonText([name, own.vars, given, own.when, own.tags]),
    },
    from: { ...own, vars: {}, varsAt: undefined },
  }
}

const asMapping = (at: Located): Located => ({
  value: { role: at.value },
  locate: () => at.locate(),
  locateKey: () => at.locate(),
})
