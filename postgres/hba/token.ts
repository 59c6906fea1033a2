/** One word of pg_hba.conf. A quoted keyword is an ordinary name (21.1). */
export interface Token {
  text: string
  /** It begins with a quote, which takes the meaning of a keyword, `+`, `@` or `/` away. */
  quoted: boolean
}

/**
 * The fields of a line as the server reads them (next_token() of its hba.c): each a comma-separated list of words. Two
 * quotes inside quotes are one. A comma joins what follows to the word that it ends, and counts for nothing elsewhere.
 * Null where a quote stays open.
 */
export function tokenize(line: string): { fields: Token[][]; comment?: string } | null {
  const fields: Token[][] = []
  let goesOn = false
  for (let at = 0; ; ) {
    while (/[ \t\r,]/.test(line[at] ?? '')) at += 1
    if (at >= line.length) return { fields }
    if (line[at] === '#') return { fields, comment: line.slice(at) }
    const word = readWord(line, at)
    if (!word) return null
    if (goesOn) fields.at(-1)!.push(word.token)
    else fields.push([word.token])
    goesOn = line[word.end] === ','
    at = word.end
  }
}

function readWord(line: string, start: number): { token: Token; end: number } | null {
  let text = ''
  let open = false
  let wasQuote = false
  let quoted = false
  let end = start
  for (; end < line.length; end += 1) {
    const char = line[end]!
    if (!open && /[ \t\r,#]/.test(char)) break
    if (char !== '"' || wasQuote) text += char
    wasQuote = open && char === '"' ? !wasQuote : false
    if (char !== '"') continue
    open = !open
    if (text === '') quoted = true
  }
  return open ? null : { token: { text, quoted }, end }
}

const inQuotes = (text: string): string => `"${text.replaceAll('"', '""')}"`
/** A backslash at its end would join the next line to it. */
const SPECIAL = /[ \t\r,"#]|\\$|^$/

/** A word as it must be written to mean the same. */
export function writeToken({ text, quoted }: Token, keywords: ReadonlySet<string>): string {
  if (!quoted && SPECIAL.test(text) && /^[+@/]/.test(text)) return `${text[0]}${inQuotes(text.slice(1))}`
  const needs = SPECIAL.test(text) || (quoted && (keywords.has(text) || /^[+@/]/.test(text)))
  return needs ? inQuotes(text) : text
}

/** An option of a method, `name=value`. */
export const writeOption = (name: string, value: string): string =>
  `${name}=${SPECIAL.test(value) ? inQuotes(value) : value}`

export const DATABASE_KEYWORDS: ReadonlySet<string> = new Set([
  'all',
  'sameuser',
  'samerole',
  'samegroup',
  'replication',
])
export const USER_KEYWORDS: ReadonlySet<string> = new Set(['all'])
