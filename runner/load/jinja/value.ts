import { Unknown, UnknownError } from '../../../contract/unknown.ts'
import { spend } from '../budget.ts'
import { isComputed } from '../computed.ts'

/**
 * Python's values as JavaScript's, where both the Jinja front end and the library of functions meet.
 *
 * | Python | here |
 * |---|---|
 * | None, bool, str | null, boolean, string (indexed by code point, as Python's) |
 * | int | number where it is a safe integer, else bigint |
 * | float | number, but `Float` where it is whole, so that 4 / 2 prints 2.0 |
 * | list, tuple | Array, `Tuple` |
 * | dict | plain object (text keys, own data only), `Dict` where a key is not text, or where JavaScript would change its order |
 * | datetime, timedelta, range, namespace … | `PythonObject` |
 * | undefined | `Undefined` |
 *
 * What leaves an expression for the scope is made plain again: `plain()`.
 * All functions here throw UnknownError where they meet an Unknown, and a ValueFault where Python has an error.
 */
export class Float {
  constructor(readonly value: number) {}
}

export class Tuple extends Array<unknown> {
  /** Not `new Tuple(3)`, which would be a list of three holes; nor `map` of one, which is a list. */
  static holding(items: Iterable<unknown>): Tuple {
    const tuple = new Tuple()
    for (const item of items) tuple.push(item)
    return tuple
  }
  static override get [Symbol.species](): ArrayConstructor {
    return Array
  }
}

/** A name that has no value; an error where its value is needed. */
export class Undefined {
  /** @param why as the error says it: `'x' is undefined` */
  constructor(readonly why: string) {}
  /** The error where its value is needed. */
  fault(): Error {
    return new ValueFault(this.why, undefined, 'variable')
  }
}

/** What Python has as an error of its own; whoever evaluates gives it a place. */
export class ValueFault extends Error {
  override name = 'ValueFault'
  constructor(
    message: string,
    readonly hint?: string,
    readonly code: 'template' | 'variable' = 'template',
  ) {
    super(message)
  }
}

/** A value of a type of its own: dates, ranges, namespaces. Attributes are what `attribute` answers, nothing else. */
export abstract class PythonObject {
  /** Python's name of its type. */
  abstract readonly type: string
  abstract str(): string
  repr(): string {
    return this.str()
  }
  truthy(): boolean {
    return true
  }
  equals(other: unknown): boolean {
    return this === other
  }
  /** Negative, 0 or positive; undefined where there is no order. */
  compare(_other: unknown): number | undefined {
    return undefined
  }
  /** What makes it one key of a dict with its equals; undefined where it can be none. */
  key(): string | undefined {
    return undefined
  }
  /** undefined where it has no elements */
  items(): Iterable<unknown> | undefined {
    return undefined
  }
  /** undefined where there is none of that name */
  attribute(_name: string): unknown {
    return undefined
  }
  /** `this op other`, or the other way round; undefined where that has no meaning. */
  binary(_op: string, _other: unknown, _reflected: boolean): unknown {
    return undefined
  }
  /** What it is outside of templates: null, boolean, number, text, list or mapping. @throws {ValueFault} */
  plain(): unknown {
    throw new ValueFault(`${typeName(this)} is no value of a variable`, 'make text or a list of it')
  }
}

