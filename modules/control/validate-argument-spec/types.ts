import { jsonText, parseJson } from '../../../contract/exact-json.ts'
/** What an option of an argument specification may be (Ansible, Role argument validation; Argument spec). */
export const TYPES = [
  'str',
  'int',
  'float',
  'bool',
  'list',
  'dict',
  'path',
  'raw',
  'json',
  'jsonarg',
  'bytes',
  'bits',
] as const
export type Type = (typeof TYPES)[number]

const TRUE = ['y', 'yes', 'on', '1', 'true', 't']
const FALSE = ['n', 'no', 'off', '0', 'false', 'f']

/** A value as its type has it. @returns undefined where it is none of that type, nor can be made one */
export function converted(value: unknown, type: Type): { value: unknown } | undefined {
  const plain = plainOf(value)
  switch (type) {
    case 'str':
    case 'path':
      return { value: plain === null ? '' : isScalar(plain) ? textOf(plain) : jsonText(plain) }
    case 'raw':
      return { value: plain }
    case 'int':
      return number(plain, (text) => NUMBER.test(text) && Number.isInteger(Number(text.replaceAll('_', ''))))
    case 'float':
      return number(plain, (text) => NUMBER.test(text) || /^[+-]?(nan|inf(inity)?)$/i.test(text))
    case 'bool':
      return bool(plain)
    case 'list':
      if (Array.isArray(plain)) return { value: plain }
      return typeof plain === 'string'
        ? { value: plain.split(',') }
        : isScalar(plain)
          ? { value: [textOf(plain)] }
          : undefined
    case 'dict':
      return isMapping(plain) ? { value: plain } : typeof plain === 'string' ? dictOf(plain) : undefined
    case 'json':
    case 'jsonarg':
      return typeof plain === 'string' || Array.isArray(plain) || isMapping(plain)
        ? { value: plain }
        : undefined
    case 'bytes':
    case 'bits':
      return isScalar(plain) && SIZE[type].test(textOf(plain)) ? { value: plain } : undefined
  }
}

const NUMBER = /^[+-]?(\d[\d_]*(?:\.[\d_]*)?|\.\d+)(e[+-]?\d+)?$/i

/** 10, 1.5k, 2 MB, 3 megabyte; of bits 2Mb and 3 megabit. One letter may be small, two may not. */
const SIZE = {
  bytes: sizes('B', 'byte'),
  bits: sizes('b', 'bit'),
}

function sizes(short: string, long: string): RegExp {
  const words = ['kilo', 'mega', 'giga', 'tera', 'peta', 'exa', 'zetta', 'yotta', '']
    .map((prefix) => [...`${prefix}${long}`].map((letter) => `[${letter}${letter.toUpperCase()}]`).join(''))
    .join('|')
  return new RegExp(`^\\d*\\.?\\d+\\s*([YZEPTGMKByzeptgmkb]|[YZEPTGMK]${short}|${words})?\\s*$`)
}

function number(plain: unknown, isNumber: (text: string) => boolean): { value: number } | undefined {
  if (typeof plain === 'boolean') return { value: Number(plain) }
  if (!isScalar(plain)) return undefined
  const text = textOf(plain).trim()
  return isNumber(text) ? { value: Number(text.replaceAll('_', '')) } : undefined
}

function bool(plain: unknown): { value: boolean } | undefined {
  if (!isScalar(plain)) return undefined
  const word = textOf(plain).toLowerCase().trim()
  return TRUE.includes(word) ? { value: true } : FALSE.includes(word) ? { value: false } : undefined
}

/** JSON, or `a=1, b=2`. */
function dictOf(text: string): { value: unknown } | undefined {
  if (text.startsWith('{'))
    try {
      return { value: parseJson(text) }
    } catch {
      // Python's literals are no JSON.
      return /^\{.*\}$/s.test(text.trim()) ? { value: {} } : undefined
    }
  const fields = text.split(/[, ]+/).filter((field) => field !== '')
  return fields.length > 0 && fields.every((field) => field.includes('='))
    ? {
        value: Object.fromEntries(
          fields.map((field) => field.split(/=(.*)/s).slice(0, 2) as [string, string]),
        ),
      }
    : undefined
}

/** Numbers of Jinja that JavaScript has no type for say what they are. */
const plainOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && typeof value.valueOf() === 'number'
    ? value.valueOf()
    : value

type Scalar = string | number | bigint | boolean
const isScalar = (value: unknown): value is Scalar =>
  ['string', 'number', 'bigint', 'boolean'].includes(typeof value)

/** As Python writes it. */
const textOf = (value: Scalar): string =>
  typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value)

/** Words that YAML may have read as true or false: a choice that is the only one of them is meant by it. */
export const isOnlyWordFor = (text: unknown, choices: readonly unknown[]): boolean => {
  const words: readonly unknown[] | undefined = text === 'True' ? TRUE : text === 'False' ? FALSE : undefined
  return words !== undefined && choices.filter((choice) => words.includes(choice)).length === 1
}

export const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Python's equality of the values of YAML: 1, 1.0 and true are the same. */
export function isSame(one: unknown, other: unknown): boolean {
  const [a, b] = [one, other].map((value) =>
    typeof value === 'boolean' || typeof value === 'bigint' ? Number(value) : plainOf(value),
  )
  return a === b || (typeof a === 'object' && jsonText(a) === jsonText(b))
}
