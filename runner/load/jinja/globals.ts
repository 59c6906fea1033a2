import { requireLength } from '../budget.ts'
import { didYouMean } from '../nearest.ts'
import { attributeOf } from './attributes.ts'
import { call } from './call.ts'
import { Builtin } from './callable.ts'
import { text, whole } from './methods/arguments.ts'
import { merged } from './methods/dict.ts'
import { Cycler, Joiner, Namespace, Range } from './objects.ts'
import { Missing, type Run } from './run.ts'
import type { Named } from './signature.ts'
import { dictOf, truthy, ValueFault } from './value.ts'

/** What every template may call by name. A variable of that name hides it. */
export const GLOBALS: ReadonlyMap<string, Builtin> = new Map(
  [
    new Builtin('range', '*bounds', ([bounds]) => range(bounds as unknown[])),
    new Builtin('dict', '*pairs, **named', ([pairs, named]) => {
      const [value, ...rest] = pairs as unknown[]
      if (rest.length > 0) throw new ValueFault('dict takes one list of pairs, and names')
      return dictOf(merged(value, named as Named))
    }),
    new Builtin('cycler', '*values', ([values]) => new Cycler(values as unknown[])),
    new Builtin('joiner', "sep=', '", ([separator]) => new Joiner(separator)),
    new Builtin('namespace', '*pairs, **named', ([pairs, named]) => {
      const [value, ...rest] = pairs as unknown[]
      if (rest.length > 0) throw new ValueFault('namespace takes one dict, and names')
      return new Namespace(value, named as Named)
    }),
    new Builtin('undef', 'hint=None', ([hint], run) => {
      const why = hint === null ? 'a variable that must be set is not' : text(hint, 'hint')
      return new Missing(why, run, run.at)
    }),
    new Builtin('now', 'utc=False, fmt=None', ([utc, fmt], run) => {
      if (!run.library.now) throw new ValueFault('there is no clock here')
      const now = run.library.now(truthy(utc))
      const strftime = fmt === null ? undefined : attributeOf(run, now, 'strftime')
      return strftime === undefined ? now : call(run, strftime, [fmt], {})
    }),
    new Builtin('lookup', 'plugin_name, *terms, **named', ([name, terms, named], run) => {
      const { wantlist, ...options } = named as Record<string, unknown>
      const found = looked(run, name, terms as unknown[], options)
      return wantlist !== undefined && truthy(wantlist) ? found : single(found)
    }),
    new Builtin('query', 'plugin_name, *terms, **named', query),
    new Builtin('q', 'plugin_name, *terms, **named', query),
  ].map((one) => [one.name, one]),
)

function range(bounds: readonly unknown[]): Range {
  const [first, second, third] = bounds.map((bound) => whole(bound, 'a bound of range'))
  if (first === undefined || bounds.length > 3)
    throw new ValueFault('range takes 1 to 3 ints: range(start, stop, step)')
  if (third === 0) throw new ValueFault('the step of range is not 0')
  return second === undefined ? new Range(0, first, 1) : new Range(first, second, third ?? 1)
}

function query([name, terms, named]: unknown[], run: Run): unknown {
  const { wantlist: _, ...options } = named as Record<string, unknown>
  return looked(run, name, terms as unknown[], options)
}

function looked(run: Run, plugin: unknown, terms: readonly unknown[], named: Named): unknown[] {
  const { library, scope } = run
  const name = text(plugin, 'the name of a lookup').replace(/^ansible\.(?:builtin|legacy)\./, '')
  if (!library.lookup || (library.lookups && !library.lookups.has(name)))
    throw new ValueFault(
      `there is no lookup ${name}`,
      library.lookups && didYouMean(name, library.lookups, `lookups are ${[...library.lookups].join(', ')}`),
    )
  for (const term of terms) run.requireKnown(term)
  return [...library.lookup({ name, terms, named }, scope)].map((one) => run.own(one))
}

/** `lookup` of several texts is one text. */
function single(found: unknown[]): unknown {
  if (found.length === 1) return found[0]
  if (found.length === 0 || found.some((one) => typeof one !== 'string')) return found
  const joined = found.join(',')
  requireLength(joined.length)
  return joined
}