/** A dict with a key that is no text. Keys are compared as Python does: 1, 1.0 and true are one key. */
export class Dict extends Map<unknown, unknown> {
  /** Of keys that are equal the first one stays. */
  readonly #keys = new Map<unknown, unknown>()
  constructor(entries: Iterable<readonly [unknown, unknown]> = []) {
    super()
    for (const [key, value] of entries) this.set(key, value)
  }
  override get(key: unknown): unknown {
    return super.get(this.#keys.get(keyOf(key)))
  }
  override has(key: unknown): boolean {
    return this.#keys.has(keyOf(key))
  }
  override set(key: unknown, value: unknown): this {
    const canonical = keyOf(key)
    if (!this.#keys?.has(canonical)) this.#keys.set(canonical, key)
    return super.set(this.#keys.get(canonical), value)
  }
  override delete(key: unknown): boolean {
    const canonical = keyOf(key)
    const had = super.delete(this.#keys.get(canonical))
    this.#keys.delete(canonical)
    return had
  }
  override clear(): void {
    super.clear()
    this.#keys.clear()
  }
}

/** Any dict: a plain object or a Dict. */
export type AnyDict = Readonly<Record<string, unknown>> | Dict

// ── what a value is ──────────────────────────────────────────────────────────────────────────────────────────

export const isDict = (value: unknown): value is AnyDict =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !OPAQUE.some((type) => value instanceof type) &&
  !ArrayBuffer.isView(value) &&
  !(value instanceof Map && !(value instanceof Dict))

const OPAQUE = [Float, PythonObject, Undefined, Unknown, Date]

export const isList = (value: unknown): value is unknown[] => Array.isArray(value)
export const isInt = (value: unknown): value is number | bigint =>
  typeof value === 'bigint' ||
  (typeof value === 'number' && Number.isSafeInteger(value) && !isNegativeZero(value))
export const isFloat = (value: unknown): value is number | Float =>
  value instanceof Float || (typeof value === 'number' && !isInt(value))
/** int or float; bool, which Python counts among them, is not. */
export const isNumber = (value: unknown): value is number | bigint | Float => isInt(value) || isFloat(value)

const isNegativeZero = (value: number): boolean => Object.is(value, -0)

/** Python's name: str, int, float, bool, NoneType, list, tuple, dict … */
export function typeName(value: unknown): string {
  assertValue(value)
  if (value === null || value === undefined) return 'NoneType'
  if (typeof value === 'string') return 'str'
  if (typeof value === 'boolean') return 'bool'
  if (isInt(value)) return 'int'
  if (isFloat(value)) return 'float'
  if (value instanceof Tuple) return 'tuple'
  if (Array.isArray(value)) return 'list'
  if (value instanceof PythonObject) return value.type
  if (value instanceof Date) return 'datetime'
  return typeof value === 'symbol' ? 'Omit' : 'dict'
}

/** The value that JavaScript computes with. bool counts as 0 or 1. @returns undefined for what is no number */
export function numeric(value: unknown): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  return value instanceof Float ? value.value : undefined
}

/** An int of any size. */
export const int = (value: number | bigint): number | bigint =>
  typeof value === 'bigint'
    ? value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
      ? Number(value)
      : value
    : Number.isSafeInteger(value)
      ? value + 0
      : BigInt(Math.trunc(value))

/** A float, whole or not. */
export const float = (value: number): number | Float => (Number.isInteger(value) ? new Float(value) : value)

// ── text ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** Python's str(). @throws {ValueFault} for Undefined */
export function str(value: unknown): string {
  return typeof value === 'string' ? value : repr(value, true)
}

/** Python's repr(). */
export function repr(value: unknown, asText = false): string {
  assertValue(value)
  switch (typeof value) {
    case 'string':
      return reprText(value)
    case 'boolean':
      return value ? 'True' : 'False'
    case 'bigint':
      return String(value)
    case 'number':
      return isInt(value) ? String(value) : reprFloat(value)
    case 'symbol':
      throw new ValueFault('omit cannot stand inside text', 'it must be the whole value')
    case 'function':
    case 'object':
    case 'undefined':
  }
  if (value === null || value === undefined) return 'None'
  if (value instanceof Float) return reprFloat(value.value)
  if (value instanceof PythonObject) return asText ? value.str() : value.repr()
  if (value instanceof Date) return reprDate(value)
  return reprContainer(value, new Set())
}

function reprContainer(value: object, around: Set<object>): string {
  if (around.has(value)) return Array.isArray(value) ? '[...]' : '{...}'
  around.add(value)
  const part = (inner: unknown): string =>
    Array.isArray(inner) || isDict(inner) ? reprContainer(inner, around) : repr(inner)
  let text: string
  if (value instanceof Tuple) text = `(${value.map(part).join(', ')}${value.length === 1 ? ',' : ''})`
  else if (Array.isArray(value)) text = `[${value.map(part).join(', ')}]`
  else
    text = `{${entries(value as AnyDict)
      .map(([key, inner]) => `${part(key)}: ${part(inner)}`)
      .join(', ')}}`
  around.delete(value)
  return text
}

/** `2026-11-29 10:00:00+00:00`, and without a time where YAML had none. */
function reprDate(date: Date): string {
  const text = date.toISOString()
  return text.endsWith('T00:00:00.000Z')
    ? text.slice(0, 10)
    : text.replace('T', ' ').replace(/(?:\.000)?Z$/, '+00:00')
}

export function reprFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (value === 0) return isNegativeZero(value) ? '-0.0' : '0.0'
  const [digits, exponent] = value.toExponential().split('e') as [string, string]
  const power = Number(exponent)
  if (power < -4 || power >= 16)
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
  const text =
    power < 0 ? value.toFixed(Math.min(100, digits.replace(/[-.]/g, '').length - 1 - power)) : String(value)
  return text.includes('.') ? text : `${text}.0`
}

function reprText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  if (/^[\x20-\x26\x28-\x5b\x5d-\x7e]*$/.test(text)) return quote + text + quote
  let out = quote
  for (const character of text) out += escaped(character, quote)
  return out + quote
}

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' }

function escaped(character: string, quote: string): string {
  if (character === quote) return `\\${character}`
  const short = SHORT[character]
  if (short !== undefined) return short
  if (character === ' ' || !/[\p{C}\p{Z}]/u.test(character)) return character
  const code = character.codePointAt(0)!
  const [letter, width] = code > 0xffff ? ['U', 8] : code > 0xff ? ['u', 4] : ['x', 2]
  return `\\${letter}${code.toString(16).padStart(width, '0')}`
}

/** The characters of a text as Python counts them: code points. A text without any beyond the first plane is its own. */
export const characters = (text: string): string | string[] =>
  /[\ud800-\udfff]/.test(text) ? [...text] : text

// ── truth, equality, order ───────────────────────────────────────────────────────────────────────────────────

/** Python's bool(). @throws {ValueFault} for Undefined */
export function truthy(value: unknown): boolean {
  assertValue(value)
  if (typeof value === 'object' && value !== null) {
    if (Array.isArray(value)) return value.length > 0
    if (value instanceof Float) return value.value !== 0
    if (value instanceof PythonObject) return value.truthy()
    if (value instanceof Date) return true
    return value instanceof Dict ? value.size > 0 : Object.keys(value).length > 0
  }
  return typeof value === 'number' ? value !== 0 : Boolean(value)
}

/** Python's ==. @throws {ValueFault} for Undefined */
export function equals(a: unknown, b: unknown): boolean {
  assertValue(a)
  assertValue(b)
  if (a === b) return !Number.isNaN(a)
  const left = numeric(a)
  if (left !== undefined) {
    const right = numeric(b)
    // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number
    return right !== undefined && left == right
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return (a ?? null) === (b ?? null)
  if (a instanceof PythonObject) return a.equals(b)
  if (b instanceof PythonObject) return b.equals(a)
  if (a instanceof Date) return b instanceof Date && a.getTime() === b.getTime()
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length || a instanceof Tuple !== b instanceof Tuple) return false
    return a.every((item, index) => equals(item, b[index]))
  }
  if (!isDict(a) || !isDict(b)) return false
  const parts = entries(a)
  return (
    parts.length === sizeOf(b) && parts.every(([key, item]) => hasKey(b, key) && equals(item, getKey(b, key)))
  )
}

