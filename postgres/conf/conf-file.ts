import { Refusal } from '../../contract/errors.ts'
/** One line of a PostgreSQL configuration file (Setting Parameters, 20.1.2). */
export interface ConfLine {
  /** From 1. */
  line: number
  raw: string
  /** Lower case; absent on comments and blank lines. */
  name?: string
  /** Unquoted. */
  value?: string
}

const NAME = /\s*([A-Za-z_][A-Za-z0-9_.$]*)/y
const QUOTED = /'(?:[^'\\]|''|\\.)*'/y
const PLAIN = /[^\s'#]+/y
const REST = /\s*(?:#.*)?$/y

/** Splits the text into lines and reads each assignment; what is no assignment has no name. */
export function parseConf(text: string): ConfLine[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines.map((raw, index) => ({ line: index + 1, raw, ...assignment(raw) }))
}

/** Read part by part, each where the one before it ends: one expression for all would go back and forth over spaces. */
function assignment(raw: string): { name: string; value: string } | undefined {
  const name = matchAt(NAME, raw, 0)
  if (!name) return undefined
  let at = spacesFrom(raw, name.end)
  if (raw[at] === '=') at = spacesFrom(raw, at + 1)
  const value = matchAt(QUOTED, raw, at) ?? matchAt(PLAIN, raw, at)
  if (!matchAt(REST, raw, value?.end ?? at)) return undefined
  return { name: name.text.trim().toLowerCase(), value: unquoteConf(value?.text ?? '') }
}

function matchAt(pattern: RegExp, text: string, at: number): { text: string; end: number } | undefined {
  pattern.lastIndex = at
  const found = pattern.exec(text)
  return found ? { text: found[0], end: pattern.lastIndex } : undefined
}

function spacesFrom(text: string, at: number): number {
  const next = matchAt(/\s*/y, text, at)
  return next?.end ?? at
}

/** A value as postgresql.conf wants it: always in single quotes, which every type accepts, and on one line. */
export function quoteConf(value: string): string {
  // The server reads up to it, and no further.
  if (value.includes('\0')) throw new Refusal('a value of postgresql.conf holds no NUL character')
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`
}

function unquoteConf(text: string): string {
  if (!text.startsWith("'")) return text
  return text.slice(1, -1).replace(/''|\\([0-7]{1,3})|\\(.)/g, (whole, octal, char) => {
    if (whole === "''") return "'"
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8))
    return ({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' } as Record<string, string>)[char] ?? char
  })
}

/** Where a setting's value in force after the next start comes from. */
export interface SettingSource {
  value: string
  file: string
  line: number
}

export interface ConfFile {
  path: string
  text: string
}

/** An include, include_if_exists or include_dir that is not Debian's own. */
export interface Include extends SettingSource {
  directive: string
}

const INCLUDES = new Set(['include', 'include_if_exists', 'include_dir'])

/**
 * What the files say, by PostgreSQL's precedence: postgresql.conf with `conf.d` at its include_dir's place, then
 * postgresql.auto.conf; within them the last wins (20.1.2, 20.1.5). `all` keeps every assignment in the order read.
 */
export function effectiveSettings(
  main: ConfFile,
  confD: readonly ConfFile[],
  auto: ConfFile | null,
): {
  settings: Map<string, SettingSource>
  all: (SettingSource & { name: string })[]
  otherIncludes: Include[]
} {
  const all: (SettingSource & { name: string })[] = []
  const otherIncludes: Include[] = []
  const take = (file: ConfFile): void => {
    for (const { name, value, line } of parseConf(file.text)) {
      if (name === undefined || value === undefined) continue
      if (!INCLUDES.has(name)) all.push({ name, value, file: file.path, line })
      else if (name === 'include_dir' && file === main && /(^|\/)conf\.d\/?$/.test(value)) confD.forEach(take)
      else otherIncludes.push({ directive: name, value, file: file.path, line })
    }
  }
  take(main)
  if (auto) take(auto)
  return { settings: new Map(all.map(({ name, ...source }) => [name, source])), all, otherIncludes }
}
