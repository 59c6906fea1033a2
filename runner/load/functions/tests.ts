import { OPERATIONS } from '../jinja/operators.ts'
import {
  described,
  entries,
  getKey,
  hasKey,
  isDict,
  isFloat,
  isInt,
  isList,
  isNumber,
  iterate,
  keyOf,
  lengthOf,
  numeric,
  PythonObject,
  str,
  truthy,
  Undefined,
} from '../jinja/value.ts'
import { requireItems, requireText, test } from './define.ts'
import type { FunctionCall, LibraryFunction } from './function.ts'

type Result = Readonly<Record<string, unknown>>

/** A test of what a task registered. */
const ofResult = (
  names: string,
  summary: string,
  holds: (result: Result, call: FunctionCall) => boolean,
): LibraryFunction =>
  test(`${names}()`, `result is ${names.split(' ')[0]}`, summary, ([value], call) =>
    isDict(value)
      ? holds(Object.fromEntries(entries(value).map(([key, item]) => [String(key), item])), call)
      : call.fail(`the result of a task is needed, but this is ${described(value)}`),
  )

const has = (result: Result, key: string): boolean => Object.hasOwn(result, key) && truthy(result[key])

function isChanged(result: Result): boolean {
  if (Object.hasOwn(result, 'changed')) return has(result, 'changed')
  const results = result.results
  return (
    isList(results) &&
    isDict(results[0]) &&
    results.some((one) => isDict(one) && hasKey(one, 'changed') && truthy(getKey(one, 'changed')))
  )
}

function isTimedOut(result: Result, call: FunctionCall): boolean {
  if (!has(result, 'timedout')) return false
  const timedout = result.timedout
  return isDict(timedout) ? truthy(getKey(timedout, 'period') ?? null) : call.fail('timedout is no dict')
}

const comparing = (names: string, op: keyof typeof OPERATIONS, summary: string): LibraryFunction =>
  test(`${names}(other)`, `x is ${names.split(' ')[0]}(1)`, summary, ([a, b]) => OPERATIONS[op](a, b))

const typed = (names: string, summary: string, is: (value: unknown) => boolean): LibraryFunction =>
  test(`${names}()`, `x is ${names.split(' ')[0]}`, summary, ([value]) => is(value))

const setOf = (value: unknown): Set<unknown> => new Set(requireItems(value).map(keyOf))

function isSubset(a: unknown, b: unknown, call: FunctionCall): boolean {
  const [left, right] = [setOf(a), setOf(b)]
  call.spend(left.size + right.size)
  return [...left].every((item) => right.has(item))
}

function modulo(value: unknown, by: unknown, call: FunctionCall): unknown {
  if (numeric(value) === undefined || numeric(by) === undefined) call.fail('a number is needed')
  return OPERATIONS['%'](value, by)
}

const isZero = (value: unknown): boolean => OPERATIONS['=='](value, 0) === true

/** Whether true is meant: with convert_bool by yes, on, 1, no, off, 0 and the like. */
function isTruthy(value: unknown, convert: unknown): boolean {
  if (!truthy(convert)) return truthy(value)
  const text = typeof value === 'string' ? value.toLowerCase().trim() : value
  if (typeof text === 'string' && FALSE.has(text)) return false
  return typeof text === 'string' && TRUE.has(text) ? true : truthy(value)
}
const TRUE = new Set(['y', 'yes', 'on', '1', 'true', 't'])
const FALSE = new Set(['n', 'no', 'off', '0', 'false', 'f'])

const isCased = (text: string, isUpper: boolean): boolean =>
  /\p{L}/u.test(text) &&
  (isUpper
    ? !/[\p{Ll}\p{Lt}]/u.test(text) && /\p{Lu}/u.test(text)
    : !/[\p{Lu}\p{Lt}]/u.test(text) && /\p{Ll}/u.test(text))

const exists = (is: 'filter' | 'test'): LibraryFunction =>
  test(`${is}()`, `'upper' is ${is}`, `there is a ${is} of that name`, ([value], call) => {
    // Ansible 2.19 says so of all that is neither text nor a list.
    if (typeof value !== 'string' && !isList(value) && !isDict(value)) return true
    return call.has(is, requireText(value))
  })

