/** A text without what quoting, escaping and breaking lines add to it, and where each character of it came from. */
export interface PlainText {
  text: string
  /** Of each character: where it begins and ends in the text as it was. */
  starts: Uint32Array
  ends: Uint32Array
  /** What was left out before each character. */
  gaps: Uint8Array
}

/** Kinds of gaps: quotes and the like, which mean nothing; blanks; the end of a line, which may have been broken there. */
export const NONE = 0
export const BLANK = 1
export const BREAK = 2

const ESCAPED =
  /(?<!\\)\\+(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|[0abtnvfreNLP_])|%[0-7][0-9a-fA-F]|%[cdCD][0-9a-fA-F]%[89abAB][0-9a-fA-F]|%[eE][0-9a-fA-F](?:%[89abAB][0-9a-fA-F]){2}|%[fF][0-7](?:%[89abAB][0-9a-fA-F]){3}|&(?:#(?:[0-9]{1,7}|[xX][0-9a-fA-F]{1,6})|amp|lt|gt|quot|apos);/g
const MAY_BE_ESCAPED = /[\\%&]/
/** A text may be escaped that was escaped before. */
const MOST_TIMES = 4

/** Ends of lines, quotes, blanks, and what is no character. */
const ADDED = /[\\'"+\s\0-\x1f\x7f-\xa0]+/g

/**
 * What a text says, whichever way it is quoted, escaped (JSON, YAML, Python, shells, SQL, URLs, HTML, regular expressions) or broken
 * into lines: two spellings of one text come out the same. Linear in the text.
 */
export function plainText(text: string): PlainText {
  const starts = new Uint32Array(text.length)
  for (let at = 0; at < text.length; at += 1) starts[at] = at
  let plain: PlainText = {
    text,
    starts,
    ends: starts.map((at) => at + 1),
    gaps: new Uint8Array(text.length),
  }
  for (let time = 0; time < MOST_TIMES && MAY_BE_ESCAPED.test(plain.text); time += 1) {
    const { length } = plain.text
    plain = replaced(plain, ESCAPED, decode)
    if (plain.text.length === length) break
  }
  return replaced(plain, ADDED, () => '')
}

/** The same text alone, in a fraction of the time. */
export function saidBy(text: string): string {
  let said = text
  for (let time = 0; time < MOST_TIMES && MAY_BE_ESCAPED.test(said); time += 1) {
    const { length } = said
    said = said.replace(ESCAPED, (found) => decode(found))
    if (said.length === length) break
  }
  return said.replace(ADDED, '')
}

/** A text of which a part looks like an escape, as it is where a line ends within that part: at any one of them, or all. */
export function brokenInside(text: string): string[] {
  const places = [...text.matchAll(ESCAPED)].map(({ index }) => index + 1).slice(0, MOST_PLACES)
  const broken = (at: readonly number[]): string =>
    at.reduceRight((made, place) => `${made.slice(0, place)}\n${made.slice(place)}`, text)
  return places.length === 0 ? [] : [...places.map((place) => broken([place])), broken(places)]
}
const MOST_PLACES = 16

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const NAMED: Readonly<Record<string, string>> = {
  n: '\n',
  N: '\n',
  L: '\n',
  P: '\n',
  r: ' ',
  t: ' ',
  v: ' ',
  _: ' ',
}

/** @param found all of an escape */
function decode(found: string): string {
  if (found.startsWith('%')) return Buffer.from(found.replaceAll('%', ''), 'hex').toString()
  const said = found.replace(/^(?:\\+|&)/, '').replace(';', '')
  if (Object.hasOwn(ENTITIES, said)) return ENTITIES[said]!
  if (said.length === 1) return NAMED[said] ?? '\0'
  const code = /^#\d/.test(said)
    ? Number(said.slice(1))
    : Number.parseInt(said.replace(/^(?:#[xX]|[uUx])/, ''), 16)
  return code > 0x10ffff ? '' : String.fromCodePoint(code)
}

/** What is replaced by nothing leaves a gap. */
function replaced(plain: PlainText, pattern: RegExp, by: (found: string) => string): PlainText {
  const { text } = plain
  const parts: string[] = []
  const [starts, ends] = [new Uint32Array(text.length), new Uint32Array(text.length)]
  const gaps = new Uint8Array(text.length)
  let length = 0
  let at = 0
  let gap = NONE
  const copyTo = (end: number) => {
    if (end === at) return
    parts.push(text.slice(at, end))
    starts.set(plain.starts.subarray(at, end), length)
    ends.set(plain.ends.subarray(at, end), length)
    gaps[length] = gap
    gap = NONE
    length += end - at
  }
  for (const found of text.matchAll(pattern)) {
    const end = found.index + found[0].length
    const made = by(found[0])
    copyTo(found.index)
    parts.push(made)
    starts.fill(plain.starts[found.index]!, length, length + made.length)
    ends.fill(plain.ends[end - 1]!, length, length + made.length)
    if (made === '') gap = Math.max(gap, gapOf(found[0]))
    length += made.length
    at = end
  }
  copyTo(text.length)
  const [of, to] = [starts.subarray(0, length), ends.subarray(0, length)]
  return { text: parts.join(''), starts: of, ends: to, gaps: gaps.subarray(0, length) }
}

const gapOf = (text: string): number => (text.includes('\n') ? BREAK : /[\s+]/.test(text) ? BLANK : NONE)
