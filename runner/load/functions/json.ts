import { requireLength } from '../budget.ts'
import {
  type AnyDict,
  compare,
  dictOf,
  entries,
  float,
  int,
  isFloat,
  isInt,
  numeric,
  PythonObject,
  reprFloat,
  str,
  typeName,
  ValueFault,
} from '../jinja/value.ts'
import { filter, isOn, requireInt, requireText } from './define.ts'
import type { FunctionCall, LibraryFunction } from './function.ts'

export interface JsonStyle {
  indent: string | undefined
  sort: boolean
  ascii: boolean
  separators: readonly [item: string, key: string]
}

/** As Python's json writes it. @throws {ValueFault} for what JSON has not */
export function toJson(value: unknown, style: JsonStyle, call: FunctionCall): string {
  const text = (one: string): string => {
    const quoted = JSON.stringify(one)
    return style.ascii
      ? quoted.replace(/[\x7f-\uffff]/g, (unit) =>
          unit === '\x7f' ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
        )
      : quoted
  }
  const [comma, colon] = style.separators
  const around: unknown[] = []
  const write = (one: unknown): string => {
    call.spend(4)
    if (one === null || one === undefined) return 'null'
    if (typeof one === 'string') return text(one)
    if (typeof one === 'boolean') return String(one)
    if (isInt(one)) return String(one)
    if (isFloat(one)) return floatJson(Number(numeric(one)))
    if (one instanceof PythonObject || one instanceof Date)
      return text(one instanceof Date ? str(one) : asJson(one))
    if (around.includes(one)) throw new ValueFault('this value contains itself')
    around.push(one)
    const made = Array.isArray(one) ? list(one) : dict(one as AnyDict)
    around.pop()
    return made
  }
  const enclosed = (open: string, parts: readonly string[], close: string): string => {
    if (parts.length === 0) return open + close
    if (style.indent === undefined) return open + parts.join(comma) + close
    const line = `\n${style.indent.repeat(around.length)}`
    requireLength(line.length * parts.length)
    return `${open}${line}${parts.join(comma.trimEnd() + line)}\n${style.indent.repeat(around.length - 1)}${close}`
  }
  const list = (items: readonly unknown[]): string => enclosed('[', items.map(write), ']')
  const dict = (one: AnyDict): string => {
    const pairs = entries(one)
    if (style.sort) pairs.sort(([a], [b]) => compare(a, b))
    return enclosed(
      '{',
      pairs.map(([key, item]) => `${text(keyText(key))}${colon}${write(item)}`),
      '}',
    )
  }
  return write(value)
}

const floatJson = (number: number): string =>
  Number.isFinite(number)
    ? reprFloat(number)
    : Number.isNaN(number)
      ? 'NaN'
      : number > 0
        ? 'Infinity'
        : '-Infinity'

function asJson(value: PythonObject): string {
  const made = value.plain()
  if (typeof made !== 'string') throw new ValueFault(`JSON has no ${typeName(value)}`)
  return made
}

function keyText(key: unknown): string {
  if (typeof key === 'string') return key
  if (key === null) return 'null'
  if (typeof key === 'boolean') return String(key)
  if (isInt(key) || isFloat(key)) return str(key)
  throw new ValueFault(`the key of a dict in JSON is a text, not a ${typeName(key)}`)
}

