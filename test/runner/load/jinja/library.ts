import type { LibraryFunction } from '../../../../runner/load/functions/function.ts'
import { libraryOf } from '../../../../runner/load/jinja/library.ts'
import {
  equals,
  isDict,
  isNumber,
  iterate,
  lengthOf,
  listOf,
  numeric,
  str,
  truthy,
  Undefined,
} from '../../../../runner/load/jinja/value.ts'

type Run = LibraryFunction['run']

const one = (
  is: 'filter' | 'test',
  names: string,
  params: string,
  run: Run,
  takesUndefined = false,
): LibraryFunction => ({
  names: names.split(' '),
  is,
  params,
  summary: names,
  usage: names,
  takesUndefined,
  run,
})

const isUndefined = (value: unknown): boolean => value instanceof Undefined

/** A few functions, enough for the language: the library itself has tests of its own. */
export const FEW = libraryOf([
  one(
    'filter',
    'default d',
    "default_value='', boolean=False",
    ([value, other, boolean]) => (isUndefined(value) || (truthy(boolean) && !truthy(value)) ? other : value),
    true,
  ),
  one('filter', 'upper', '', ([value]) => str(value).toUpperCase()),
  one('filter', 'lower', '', ([value]) => str(value).toLowerCase()),
  one('filter', 'list', '', ([value]) => listOf(value)),
  one('filter', 'first', '', ([value], call) => {
    const [found = new Undefined('no first item, sequence was empty')] =
      iterate(value) ?? call.fail('takes a list')
    return found
  }),
  one('filter', 'length count', '', ([value], call) => lengthOf(value) ?? call.fail('takes a list')),
  one('test', 'defined', '', ([value]) => !isUndefined(value), true),
  one('test', 'undefined', '', ([value]) => isUndefined(value), true),
  one('test', 'odd', '', ([value], call) => whole(value, call) % 2 !== 0),
  one('test', 'divisibleby', 'num', ([value, by], call) => whole(value, call) % whole(by, call) === 0),
  one('test', 'number', '', ([value]) => isNumber(value) || typeof value === 'boolean'),
  one('test', 'string', '', ([value]) => typeof value === 'string'),
  one('test', 'true', '', ([value]) => value === true),
  one('test', 'sameas', 'other', ([value, other]) => value === other),
  one('test', 'eq equalto ==', 'other', ([value, other]) => equals(value, other)),
  one('test', 'in', 'seq', ([value, seq]) =>
    isDict(seq) ? Object.hasOwn(seq, str(value)) : listOf(seq).some((item) => equals(item, value)),
  ),
])

function whole(value: unknown, call: { fail(message: string): never }): number {
  return Number(numeric(value) ?? call.fail('takes a number'))
}
