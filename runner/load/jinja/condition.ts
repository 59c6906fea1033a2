import { PlayError } from '../../errors.ts'
import { inside } from '../inside.ts'
import type { Scope } from '../scope.ts'
import { compileJinja, compileJinjaExpression, type JinjaOptions } from './program.ts'
import type { Locate } from './run.ts'
import { described, truthy } from './value.ts'

/** What `when` and its like ask. */
export interface JinjaCondition {
  text: string
  roots: readonly string[]
  calls: readonly string[]
  /**
   * @returns whether it holds; `is` says what it is, in words, where that is Python's truth of another value than a boolean, of which
   * Ansible 2.19 makes an error
   * @throws {PlayError} 'template', 'variable'; {UnknownError}
   */
  test(scope: Scope, locate: Locate): { holds: boolean; is?: string }
}

const LITERAL = new Map([
  ['True', true],
  ['true', true],
  ['False', false],
  ['false', false],
])

/** Compiles an expression without {{ }}; one within them, as older playbooks have it, is taken as well. @throws {Fault} */
export function compileJinjaCondition(text: string, options: JinjaOptions): JinjaCondition {
  const trimmed = text.trim()
  const isWrapped = /^(?:\{\{|\{%|\{#)/.test(trimmed) && /(?:\}\}|%\}|#\})$/.test(trimmed)
  const program = isWrapped ? compileJinja(text, options) : compileJinjaExpression(text, options)
  const { roots, calls } = program
  return {
    text,
    roots,
    calls,
    test(scope, locate) {
      const value = program.run(scope, locate)
      if (typeof value === 'boolean') return { holds: value }
      if (!isWrapped || typeof value !== 'string') return { holds: truthy(value), is: described(value) }
      // Text that came out of a variable is not read as an expression: it may be a host's.
      const literal = LITERAL.get(value.trim())
      if (literal !== undefined) return { holds: literal, is: described(value) }
      const pos = locate()
      throw new PlayError('condition', `a condition must be true or false, but this is ${described(value)}`, {
        pos: pos && inside(pos, text, 0, text.length),
        hint: 'write the expression without {{ }}',
      })
    },
  }
}
