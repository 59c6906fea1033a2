import type { Module } from '../../../contract/module.ts'
import type { Diagnostics, Pos } from '../../errors.ts'
import { hasTemplate } from '../template.ts'
import type { Located, Template } from '../types.ts'
import { isMapping } from '../yaml.ts'
import type { Mapping } from './context.ts'
import { describe } from './describe.ts'
import type { Fields } from './fields.ts'

/** A module's arguments: a mapping, or one plain value for the module's free-form parameter. */
export function readArgs(
  at: Located,
  module: Pick<Module, 'name' | 'freeForm'>,
  keyPos: Pos,
  diagnostics: Diagnostics,
): Located<Mapping> {
  const { value } = at
  if (isMapping(value)) return at as Located<Mapping>
  const none: Located<Mapping> = { value: {}, locate: () => keyPos, locateKey: () => keyPos }
  if (value === null || value === undefined) return none
  if (module.freeForm === undefined || Array.isArray(value)) {
    diagnostics.add('argument', `${module.name} wants a mapping of arguments, but found ${describe(value)}`, {
      pos: at.locate(),
      hint:
        pairsHint(value) ?? `write each argument on a line of its own under ${module.name}:, as name: value`,
    })
    return none
  }
  const inner = (path: readonly (string | number)[]) => path.slice(1)
  return {
    value: { [module.freeForm]: value },
    locate: (path = []) => at.locate(inner(path)),
    locateKey: (path) => at.locate(inner(path)),
  }
}

/** What stands under `args:`: a mapping, or a template of one. */
export function readMoreArgs(fields: Fields): { mapping?: Located<Mapping>; template?: Template } {
  const value = fields.at.value.args
  if (typeof value === 'string' && hasTemplate(value))
    return { template: { template: value, pos: fields.at.locate(['args']) } }
  return { mapping: fields.mapping('args', 'write each argument on a line of its own under args:') }
}

/** `name=curl state=present`, as Ansible also takes. */
function pairsHint(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^\w+=/.test(value)) return undefined
  const pairs = [...value.matchAll(/(\w+)=("[^"]*"|'[^']*'|\S+)/g)].map(
    ([, name, text]) => `${name}: ${text}`,
  )
  return `write { ${pairs.join(', ')} }, or one argument on each line`
}
