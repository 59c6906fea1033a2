import { spend } from '../budget.ts'
import { entries, equals, isDict, isList, keyOf, Tuple, ValueFault } from '../jinja/value.ts'

/** Which values were given, by what Python calls equal, in time in proportion to them. */
export class Seen {
  readonly #keys = new Set<string>()
  /** Those of which only comparing tells. */
  readonly #others: unknown[] = []

  has(value: unknown): boolean {
    const key = sameKey(value)
    if (key !== undefined) return this.#keys.has(key)
    spend(this.#others.length)
    return this.#others.some((other) => equals(other, value))
  }

  add(value: unknown): void {
    const key = sameKey(value)
    if (key === undefined) this.#others.push(value)
    else this.#keys.add(key)
  }
}

/** A text that equal values have in common, and no others. undefined where there is none. */
function sameKey(value: unknown): string | undefined {
  spend(4)
  if (isList(value)) {
    const parts = value.map(sameKey)
    return parts.includes(undefined)
      ? undefined
      : `${value instanceof Tuple ? '(' : '['}${parts.map(sized).join('')})`
  }
  if (isDict(value)) {
    const parts = entries(value).map(([key, item]) => [sameKey(key), sameKey(item)])
    return parts.some((pair) => pair.includes(undefined))
      ? undefined
      : `{${parts
          .map((pair) => pair.map(sized).join(''))
          .sort()
          .join('')}}`
  }
  try {
    const key = keyOf(value)
    return `${typeof key === 'bigint' ? 'number' : typeof key}:${String(key)}`
  } catch (error) {
    if (error instanceof ValueFault) return undefined
    throw error
  }
}

/** So that no part can be taken for two. */
const sized = (part: string | undefined): string => `${part!.length}:${part}`
