import { Composer, type CST, type Document, type ErrorCode, Lexer, visit } from 'yaml'
import { PlayError, PlayErrors } from '../../errors.ts'
import type { Source } from './source.ts'
import { VAULT_TAGS } from './tags.ts'
import { TooDeep, tokensOf } from './tokens.ts'

/** A file with more is none of ours; the first ones say what is wrong with it. */
const MOST_ERRORS = 100

/** The one document of a file. @throws {PlayErrors} with everything that is no YAML */
export function readDocument(source: Source): Document['contents'] {
  const strict = tryAs(source, new Lexer())
  if (!(strict instanceof PlayErrors)) return strict.contents
  // As PyYAML has it. An unclosed quote is found where it is only where the rest of the file is not taken for its text.
  const lenient = tryAs(source, indentingLess())
  if (!(lenient instanceof PlayErrors)) return lenient.contents
  throw lenient.errors.length < strict.errors.length ? lenient : strict
}

function tryAs(source: Source, lexer: Lexer): { contents: Document['contents'] } | PlayErrors {
  try {
    return { contents: readAs(source, lexer) }
  } catch (error) {
    if (error instanceof PlayErrors) return error
    throw error
  }
}

/** What the lexer keeps for itself: the indentation that a continued line must have. */
interface Indented {
  indentNext: number
  parseQuotedScalar(): Generator<string, unknown>
  parseFlowCollection(): Generator<string, unknown>
}

/** A lexer for which a quoted text, and what stands in brackets, may go on at the indentation of its key or left of it. */
function indentingLess(): Lexer {
  const lexer = new Lexer()
  const inner = lexer as unknown as Indented
  for (const name of ['parseQuotedScalar', 'parseFlowCollection'] as const) {
    const parse = inner[name].bind(inner)
    inner[name] = function* () {
      const wanted = inner.indentNext
      inner.indentNext = 0
      const next = yield* parse()
      inner.indentNext = wanted
      return next
    }
  }
  return lexer
}

function readAs(source: Source, lexer: Lexer): Document['contents'] {
  const [document, second] = compose(source, tokensIn(source, lexer))
  const errors = [...(document?.errors ?? []), ...(document?.warnings ?? [])]
  const lines = new Set<number>()
  const found: PlayError[] = []
  for (const { code, message, pos } of errors) {
    if (found.length >= MOST_ERRORS) break
    if (lines.has(source.pos(pos[0]).line)) continue
    const error = explain(source, document!, code, message, pos)
    // What follows a mistake on the same line follows from it.
    if (lines.has(error.pos!.line)) continue
    lines.add(error.pos!.line)
    found.push(error)
  }
  if (second) found.push(secondDocument(source, second))
  if (found.length > 0) throw new PlayErrors(found)
  return document?.contents ?? null
}

function tokensIn(source: Source, lexer: Lexer): CST.Token[] {
  try {
    return tokensOf(source.text, lexer)
  } catch (error) {
    throw error instanceof TooDeep ? tooDeep(source, error) : error
  }
}

function compose(source: Source, tokens: CST.Token[]): Document.Parsed[] {
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    uniqueKeys: false, // told by buildTree, which knows where the first one stands
    intAsBigInt: true,
    logLevel: 'silent',
    customTags: VAULT_TAGS.map((tag) => ({ tag, resolve: (text: string) => text })),
  })
  try {
    return [...composer.compose(tokens, true, source.text.length)] as Document.Parsed[]
  } catch (cause) {
    throw new PlayErrors([
      new PlayError('yaml', `this is no YAML: ${(cause as Error).message}`, { pos: source.pos(0), cause }),
    ])
  }
}

const tooDeep = (source: Source, { message, offset }: TooDeep): PlayErrors =>
  new PlayErrors([new PlayError('yaml', message, { pos: source.pos(offset) })])

function secondDocument(source: Source, document: Document.Parsed): PlayError {
  const line = source.text.lastIndexOf('\n---', document.range[0])
  return new PlayError('yaml', 'a second document starts here, but a file holds one', {
    pos: source.pos(line === -1 ? document.range[0] : line + 1, line + 4),
    hint: 'move it to a file of its own, or remove the --- line',
  })
}

