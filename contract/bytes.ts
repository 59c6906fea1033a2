import { Refusal } from './errors.ts'

/** One character each in UTF-8 (RFC 3629, 4), the bytes as characters of Latin-1. */
const WHOLE =
  /(?:[\0-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})+/g
const STRAY = 0xdc00
/** With `u` no half of a pair. */
const STRAYS = /[\udc80-\udcff]/u

/**
 * The text of a file that play edits. A byte that is no UTF-8, as files in Latin-1 have it, is a surrogate of its own, U+DC80 to
 * U+DCFF (surrogateescape of Python's PEP 383), which `bytesOf` makes that byte again: what a task does not touch stays as it is.
 */
export function textOf(bytes: Buffer): string {
  const text = bytes.toString()
  return text.includes('\ufffd') ? escaped(bytes) : text
}

function escaped(bytes: Buffer): string {
  const latin1 = bytes.toString('latin1')
  const parts: string[] = []
  const stray = (from: number, to: number) => {
    for (let at = from; at < to; at += 1) parts.push(String.fromCharCode(STRAY + bytes[at]!))
  }
  let end = 0
  for (const { index, 0: whole } of latin1.matchAll(WHOLE)) {
    stray(end, index)
    end = index + whole.length
    parts.push(bytes.toString('utf8', index, end))
  }
  stray(end, bytes.length)
  return parts.join('')
}

/** The bytes of a text, those of `textOf` as they were. */
export function bytesOf(text: string): Buffer {
  if (!STRAYS.test(text)) return Buffer.from(text)
  const parts = text.split(/([\udc80-\udcff])/u)
  return Buffer.concat(
    parts.map((part, index) => (index % 2 === 1 ? Buffer.of(part.charCodeAt(0) - STRAY) : Buffer.from(part))),
  )
}

/** Where the first byte stands that is no UTF-8, in a text of `textOf`, from 1; `col` counts characters. undefined: all is. */
export function strayByte(text: string): { line: number; col: number; byte: number } | undefined {
  const at = text.search(STRAYS)
  if (at < 0) return undefined
  const before = text.slice(0, at).split('\n')
  return { line: before.length, col: before.at(-1)!.length + 1, byte: text.charCodeAt(at) - STRAY }
}

/** What to do about `strayByte`. */
export const toUtf8 = (file: string): string =>
  `If it is in Latin-1: iconv -f latin1 -t utf-8 ${file} > NEW && mv NEW ${file}`

/** The text of a file that is read, not edited. @throws {Refusal} where it is no UTF-8: what it says would be guessed */
export function plainText(bytes: Buffer, file: string): string {
  const text = textOf(bytes)
  const stray = strayByte(text)
  if (!stray) return text
  throw new Refusal(`${file}:${stray.line}:${stray.col}: ${notUtf8(stray)}`, toUtf8(file))
}

export const notUtf8 = ({ byte }: { byte: number }): string =>
  `the byte 0x${byte.toString(16).toUpperCase()} is no UTF-8`
