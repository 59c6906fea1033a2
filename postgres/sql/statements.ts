/**
 * Splits SQL text at the semicolons that end statements: not those in quotes, dollar quotes, comments (which nest) and
 * in the bodies of SQL functions (BEGIN ATOMIC … END). Statements come trimmed, without their semicolon; empty ones
 * are left out.
 */
export function splitStatements(text: string): string[] {
  const statements: string[] = []
  let start = 0
  let meaningful = false
  const body = new Body()
  const end = (at: number): void => {
    if (meaningful) statements.push(text.slice(start, at).trim())
    start = at + 1
    meaningful = false
  }
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const token = match[0]
    if (token.startsWith('/*')) TOKEN.lastIndex = endOfComment(text, match.index) ?? text.length
    else if (token.startsWith('$') && token.endsWith('$') && token.length > 1)
      TOKEN.lastIndex = endOfDollarQuote(text, token, match.index)
    if (token === ';' && !body.open) {
      end(match.index)
      body.reset()
    } else if (!/^(\s|--|\/\*)/.test(token)) {
      meaningful = true
      body.see(token)
    }
  }
  end(text.length)
  return statements
}

// In turn: blanks, line comments, block comments, E'' strings, strings, identifiers in quotes, dollar quotes, words
// (a dollar sign inside a word opens nothing), anything else.
const TOKEN =
  /\s+|--[^\n]*|\/\*|[eE]'(?:[^'\\]|\\.|'')*(?:'|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|./gsy

/** undefined where it is never closed */
function endOfComment(text: string, from: number): number | undefined {
  let depth = 0
  const edge = /\/\*|\*\//g
  edge.lastIndex = from
  for (let match = edge.exec(text); match; match = edge.exec(text)) {
    depth += match[0] === '/*' ? 1 : -1
    if (depth === 0) return edge.lastIndex
  }
  return undefined
}

function endOfDollarQuote(text: string, tag: string, from: number): number {
  const close = text.indexOf(tag, from + tag.length)
  return close < 0 ? text.length : close + tag.length
}

/**
 * Why a text cannot stand where SQL expects one expression, in parentheses: it would end before they close, or swallow
 * what follows. undefined where it can. What it means is PostgreSQL's to judge.
 */
export function whyNoExpression(text: string): string | undefined {
  const open: string[] = []
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const token = match[0]
    if (token === ';') return 'a semicolon'
    if (token in CLOSES) open.push(CLOSES[token]!)
    else if (token === ')' || token === ']') {
      if (open.pop() !== token) return `a ${token} that nothing opens`
    } else if (/^[eE]?['"]/.test(token) && !isClosed(token)) return 'a quote that is never closed'
    else if (token.startsWith('/*')) {
      const end = endOfComment(text, match.index)
      if (end === undefined) return 'a comment that is never closed'
      TOKEN.lastIndex = end
    } else if (token.startsWith('$') && token.endsWith('$') && token.length > 1) {
      TOKEN.lastIndex = endOfDollarQuote(text, token, match.index)
      if (!text.slice(match.index + token.length, TOKEN.lastIndex).endsWith(token))
        return 'a dollar quote that is never closed'
    }
  }
  return open.length > 0 ? `a ${open.at(-1) === ')' ? '(' : '['} that is never closed` : undefined
}

const CLOSES: Record<string, string> = { '(': ')', '[': ']' }

/** A quoted token that the tokenizer ended at the end of the text has no closing quote. */
function isClosed(token: string): boolean {
  const quote = token.replace(/^[eE]/, '')[0]!
  const inner = token.slice(token.indexOf(quote) + 1)
  if (!inner.endsWith(quote)) return false
  const isEscape = /^[eE]'/.test(token)
  return isEscape
    ? /^(?:[^'\\]|\\.|'')*'$/s.test(inner)
    : new RegExp(`^(?:[^${quote}]|${quote}${quote})*${quote}$`, 's').test(inner)
}

/** Whether the place is inside BEGIN ATOMIC … END of a CREATE FUNCTION or PROCEDURE; CASE … END nests in it. */
class Body {
  #depth = 0
  #last = ''
  get open(): boolean {
    return this.#depth > 0
  }
  reset(): void {
    this.#depth = 0
    this.#last = ''
  }
  see(token: string): void {
    const word = token.toLowerCase()
    if (word === 'atomic' && this.#last === 'begin') this.#depth += 1
    else if (this.open && word === 'case') this.#depth += 1
    else if (this.open && word === 'end') this.#depth -= 1
    this.#last = word
  }
}

/** The first word of a statement, lower case, past comments and parentheses: `select`, `insert`. */
export function firstWord(statement: string): string {
  const text = statement.replace(/^(\s+|--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/|\()+/, '')
  return /^[A-Za-z]+/.exec(text)?.[0].toLowerCase() ?? ''
}
