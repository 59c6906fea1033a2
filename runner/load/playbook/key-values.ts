/** One `name=value` of an argument line, with the place of its parts in it. */
export interface KeyValue {
  name: string
  value: string
  start: number
  /** Where the value begins, inside its quotes. */
  valueStart: number
}

export interface KeyValues {
  pairs: KeyValue[]
  /** Words that are no pairs, with their places. */
  words: { text: string; start: number }[]
  /** The line without its pairs, as it was written. */
  rest: string
  /** A quote or a `{{` that is opened and never closed. */
  open?: { what: string; start: number }
}

/**
 * Splits `name=value other="two words"`. A word ends at white space outside of quotes and of {{ }}, {% %} and {# #}.
 * @param names the only names that make a pair; all when left out
 */
export function readKeyValues(line: string, names?: readonly string[]): KeyValues {
  const { words, open } = split(line)
  const pairs: KeyValue[] = []
  const left: KeyValues['words'] = []
  let rest = ''
  let copied = 0
  for (const word of words) {
    const pair = pairIn(word)
    if (!pair || (names && !names.includes(pair.name))) {
      left.push({ text: unescaped(word.text), start: word.start })
      continue
    }
    pairs.push(pair)
    rest += line.slice(copied, word.start).trimEnd()
    copied = word.start + word.text.length
  }
  rest += line.slice(copied)
  return { pairs, words: left, rest: pairs.length > 0 ? rest.trim() : rest, ...(open ? { open } : {}) }
}

interface Word {
  text: string
  start: number
}

const OPENING = ['{{', '{%', '{#']
const CLOSING = ['}}', '%}', '#}']

function split(line: string): { words: Word[]; open?: KeyValues['open'] } {
  const words: Word[] = []
  let start: number | undefined
  let quote: { what: string; start: number } | undefined
  const inner: { what: string; start: number }[] = []
  for (let at = 0; at < line.length; at++) {
    const char = line[at]!
    const two = line.slice(at, at + 2)
    if (start === undefined) {
      if (/\s/.test(char)) continue
      // A line that goes on in the next one.
      if (char === '\\' && /^\\[^\S\n]*\n/.test(line.slice(at))) continue
      start = at
    }
    if (OPENING.includes(two)) inner.push({ what: two, start: at++ })
    else if (inner.length > 0 && CLOSING.includes(two)) {
      inner.pop()
      at++
    } else if (inner.length > 0) continue
    else if (quote) {
      if (char === quote.what && line[at - 1] !== '\\') quote = undefined
    } else if ((char === '"' || char === "'") && line[at - 1] !== '\\') quote = { what: char, start: at }
    else if (/\s/.test(char)) {
      words.push({ text: line.slice(start, at), start })
      start = undefined
    }
  }
  if (start !== undefined) words.push({ text: line.slice(start), start })
  const open = inner[0] ?? quote
  return open ? { words, open } : { words }
}

/** The first `=` that no backslash stands before parts name and value. */
function pairIn({ text, start }: Word): KeyValue | undefined {
  const equals = /(?<=[^\\])=/.exec(text)?.index
  if (equals === undefined) return undefined
  const name = text.slice(0, equals)
  if (!/^[A-Za-z_][\w.-]*$/.test(name)) return undefined
  const written = text.slice(equals + 1)
  const quoted = /^(["'])[\s\S]*\1$/.test(written) && written.length > 1 && written.at(-2) !== '\\'
  return {
    name,
    value: decoded(quoted ? written.slice(1, -1) : written),
    start,
    valueStart: start + equals + 1 + (quoted ? 1 : 0),
  }
}

const unescaped = (word: string): string => (/(?<=[^\\])=/.test(word) ? word : word.replaceAll('\\=', '='))

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ n: '\n', t: '\t', r: '\r', a: '\u0007', b: '\b', f: '\f', v: '\v' },
  ...{ '\\': '\\', "'": "'", '"': '"' },
}

/** Backslashes mean in a value what they mean in a Python text. */
const decoded = (value: string): string =>
  value.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\\'"abfnrtv]))/g,
    (whole, x?: string, u?: string, long?: string, one?: string) => {
      if (one !== undefined) return ESCAPES[one]!
      const code = Number.parseInt((x ?? u ?? long)!, 16)
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole
    },
  )
