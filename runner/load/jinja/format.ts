import { requireLength } from '../budget.ts'
import { attributeOf, itemOf } from './attributes.ts'
import { notFinite, writtenFloat } from './percent.ts'
import type { Run } from './run.ts'
import {
  assertValue,
  described,
  getKey,
  hasKey,
  isDict,
  isFloat,
  isInt,
  numeric,
  repr,
  reprFloat,
  str,
  ValueFault,
} from './value.ts'

/** Python's `'…{}…{name:>5}'.format(…)`. @param named a dict @throws {ValueFault} */
export function formatFields(text: string, args: readonly unknown[], named: unknown, run: Run): string {
  let automatic = 0
  const next = (): number => automatic++
  const made = expand(text, args, named, run, next, 1)
  requireLength(made.length)
  return made
}

function expand(
  text: string,
  args: readonly unknown[],
  named: unknown,
  run: Run,
  next: () => number,
  deep: number,
): string {
  if (deep < 0) throw new ValueFault('a format in a format in a format')
  let made = ''
  for (let at = 0; at < text.length; ) {
    const character = text[at]!
    if (character === text[at + 1] && (character === '{' || character === '}')) {
      made += character
      at += 2
    } else if (character === '}')
      throw new ValueFault('} closes nothing in this format', 'write }} for the character')
    else if (character === '{') {
      const end = closing(text, at)
      made += field(text.slice(at + 1, end), args, named, run, next, deep)
      at = end + 1
    } else {
      const brace = text.slice(at).search(/[{}]/)
      const end = brace === -1 ? text.length : at + brace
      made += text.slice(at, end)
      at = end
    }
    requireLength(made.length)
  }
  return made
}

function closing(text: string, start: number): number {
  let open = 0
  for (let at = start; at < text.length; at++) {
    if (text[at] === '{') open++
    else if (text[at] === '}' && --open === 0) return at
  }
  throw new ValueFault('{ is not closed in this format', 'write {{ for the character')
}

function field(
  inner: string,
  args: readonly unknown[],
  named: unknown,
  run: Run,
  next: () => number,
  deep: number,
): string {
  const [, path, conversion, spec] =
    /^([^!:[]*(?:\[[^\]]*\][^!:[]*)*)(?:!(.))?(?::([\s\S]*))?$/.exec(inner) ?? []
  if (path === undefined) throw new ValueFault(`{${inner}} is no place of a format`)
  const value = valueAt(path, args, named, run, next)
  const converted =
    conversion === 'r' || conversion === 'a' ? repr(value) : conversion === 's' ? str(value) : value
  const written = spec?.includes('{') ? expand(spec, args, named, run, next, deep - 1) : (spec ?? '')
  return formatValue(converted, written)
}

const STEP = /\.([^.[\]]+)|\[([^\]]+)\]/y

