import { Unknown, UnknownError } from '../../../contract/unknown.ts'
import type { ErrorFields } from '../../errors.ts'
import { HELPERS } from '../helpers.ts'
import { didYouMean } from '../nearest.ts'
import type { Scope } from '../scope.ts'
import type { Site } from './transform.ts'
import { kindOf, ownValue } from './values.ts'

/** Reports that something is not there, at the site. */
export type Miss = (message: string, hint?: ErrorFields['hint']) => never

/** Follows a site's keys from a base, through own data alone: prototypes are never reached. @throws {UnknownError} */
export function followPath(base: unknown, site: Site, scope: Scope, miss: Miss): unknown {
  let value = base
  for (const [index, part] of site.parts.entries()) {
    if (value instanceof Unknown) throw new UnknownError(value.why)
    const next = ownValue(value, part)
    if (next === undefined) return site.tolerant ? undefined : explain(value, index, site, scope, miss)
    value = next
  }
  if (value instanceof Unknown) throw new UnknownError(value.why)
  if (value === undefined && !site.tolerant) miss(`${site.text} is not defined here`)
  return value
}

function explain(value: unknown, index: number, site: Site, scope: Scope, miss: Miss): never {
  const part = site.parts[index]!
  if (index === 0 && site.fromRoot)
    return miss(`the variable ${part} is not defined`, () => missingHint(part, scope))
  const owner = index === 0 ? 'the item' : site.parts.slice(0, index).join('.')
  const outside = index === 0 && ownValue(scope, part) !== undefined
  const hint = outside ? `the variable of that name is @root.${part} inside a block` : undefined
  if (typeof value !== 'object' || value === null)
    return miss(`${owner} is ${kindOf(value)}, it has no ${part}`, hint)
  if (Array.isArray(value)) {
    const found = `${owner} is a list of ${value.length}, it has no ${part}`
    return miss(found, hint ?? `an element is written ${owner}.[0]; {{#each}} goes through all`)
  }
  const keys = Object.keys(value)
  const listed = keys.length === 0 ? 'it is empty' : `it has ${listSome(keys)}`
  return miss(`${owner} has no ${part}; ${listed}`, hint ?? (() => didYouMean(part, keys)))
}

/** What to do about a variable that is not defined. */
export function missingHint(name: string, scope: Scope): string {
  if (Object.hasOwn(HELPERS, name)) return `${name} is a helper: {{${HELPERS[name]!.usage}}}`
  const fallback = `define it in the inventory, under vars: or with -e, or write {{default ${name} "…"}}`
  return didYouMean(name, Object.keys(scope), fallback)!
}

export function listSome(words: readonly string[]): string {
  const shown = words.slice(0, 8).join(', ')
  return words.length > 8 ? `${shown}, …` : shown
}
