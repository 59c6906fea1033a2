import { withoutLineEnds } from '../../contract/ends.ts'

/** A line as the server counts them. */
export interface LogicalLine {
  /** From 1. */
  line: number
  /** As written, without the last line end. */
  raw: string
  /** What the server reads: lines that a backslash joins are one, from 14 on (hba.c, next_token and pg_strip_crlf). */
  joined: string
  /** It is the last, and ends in a backslash: whatever is put behind would be a part of it. */
  open?: boolean
}

/** Of pg_hba.conf and pg_ident.conf. @param version major version of the server */
export function logicalLines(text: string, version: number): LogicalLine[] {
  const found: LogicalLine[] = []
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  // The server takes \r off first: files that come from Windows are joined too.
  const goesOn = (line: string): boolean => version >= 14 && withoutLineEnds(line).endsWith('\\')
  for (let at = 0; at < lines.length; at += 1) {
    const first = at
    while (goesOn(lines[at]!) && at + 1 < lines.length) at += 1
    const parts = lines.slice(first, at + 1)
    const joined = parts.map((part) => (goesOn(part) ? withoutLineEnds(part).slice(0, -1) : part))
    const open = goesOn(lines[at]!)
    found.push({ line: first + 1, raw: parts.join('\n'), joined: joined.join(''), ...(open ? { open } : {}) })
  }
  return found
}

/** An empty line ends one that is open, where another stands behind it. */
export const textOfLines = (lines: readonly Pick<LogicalLine, 'raw' | 'open'>[]): string =>
  lines.map(({ raw, open }, at) => (open && at + 1 < lines.length ? `${raw}\n\n` : `${raw}\n`)).join('')