/** Reads JSON as Python does: whole numbers of any size, NaN and Infinity, the last of equal keys. */
export function fromJson(text: string, call: FunctionCall): unknown {
  call.spend(text.length >> 2)
  let at = 0
  const wrong = (): never => call.fail(`this is no JSON, from character ${at + 1} on`)
  const skip = (): void => {
    while (/[ \t\n\r]/.test(text[at] ?? '')) at++
  }
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const [found] = pattern.exec(text) ?? []
    if (found !== undefined) at += found.length
    return found
  }
  let depth = 0
  const read = (): unknown => {
    skip()
    if (depth++ > 500) call.fail('this JSON is nested too deep')
    const made = value()
    depth--
    skip()
    return made
  }
  const value = (): unknown => {
    const one = text[at]
    if (one === '{') return dict()
    if (one === '[') return list()
    if (one === '"') return quoted()
    const word = take(/true|false|null|NaN|-?Infinity/y)
    if (word !== undefined) return WORDS.get(word)
    const number = take(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y)
    if (number === undefined) return wrong()
    return /[.eE]/.test(number) ? float(Number(number)) : int(BigInt(number))
  }
  const quoted = (): string => {
    const raw = take(/"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"/y)
    return raw === undefined ? wrong() : (JSON.parse(raw) as string)
  }
  const list = (): unknown[] => {
    at++
    const made: unknown[] = []
    skip()
    if (take(/\]/y)) return made
    for (;;) {
      made.push(read())
      if (take(/\]/y)) return made
      if (!take(/,/y)) wrong()
    }
  }
  const dict = (): unknown => {
    at++
    const pairs = new Map<string, unknown>()
    skip()
    if (take(/\}/y)) return {}
    for (;;) {
      skip()
      const key = text[at] === '"' ? quoted() : wrong()
      skip()
      if (!take(/:/y)) wrong()
      pairs.set(key, read())
      if (take(/\}/y)) return dictOf([...pairs])
      if (!take(/,/y)) wrong()
    }
  }
  const made = read()
  if (at < text.length) wrong()
  return made
}

const WORDS = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])

const indentOf = (value: unknown): string | undefined =>
  value === null || value === undefined
    ? undefined
    : typeof value === 'string'
      ? value
      : ' '.repeat(Math.min(1000, Math.max(0, requireInt(value, 'indent'))))

function styleOf(options: Readonly<Record<string, unknown>>): JsonStyle {
  const indent = indentOf(options.indent)
  const separators = options.separators
  return {
    indent,
    sort: isOn(options.sort_keys ?? false),
    ascii: isOn(options.ensure_ascii ?? true),
    separators: Array.isArray(separators)
      ? [requireText(separators[0]), requireText(separators[1])]
      : [indent === undefined ? ', ' : ',', ': '],
  }
}

const OPTIONS = new Set([
  'indent',
  'sort_keys',
  'ensure_ascii',
  'separators',
  'vault_to_text',
  'preprocess_unsafe',
  'profile',
  'skipkeys',
  'allow_nan',
  'check_circular',
  'default',
])

function knownOptions(named: Readonly<Record<string, unknown>>, call: FunctionCall): typeof named {
  for (const name of Object.keys(named)) if (!OPTIONS.has(name)) call.fail(`there is no argument '${name}'`)
  return named
}

export const JSONS: readonly LibraryFunction[] = [
  filter(
    'to_json(profile=None, **named)',
    'settings | to_json',
    'as JSON; indent, sort_keys, ensure_ascii and separators as Python has them',
    ([value, , named], call) =>
      toJson(value, styleOf(knownOptions(named as Record<string, unknown>, call)), call),
  ),
  filter(
    'to_nice_json(indent=4, sort_keys=True, **named)',
    'settings | to_nice_json',
    'as JSON of several lines',
    ([value, indent, sort, named], call) =>
      toJson(
        value,
        {
          ...styleOf({ ...knownOptions(named as Record<string, unknown>, call), indent, sort_keys: sort }),
          separators: [',', ': '],
        },
        call,
      ),
  ),
  filter('from_json(profile=None)', 'text | from_json', 'what a text of JSON says', ([value], call) =>
    fromJson(requireText(value), call),
  ),
  filter(
    'tojson(indent=None)',
    'settings | tojson',
    'as JSON that may stand in HTML',
    ([value, indent], call) =>
      toJson(value, styleOf({ indent, sort_keys: true }), call).replace(
        /[<>&']/g,
        (one) => `\\u00${one.charCodeAt(0).toString(16)}`,
      ),
  ),
]
