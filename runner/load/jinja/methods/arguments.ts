import { described, isInt, numeric, ValueFault } from '../value.ts'

/** @throws {ValueFault} where an argument is of another type */
export function text(value: unknown, name: string): string {
  if (typeof value === 'string') return value
  throw new ValueFault(`${name} must be text, but this is ${described(value)}`)
}

export function whole(value: unknown, name: string): number {
  if (isInt(value) || typeof value === 'boolean') return Number(numeric(value))
  throw new ValueFault(`${name} must be an int, but this is ${described(value)}`)
}

/** The bounds of a part, as Python's slices count them. */
export function bounds(length: number, start: unknown, end: unknown): [number, number] {
  const at = (value: unknown, otherwise: number, name: string): number => {
    if (value === null || value === undefined) return otherwise
    const index = whole(value, name)
    return Math.min(length, Math.max(0, index < 0 ? index + length : index))
  }
  return [at(start, 0, 'start'), at(end, length, 'end')]
}
