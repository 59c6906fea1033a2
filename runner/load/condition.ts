import { UnknownError } from '../../contract/unknown.ts'
import { PlayError, type Pos } from '../errors.ts'
import { OverBudget } from './budget.ts'
import { type Cel, parseCel } from './cel.ts'
import { type ConditionFault, explainEvaluation, explainHidden, explainSyntax } from './condition/errors.ts'
import { inside } from './inside.ts'
import { jinjaCondition, jinjaExpression } from './jinja/program-for.ts'
import { languageAt } from './language.ts'
import { isTurn } from './outside.ts'
import type { Scope } from './scope.ts'
import { Fault } from './template/fault.ts'
import { type Program, placed } from './template/program.ts'
import { kindOf } from './template/values.ts'
import type { Expression } from './types.ts'

/** An expression that is true or false: CEL, or Jinja in a file of Jinja. */
export interface Condition {
  text: string
  pos: Pos
  /** The variables it names, before any dot. */
  roots: readonly string[]
  /** @throws {PlayError} 'condition', 'variable'; {UnknownError} where it hangs on what only the real run will know */
  test(scope: Scope): boolean
}

/** @throws {PlayError} code 'condition', at the word that is wrong */
export function compileCondition(expression: Expression): Condition {
  if (isJinja(expression)) return conditionOfJinja(expression)
  const cel = compile(expression)
  if (cel.type !== 'bool' && cel.type !== 'dyn') throw notBoolean(expression, `is of type ${cel.type}`)
  return {
    ...expression,
    roots: cel.roots,
    test(scope) {
      const value = run(cel, expression, scope)
      if (typeof value !== 'boolean') throw notBoolean(expression, `is ${kindOf(value)}`)
      return value
    },
  }
}

/** The value of any expression, numbers as JavaScript's. @throws as `compileCondition` and `test` */
export function evaluate(expression: Expression, scope: Scope): unknown {
  if (isJinja(expression)) return jinjaAt(expression).run(scope, () => expression.pos)
  return run(compile(expression), expression, scope)
}

/** Whether an expression holds: in CEL where it is true, and no error where it is no boolean. @throws as `evaluate` */
export const isTrueIn = (expression: Expression, scope: Scope): boolean =>
  isJinja(expression) ? conditionOfJinja(expression).test(scope) : evaluate(expression, scope) === true

const isJinja = ({ pos }: Expression): boolean => languageAt(() => pos) === 'jinja'

type OnTruth = (message: string, pos: Pos) => void
let onTruth: OnTruth | undefined

/**
 * Whom to tell of conditions in files of Jinja that are no booleans: they count by their truth, as before Ansible 2.19, which makes
 * errors of them (docs/language.md).
 */
export const tellTruth = (listener: OnTruth | undefined): void => {
  onTruth = listener
}

function conditionOfJinja(expression: Expression): Condition {
  const { text, pos } = expression
  const condition = placing(expression, () => jinjaCondition(text))
  return {
    ...expression,
    roots: condition.roots,
    test(scope) {
      const { holds, is } = condition.test(scope, () => pos)
      if (is !== undefined && isTurn())
        onTruth?.(`this condition is no boolean but ${is}, which counts as ${holds}: ${text}`, pos)
      return holds
    },
  }
}

/** @throws {PlayError} */
export const jinjaAt = (expression: Expression): Program =>
  placing(expression, () => jinjaExpression(expression.text))

function placing<T>({ text, pos }: Expression, compile: () => T): T {
  try {
    return compile()
  } catch (error) {
    throw error instanceof Fault ? placed(error, text, () => pos) : error
  }
}

const compiled = new Map<string, Cel>()

function compile(expression: Expression): Cel {
  const known = compiled.get(expression.text)
  if (known) return known
  const fault = explainSyntax(expression.text, parseCel)
  if (fault.is === 'fault') throw errorAt(expression, fault)
  compiled.set(expression.text, fault.cel)
  return fault.cel
}

function run(cel: Cel, expression: Expression, scope: Scope): unknown {
  const hidden = cel.types.find((name) => name in scope)
  if (hidden) throw errorAt(expression, explainHidden(hidden, expression.text))
  try {
    return cel.run(scope)
  } catch (error) {
    if (error instanceof PlayError || error instanceof UnknownError) throw error
    if (error instanceof OverBudget) throw overBudget(expression, error)
    throw errorAt(expression, explainEvaluation(error as Error, expression.text, scope))
  }
}

function errorAt(
  { pos, text }: Expression,
  { code, message, start, length, hint }: ConditionFault,
): PlayError {
  return new PlayError(code, message, { pos: () => inside(pos, text, start, length), hint })
}

function overBudget({ pos, text }: Expression, { message }: OverBudget): PlayError {
  return new PlayError('condition', `this condition takes ${message}`, {
    pos: inside(pos, text, 0, text.length),
    hint: 'all(), exists(), map() and filter() inside each other multiply: let one of them look at less',
  })
}

function notBoolean({ pos, text }: Expression, found: string): PlayError {
  return new PlayError('condition', `a condition must be true or false, but this ${found}`, {
    pos: inside(pos, text, 0, text.length),
    hint: 'compare it: x == "yes", x != 0, size(x) > 0; bool(x) reads the text "true" or "false"',
  })
}
