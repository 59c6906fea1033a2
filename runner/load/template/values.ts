import { Unknown, UnknownError } from '../../../contract/unknown.ts'
import { partsOf } from '../budget.ts'
import { VaultValue } from '../vault/vault-value.ts'

/** `a list`, `a mapping`, `text`, … as an error names a value's kind. The value itself may be a secret. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (value instanceof VaultValue) return 'a !vault value'
  switch (typeof value) {
    case 'string':
      return 'text'
    case 'number':
    case 'bigint':
      return 'a number'
    case 'boolean':
      return `${value}`
    case 'object':
      return value instanceof Date ? 'a date' : 'a mapping'
    default:
      return 'nothing'
  }
}

/** The text of a scalar; undefined for lists and mappings, which have none. */
export function scalarText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value)
    default:
      if (value === null) return ''
      return value instanceof Date ? value.toISOString() : undefined
  }
}

/** A key of a mapping or index of a list, own data only; undefined where there is none. */
export function ownValue(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value) && key !== 'length' && !/^\d+$/.test(key)) return undefined
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined
}

/** Handlebars' and Ansible's idea of it: false, null, 0, '' and the empty list are not. */
export const isTruthy = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : Boolean(value)

/** @throws {UnknownError} for a value, or with `deep` a part of one, that only the real run will know */
export function assertKnown(value: unknown, deep = false): void {
  if (value instanceof Unknown) throw new UnknownError(value.why)
  if (deep && typeof value === 'object' && value !== null) assertPartsKnown(value, new Set())
}

function assertPartsKnown(value: object, seen: Set<object>): void {
  if (seen.has(value) || ArrayBuffer.isView(value)) return
  seen.add(value)
  // What is computed on access (the variables themselves, hostvars) is checked when it is read.
  for (const part of partsOf(value)) {
    if (part instanceof Unknown) throw new UnknownError(part.why)
    if (typeof part === 'object' && part !== null) assertPartsKnown(part, seen)
  }
}
