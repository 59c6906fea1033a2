import { type ASTNode, TypeError as CelTypeError, EvaluationError, ParseError } from '@marcbachmann/cel-js'
import type { ErrorFields } from '../../errors.ts'
import { type Cel, celFunctions } from '../cel.ts'
import { jinjaToCondition } from '../jinja/to-condition.ts'
import { didYouMean } from '../nearest.ts'
import type { Scope } from '../scope.ts'
import { listSome } from '../template/paths.ts'
import { kindOf, ownValue } from '../template/values.ts'

export interface ConditionFault {
  is: 'fault'
  code: 'condition' | 'variable'
  message: string
  /** In the expression's text. */
  start: number
  length: number
  hint?: ErrorFields['hint']
}

const JINJA_LITERALS: Record<string, string> = { True: 'true', False: 'false', None: 'null' }

/** Parses, or says what is wrong and, for Jinja, what to write instead. */
export function explainSyntax(
  text: string,
  parse: (text: string) => Cel,
): { is: 'cel'; cel: Cel } | ConditionFault {
  try {
    return understand(text, parse)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return tooDeep(text)
  }
}

/** Whoever reads such a text, the library or what explains Jinja, runs out of stack. */
const tooDeep = (text: string): ConditionFault => {
  const start = Math.max(0, text.search(/[^\s([{!-]/))
  return fault(
    'this condition is nested too deep, or has too many parts',
    { start, end: start + 1 },
    'write several conditions: a list under when: or that:, all of which must hold',
  )
}

function understand(text: string, parse: (text: string) => Cel): { is: 'cel'; cel: Cel } | ConditionFault {
  if (text.includes('{{')) return explainBraces(text, parse)
  try {
    const cel = parse(text)
    const literal = cel.roots.find((root) => Object.hasOwn(JINJA_LITERALS, root))
    if (!literal) return { is: 'cel', cel }
    const start = text.search(new RegExp(`\\b${literal}\\b`))
    return fault(
      `CEL has no ${literal}`,
      { start, end: start + literal.length },
      `write ${JINJA_LITERALS[literal]}`,
    )
  } catch (error) {
    if (!(error instanceof ParseError || error instanceof CelTypeError)) throw error
    return explainParse(error, text, parse)
  }
}

function explainParse(
  error: ParseError | CelTypeError,
  text: string,
  parse: (text: string) => Cel,
): ConditionFault {
  if (/^exceeded max/i.test(error.summary)) return tooDeep(text)
  const range = error.range ?? { start: 0, end: text.length }
  const cel = text.length > LONGEST_HINT ? undefined : jinjaToCondition(text)
  if (cel !== undefined && parses(cel, parse))
    return fault('this is a Jinja expression, but conditions are CEL', range, `write ${cel}`)
  if (error.code === 'reserved_identifier') {
    const word = text.slice(range.start, range.end)
    return fault(`${word} is a word CEL keeps for itself`, range, `write vars["${word}"]`)
  }
  if (error.code === 'no_matching_overload') return explainFunction(error, text, range)
  return fault(reworded(error), range, hintFor(error))
}

const NO_BRACES = 'a condition takes no {{ }}: its names are variables already'

/** Characters of a condition that another spelling is looked for, which takes more than linear time. */
const LONGEST_HINT = 2000

/** Also inside quotes, where CEL would compare the braces themselves. */
function explainBraces(text: string, parse: (text: string) => Cel): ConditionFault {
  const start = text.indexOf('{{')
  const end = text.indexOf('}}', start)
  if (text.length > LONGEST_HINT)
    return fault(NO_BRACES, { start, end: start + 2 }, 'write the names without braces')
  // oxlint-disable-next-line play/linear-patterns -- of LONGEST_HINT at most
  const bare = text.replaceAll(/(["']?)\{\{(.*?)\}\}\1/g, (_, _quote, inner: string) => inner.trim())
  const write = parses(bare, parse) ? bare : jinjaToCondition(bare)
  return fault(
    NO_BRACES,
    { start, end: end === -1 ? start + 2 : end + 2 },
    write ? `write ${write}` : 'write the names without braces',
  )
}

function parses(text: string, parse: (text: string) => Cel): boolean {
  try {
    parse(text)
    return true
  } catch {
    return false
  }
}

/** @param error what running the expression threw */
export function explainEvaluation(error: Error, text: string, scope: Scope): ConditionFault {
  if (error instanceof RangeError) return tooDeep(text)
  if (!(error instanceof EvaluationError)) return fault(error.message, { start: 0, end: text.length })
  const range = error.range ?? { start: 0, end: text.length }
  const node = error.node
  if (error.code === 'unknown_variable' && node?.op === 'id')
    return undefinedVariable(node.args, range, scope)
  if (error.code === 'no_such_key' && node) return missingKey(node, range, text, scope)
  if (error.code === 'no_matching_overload') return explainFunction(error, text, range)
  const [message, hint] = reworded(error).split('\n', 2)
  return fault(message!, range, hint ?? hintFor(error))
}

/** A variable `list` would silently lose against the type `list`. */
export function explainHidden(name: string, text: string): ConditionFault {
  const start = Math.max(0, text.search(new RegExp(`\\b${name}\\b`)))
  const message = `${name} is a type in CEL, and also one of the variables`
  return fault(
    message,
    { start, end: start + name.length },
    `write vars.${name}, or give the variable another name`,
  )
}

function undefinedVariable(name: string, range: Range, scope: Scope): ConditionFault {
  const hint = () => didYouMean(name, Object.keys(scope), `if it may be missing: has(vars.${name}) && …`)
  return { ...fault(`the variable ${name} is not defined`, range, hint), code: 'variable' }
}

function missingKey(node: ASTNode, range: Range, text: string, scope: Scope): ConditionFault {
  const [owner, key] = node.args as [ASTNode, string | ASTNode]
  const ownerText = text.slice(owner.start, owner.end)
  const value = pathValue(owner, scope)
  const name = typeof key === 'string' ? key : text.slice(key.start, key.end)
  if (ownerText === 'vars' && typeof key === 'string') return undefinedVariable(key, range, scope)
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value)
  const keys = isMapping ? Object.keys(value) : []
  const what =
    value === undefined
      ? ''
      : isMapping
        ? `; it has ${listSome(keys) || 'no keys'}`
        : `: it is ${kindOf(value)}`
  const otherwise = typeof key === 'string' ? `if it may be missing: has(${ownerText}.${key})` : undefined
  const hint = () => didYouMean(name, keys, otherwise)
  return { ...fault(`${ownerText} has no ${name}${what}`, range, hint), code: 'variable' }
}

/** The value of a plain path, for the message alone. */
function pathValue(node: ASTNode, scope: Scope): unknown {
  if (node.op === 'id') return ownValue(scope, node.args)
  return node.op === '.' ? ownValue(pathValue(node.args[0], scope), node.args[1]) : undefined
}

function explainFunction(error: { summary: string }, text: string, range: Range): ConditionFault {
  const [, signature = ''] = /'(.*)'/.exec(error.summary) ?? []
  const name = /\b(\w+)\(/.exec(signature)?.[1] ?? ''
  const at = text.indexOf(name, range.start)
  const place = name && at !== -1 ? { start: at, end: at + name.length } : range
  const known = celFunctions()
  if (!known.includes(name))
    return fault(
      `there is no function ${name}`,
      place,
      didYouMean(name, known, 'docs/templates.md lists them'),
    )
  const hint = TYPE_NAMED.test(signature) ? TYPE_HINT : 'docs/templates.md lists what it takes'
  return fault(`${name} does not take these values: ${plainTypes(signature)}`, place, hint)
}

/** Where a type is among the values, a variable was meant. */
const TYPE_NAMED = /\btype\b/
const TYPE_HINT =
  'list, map, string, int and the like are types in CEL; a variable of such a name is vars.list'

const hintFor = ({ code, summary }: { code: string; summary: string }): string | undefined =>
  code === 'no_such_overload' && TYPE_NAMED.test(summary) ? TYPE_HINT : HINTS[code]

const HINTS: Record<string, string> = {
  no_such_overload: 'convert one side with int(x), double(x) or string(x)',
  invalid_logical_operand: 'compare it: x == "yes", x != 0, size(x) > 0',
  invalid_condition_type: 'compare it: x == "yes", x != 0, size(x) > 0',
  invalid_macro_argument: 'has() takes a key of something: has(vars.x), has(result.rc)',
  incompatible_ternary_branches: 'wrap one of them in dyn()',
  invalid_regular_expression: 'correct the regular expression; \\ is written \\\\ in "…", or use r"…"',
}

function reworded(error: { code: string; summary: string }): string {
  const summary = plainTypes(error.summary)
  switch (error.code) {
    case 'no_such_overload':
      return `this operation is not defined: ${summary.replace('no such overload: ', '')}`
    case 'invalid_logical_operand':
      return `&&, || and ! need true or false, ${summary.replace(/^.*got/, 'found')}`
    case 'unexpected_token':
    case 'expected_token':
    case 'unexpected_character':
      return `this is no CEL expression: ${lowerFirst(summary).replace('EOF', 'the end')}`
    default:
      return lowerFirst(summary)
  }
}

const plainTypes = (text: string): string => text.replace(/dyn<(\w+)>/g, '$1').replace(/\bdyn\b/g, 'any')
const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)

interface Range {
  start: number
  end: number
}

const fault = (message: string, { start, end }: Range, hint?: ConditionFault['hint']): ConditionFault => ({
  is: 'fault',
  code: 'condition',
  message,
  start,
  length: Math.max(1, end - start),
  hint,
})