/** Python's order: negative, 0 or positive; NaN where neither is. @throws {ValueFault} for types that have none together */
export function compare(a: unknown, b: unknown, sign = '<'): number {
  assertValue(a)
  assertValue(b)
  const left = numeric(a)
  const right = numeric(b)
  if (left !== undefined && right !== undefined)
    // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number
    return left < right ? -1 : left > right ? 1 : left == right ? 0 : Number.NaN
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (Array.isArray(a) && Array.isArray(b) && a instanceof Tuple === b instanceof Tuple) {
    for (const [index, item] of a.entries()) {
      if (index >= b.length) return 1
      if (!equals(item, b[index])) return compare(item, b[index], sign)
    }
    return a.length - b.length
  }
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime()
  const order =
    a instanceof PythonObject ? a.compare(b) : b instanceof PythonObject ? negated(b.compare(a)) : undefined
  if (order !== undefined) return order
  throw new ValueFault(
    `${sign} has no meaning between ${a === null ? 'None' : typeName(a)} and ${b === null ? 'None' : typeName(b)}`,
    'make both of one type, for example with | int or | string',
  )
}

const negated = (order: number | undefined): number | undefined => (order === undefined ? undefined : -order)

/** By code points, where JavaScript compares UTF-16 units. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at)
    const right = b.charCodeAt(at)
    if (left === right) continue
    const isLeftHigh = left >= 0xd800 && left <= 0xdfff
    const isRightHigh = right >= 0xd800 && right <= 0xdfff
    return isLeftHigh === isRightHigh ? left - right : isLeftHigh ? 1 : -1
  }
  return a.length - b.length
}

/** The same for keys that Python calls equal. @throws {ValueFault} for what can be no key of a dict */
export function keyOf(value: unknown): unknown {
  assertValue(value)
  if (value === undefined) return null
  const number = numeric(value)
  if (number !== undefined) {
    if (typeof number === 'number')
      return Number.isSafeInteger(number) || !Number.isInteger(number) ? number : BigInt(number)
    return number
  }
  if (typeof value !== 'object' || value === null) return value
  // A text that no key of text can be.
  if (value instanceof Tuple)
    return `\0(${value.map((item) => `${typeof keyOf(item)}:${String(keyOf(item))}`).join('\0')})`
  if (value instanceof Date) return `\0${value.toISOString()}`
  const key = value instanceof PythonObject ? value.key() : undefined
  if (key === undefined) throw new ValueFault(`a ${typeName(value)} cannot be the key of a dict, or in a set`)
  return `\0${key}`
}