function explain(
  source: Source,
  document: Document,
  code: ErrorCode,
  message: string,
  [start, end]: [number, number],
): PlayError {
  if (message.startsWith('Missing closing')) return unclosedQuote(source, document, start)
  const braces = unquotedBraces(source, start)
  if (braces) return braces
  const [text, hint] = wording(source, code, message, start) ?? [lowerFirst(message)]
  return new PlayError('yaml', text, { pos: source.pos(start, end), hint })
}

/** The parser complains where the text ends; the quote that opens it is what to look at. */
function unclosedQuote(source: Source, document: Document, end: number): PlayError {
  let start = end
  visit(document, {
    Scalar: (_, { range }) => {
      if (range && range[0] < start && range[1] >= end) start = range[0]
    },
  })
  return new PlayError('yaml', 'this quote is opened and never closed', {
    pos: source.pos(start),
    hint: `close it with ${source.text[start]}`,
  })
}

/** `key: {{ x }}/y` is cut short as the mapping {{ x }} with something after it. */
function unquotedBraces(source: Source, offset: number): PlayError | undefined {
  const line = source.lineAt(offset)
  const found = /^(\s*(?:- +)*(?:(?!- )[^\s#'"{][^#'"{]*?: +)?)(\{\{.*)$/.exec(line.text)
  if (!found) return undefined
  const at = line.start + found[1]!.length
  const asKey = /^\{\{.*?\}\}(?=:( |$))/.exec(found[2]!)
  return bracesError(source, at, asKey?.[0] ?? found[2]!.replace(/(?<!\s)\s+#.*$/, ''))
}

/** Also what the tree says of a whole value that is `{{ x }}`. */
export function bracesError(source: Source, offset: number, text: string): PlayError {
  const quote = text.includes('"') ? (text.includes("'") ? null : "'") : '"'
  return new PlayError('yaml', 'a value that starts with {{ must be quoted, for YAML reads { as a mapping', {
    pos: source.pos(offset, offset + text.length),
    hint: quote ? `quote it: ${quote}${text}${quote}` : 'put it under >- on a line of its own',
  })
}

function wording(
  source: Source,
  code: ErrorCode,
  message: string,
  offset: number,
): [string, string?] | undefined {
  const line = source.lineAt(offset)
  switch (code) {
    case 'TAB_AS_INDENT':
      return ['a tab stands where YAML wants spaces', 'replace each tab at the start of a line by spaces']
    case 'BLOCK_AS_IMPLICIT_KEY':
      return [
        'a second ": " on one line makes this value a mapping in a mapping',
        // Which is not repeated: it may be a password.
        'quote the value: "…: …"',
      ]
    case 'BAD_SCALAR_START':
      return [`a plain value cannot start with ${source.text[offset]}`, 'quote the value']
    case 'MISSING_CHAR':
      return ['a key is not followed by ": " and a value', 'write key: value']
    case 'BAD_INDENT':
      return message.startsWith('Flow')
        ? ['a [ or { opened before this is not closed', 'close it with ] or }, or indent what continues it']
        : [
            'this line is indented unlike its neighbours',
            'align the keys of one mapping, and the dashes of one list',
          ]
    case 'MULTILINE_IMPLICIT_KEY':
      return [
        'a key is not followed by ": " on its line',
        'write key: value, and indent what continues a value',
      ]
    case 'BAD_DQ_ESCAPE':
      return [
        'this backslash escape is unknown inside double quotes',
        'double the backslash, or use single quotes',
      ]
    case 'TAG_RESOLVE_FAILED':
      return [
        `the tag ${source.text.slice(offset).split(/\s/, 1)[0]} is unknown or does not fit its value`,
        'remove it',
      ]
    case 'UNEXPECTED_TOKEN':
      return /^\s*\S+:\s+["'].*["'].*\S/.test(line.text)
        ? [
            'text follows a closing quote',
            'quote the value as a whole, with the other kind of quotes outside',
          ]
        : [
            'this does not fit what stands before it',
            'check indentation, dashes and quotes here and one line above',
          ]
    default:
      return undefined
  }
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)