function valueAt(
  path: string,
  args: readonly unknown[],
  named: unknown,
  run: Run,
  next: () => number,
): unknown {
  const [first = ''] = /^[^.[]*/.exec(path) ?? []
  let value: unknown
  if (first === '' || /^\d+$/.test(first)) {
    const index = first === '' ? next() : Number(first)
    if (index >= args.length)
      throw new ValueFault(`this format names value ${index}, and there are ${args.length}`)
    value = args[index]
  } else if (isDict(named) && hasKey(named, first)) value = getKey(named, first)
  else throw new ValueFault(`this format names ${first}, which is not given`)
  STEP.lastIndex = first.length
  while (STEP.lastIndex < path.length) {
    const step = STEP.exec(path)
    if (!step) throw new ValueFault(`${path} is no place of a format`)
    value =
      step[1] === undefined
        ? itemOf(run, value, /^\d+$/.test(step[2]!) ? Number(step[2]) : step[2]!)
        : attributeOf(run, value, step[1])
    assertValue(value)
  }
  return value
}

const SPEC =
  /^(?:(?<fill>[\s\S])?(?<align>[<>=^]))?(?<sign>[-+ ])?(?<alternate>#)?(?<zero>0)?(?<width>\d+)?(?<comma>[,_])?(?:\.(?<precision>\d+))?(?<type>[bcdeEfFgGnosxX%])?$/u

/** Python's format(): a value by what stands behind the colon. @throws {ValueFault} */
export function formatValue(value: unknown, spec: string): string {
  if (spec === '') return str(value)
  const found = SPEC.exec(spec)?.groups
  if (!found) throw new ValueFault(`${spec} is no format of a value`)
  const width = Number(found.width ?? 0)
  requireLength(width)
  const isNumber = isInt(value) || isFloat(value) || (typeof value === 'boolean' && found.type !== undefined)
  const { sign, body } = isNumber ? ofNumber(value, found) : { sign: '', body: ofText(value, found) }
  const align = found.align ?? (found.zero && isNumber ? '=' : isNumber ? '>' : '<')
  const fill = found.fill ?? (found.zero ? '0' : ' ')
  const missing = width - [...(sign + body)].length
  if (missing <= 0) return sign + body
  if (align === '=') return sign + fill.repeat(missing) + body
  const left = align === '>' ? missing : align === '^' ? missing >> 1 : 0
  return fill.repeat(left) + sign + body + fill.repeat(missing - left)
}

type Spec = Partial<Record<string, string>>

function ofText(value: unknown, { type, sign, comma, align, precision }: Spec): string {
  if (typeof value !== 'string' && typeof value !== 'boolean')
    throw new ValueFault(`${described(value)} takes no format`, 'make text of it first')
  if ((type !== undefined && type !== 's') || sign || comma || align === '=')
    throw new ValueFault(
      'this is a format of numbers, but the value is text',
      'make a number of it with | int',
    )
  const text = str(value)
  return precision === undefined ? text : [...text].slice(0, Number(precision)).join('')
}

function ofNumber(value: unknown, spec: Spec): { sign: string; body: string } {
  const number = numeric(value)!
  const isNegative = number < 0 || Object.is(number, -0)
  const sign = isNegative ? '-' : spec.sign === '+' || spec.sign === ' ' ? spec.sign : ''
  const type = spec.type ?? (isFloat(value) ? '' : 'd')
  if ('bcdoxXn'.includes(type) && type !== '') {
    if (isFloat(value))
      throw new ValueFault(`a float takes no format ${type}`, 'make an int of it with | int')
    return ofInt(number < 0 ? -number : number, type, spec, sign)
  }
  return { sign, body: ofFloat(Math.abs(Number(number)), type, spec) }
}

function ofInt(
  number: number | bigint,
  type: string,
  spec: Spec,
  sign: string,
): { sign: string; body: string } {
  if (spec.precision !== undefined) throw new ValueFault('an int has no digits behind the point')
  if (type === 'c') return { sign: '', body: String.fromCodePoint(Number(number)) }
  const base = type === 'b' ? 2 : type === 'o' ? 8 : type === 'x' || type === 'X' ? 16 : 10
  const digits = grouped(number.toString(base), spec.comma, base === 10 ? 3 : 4)
  const prefix = spec.alternate && base !== 10 ? `0${type}` : ''
  return { sign: sign + prefix, body: type === 'X' ? digits.toUpperCase() : digits }
}

function ofFloat(x: number, type: string, spec: Spec): string {
  if (!Number.isFinite(x))
    return type !== '' && type < 'a' && type !== '%' ? notFinite(x).toUpperCase() : notFinite(x)
  const digits = spec.precision === undefined ? 6 : Number(spec.precision)
  requireLength(digits)
  let text: string
  if (type === '%') text = `${writtenFloat('f', x * 100, digits)}%`
  else if (type !== '') text = writtenFloat(type, x, digits, spec.alternate !== undefined)
  else if (spec.precision === undefined) text = reprFloat(x)
  else {
    text = writtenFloat('g', x, digits)
    // Without a kind, a point stays.
    if (/^\d+$/.test(text) && text.length <= digits - 1) text += '.0'
  }
  const [whole, ...rest] = text.split('.') as [string, ...string[]]
  const made = [grouped(whole, spec.comma, 3), ...rest].join('.')
  return type !== '' && type < 'a' && type !== '%' ? made.toUpperCase() : made
}

function grouped(digits: string, comma: string | undefined, size: number): string {
  if (!comma || !/^[\da-f]+$/i.test(digits)) return digits
  const groups: string[] = []
  for (let end = digits.length; end > 0; end -= size)
    groups.unshift(digits.slice(Math.max(0, end - size), end))
  return groups.join(comma)
}
