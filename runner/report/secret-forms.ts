import { quoteConninfo, quoteLiteral, quoteWord } from '../../contract/quote.ts'

/** A secret as quoting and encoding show it: what is to be looked for in texts. */
export function formsOf(secret: string): string[] {
  const lines = secret.includes('\n') ? secret.split('\n').filter((line) => line.trim().length >= 8) : []
  return [secret, secret.trim(), ...lines]
    .filter((text) => text !== '')
    .flatMap((text) => [
      text,
      ...jsonForms(text),
      ...(text.includes('\0') ? [] : quotedForms(text)),
      ...urlForms(text),
      ...base64Forms(text),
    ])
}

const json = (text: string): string => JSON.stringify(text).slice(1, -1)

/** As JSON, as JSON in ASCII alone, and in a text that is itself in JSON. */
function jsonForms(text: string): string[] {
  const plain = json(text)
  const ascii = plain.replace(/[^\0-~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return [plain, ascii, plain.replaceAll('/', '\\/'), json(plain), json(ascii)]
}

/** Shell, SQL, conninfo, conninfo in SQL, postgresql.conf, pg_hba.conf, password files, and SQL in a shell's word. */
function quotedForms(text: string): string[] {
  const conninfo = unquoted(quoteConninfo(text))
  const sql = unquoted(quoteLiteral(text))
  return [
    unquoted(quoteWord(text)),
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
function base64Forms(text: string): string[] {
  const bytes = Buffer.from(text)
  const inner = [0, 1, 2].flatMap((shift) => {
    const padded = Buffer.concat([Buffer.alloc(shift), bytes])
    const from = Math.ceil((shift * 8) / 6)
    const to = Math.floor(((shift + bytes.length) * 8) / 6)
    return (['base64', 'base64url'] as const).map((alphabet) => padded.toString(alphabet).slice(from, to))
  })
  const whole = bytes.toString('base64')
  return [
    whole,
    whole.replace(/=+$/, ''),
    bytes.toString('base64url'),
    ...inner.filter((form) => form.length >= SHORTEST_BASE64),
  ]
}

/** Shorter pieces stand in other texts by chance. */
const SHORTEST_BASE64 = 6
