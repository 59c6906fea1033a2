import { parseConf, quoteConf } from './conf-file.ts'

/** `name = 'value'`, unquoted where a plain number or word needs no quotes. */
export const assignment = (name: string, value: string): string =>
  `${name} = ${/^(\d+[A-Za-z]*|[A-Za-z][A-Za-z0-9_]*)$/.test(value) ? value : quoteConf(value)}`

/** Sets a value on the last line that assigns it, keeping its comment, or on a new line at the end. */
export function setLine(text: string, name: string, value: string): string {
  const last = parseConf(text).findLast((line) => line.name === name)
  if (!last) return `${withEnd(text)}${assignment(name, value)}\n`
  const lines = text.split('\n')
  lines[last.line - 1] = `${assignment(name, value)}${commentOf(last.raw)}`
  return lines.join('\n')
}

/** Without the lines that assign `name`. */
export function removeLines(text: string, name: string): string {
  const gone = new Set(parseConf(text).flatMap((line) => (line.name === name ? [line.line] : [])))
  return text
    .split('\n')
    .filter((_, index) => !gone.has(index + 1))
    .join('\n')
}

/** The given lines (from 1) become comments that say why. */
export function commentOut(text: string, lines: ReadonlySet<number>, why: string): string {
  return text
    .split('\n')
    .map((line, index) => (lines.has(index + 1) ? `#${line}  # ${why}` : line))
    .join('\n')
}

const withEnd = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`)

/** The trailing comment with the blanks before it: what follows the first `#` outside quotes. */
export function commentOf(raw: string): string {
  let isQuoted = false
  for (let at = 0; at < raw.length; at += 1) {
    if (isQuoted && raw[at] === '\\') at += 1
    else if (raw[at] === "'") isQuoted = !isQuoted
    else if (raw[at] === '#' && !isQuoted) return raw.slice(raw.slice(0, at).trimEnd().length)
  }
  return ''
}
