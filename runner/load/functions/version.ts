import { compareText, str, truthy } from '../jinja/value.ts'
import { requireText, test } from './define.ts'
import type { FunctionCall, LibraryFunction } from './function.ts'

const SIGNS: Readonly<Record<string, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
}
const OPERATORS: Readonly<Record<string, string>> = {
  '==': 'eq',
  '=': 'eq',
  eq: 'eq',
  '!=': 'ne',
  '<>': 'ne',
  ne: 'ne',
  '<': 'lt',
  lt: 'lt',
  '<=': 'le',
  le: 'le',
  '>': 'gt',
  gt: 'gt',
  '>=': 'ge',
  ge: 'ge',
}

type Order = (a: string, b: string, call: FunctionCall) => number
type Part = number | string

const compareParts = (a: readonly Part[], b: readonly Part[], mixed: () => number): number => {
  for (const [index, part] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    if (typeof part !== typeof other) return mixed()
    const order = typeof part === 'number' ? part - (other as number) : compareText(part, other as string)
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** Numbers and letters, whatever they are. */
const loose: Order = (a, b, call) => {
  const parts = (text: string): Part[] =>
    text
      .split(/(\d+|[a-z]+|\.)/)
      .filter((part) => part !== '' && part !== '.')
      .map((part) => (/^\d+$/.test(part) ? Number(part) : part))
  return compareParts(parts(a), parts(b), () =>
    call.fail(
      `'${a}' and '${b}' cannot be compared: a number stands against a word`,
      "version_type='semver' or 'strict' knows what words mean",
    ),
  )
}

/** `1.2`, `1.2.3`, `1.2a1`, `1.2b3`. */
const strict: Order = (a, b, call) => {
  const parts = (text: string): number[] => {
    const found = /^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$/.exec(text)
    if (!found) return call.fail(`'${text}' is no strict version`, 'expected 1.2, 1.2.3 or 1.2b3')
    const [, major, minor, patch = '0', kind, number = '0'] = found
    return [major, minor, patch].map(Number).concat(kind === 'a' ? 0 : kind === 'b' ? 1 : 2, Number(number))
  }
  return compareParts(parts(a), parts(b), () => 0)
}

/** Versions of semver.org. */
const semantic: Order = (a, b, call) => {
  const parts = (text: string): { core: number[]; before: string[] } => {
    const found =
      /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/.exec(text)
    if (!found) return call.fail(`'${text}' is no semantic version`, 'expected 1.2.3 or 1.2.3-rc.1')
    return { core: found.slice(1, 4).map(Number), before: found[4]?.split('.') ?? [] }
  }
  const [left, right] = [parts(a), parts(b)]
  const order = compareParts(left.core, right.core, () => 0)
  if (order !== 0) return order
  if (left.before.length === 0 || right.before.length === 0) return right.before.length - left.before.length
  for (const [index, part] of left.before.entries()) {
    const other = right.before[index]
    if (other === undefined) return 1
    const [isNumber, isOther] = [/^\d+$/.test(part), /^\d+$/.test(other)]
    const one =
      isNumber && isOther
        ? Number(part) - Number(other)
        : isNumber !== isOther
          ? isNumber
            ? -1
            : 1
          : compareText(part, other)
    if (one !== 0) return one
  }
  return left.before.length - right.before.length
}

/** Versions of Python's packages (PEP 440). */
const pep440: Order = (a, b, call) => {
  const parts = (text: string): (number | string)[][] => {
    const found =
      /^\s*v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(alpha|beta|preview|pre|a|b|c|rc)[-_.]?(\d*))?((?:-(\d+))|(?:[-_.]?(?:post|rev|r)[-_.]?(\d*)))?([-_.]?dev[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*$/i.exec(
        text,
      )
    if (!found) return call.fail(`'${text}' is no version of Python's packages`)
    const [, epoch = '0', release = '', kind, number = '', post, dash, posted, dev, developed = '', local] =
      found
    const numbers = release.split('.').map(Number)
    while (numbers.length > 1 && numbers.at(-1) === 0) numbers.pop()
    const before = kind === undefined ? undefined : kind[0]!.toLowerCase()
    const isDev = post === undefined && dev !== undefined
    const rank = before === undefined ? (isDev ? -1 : 3) : before === 'a' ? 0 : before === 'b' ? 1 : 2
    return [
      [Number(epoch)],
      numbers,
      [rank, Number(number || 0)],
      [post === undefined ? -1 : Number(dash ?? posted ?? 0) || 0],
      [dev === undefined ? Number.POSITIVE_INFINITY : Number(developed || 0)],
      local === undefined
        ? []
        : local
            .toLowerCase()
            .split(/[-_.]/)
            .flatMap((part) => (/^\d+$/.test(part) ? [1, Number(part)] : [0, part])),
    ]
  }
  const [left, right] = [parts(a), parts(b)]
  for (const [index, part] of left.entries()) {
    const order = compareParts(part, right[index]!, () => 0)
    if (order !== 0) return order
  }
  return 0
}

const TYPES: Readonly<Record<string, Order>> = { loose, strict, semver: semantic, semantic, pep440 }

function isVersion(
  [value, other, operator, isStrict, type]: readonly unknown[],
  call: FunctionCall,
): boolean {
  if (isStrict !== null && type !== null) call.fail('either strict or version_type')
  if (!truthy(value)) call.fail('the version is empty')
  if (!truthy(other)) call.fail('the version to compare with is empty')
  const name =
    isStrict !== null && truthy(isStrict)
      ? 'strict'
      : type !== null && truthy(type)
        ? requireText(type)
        : 'loose'
  const order = Object.hasOwn(TYPES, name)
    ? TYPES[name]!
    : call.fail(`there is no version_type '${name}'`, `there are ${Object.keys(TYPES).join(', ')}`)
  const sign = Object.hasOwn(OPERATORS, str(operator))
    ? OPERATORS[str(operator)]!
    : call.fail(`'${str(operator)}' compares nothing`, `expected one of ${Object.keys(OPERATORS).join(' ')}`)
  return SIGNS[sign]!(order(str(value), str(other), call))
}

export const VERSIONS: readonly LibraryFunction[] = [
  test(
    'version version_compare(version, operator="eq", strict=None, version_type=None)',
    "postgresql_version is version('15', '>=')",
    'a version is older, the same or newer than another; version_type is loose, strict, semver or pep440',
    isVersion,
  ),
]
