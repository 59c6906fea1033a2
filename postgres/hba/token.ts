/** One word of pg_hba.conf. A quoted keyword is an ordinary name (21.1). */
export interface Token {
  text: string
  /** It begins with a quote, which takes the meaning of a keyword, `+`, `@` or `/` away. */
  quoted: boolean
}

/** The fields of a line: each a comma-separated list of words. Null where a quote stays open. */
export function tokenize(line: string): { fields: Token[][]; comment?: string } | null {
  const fields: Token[][] = []
  let at = 0
  let goesOn = false
  for (;;) {
    while (/[\s,]/.test(line[at] ?? '')) {
      // A comma joins what stands around it, blanks or not.
      if (line[at] === ',') goesOn = true
      at += 1
    }
    if (at >= line.length) return { fields }
    if (line[at] === '#') return { fields, comment: line.slice(at) }
    const start = at
    let text = ''
    let open = false
    for (; at < line.length; at += 1) {
      const char = line[at]!
      if (char === '"') open = !open
      else if (!open && /[\s,#]/.test(char)) break
      else text += char
    }
    if (open) return null
    const token: Token = { text, quoted: line[start] === '"' }
    if (goesOn && fields.length > 0) fields.at(-1)!.push(token)
    else fields.push([token])
    goesOn = false
  }
}

/** A word as it must be written to mean the same. */
export function writeToken({ text, quoted }: Token, keywords: ReadonlySet<string>): string {
  const special = /[\s,"#]/.test(text) || text === ''
  if (!quoted && special && /^[+@/]/.test(text)) return `${text[0]}"${text.slice(1)}"`
  const needs = special || (quoted && (keywords.has(text) || /^[+@/]/.test(text)))
  return needs ? `"${text}"` : text
}

export const DATABASE_KEYWORDS: ReadonlySet<string> = new Set([
  'all',
  'sameuser',
  'samerole',
  'samegroup',
  'replication',
])
export const USER_KEYWORDS: ReadonlySet<string> = new Set(['all'])
