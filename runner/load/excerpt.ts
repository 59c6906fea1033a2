import { readFileSync } from 'node:fs'
import type { PlayError, Pos } from '../errors.ts'
import { isVaultText } from './vault/envelope.ts'

/** A tab shown as this many spaces, so that the caret stands under its character. */
const TAB = '    '

/**
 * The line of a position and a line of carets under it; nothing where the file cannot be read any more or is shorter.
 * Reads the file again, so it is for errors alone.
 */
export function excerpt(pos: Pos): string[] {
  const line = lineOf(pos)
  if (line === undefined || line.trim() === '') return []
  const start = Math.min(pos.col - 1, line.length)
  const marked = line.slice(start, start + (pos.length ?? 1))
  const gutter = String(pos.line)
  const carets = '^'.repeat(Math.max(1, width(marked)))
  return [
    `${gutter} | ${untab(line)}`,
    `${' '.repeat(gutter.length)} | ${' '.repeat(width(line.slice(0, start)))}${carets}`,
  ]
}

/** `file:line:col: error[code]: message`, the excerpt, the details and the hint, without colours. */
export function formatError(error: PlayError): string {
  const { pos } = error
  const place = pos ? `${pos.file}:${pos.line}:${pos.col}: ` : ''
  const lines = [`${place}error[${error.code}]: ${error.message}`]
  if (pos) lines.push(...excerpt(pos).map((line) => `  ${line}`))
  lines.push(...error.details.map((detail) => `  ${detail}`))
  if (error.hint) lines.push(`  hint: ${error.hint}`)
  return lines.join('\n')
}

function lineOf(pos: Pos): string | undefined {
  try {
    const text = readFileSync(pos.file, 'utf8')
    // Of an encrypted file the position is one in what it holds, which is not shown.
    if (isVaultText(text)) return undefined
    return text.replace(/^\uFEFF/, '').split(/\r?\n/)[pos.line - 1]
  } catch {
    return undefined
  }
}

const untab = (text: string): string => text.replaceAll('\t', TAB)

/** Cells on a terminal: wide characters (East Asian, emoji) take two, combining marks none. */
function width(text: string): number {
  let cells = 0
  for (const character of untab(text)) {
    if (/\p{Mark}|\u200d/u.test(character)) continue
    cells += WIDE.test(character) ? 2 : 1
  }
  return cells
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u
