import { described, int, isFloat, isInt, iterate, numeric, str, truthy, ValueFault } from '../jinja/value.ts'
import type { LibraryFunction } from './function.ts'

type Run = LibraryFunction['run']

/** @param head Jinja's names and the signature behind the value: `'default d(default_value="", boolean=False)'` */
export function filter(head: string, usage: string, summary: string, run: Run, more?: More): LibraryFunction {
  return { ...headOf(head), is: 'filter', usage, summary, run, ...more }
}

export function test(head: string, usage: string, summary: string, run: Run, more?: More): LibraryFunction {
  return { ...headOf(head), is: 'test', usage, summary, run, ...more }
}

type More = Pick<LibraryFunction, 'takesUndefined'>

function headOf(head: string): Pick<LibraryFunction, 'names' | 'params'> {
  const at = head.indexOf('(')
  return { names: head.slice(0, at).split(' '), params: head.slice(at + 1, -1) }
}

/** A text, where Python's methods of str are meant. @throws {ValueFault} */
export function requireText(value: unknown): string {
  if (typeof value !== 'string') throw new ValueFault(`a text is needed, but this is ${described(value)}`)
  return value
}

/** What Ansible makes text of before it goes on. */
export const textOf = (value: unknown): string => str(value)

/** @throws {ValueFault} */
export function requireInt(value: unknown, what: string): number {
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'number' && isInt(value)) return value
  throw new ValueFault(`${what} must be an int, but it is ${described(value)}`)
}

/** int or float, as JavaScript computes with it; bool counts as one. @throws {ValueFault} */
export function requireNumber(value: unknown): number {
  const number = numeric(value)
  if (number === undefined) throw new ValueFault(`a number is needed, but this is ${described(value)}`)
  return Number(number)
}

/** @throws {ValueFault} for what has no elements */
export function requireItems(value: unknown): unknown[] {
  const items = iterate(value)
  if (items === undefined) throw new ValueFault(`a list is needed, but this is ${described(value)}`)
  return [...items]
}

/** Python's int() of a number or a text; undefined where that is an error. */
export function toInt(value: unknown, base = 10): number | bigint | undefined {
  if (typeof value === 'boolean') return Number(value)
  if (isInt(value)) return value
  if (isFloat(value)) {
    const number = Number(numeric(value))
    return Number.isFinite(number) ? int(Math.trunc(number)) : undefined
  }
  return typeof value === 'string' ? intOfText(value, base) : undefined
}

const MOST_DIGITS = 4300

const PREFIXES: Readonly<Record<string, number>> = { x: 16, o: 8, b: 2 }

/** @param base 0 means that a prefix says it: 0x, 0o, 0b */
export function intOfText(text: string, base: number): number | bigint | undefined {
  const read = /^\s*([+-]?)(?:0([xob])_?)?([0-9a-z_]+)\s*$/i.exec(text)
  if (!read) return undefined
  const [, sign, prefix, rest = ''] = read
  const said = prefix === undefined ? undefined : PREFIXES[prefix.toLowerCase()]
  // 0b1 is a number to base 16 as it stands.
  const isPrefix = said !== undefined && (base === 0 || base === said)
  const digits = said !== undefined && !isPrefix ? `0${prefix}${rest}` : rest
  const used = base === 0 ? (said ?? 10) : base
  if (/^_|__|_$/.test(digits)) return undefined
  const plain = digits.replaceAll('_', '').toLowerCase()
  if (base === 0 && !isPrefix && /^0+[1-9]/.test(plain)) return undefined
  // As Python's limit: more of them are no number that somebody wrote.
  if (plain.length > MOST_DIGITS) return undefined
  let value = 0n
  for (const digit of plain) {
    const number = Number.parseInt(digit, 36)
    if (Number.isNaN(number) || number >= used) return undefined
    value = value * BigInt(used) + BigInt(number)
  }
  return int(sign === '-' ? -value : value)
}

export const floatOfText = (text: string): number | undefined => {
  const plain = text.trim().toLowerCase()
  const special = /^([+-]?)(inf(?:inity)?|nan)$/.exec(plain)
  if (special) return special[2] === 'nan' ? Number.NaN : special[1] === '-' ? -Infinity : Infinity
  return /^[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+)?$/.test(plain)
    ? Number(plain.replaceAll('_', ''))
    : undefined
}

export const isOn = (value: unknown): boolean => truthy(value)
