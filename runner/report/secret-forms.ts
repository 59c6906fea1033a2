import { withoutEnd } from '../../contract/ends.ts'
import { quoteConninfo, quoteLiteral, quoteWord } from '../../contract/quote.ts'

/** What of a secret is looked for: all of it, each long line of it, what it says in base64. */
export function partsOf(secret: string): string[] {
  const lines = secret.includes('\n') ? secret.split('\n').filter((line) => line.trim().length >= 8) : []
  const decoded = decodedBase64(secret)
  const found = [secret.trim(), ...lines, ...(decoded === undefined ? [] : [decoded])]
  return found.filter((text) => text.trim() !== '')
}

/** A secret as an encoding shows it, in which nothing of it can be read. */
export const encodedForms = (text: string): string[] => [
  ...base64Forms(Buffer.from(text)),
  ...base64Forms(Buffer.from(text, 'utf16le')),
  ...(/^[\0-\xff]*$/.test(text) ? base64Forms(Buffer.from(text, 'latin1')) : []),
]

/** A secret of quotes and little else: what is left of it without them stands in too many texts. */
export const quotedForms = (text: string): string[] => [
  ...jsonForms(text),
  ...(text.includes('\0') ? [] : shellForms(text)),
  ...urlForms(text),
  ...[
    [/"/g, '&quot;', /'/g, '&#x27;'],
    [/"/g, '&#34;', /'/g, '&#39;'],
  ].map(([double, ofDouble, single, ofSingle]) =>
    text
      .replaceAll('&', '&amp;')
      .replace(double!, ofDouble as string)
      .replace(single!, ofSingle as string),
  ),
]

/** Shorter ones, and mere words, may be meant as they are. */
const SHORTEST_IN_OTHER_LETTERS = 8

/** In small and capital letters, as functions of texts write them. */
export function inOtherLetters(text: string): string[] {
  if (text.length < SHORTEST_IN_OTHER_LETTERS || !/[^\p{L}\s]/u.test(text)) return []
  const small = text.toLowerCase()
  const swapped = [...text].map((one) => (one === one.toLowerCase() ? one.toUpperCase() : one.toLowerCase()))
  // The first letter of all, of each word, and behind each other sign; one that two stand for is written in both ways.
  const initials = [/(^)(.)/su, /(^|[-\s({[<])(\p{L})/gu, /(^|\P{L})(\p{L})/gu].flatMap((initial) =>
    [upper, titled].map((change) =>
      small.replace(initial, (_, before: string, one: string) => before + change(one)),
    ),
  )
  return [...new Set([small, text.toUpperCase(), swapped.join(''), ...initials])]
}

const upper = (one: string): string => one.toUpperCase()
const titled = (one: string): string => one.toUpperCase().replace(/(?<=.).*/su, (rest) => rest.toLowerCase())

/** Signs that `comment` puts before lines. */
const COMMENTS = ['# ', '% ', '// ', ' * ', ' - ']

/** A text of several lines, as a comment. */
export const asComments = (text: string): string[] =>
  text.trim().includes('\n') ? COMMENTS.map((sign) => text.replaceAll('\n', `\n${sign}`)) : []

/** undefined where it is none, or none of a text. */
function decodedBase64(secret: string): string | undefined {
  const plain = secret.replace(/\s/g, '')
  if (plain.length < 8 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(plain)) return undefined
  const bytes = Buffer.from(plain, 'base64')
  const text = bytes.toString()
  return Buffer.from(text).equals(bytes) && !/[^\P{C}\s]/u.test(text) ? text : undefined
}

const json = (text: string): string => JSON.stringify(text).slice(1, -1)

/** As JSON, as JSON in ASCII alone, and in a text that is itself in JSON. */
function jsonForms(text: string): string[] {
  const plain = json(text)
  const ascii = plain.replace(/[^\0-~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return [plain, ascii, plain.replaceAll('/', '\\/'), json(plain), json(ascii)]
}

/** Shell, SQL, conninfo, conninfo in SQL, postgresql.conf, pg_hba.conf, password files, and SQL in a shell's word. */
function shellForms(text: string): string[] {
  const conninfo = unquoted(quoteConninfo(text))
  const sql = unquoted(quoteLiteral(text))
  return [
    unquoted(quoteWord(text)),
    text.replaceAll("'", `'"'"'`),
    text.replace(/[\\"$`]/g, '\\$&'),
    sql,
    text.replaceAll("'", "''"),
    conninfo,
    unquoted(quoteLiteral(conninfo)),
    conninfo.replaceAll("'", "''"),
    unquoted(quoteWord(sql)),
    text.replaceAll('"', '""'),
    text.replace(/[\\:]/g, '\\$&'),
  ]
}

const unquoted = (text: string): string => text.replace(/^(?: E)?'(.*)'$/s, '$1')

/** As encodeURIComponent has it, and with all that RFC 3986 reserves; each with capital and small digits. */
function urlForms(text: string): string[] {
  try {
    const some = encodeURIComponent(text)
    const all = some.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    const small = (form: string) => form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
    return [some, all, all.replaceAll('%20', '+'), some.replaceAll('%20', '+')].flatMap((form) => [
      form,
      small(form),
    ])
  } catch {
    // A lone surrogate has no URL form.
    return []
  }
}

/** Whole, and as it looks inside a longer encoded text such as `user:password`, at each of the three alignments. */
function base64Forms(bytes: Buffer): string[] {
  const inner = [0, 1, 2].flatMap((shift) => {
    const padded = Buffer.concat([Buffer.alloc(shift), bytes])
    const from = Math.ceil((shift * 8) / 6)
    const to = Math.floor(((shift + bytes.length) * 8) / 6)
    return (['base64', 'base64url'] as const).map((alphabet) => padded.toString(alphabet).slice(from, to))
  })
  const whole = bytes.toString('base64')
  return [
    whole,
    withoutEnd(whole, /=/),
    bytes.toString('base64url'),
    ...inner.filter((form) => form.length >= SHORTEST_BASE64),
  ]
}

/** Shorter pieces stand in other texts by chance. */
const SHORTEST_BASE64 = 6