export const TESTS: readonly LibraryFunction[] = [
  test('defined()', 'x is defined', 'it has a value', ([value]) => !(value instanceof Undefined), {
    takesUndefined: true,
  }),
  test('undefined()', 'x is undefined', 'it has no value', ([value]) => value instanceof Undefined, {
    takesUndefined: true,
  }),
  ofResult('failed failure', 'the task failed', (result) => has(result, 'failed')),
  ofResult('succeeded success successful', 'the task did not fail', (result) => !has(result, 'failed')),
  ofResult('changed change', 'the task, or one of its loop, changed something', isChanged),
  ofResult('skipped skip', 'the task was left out', (result) => has(result, 'skipped')),
  ofResult('reachable', 'the host was reached', (result) => !has(result, 'unreachable')),
  ofResult('unreachable', 'the host was not reached', (result) => has(result, 'unreachable')),
  ofResult('timedout', 'the task took longer than it may', isTimedOut),
  ofResult(
    'finished',
    'the job in the background has ended',
    (result) => !Object.hasOwn(result, 'finished') || has(result, 'finished'),
  ),
  ofResult(
    'started',
    'the job in the background has begun',
    (result) => !Object.hasOwn(result, 'started') || has(result, 'started'),
  ),
  test(
    'truthy(convert_bool=False)',
    'x is truthy',
    'true, not 0, not empty; with convert_bool as yes and no say',
    ([value, convert]) => isTruthy(value, convert),
  ),
  test(
    'falsy(convert_bool=False)',
    'x is falsy',
    'not truthy',
    ([value, convert]) => !isTruthy(value, convert),
  ),
  typed('none', 'None', (value) => value === null),
  typed('boolean', 'true or false', (value) => typeof value === 'boolean'),
  typed('true', 'true itself', (value) => value === true),
  typed('false', 'false itself', (value) => value === false),
  typed('string', 'a text', (value) => typeof value === 'string'),
  typed(
    'number',
    'an int, a float, or a bool, as Python counts',
    (value) => isNumber(value) || typeof value === 'boolean',
  ),
  typed('integer', 'an int', isInt),
  typed('float', 'a float', isFloat),
  typed('mapping', 'a dict', isDict),
  typed('sequence', 'a list, a text or a dict', (value) => lengthOf(value) !== undefined),
  typed('iterable', 'what a loop can go through', (value) => iterate(value) !== undefined),
  typed('callable', 'what can be called', (value) => value instanceof PythonObject && 'call' in value),
  typed('empty', 'without elements', (value) => lengthOf(value) === 0),
  typed('escaped', 'a text that is safe in HTML: there are none', () => false),
  typed('lower', 'a text without capital letters', (value) => isCased(str(value), false)),
  typed('upper', 'a text without small letters', (value) => isCased(str(value), true)),
  typed('nan isnan', 'no number, though a float', (value) => Number.isNaN(numeric(value))),
  test('odd()', '3 is odd', 'an odd number', ([value], call) => OPERATIONS['=='](modulo(value, 2, call), 1)),
  test('even()', '2 is even', 'an even number', ([value], call) => isZero(modulo(value, 2, call))),
  test('divisibleby(num)', '6 is divisibleby(3)', 'without a rest', ([value, by], call) =>
    isZero(modulo(value, by, call)),
  ),
  comparing('eq equalto ==', '==', 'equal'),
  comparing('ne !=', '!=', 'not equal'),
  comparing('gt greaterthan >', '>', 'greater'),
  comparing('ge >=', '>=', 'greater or equal'),
  comparing('lt lessthan <', '<', 'less'),
  comparing('le <=', '<=', 'less or equal'),
  comparing('in', 'in', 'an element, a key or a part of a text'),
  test('contains(value)', "list is contains('x')", 'it has this element, key or part', ([value, part]) =>
    OPERATIONS.in(part, value),
  ),
  test('sameas(other)', 'x is sameas(none)', 'the very same', ([a, b]) => a === b),
  test('subset issubset(b)', '[1] is subset([1, 2])', 'all elements are in the other list', ([a, b], call) =>
    isSubset(a, b, call),
  ),
  test(
    'superset issuperset(b)',
    '[1, 2] is superset([1])',
    'all elements of the other list are in it',
    ([a, b], call) => isSubset(b, a, call),
  ),
  test('any()', '[false, true] is any', 'an element is true', ([value]) => requireItems(value).some(truthy)),
  test('all()', '[true, true] is all', 'all elements are true', ([value]) =>
    requireItems(value).every(truthy),
  ),
  test('vault_encrypted()', 'x is vault_encrypted', 'a text that Ansible Vault encrypted', () => false),
  exists('filter'),
  exists('test'),
]
