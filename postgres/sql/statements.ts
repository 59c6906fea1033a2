/**
 * Splits SQL text at the semicolons that end statements: not those in quotes, dollar quotes, comments (which nest) and
 * in the bodies of SQL functions (BEGIN ATOMIC … END). Statements come trimmed, without their semicolon; empty ones
 * are left out.
 * @param backslashes whether one in a plain string changes what follows: where standard_conforming_strings is off
 */
export function splitStatements(text: string, backslashes = false): string[] {
  const statements: string[] = []
  let start = 0
  let meaningful = false
  const body = new Body()
  const end = (at: number): void => {
    if (meaningful) statements.push(text.slice(start, at).trim())
    start = at + 1
    meaningful = false
  }
  for (const { text: token, at } of tokensOf(text, backslashes)) {
    if (token === ';' && !body.open) {
      end(at)
      body.reset()
    } else if (!isBlank(token)) {
      meaningful = true
      body.see(token)
    }
  }
  end(text.length)
  return statements
}

interface Token {
  /** Of a block comment and a dollar quote its beginning alone. */
  text: string
  /** Where it begins. */
  at: number
  /** Whether what it opens is closed again, before the text ends. */
  closed: boolean
}

// As the server's own reader has them (scan.l): a carriage return ends a line, and no other character is a blank.
// In turn: blanks, line comments, block comments, E'' strings, strings, identifiers in quotes, dollar quotes, words
// (a dollar sign inside a word opens nothing), anything else.
const TOKEN =
  /[ \t\n\r\f\v]+|--[^\n\r]*|\/\*|[eE]'(?:[^'\\]|\\.|'')*(?:'|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|./gsy
const WITH_BACKSLASHES = new RegExp(TOKEN.source.replace("[eE]'", "[eE]?'"), TOKEN.flags)
const QUOTED = /^[eE]?['"]/
const CLOSED = /^(?:[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*")$/s

/** The words, quotes, comments and signs of SQL, in order (Lexical Structure, 4.1). */
function* tokensOf(sql: string, backslashes = false): Generator<Token> {
  const pattern = new RegExp(backslashes ? WITH_BACKSLASHES : TOKEN)
  for (let match = pattern.exec(sql); match; match = pattern.exec(sql)) {
    const [text] = match
    let closed = !QUOTED.test(text) || CLOSED.test(text)
    const isDollar = text.startsWith('$') && text.endsWith('$') && text.length > 1
    if (isDollar || text === '/*') {
      const end = isDollar ? endOfDollarQuote(sql, text, match.index) : endOfComment(sql, match.index)
      closed = end !== undefined
      pattern.lastIndex = end ?? sql.length
    }
    yield { text, at: match.index, closed }
  }
}

/** What stands in quotes of any kind, with them: strings, names, and texts between dollars. */
export function quotedIn(sql: string): string[] {
  const tokens = [...tokensOf(sql)]
  return tokens.flatMap(({ text, at }, index) =>
    QUOTED.test(text) || /^\$.*\$$/s.test(text) ? [sql.slice(at, tokens[index + 1]?.at)] : [],
  )
}

const isBlank = (token: string): boolean => /^([ \t\n\r\f\v]|--|\/\*)/.test(token)

/** undefined where it is never closed, as below */
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

function endOfDollarQuote(text: string, tag: string, from: number): number | undefined {
  const close = text.indexOf(tag, from + tag.length)
  return close < 0 ? undefined : close + tag.length
}

/**
 * Why a text cannot stand where SQL expects one expression, in parentheses: it would end before they close, or swallow
 * what follows. undefined where it can. What it means is PostgreSQL's to judge.
 */
export function whyNoExpression(sql: string): string | undefined {
  const open: string[] = []
  for (const { text, closed } of tokensOf(sql)) {
    if (text === ';') return 'a semicolon'
    if (!closed)
      return `a ${text === '/*' ? 'comment' : text.startsWith('$') ? 'dollar quote' : 'quote'} that is never closed`
    if (text in CLOSES) open.push(text)
    else if (text === ')' || text === ']') {
      const opened = open.pop()
      if (opened === undefined || CLOSES[opened] !== text) return `a ${text} that nothing opens`
    }
  }
  return open.length > 0 ? `a ${open.at(-1)} that is never closed` : undefined
}

const CLOSES: Record<string, string> = { '(': ')', '[': ']' }

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

/** The words and signs of a statement in small letters, without blanks, comments, and the parentheses that it begins with. */
export function* wordsOf(statement: string): Generator<string> {
  let begun = false
  for (const { text } of tokensOf(statement)) {
    begun ||= !isBlank(text) && text !== '('
    if (begun && !isBlank(text)) yield text.toLowerCase()
  }
}

/** The first word of a statement: `select`, `insert`; '' where it begins with none. */
export function firstWord(statement: string): string {
  const first: string = wordsOf(statement).next().value ?? ''
  return /^[a-z]+/.exec(first)?.[0] ?? ''
}

/**
 * The identifiers in an expression, as the server takes them: in small letters unless quoted. Names of functions, and of types before
 * a string, are none.
 */
export function namesIn(expression: string): Set<string> {
  const tokens = [...tokensOf(expression)].map(({ text }) => text).filter((text) => !isBlank(text))
  return new Set(
    tokens.flatMap((text, at) => {
      const next = tokens[at + 1] ?? ''
      if (next === '(' || /^[eE]?'/.test(next)) return []
      if (text.startsWith('"')) return [text.slice(1, -1).replaceAll('""', '"')]
      return /^[A-Za-z_\u0080-\uffff]/.test(text) && !/^[eE]'/.test(text) ? [text.toLowerCase()] : []
    }),
  )
}
