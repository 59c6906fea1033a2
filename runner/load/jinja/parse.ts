import { Fault } from '../template/fault.ts'
import type { Body, Jinja } from './ast.ts'
import { Cursor, found } from './cursor.ts'
import { ExpressionParser } from './expression.ts'
import { IN_FILES, type Syntax } from './options.ts'
import { StatementParser } from './statements.ts'
import { Lexer, type Token } from './tokens.ts'
import { TooDeep } from './too-deep.ts'

/** An expression alone, without braces, as `when` has it. @throws {Fault} */
export const parseExpression = (text: string): Jinja => whole(new Lexer(text, IN_FILES).expression())

/** A text with {{ }}, {% %} and {# #}. @throws {Fault} */
export const parseTemplate = (text: string, syntax: Syntax): Body =>
  new StatementParser(new Cursor(new Lexer(text, syntax).template())).template()

/**
 * Reads an expression only to say in an error what to write instead. Other languages' `&&`, `||`, `!` and `=` are taken for Jinja's.
 * @returns undefined where it is no Jinja expression
 */
export function parseJinja(text: string): Jinja | undefined {
  try {
    return whole(new Lexer(text, IN_FILES, true).expression(), true)
  } catch (error) {
    // As out of stack, which it would be where the parser did not count: whoever asks has an error for that.
    if (error instanceof TooDeep) throw new RangeError(error.message)
    if (error instanceof Fault) return undefined
    throw error
  }
}

function whole(tokens: Token[], lenient = false): Jinja {
  const cursor = new Cursor(tokens)
  const parsed = new ExpressionParser(cursor, lenient).tuple(true, () => false)
  if (cursor.next.kind !== 'end') throw cursor.fault(`the expression ends before ${found(cursor.next)}`)
  return parsed
}