// ── dicts ────────────────────────────────────────────────────────────────────────────────────────────────────

/** A dict of entries, in their order; later ones of a key win. */
export function dictOf(pairs: Iterable<readonly [unknown, unknown]>): AnyDict {
  const list = Array.isArray(pairs) ? pairs : [...pairs]
  if (list.some(([key]) => typeof key !== 'string' || isIndex(key))) return new Dict(list)
  // Not by assignment: `__proto__` is a key as any other.
  return Object.fromEntries(list)
}

/** JavaScript lists such keys before all others. */
const isIndex = (key: string): boolean => /^(?:0|[1-9]\d{0,9})$/.test(key)

export const entries = (dict: AnyDict): [unknown, unknown][] =>
  dict instanceof Dict ? [...dict.entries()] : Object.entries(dict)

export const keysOf = (dict: AnyDict): unknown[] =>
  dict instanceof Dict ? [...dict.keys()] : Object.keys(dict)

export const sizeOf = (dict: AnyDict): number => (dict instanceof Dict ? dict.size : Object.keys(dict).length)

export const hasKey = (dict: AnyDict, key: unknown): boolean =>
  dict instanceof Dict ? dict.has(key) : typeof key === 'string' && Object.hasOwn(dict, key)

/** undefined where there is none */
export const getKey = (dict: AnyDict, key: unknown): unknown =>
  dict instanceof Dict
    ? dict.get(key)
    : typeof key === 'string' && Object.hasOwn(dict, key)
      ? dict[key]
      : undefined

// ── elements ─────────────────────────────────────────────────────────────────────────────────────────────────

