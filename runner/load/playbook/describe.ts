import { VaultValue } from '../vault/vault-value.ts'

/** A value as an error message calls what it found. */
export function describe(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (value instanceof VaultValue) return 'a !vault value'
  if (typeof value === 'object') return 'a mapping'
  if (typeof value === 'string') return value === '' ? 'an empty text' : `the text ${shorten(value)}`
  return typeof value === 'boolean' ? String(value) : `the number ${value}`
}

function shorten(text: string): string {
  const line = text.split('\n', 1)[0]!
  return JSON.stringify(line.length > 40 || line !== text ? `${line.slice(0, 40)}…` : line)
}
