import { CST, Lexer, Parser } from 'yaml'

/** Deeper than any playbook, and shallow enough that no reader of the tree runs out of stack. */
const MAX_DEPTH = 100

export class TooDeep extends Error {
  /** @param offset where it begins to be */
  constructor(readonly offset: number) {
    super(`lists and mappings are nested more than ${MAX_DEPTH} deep`)
  }
}

/**
 * The tokens of a text, of which no reader runs out of stack. What brackets hold is counted while it is read: the parser takes
 * quadratic time for very many that stay open.
 * @throws {TooDeep}
 */
export function tokensOf(text: string, lexer = new Lexer()): CST.Token[] {
  const parser = new Parser()
  const tokens: CST.Token[] = []
  let depth = 0
  let offset = 0
  let isText = false
  for (const lexeme of lexer.lex(text)) {
    if (!isText && (lexeme === '[' || lexeme === '{') && ++depth > MAX_DEPTH) throw new TooDeep(offset)
    if (!isText && (lexeme === ']' || lexeme === '}')) depth--
    isText = lexeme === CST.SCALAR
    if (!MARKERS.has(lexeme)) offset += lexeme.length
    for (const token of parser.next(lexeme)) tokens.push(token)
  }
  for (const token of parser.end()) tokens.push(token)
  requireShallow(tokens)
  return tokens
}

/** What the lexer says between the pieces of the text. */
const MARKERS: ReadonlySet<string> = new Set([CST.DOCUMENT, CST.FLOW_END, CST.SCALAR])

/** Iterative, since the text may be hostile. @throws {TooDeep} */
function requireShallow(tokens: CST.Token[]): void {
  const open: [CST.Token, number][] = tokens.map((token) => [token, 0])
  for (let next = open.pop(); next; next = open.pop()) {
    const [token, depth] = next
    if (depth > MAX_DEPTH) throw new TooDeep('offset' in token ? token.offset : 0)
    if (token.type === 'document' && token.value) open.push([token.value, depth])
    if (!('items' in token)) continue
    for (const item of token.items) {
      if (item.key) open.push([item.key, depth + 1])
      if (item.value) open.push([item.value, depth + 1])
    }
  }
}