/** What a loop goes through: elements, keys of a dict, characters. @returns undefined for what has none */
export function iterate(value: unknown): Iterable<unknown> | undefined {
  assertValue(value)
  if (Array.isArray(value)) return value
  if (typeof value === 'string') return value
  if (value instanceof PythonObject) return value.items()
  return isDict(value) ? keysOf(value) : undefined
}

/** The elements as a list of its own. @throws {ValueFault} for what has none */
export function listOf(value: unknown): unknown[] {
  const items = iterate(value)
  if (items === undefined) throw new ValueFault(`a list is needed, but this is ${described(value)}`)
  return [...items]
}

/** Python's len(). @returns undefined for what has none */
export function lengthOf(value: unknown): number | undefined {
  assertValue(value)
  if (typeof value === 'string') return characters(value).length
  if (Array.isArray(value)) return value.length
  if (isDict(value)) return sizeOf(value)
  const items = value instanceof PythonObject ? value.items() : undefined
  return items && [...items].length
}

/** As an error names a value: its kind, never itself, which may be a secret. */
export function described(value: unknown): string {
  if (value instanceof Undefined) return 'undefined'
  if (value instanceof Unknown) return 'not known yet'
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return 'text'
  if (isInt(value)) return 'an int'
  const name = typeName(value)
  return `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`
}

// ── leaving ──────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * A value as variables hold it: no Float, Tuple, Dict, PythonObject. What needs no change is returned itself, not copied.
 * @param isLeftOut what is dropped of lists and dicts (omit)
 * @throws {ValueFault} for Undefined in it
 */
export function plain(value: unknown, isLeftOut: (part: unknown) => boolean = () => false): unknown {
  return plainPart(value, isLeftOut, new Set())
}

function plainPart(value: unknown, isLeftOut: (part: unknown) => boolean, around: Set<object>): unknown {
  assertValue(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Float) return value.value
  if (value instanceof PythonObject) return plainPart(value.plain(), isLeftOut, around)
  if (value instanceof Date || ArrayBuffer.isView(value)) return value
  // What is held twice is gone through twice: few lists in each other may be very many.
  spend(5)
  if (around.has(value)) throw new ValueFault('a value that contains itself is no value of a variable')
  around.add(value)
  const made = Array.isArray(value)
    ? plainList(value, (part) => plainPart(part, isLeftOut, around), isLeftOut)
    : plainDict(value as AnyDict, (part) => plainPart(part, isLeftOut, around), isLeftOut)
  around.delete(value)
  return made
}

function plainList(
  list: unknown[],
  part: (value: unknown) => unknown,
  isLeftOut: (part: unknown) => boolean,
) {
  const made: unknown[] = []
  let isSame = !(list instanceof Tuple)
  for (const item of list) {
    const one = isLeftOut(item) ? item : part(item)
    if (isLeftOut(item)) isSame = false
    else made.push(one)
    if (one !== item) isSame = false
  }
  return isSame ? list : made
}

function plainDict(dict: AnyDict, part: (value: unknown) => unknown, isLeftOut: (part: unknown) => boolean) {
  if (isComputed(dict)) return dict
  const made: [string, unknown][] = []
  let isSame = !(dict instanceof Dict)
  for (const key of keysOf(dict)) {
    // What is computed on access (the variables themselves, hostvars) stays so.
    const own = dict instanceof Dict ? undefined : Object.getOwnPropertyDescriptor(dict, key as string)
    if (own?.get) return dict
    const item = own ? own.value : getKey(dict, key)
    const one = isLeftOut(item) ? item : part(item)
    if (isLeftOut(item)) isSame = false
    else made.push([keyText(key), one])
    if (one !== item) isSame = false
  }
  return isSame ? dict : Object.fromEntries(made)
}

function keyText(key: unknown): string {
  if (key instanceof Tuple)
    throw new ValueFault('a variable has no dict with a tuple as a key', 'make text of it')
  return str(key)
}

/** @throws {UnknownError} for what only the real run will know; {ValueFault} for Undefined */
export function assertValue(value: unknown): void {
  if (value instanceof Unknown) throw new UnknownError(value.why)
  if (value instanceof Undefined) throw value.fault()
}
