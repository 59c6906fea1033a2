import { requireLength } from '../budget.ts'
import { exponential, fixed, general } from './number-text.ts'
import {
  type AnyDict,
  described,
  getKey,
  hasKey,
  int,
  isDict,
  isFloat,
  isInt,
  numeric,
  repr,
  str,
  Tuple,
  ValueFault,
} from './value.ts'

const PLACE =
  /%(?:\((?<key>[^()]*)\))?(?<flags>[-#0 +]*)(?<width>\*|\d+)?(?:\.(?<precision>\*|\d*))?[hlL]?(?<type>[\s\S]?)/g

/** Python's `'…' % args`, and the filter format. @throws {ValueFault} */
export function formatPercent(text: string, given: unknown): string {
  const args = given instanceof Tuple ? given : [given]
  const dict = isDict(given) ? given : undefined
  let used = 0
  const next = (): unknown => {
    if (used >= args.length) throw new ValueFault('there are fewer values than places in this format')
    return args[used++]
  }
  const made = text.replace(PLACE, (...match) => {
    const place = match.at(-1) as Partial<Record<'key' | 'flags' | 'width' | 'precision' | 'type', string>>
    const { key, type = '' } = place
    if (type === '%' && match[0] === '%%') return '%'
    if (type === '') throw new ValueFault('the format ends within a place', 'write %% for a percent sign')
    const width = place.width === '*' ? count(next()) : Number(place.width ?? 0)
    const precision = place.precision === '*' ? count(next()) : place.precision
    requireLength(Math.abs(width))
    const digits = precision === undefined ? undefined : Number(precision)
    requireLength(digits ?? 0)
    const value = key === undefined ? next() : ofKey(dict, key)
    return padded(convert(type, value, place.flags ?? '', digits), place.flags ?? '', width, type)
  })
  if (used < args.length && !dict && !(Array.isArray(given) && !(given instanceof Tuple) && used === 0))
    throw new ValueFault('there are more values than places in this format')
  requireLength(made.length)
  return made
}

function count(value: unknown): number {
  if (isInt(value)) return Number(value)
  throw new ValueFault(`* takes an int, but this is ${described(value)}`)
}

function ofKey(dict: AnyDict | undefined, key: string): unknown {
  if (!dict) throw new ValueFault('this format takes a dict')
  if (!hasKey(dict, key)) throw new ValueFault(`the dict has no ${key}, which this format names`)
  return getKey(dict, key)
}

interface Converted {
  sign: string
  prefix: string
  body: string
}

const plainText = (body: string): Converted => ({ sign: '', prefix: '', body })

function convert(type: string, value: unknown, flags: string, digits: number | undefined): Converted {
  switch (type) {
    case 's':
      return plainText(cut(str(value), digits))
    case 'r':
      return plainText(cut(repr(value), digits))
    case 'a':
      return plainText(cut(ascii(repr(value)), digits))
    case 'c':
      return plainText(character(value))
    case '%':
      return plainText('%')
    case 'd':
    case 'i':
    case 'u':
      return whole(value, 10, flags, digits, type)
    case 'o':
      return whole(value, 8, flags, digits, type)
    case 'x':
    case 'X': {
      const made = whole(value, 16, flags, digits, type)
      return type === 'X'
        ? { ...made, prefix: made.prefix.toUpperCase(), body: made.body.toUpperCase() }
        : made
    }
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
      return floating(type, value, flags, digits ?? 6)
    default:
      throw new ValueFault(
        `a format has no place of the kind %${type}`,
        'kinds are s, r, d, x, o, f, e, g, c and %%',
      )
  }
}

const cut = (text: string, digits: number | undefined): string =>
  digits === undefined ? text : [...text].slice(0, digits).join('')

const ascii = (text: string): string =>
  text.replace(/[^\x00-\x7f]/gu, (found) => {
    const code = found.codePointAt(0)!
    const [letter, width] = code > 0xffff ? ['U', 8] : code > 0xff ? ['u', 4] : ['x', 2]
    return `\\${letter}${code.toString(16).padStart(width, '0')}`
  })

function character(value: unknown): string {
  if (typeof value === 'string' && [...value].length === 1) return value
  if (isInt(value) && value >= 0 && value <= 0x10ffff) return String.fromCodePoint(Number(value))
  throw new ValueFault(`%c takes one character or its number, but this is ${described(value)}`)
}

const signOf = (isNegative: boolean, flags: string): string =>
  isNegative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''

function whole(
  value: unknown,
  base: number,
  flags: string,
  digits: number | undefined,
  type: string,
): Converted {
  const number = numeric(value)
  if (number === undefined || (base !== 10 && isFloat(value)) || (isFloat(value) && !Number.isFinite(number)))
    throw new ValueFault(
      `%${type} takes a number, but this is ${described(value)}`,
      'make one of it with | int',
    )
  const exact = int(typeof number === 'number' ? Math.trunc(number) : number)
  const body = (exact < 0 ? -exact : exact).toString(base).padStart(digits ?? 0, '0')
  const prefix = flags.includes('#') ? (base === 16 ? '0x' : base === 8 ? '0o' : '') : ''
  return { sign: signOf(exact < 0, flags), prefix, body }
}

function floating(type: string, value: unknown, flags: string, digits: number): Converted {
  const number = numeric(value)
  if (number === undefined)
    throw new ValueFault(
      `%${type} takes a number, but this is ${described(value)}`,
      'make one of it with | float',
    )
  const x = Number(number)
  const sign = signOf(x < 0 || Object.is(x, -0), flags)
  const body = Number.isFinite(x)
    ? writtenFloat(type, Math.abs(x), digits, flags.includes('#'))
    : notFinite(x)
  return { sign, prefix: '', body: type < 'a' ? body.toUpperCase() : body }
}

export const notFinite = (x: number): string => (Number.isNaN(x) ? 'nan' : 'inf')

/** @param x not negative; @param type e, f or g, in either case */
export function writtenFloat(type: string, x: number, digits: number, alternate = false): string {
  switch (type.toLowerCase()) {
    case 'f':
      return fixed(x, digits) + (alternate && digits === 0 ? '.' : '')
    case 'e':
      return exponential(x, digits)
    default:
      return general(x, digits, alternate)
  }
}

function padded({ sign, prefix, body }: Converted, flags: string, width: number, type: string): string {
  const text = sign + prefix + body
  const missing = Math.abs(width) - [...text].length
  if (missing <= 0) return text
  if (flags.includes('-') || width < 0) return text + ' '.repeat(missing)
  const isNumber = !'srac%'.includes(type)
  if (flags.includes('0') && isNumber && !/[ni]/i.test(body))
    return sign + prefix + '0'.repeat(missing) + body
  return ' '.repeat(missing) + text
}
