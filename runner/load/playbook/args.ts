import { canonicalName, parameters } from '../../../contract/parse-params.ts'
import type { Diagnostics, Pos } from '../../errors.ts'
import { inside } from '../inside.ts'
import { hasTemplate } from '../template.ts'
import type { Located, Template } from '../types.ts'
import { isMapping } from '../yaml.ts'
import type { KnownModule, Mapping } from './context.ts'
import { describe } from './describe.ts'
import type { Fields } from './fields.ts'
import { readKeyValues } from './key-values.ts'

/** A module's arguments: a mapping, `name=value` words, or one plain value for the module's free-form parameter. */
export function readArgs(
  at: Located,
  module: KnownModule,
  keyPos: Pos,
  diagnostics: Diagnostics,
): Located<Mapping> {
  const { value } = at
  if (isMapping(value)) return at as Located<Mapping>
  const none: Located<Mapping> = { value: {}, locate: () => keyPos, locateKey: () => keyPos }
  if (value === null || value === undefined) return none
  if (typeof value === 'string' && isKeyValues(value, module))
    return readPairs(at, value, module, diagnostics)
  if (module.freeForm === undefined || Array.isArray(value)) {
    diagnostics.add('argument', `${module.name} wants a mapping of arguments, but found ${describe(value)}`, {
      pos: at.locate(),
      hint: `write each argument on a line of its own under ${module.name}:, as name: value`,
    })
    return none
  }
  return freeForm(at, module.freeForm)
}

function freeForm(at: Located, name: string): Located<Mapping> {
  const inner = (path: readonly (string | number)[]) => path.slice(1)
  return {
    value: { [name]: at.value },
    locate: (path = []) => at.locate(inner(path)),
    locateKey: (path) => at.locate(inner(path)),
  }
}

/** Free-form text is one value unless it begins with one of the module's arguments, or the module takes pairs beside its words. */
function isKeyValues(text: string, { freeForm, pairs, params }: KnownModule): boolean {
  if (pairs) return readKeyValues(text, pairs).pairs.length > 0
  const [, first] = /^\s*([A-Za-z_]\w*)=/.exec(text) ?? []
  if (freeForm === undefined) return first !== undefined
  return first !== undefined && params !== undefined && parameters(params).has(canonicalName(first, params))
}

/** `name=curl state=present`; what is beside them is the free-form parameter of a module that takes both. */
function readPairs(
  at: Located,
  text: string,
  module: KnownModule,
  diagnostics: Diagnostics,
): Located<Mapping> {
  const { pairs, words, rest, open } = readKeyValues(text, module.pairs)
  const place = (start: number, length: number) => inside(at.locate(), text, start, length)
  if (open && !module.pairs)
    diagnostics.add(
      'argument',
      `${open.what} is opened in the arguments of ${module.name} and never closed`,
      {
        pos: place(open.start, open.what.length),
        hint: 'close it, or write each argument on a line of its own',
      },
    )
  else if (!module.pairs)
    for (const word of words)
      diagnostics.add('argument', `${word.text} is no name=value among the arguments of ${module.name}`, {
        pos: place(word.start, word.text.length),
        hint: 'put quotes around a value with spaces in it, or write each argument on a line of its own',
      })
  const value: Mapping = Object.fromEntries(pairs.map((pair) => [pair.name, pair.value]))
  if (module.pairs && rest !== '') value[module.freeForm!] = rest
  const pairOf = (name: unknown) => pairs.findLast((pair) => pair.name === name)
  return {
    value,
    locate(path = []) {
      const pair = pairOf(path[0])
      return pair ? place(pair.valueStart, pair.value.length) : at.locate()
    },
    locateKey(path) {
      const pair = pairOf(path[0])
      return pair ? place(pair.start, pair.name.length) : at.locate()
    },
  }
}

/** `{{ … }}` and nothing else: it may give a mapping. */
export const isWholeTemplate = (value: unknown): value is string =>
  typeof value === 'string' && /^\s*\{\{(?:(?!\}\})[\s\S])*\}\}\s*$/.test(value)

/** What stands under `args:`: a mapping, or a template of one. */
export function readMoreArgs(fields: Fields): { mapping?: Located<Mapping>; template?: Template } {
  const value = fields.at.value.args
  if (typeof value === 'string' && hasTemplate(value))
    return { template: { template: value, pos: fields.at.locate(['args']) } }
  return { mapping: fields.mapping('args', 'write each argument on a line of its own under args:') }
}
